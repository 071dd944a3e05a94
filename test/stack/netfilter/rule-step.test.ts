/** The way of a packet through rules and NAT, in words. */
import { expect, it } from "vitest";
import { Flag } from "../../../src/packet/tcp.ts";
import { sayRule } from "../../../src/stack/netfilter/rule-step.ts";
import { Step, stackSteps } from "../../../src/stack/steps.ts";
import type { Shot } from "./grammar.ts";
import { EmulatedRouter } from "./routed-box.ts";
import { datagram, segment } from "./segments.ts";

const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const SPOKEN: readonly number[] = [
  ...[Step.RULE_HELD, Step.CONNTRACK_STATE, Step.CONNTRACK_INVALID, Step.NAT_SOURCE, Step.NAT_DESTINATION],
];

/** What is said of rules that hold, of connections and of NAT. */
function told(router: EmulatedRouter, shot: Shot): string[] {
  const { recorder, points } = router.machine.world;
  recorder.start();
  const from = recorder.made;
  router.fire(shot);
  const said: string[] = [];
  for (let i = from; i < recorder.made; i++) {
    const { code, a, b } = recorder.read(i);
    const story = stackSteps.find((each) => each.code === code)!;
    if (SPOKEN.includes(code)) said.push(story.say(a, b, (point) => points[point]!.owner, String));
  }
  return said;
}

it("names target, address and mark", () => {
  const router = new EmulatedRouter([
    "iptables -t mangle -A PREROUTING -p udp -j MARK --set-mark 0xfffffff0",
    "iptables -t nat -A POSTROUTING -o p1 -p udp -j MASQUERADE",
    "iptables -t nat -A POSTROUTING -o p1 -p tcp -j SNAT --to-source 198.51.100.7",
    "iptables -N GUESTS",
    "iptables -A FORWARD -i p0 -j GUESTS",
    "iptables -A GUESTS -p tcp --dport 25 -j REJECT --reject-with tcp-reset",
  ]);
  expect(told(router, datagram(OUT, 4000, 7))).toEqual([
    "conntrack: NEW, nobody has answered connection 1 yet",
    "mangle.PREROUTING: rule 1 holds: MARK 0xfffffff0",
    "filter.FORWARD: rule 1 holds: goes through filter.GUESTS",
    "nat.POSTROUTING: rule 1 holds: MASQUERADE",
    "NAT: its source becomes 198.51.100.1:4000, as its connection has it",
  ]);
  expect(told(router, datagram(BACK, 7, 4000)).slice(0, 3)).toEqual([
    "conntrack: ESTABLISHED, a reply in connection 1",
    "mangle.PREROUTING: rule 1 holds: MARK 0xfffffff0",
    "NAT: its destination becomes 10.0.0.2:4000, as its connection has it",
  ]);
  expect(told(router, segment(OUT, 9, 25, { flags: Flag.SYN, sequence: 1 }))).toContain(
    "filter.GUESTS: rule 1 holds: REJECT with tcp-reset",
  );
  expect(told(router, segment(OUT, 9, 80, { flags: Flag.SYN, sequence: 1 }))).toContain(
    "nat.POSTROUTING: rule 2 holds: SNAT to 198.51.100.7",
  );
});

it("has words for the last rule that a chain may have, and for the greatest mark", () => {
  // Kind 8 is MARK: the record is one number for all three.
  expect(sayRule((65_535 * 32 + 8) * 2 ** 32 + 0xffff_ffff, 1, String)).toBe("1: rule 65535 holds: MARK 0xffffffff");
});
