/** The Setup view as its user has it: through all steps of a host of Xen 3.1 and all the way back, in a real terminal. */
import { afterEach, beforeAll, describe, expect, test } from "vitest";
import { Key } from "./kit/stage.ts";
import { built, PtyTerminal } from "./kit/terminal.ts";

beforeAll(built);

let terminal: PtyTerminal;
afterEach(() => terminal.close());

/** The end of a paint: until it has come a screen may be half new. */
const PAINTED = "\x1b[?2026l";

/** The screen when it shows that step, whole. */
async function shownAt(step: number, of: number): Promise<string> {
  await terminal.until(() => {
    const { hasReadAll, raw } = terminal.emulator;
    return hasReadAll && raw.endsWith(PAINTED) && terminal.text.includes(` step ${step}/${of}\n`);
  }, `step ${step} of ${of} is shown`);
  return terminal.text;
}

describe.each([
  [80, 24],
  [140, 40],
])("at %dx%d", (columns, rows) => {
  test("forward through all steps and back: every screen on the way back is the one of the way there", async () => {
    terminal = new PtyTerminal({ columns, rows, args: ["topologies/bridge.yaml", "--no-card"] });
    await terminal.shows("no bridge yet");
    terminal.type("4");
    await terminal.until(
      () => /^(?!.*rehearsing).* step 1\/\d+$/m.test(terminal.text),
      "the set-up has been rehearsed to its end",
    );
    const count = Number(/ step 1\/(\d+)$/m.exec(terminal.text)![1]);
    expect(count).toBeGreaterThan(40);

    const screens = [await shownAt(1, count)];
    for (let step = 2; step <= count; step++) {
      terminal.type(Key.right);
      screens.push(await shownAt(step, count));
    }
    expect(new Set(screens).size, "no two steps look alike").toBe(count);
    expect(screens[0]).toContain("Network is unreachable");
    expect(screens.at(-1)).toContain("✓ answered, since ifup eth0");
    for (let step = count - 1; step >= 1; step--) {
      terminal.type(Key.left);
      expect(await shownAt(step, count), `step ${step} on the way back`).toBe(screens[step - 1]);
    }
    terminal.type(Key.enter);
    expect(await shownAt(count, count)).toBe(screens.at(-1));
    terminal.type("r");
    expect(await shownAt(1, count)).toBe(screens[0]);
    // The lab itself has not moved.
    expect(screens[0]!.split("\n")[0]).toMatch(/‖ paused 00:00:00\.000000$/);
    terminal.type("q");
    expect(await terminal.exits()).toBe(0);
  });
});
