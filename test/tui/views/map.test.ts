/** The Map on the screen: what is named there is what a click selects, and what is not in sight is counted. */
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../../src/tui/choose-topology.ts";
import { type MapLayout, mapLayout } from "../../../src/tui/views/map/layout.ts";
import { Key, Stage } from "../kit/stage.ts";
import { BARE, CROWDED, PLAIN } from "../kit/topologies.ts";

let stage: Stage;
afterEach(() => stage.close());

async function opened(text: string, columns: number, rows: number): Promise<void> {
  stage = await Stage.choosing(columns, rows, { life: false });
  stage.outside.texts.set("lab.yaml", text);
  openFile(stage.app, "lab.yaml");
  await stage.pass(0);
}

async function played(text: string, columns: number, rows: number): Promise<void> {
  await opened(text, columns, rows);
  await stage.run(3_000);
}

const layoutNow = (cards: number): MapLayout => {
  const { body } = stage.app.layout;
  return mapLayout(body.width, body.height, cards);
};

describe("a crowded host", () => {
  test.each([
    [60, 16],
    [80, 24],
    [140, 40],
    [200, 60],
  ])("at %dx%d: what is named on the screen is what a click there selects", async (columns, rows) => {
    await played(CROWDED, columns, rows);
    const { guests, host, outside } = layoutNow(12);
    const lines = stage.emulator.lines();
    let clicked = 0;
    // Guests by the titles of their cards, NICs and machines outside by their names.
    for (const [area, name, wanted] of [
      [guests, /[─╭] (g\d+) /, (found: string) => `${found.replace("g", "xen1:vif")}`],
      [{ ...host, x: host.x + host.width, width: columns }, /─ (eth\d) /, (found: string) => `xen1:${found}`],
      [{ ...host, width: host.width }, /[ ━](eth\d) │$/, (found: string) => `xen1:${found}`],
      [outside, /[●○] (gw|store|xen2) /, (found: string) => `${found}:eth0`],
    ] as const)
      for (let y = area.y + 1; y < area.y + area.height + 1; y++) {
        const line = [...(lines[y] ?? "")].slice(area.x, area.x + area.width).join("");
        const found = name.exec(line);
        if (found === null) continue;
        await stage.click(area.x + found.index + found[0].indexOf(found[1]!), y);
        clicked++;
        const expected = wanted(found[1]!);
        if (expected.includes("vif")) {
          const domain = Number(/g(\d+)/.exec(found[1]!)![1]) + 1;
          expect(stage.footer, found[1]).toContain(`xen1:vif${domain}.0 `);
        } else expect(stage.footer, found[1]).toContain(`${expected} `);
      }
    expect(clicked).toBeGreaterThan(6);
  });

  test("the cards that are not in sight are counted, and come with the wheel and with the arrows", async () => {
    await played(CROWDED, 80, 24);
    const shown = (): string[] => [...stage.text.matchAll(/[╭─] (g\d+) dom/g)].map((found) => found[1]!);
    expect(shown()).toEqual(["g0", "g1", "g2", "g3", "g4"]);
    expect(stage.text).toContain("▼ 7 more");
    await stage.wheel(5, 5, 1);
    expect(shown()).toEqual(["g1", "g2", "g3", "g4", "g5"]);
    expect(stage.text).toContain("▲ 1  ▼ 6 more");
    for (let i = 0; i < 20; i++) await stage.wheel(5, 5, 1);
    expect(shown()).toEqual(["g7", "g8", "g9", "g10", "g11"]);
    await stage.type("k", "j", "j");
    expect(stage.footer).toContain("xen1:vif3.0 ");
    expect(shown(), "what is selected is in sight").toContain("g2");
    // A larger screen: what was scrolled away is there again, and clicks hit it.
    for (let i = 0; i < 20; i++) await stage.wheel(5, 5, 1);
    await stage.resize(140, 60);
    const { x, y } = stage.find(" g0 ");
    await stage.click(x + 1, y);
    expect(stage.footer).toContain("xen1:vif1.0 ");
  });

  test("other hosts are a key away, and have their own things", async () => {
    await played(CROWDED, 140, 40);
    expect(stage.text).toContain("host 1/2 xen1");
    await stage.type("]");
    expect(stage.text).toContain("host 2/2 xen2");
    expect(stage.text).toContain("no guests");
    await stage.type("l");
    expect(stage.footer).toMatch(/xen2:eth0|xen2:xenbr0/);
    await stage.type("[", "[", "]");
    expect(stage.text).toContain("host 1/2 xen1");
  });

  test("more machines than fit into their networks are counted", async () => {
    const crowd = Array.from(
      { length: 20 },
      (_, n) => `  m${n}: { nics: { eth0: { network: lan, ip: 192.168.1.${100 + n}/24 } } }`,
    );
    await opened(`${CROWDED}${crowd.join("\n")}\n`, 100, 30);
    expect(stage.text).toMatch(/▼ \d+ ─╯/);
  });
});

describe("next to nothing", () => {
  test.each([
    ["no Xen host", PLAIN, "No Xen host in this topology"],
    ["a host with nothing in it", BARE, "no guests"],
  ])("%s: it says so, and every key and click is taken", async (_, text, sentence) => {
    await played(text, 80, 24);
    expect(stage.text).toContain(sentence);
    await stage.type("h", "j", "k", "l", Key.enter, "x", "s", "p", "i", Key.alt("1"), "y", "[", "]");
    for (let y = 0; y < 24; y += 4) for (let x = 0; x < 80; x += 26) await stage.click(x, y);
    await stage.type(Key.alt("1"), Key.esc);
    await stage.wheel(5, 5, 1);
    expect(stage.app.bench).not.toBeNull();
  });

  test("the other views go on without a Xen host", async () => {
    await played(PLAIN, 100, 30);
    await stage.type("5", "ping -c 1 10.0.0.2", Key.enter);
    await stage.pass(2_000);
    expect(stage.text).toContain("1 packets transmitted, 1 received");
    await stage.type(Key.alt("2"));
    expect(stage.text).toContain("ICMP");
  });
});

test("a ping from a machine whose shell is busy is refused, with the reason", async () => {
  stage = await Stage.open("bridge-xl.yaml", 100, 30);
  await stage.type(" ");
  await stage.pass(2_000);
  await stage.type("s");
  await stage.pass(500);
  await stage.type("s");
  expect(stage.footer).toMatch(/web1's shell runs something/);
  const before = stage.app.bench!.session.lab.journal.entries.length;
  await stage.type("j", "s");
  await stage.pass(100);
  expect(stage.app.bench!.session.lab.journal.entries.length).toBeGreaterThan(before);
});
