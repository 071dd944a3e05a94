/**
 * The spanning tree beside the kernel's own: the same command lines build bridges that are wired in rings, and when both
 * have settled every bridge and port says the same. Timers are not looked at: what they show depends on the instant.
 */
import { afterAll, describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { counted, judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { type Box, EmulatedBox, RealBox } from "./twin.ts";

judges("bridge stp");

const canTwin = ["ip", "brctl", "sysctl"].every(requireTool) && canMakeNamespaces();

/** A cable between two bridges: a veth with an end in each. Addresses are set, so that bridge ids are the same in both worlds. */
function cable(number: number, from: string, to: string): string[] {
  const [a, b] = [`c${number}a`, `c${number}b`];
  return [
    `ip link add ${a} type veth peer name ${b}`,
    `ip link set ${a} address 02:00:00:00:${number}0:0a`,
    `ip link set ${b} address 02:00:00:00:${number}0:0b`,
    `brctl addif ${from} ${a}`,
    `brctl addif ${to} ${b}`,
    `ip link set ${a} up`,
    `ip link set ${b} up`,
  ];
}

const bridge = (name: string): string[] => [
  `brctl addbr ${name}`,
  `brctl stp ${name} on`,
  `brctl setfd ${name} 2`,
  `brctl sethello ${name} 1`,
  `brctl setmaxage ${name} 6`,
  `ip link set ${name} up`,
];

/** br1 and br2 are joined twice, and both with br3. */
const RING = [
  ...["br1", "br2", "br3"].flatMap(bridge),
  ...cable(1, "br1", "br2"),
  ...cable(2, "br2", "br1"),
  ...cable(3, "br2", "br3"),
  ...cable(4, "br3", "br1"),
];

/** What `brctl showstp` says of ids, costs, states and flags. */
function tree(box: Box): string {
  const shown = ["br1", "br2", "br3"].map((name) => box.run(`brctl showstp ${name}`).out).join("");
  return shown
    .replace(/(timer\t+) *[\d.]+/g, "$1-")
    .replace(/^( ageing time\t+) *[\d.]+/gm, "$1-")
    .replace(/TOPOLOGY_CHANGE(_DETECTED)? /g, "")
    .replace(/CONFIG_PENDING |TOPOLOGY_CHANGE_ACK /g, "");
}

const STORIES: readonly (readonly [name: string, lines: readonly string[]])[] = [
  ["the lowest address is root, and one port of each loop is blocked", []],
  ["a priority makes another bridge root", ["brctl setbridgeprio br3 4096"]],
  [
    "a costly way is blocked",
    ["brctl setbridgeprio br3 32768", "brctl setpathcost br2 c1b 50", "brctl setpathcost br2 c2a 50"],
  ],
  ["a port's priority chooses between two cables", ["brctl setportprio br1 c2b 16"]],
  ["a cable that goes down opens the way around", ["ip link set c4a down"]],
  ["and back", ["ip link set c4a up"]],
  ["a bridge without its root is root again", ["ip link set c3b down", "ip link set c4a down"]],
];

describe.runIf(canTwin)("against the kernel's own spanning tree", () => {
  const real = new RealBox();
  const ours = new EmulatedBox();
  afterAll(() => real.close());

  test("the rings are built", () => {
    for (const line of RING) expect([line, ours.run(line).err]).toEqual([line, real.run(line).err]);
  });

  test.each(STORIES)(
    "%s",
    async (_name, lines) => {
      for (const line of lines) expect([line, ours.run(line).err]).toEqual([line, real.run(line).err]);
      ours.wait(seconds(30));
      const expected = tree(ours);
      await expect.poll(() => tree(real), { timeout: 40_000, interval: 500 }).toBe(expected);
      expect(expected).toMatch(/state\t\t +forwarding/);
      if (lines.length === 0) expect(expected.match(/state\t\t +blocking/g)).toHaveLength(2);
      counted("bridge stp", "situations");
    },
    60_000,
  );
});
