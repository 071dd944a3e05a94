/** Map and Setup of hosts that route, as their user has them: keys alone, in a real terminal. */
import { afterEach, beforeAll, expect, test } from "vitest";
import { Key } from "./kit/stage.ts";
import { built, PtyTerminal } from "./kit/terminal.ts";

beforeAll(built);

let terminal: PtyTerminal;
afterEach(() => terminal.close());

/** The end of a paint: until it has come a screen may be half new. */
const PAINTED = "\x1b[?2026l";

/** The screen when it shows that step, whole. */
async function shownAt(step: number, of: number): Promise<string> {
  await terminal.until(
    () => terminal.text.includes(` step ${step}/${of}\n`) && terminal.emulator.raw.endsWith(PAINTED),
    `step ${step} of ${of} is shown`,
  );
  return terminal.text;
}

test.each([
  {
    file: "route.yaml",
    map: [/─ ip route xen1 ─/, "192.168.1.50 dev vif1.0", "proxy_arp"],
    steps: ["ip_forward", "ip route add 192.168.1.50", "IP stack  ip_forward 1"],
  },
  {
    file: "nat.yaml",
    map: [/─ conntrack xen1 ─/, "MASQUERADE", "virbr0"],
    steps: ["LIBVIRT_PRT", "MASQUERADE", "IP stack  ip_forward 1"],
  },
])("$file: the set-up step by step and back, then the map with its guests up", async ({ file, map, steps }) => {
  terminal = new PtyTerminal({ columns: 140, rows: 40, args: [`topologies/${file}`, "--no-card"] });
  await terminal.shows("‖ paused");
  terminal.type("4");
  await terminal.until(
    () => /^(?!.*rehearsing).* step 1\/\d+$/m.test(terminal.text),
    "the set-up has been rehearsed to its end",
  );
  const count = Number(/ step 1\/(\d+)$/m.exec(terminal.text)![1]);
  const screens = [await shownAt(1, count)];
  for (let step = 2; step <= count; step++) {
    terminal.type(Key.right);
    screens.push(await shownAt(step, count));
  }
  expect(new Set(screens).size, "no two steps look alike").toBe(count);
  for (const words of steps)
    expect(
      screens.some((screen) => screen.includes(words)),
      words,
    ).toBe(true);
  for (let step = count - 1; step >= 1; step--) {
    terminal.type(Key.left);
    expect(await shownAt(step, count), `step ${step} on the way back`).toBe(screens[step - 1]);
  }

  terminal.type("1", "+", "+", "+", "+", " ");
  await terminal.shows(/web2 · dom2.* running/);
  for (const words of map) await terminal.shows(words);
  terminal.type("q");
  expect(await terminal.exits()).toBe(0);
});
