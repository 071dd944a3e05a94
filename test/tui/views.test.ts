/** Every view at two sizes, as it looks after the boot and two pings: golden screens, text and looks. */
import { afterEach, describe, expect, test } from "vitest";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

const SIZES = [
  [80, 24],
  [140, 40],
] as const;

/** Boots, lets the ping answer three times, pauses. */
async function played(columns: number, rows: number, file = "bridge-xl.yaml"): Promise<Stage> {
  stage = await Stage.open(file, columns, rows);
  await stage.type(" ");
  await stage.pass(3_000);
  await stage.type(" ");
  return stage;
}

const VIEWS: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ["map", ["1"]],
  ["packets", ["2", "k", "k", Key.tab, "j", "j", "j", "j", "j", "j", "j", "j"]],
  ["shell", ["5", Key.altRight, "ping -c 2 192.168.1.1\r"]],
  ["captures", ["6", "j"]],
];

/** Of the set-up of Xen 3.1, by the number of keys from its start. */
const STEPS: readonly (readonly [name: string, keys: readonly string[]])[] = [
  ["start", []],
  ["rename", Array.from({ length: 13 }, () => Key.right)],
  ["attach", Array.from({ length: 29 }, () => Key.right)],
  ["guest", [Key.tab, Key.tab, Key.right, Key.right, Key.right, Key.right, Key.right]],
  ["all-lines", ["a", Key.tab, Key.right, Key.right, Key.right]],
  ["differences", ["d", ...Array.from({ length: 13 }, () => Key.right)]],
  ["end", [Key.enter]],
];

describe.each(SIZES)("at %dx%d", (columns, rows) => {
  test.each(STEPS)("setup: %s", async (name, keys) => {
    stage = await Stage.open("bridge.yaml", columns, rows);
    await stage.type("4", ...keys);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/setup-${name}-${columns}x${rows}.txt`);
  });

  test("the map of a host of Xen 3.1: eth0 is one end of a netloop pair", async () => {
    await played(columns, rows, "bridge.yaml");
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/map-netloop-${columns}x${rows}.txt`);
  });

  test.each(VIEWS)("%s", async (name, keys) => {
    await played(columns, rows);
    await stage.type(...keys);
    await stage.pass(2_000);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/${name}-${columns}x${rows}.txt`);
  });

  test("the map before the set-up, with the first card", async () => {
    stage = await Stage.open("bridge-xl.yaml", columns, rows, { card: true });
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/start-${columns}x${rows}.txt`);
  });

  test("help, palette, command line", async () => {
    await played(columns, rows);
    await stage.type("?");
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/help-${columns}x${rows}.txt`);
    await stage.type(Key.esc, Key.ctrl("p"), "vif1");
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/palette-${columns}x${rows}.txt`);
    await stage.type(Key.esc, ":", "brctl show", Key.enter);
    await stage.pass(500);
    await expect(stage.emulator.golden()).toMatchFileSnapshot(`../golden/tui/command-${columns}x${rows}.txt`);
  });
});
