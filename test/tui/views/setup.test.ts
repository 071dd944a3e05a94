/** The Setup view on the screen: forward and exactly back, other hosts, and the lab that is not touched. */
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../../src/tui/choose-topology.ts";
import { Key, Stage } from "../kit/stage.ts";
import { BARE, CROWDED, PLAIN } from "../kit/topologies.ts";

let stage: Stage;
afterEach(() => stage.close());

async function opened(columns = 100, rows = 30): Promise<void> {
  stage = await Stage.open("bridge.yaml", columns, rows);
  await stage.type("4");
}

async function openedText(text: string, columns = 100, rows = 30): Promise<void> {
  stage = await Stage.choosing(columns, rows, { life: false });
  stage.outside.texts.set("lab.yaml", text);
  openFile(stage.app, "lab.yaml");
  await stage.pass(0);
  await stage.type("4");
}

/** Number of the step looked at, and how many there are. */
const place = (): readonly [number, number] => {
  const [, at, of] = / step (\d+)\/(\d+)$/m.exec(stage.text)!;
  return [Number(at), Number(of)];
};

test("the lab is not touched: not its clock, not its journal", async () => {
  await opened();
  const { lab } = stage.app.bench!.session;
  await stage.type(Key.enter, "r", Key.right);
  expect([lab.now, lab.world.scheduler.executed, lab.journal.entries.length]).toEqual([0, 0, 0]);
  expect(stage.text).toContain("rehearsal, lab untouched");
});

test.each([
  [60, 16],
  [100, 30],
])("at %dx%d: also the lines that only look, all the way and back", async (columns, rows) => {
  await opened(columns, rows);
  await stage.type("a", "g");
  const screens: string[] = [];
  const [, count] = place();
  expect(count).toBeGreaterThan(60);
  for (let step = 1; step <= count; step++) {
    screens.push(stage.text.split("\n").slice(0, -1).join("\n"));
    await stage.type("l");
  }
  expect(stage.footer).toContain("that was the last step");
  for (let step = count; step >= 1; step--) {
    expect(stage.text.split("\n").slice(0, -1).join("\n"), `step ${step}`).toBe(screens[step - 1]);
    await stage.type("h");
  }
  expect(stage.footer).toContain("that is the first step");
});

describe("keys and mouse", () => {
  test("the command is copied; a script is a key away; a click and the wheel go along the list", async () => {
    await opened();
    await stage.type(Key.tab, Key.tab);
    expect(stage.text).toContain("▸ · ip link set vif1.0 down");
    await stage.type("y");
    expect(stage.copied).toEqual(["ip link set vif1.0 down"]);
    await stage.type("\x1b[Z");
    expect(stage.text).toContain("▸ 1 brctl addbr xenbr0");
    await stage.clickOn("ip link set xenbr0 arp off");
    expect(stage.text).toContain("▸ 1 ip link set xenbr0 arp off");
    await stage.wheel(5, 5, -1);
    expect(stage.text).toContain("▸ 1 brctl setfd xenbr0 0");
  });

  test("with the lines that only look hidden again the step before stays", async () => {
    await opened();
    await stage.type("a", Key.right, Key.right, Key.right);
    expect(stage.text).toContain("▸ · ip link show peth0");
    await stage.type("a");
    expect(stage.text).toContain("▸ · ifup eth0");
  });

  test("ip link scrolls where it is longer than its room, and the next step starts anew", async () => {
    await opened(80, 24);
    await stage.type(Key.enter, "J");
    expect(stage.text).toContain("13: vif2.0");
    await stage.type("K");
    expect(stage.text).toContain("1: lo");
    await stage.type("J", Key.left, Key.right);
    expect(stage.text).toContain("1: lo");
  });
});

describe("other topologies", () => {
  test("of several hosts each has its own", async () => {
    await openedText(CROWDED);
    expect(stage.text).toContain("xen1 1/2");
    await stage.type("]");
    expect(stage.text).toContain("xen2 2/2");
    expect(place()[1]).toBeGreaterThan(0);
    await stage.type("]");
    expect(stage.text).toContain("xen1 1/2");
  });

  test("without a Xen host it says so, and takes every key", async () => {
    await openedText(PLAIN);
    expect(stage.text).toContain("No Xen host in this topology");
    await stage.type(Key.right, Key.enter, "r", "a", "d", "y", "]", "[", "J");
    expect(stage.footer).toContain("there is no step to see");
  });

  test("a host with next to nothing has few steps", async () => {
    await openedText(BARE);
    await stage.type(Key.enter);
    expect(stage.text).toMatch(/ step \d+\/\d+$/m);
  });
});
