/** A host with several bridges: whose line leads where must not be read wrongly. */
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../src/tui/choose-topology.ts";
import { sceneOf } from "../../src/tui/views/map/things.ts";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

const THREE_BRIDGES = `
name: three
networks: { lan: { kind: switch }, dmz: { kind: switch } }
hosts:
  hypervisor-01.example:
    nics: { eth0: { network: lan }, eth1: { network: dmz } }
    bridges: { xenbr0: { ports: [eth0], ip: 10.1.0.2/24 }, xenbr1: { ports: [eth1] }, inner: { ports: [] } }
    domains:
${["inner", "xenbr1", "inner", "xenbr0", "inner", "inner"].map((bridge, i) => `      app${i}: { vif: ["bridge=${bridge}"] }\n`).join("")}`;

async function open(columns: number, rows: number): Promise<void> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  stage.outside.texts.set("three.yaml", THREE_BRIDGES);
  openFile(stage.app, "three.yaml");
  await stage.run(4_000);
}

/** The rows of domain 0's box, without its edges. */
const rows = (): string[] =>
  stage.text.split("\n").filter((line) => /[│◉┥]━\d/.test(line) || /\d [a-z]+━[◉┝]/.test(line));

describe.each([
  [140, 40],
  [100, 30],
  [80, 24],
])("at %ix%i", (columns, height) => {
  test("a vif's line ends at its own bridge, and a NIC's begins there: they never meet", async () => {
    await open(columns, height);
    for (let page = 0; page < 6; page++) {
      const shown = rows();
      expect(shown.length).toBeGreaterThan(2);
      for (const row of shown) {
        const [left, right] = [row.indexOf("┫"), row.indexOf("┣")];
        const isVif = /◉?[┥◉]?━\d+ [a-z…]+━*[┃┫]/.test(row);
        if (isVif) expect(left, row).toBeGreaterThan(0);
        if (left >= 0 && right >= 0) expect(right, `${row}: one line from vif to NIC`).toBeGreaterThan(left);
      }
      await stage.type("j");
    }
  });

  test("a long name leaves the corner of its box alone", async () => {
    await open(columns, height);
    const top = stage.text.split("\n").find((line) => line.includes("hypervis"))!;
    expect(top).toMatch(/╭─ hypervis[^╮]*─?╮/);
  });
});

describe("what is told", () => {
  test("of the selected thing stays true while the lab goes on", async () => {
    stage = await Stage.open("bridge-xl.yaml", 140, 40);
    await stage.run(400);
    await stage.type(" ", Key.left);
    const before = stage.footer;
    expect(before).toMatch(/vif1\.0|web1/);
    await stage.pass(3_000);
    expect(stage.footer).toContain("Connected");
    expect(stage.footer).not.toBe(before);
  });

  test("by the first card once the lab has begun", async () => {
    stage = await Stage.open("bridge-xl.yaml", 100, 30);
    await stage.type("\x1bOP");
    expect(stage.text).toContain("before its set-up");
    await stage.type(Key.esc);
    await stage.run(1_000);
    await stage.type("\x1bOP");
    expect(stage.text).not.toContain("before its set-up");
    expect(stage.text).toContain("space runs and pauses it");
  });

  test("of a host of Xen 3.1 outside: its address, which eth0 has behind a pair", async () => {
    stage = await Stage.open("modes-side-by-side.yaml", 140, 40);
    await stage.run(8_000);
    const { snapshot } = stage.app.bench!.looker.take();
    for (const host of snapshot.hosts) {
      const others = sceneOf(snapshot, host).networks.flatMap(({ members }) => members);
      expect(others.length).toBeGreaterThan(1);
      for (const { device, address } of others) expect(address, `${device.machine}:${device.name}`).not.toBeNull();
    }
  });

  test("by the tabs of the shell and the points of captures, where there is no room for all of it", async () => {
    await open(80, 24);
    await stage.type("5");
    expect(stage.text.split("\n")[1]).toMatch(/─ hypervisor-01\.example ─ app0 .* \+\d+ ─/);
    await stage.type(Key.alt("6"));
    expect(stage.text).toMatch(/hypervi[^ ]*…:eth0 /);
    expect(stage.text).toMatch(/hypervi[^ ]*…:eth1 /);
  });
});
