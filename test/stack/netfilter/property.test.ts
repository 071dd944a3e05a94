/** Random rules mean the same in their compiled form and in the plain one. */
import { describe, expect, it } from "vitest";
import { Random } from "../../../src/engine/random.ts";
import { FramePool } from "../../../src/packet/frame-pool.ts";
import { Hook, type HookNumber, hookNames } from "../../../src/stack/hooks.ts";
import { attach, Flow, Info } from "../../../src/stack/netfilter/conntrack/flow.ts";
import { read } from "../../../src/stack/netfilter/conntrack/tuple.ts";
import { evaluate } from "../../../src/stack/netfilter/evaluate.ts";
import { Packet } from "../../../src/stack/netfilter/packet.ts";
import { Action, Program } from "../../../src/stack/netfilter/program.ts";
import { EmulatedBridge } from "./bridged-box.ts";
import { ruleSet, shot } from "./grammar.ts";
import { judge, type Taken, type Verdict } from "./reference.ts";

/** Of frames that are looked at and never sent: they are no lab's. */
const LOOSE = new FramePool();
const NOBODY = { held: () => {} };

/** At a hook, with devices that can be there. */
function randomPacket(random: Random, box: EmulatedBridge): Packet {
  const { net } = box.machine;
  const packet = new Packet(net, net.netfilter.tracker);
  const { bytes, port } = shot(random);
  packet.hook = [Hook.INPUT, Hook.FORWARD, Hook.OUTPUT][random.below(3)] as HookNumber;
  packet.frame = LOOSE.from(bytes);
  const isBridged = random.chance(0.6);
  packet.input = packet.hook === Hook.OUTPUT ? null : box.device(isBridged ? "br0" : ["lo", "q1"][random.below(2)]!);
  packet.output = packet.hook === Hook.INPUT ? null : box.device(isBridged ? "br0" : "q0");
  packet.bridgeInput = packet.hook !== Hook.OUTPUT && isBridged ? box.device(`p${port}`) : null;
  packet.bridgeOutput = packet.hook === Hook.FORWARD && isBridged ? box.device(`p${random.below(4)}`) : null;
  know(random, packet);
  return packet;
}

/** Some packets are part of a connection, some are marked, some are not to be followed. */
function know(random: Random, { frame }: Packet): void {
  if (random.chance(0.2)) frame.mark = random.below(2);
  if (random.chance(0.1)) frame.connectionInfo = Info.UNTRACKED;
  if (!random.chance(0.6)) return;
  const flow = new Flow(1);
  read(flow.original, frame.bytes, frame.at + 14, frame.end);
  flow.status = random.below(64);
  flow.mark = random.below(4);
  attach(frame, flow, random.below(5));
}

describe("the compiled form of rules", () => {
  it("decides and counts as the plain form does", () => {
    const decided = new Map<Verdict, number>();
    for (let seed = 1; seed <= 60; seed++) {
      const random = new Random(seed, "netfilter-property");
      const lines = ruleSet(random);
      const box = new EmulatedBridge(lines);
      const table = box.machine.net.netfilter.table("filter");
      const program = new Program(table);
      const taken: Taken = new Map();
      for (let i = 0; i < 60; i++) {
        const packet = randomPacket(random, box);
        const base = table.chain(hookNames[packet.hook]);
        if (base === null) continue;
        const rules = [...table.chains.values()].flatMap((chain) =>
          chain.rules.map((rule, n) => ({ rule, name: `${chain.name} ${n + 1}`, before: rule.packets })),
        );
        const row = evaluate(program, program.entry(base), packet, NOBODY);
        const counted = rules.filter(({ rule, before }) => rule.packets > before).map(({ name }) => name);
        const plain: string[] = [];
        const verdict = judge(table, base, packet, taken, (rule) => plain.push(rule));
        expect({ lines, verdict: verdictOf(program, row, base.policy), counted: counted.sort() }).toEqual({
          lines,
          verdict,
          counted: [...new Set(plain)].sort(),
        });
        decided.set(verdict, (decided.get(verdict) ?? 0) + 1);
      }
    }
    expect([...decided.values()].every((count) => count > 50)).toBe(true);
    expect(decided.size).toBe(3);
  });
});

function verdictOf(program: Program, row: number, policy: "ACCEPT" | "DROP"): Verdict {
  switch (program.actions[row]) {
    case Action.ACCEPT:
      return "accept";
    case Action.DROP:
      return "drop";
    case Action.REJECT:
      return "reject";
    default:
      return policy === "ACCEPT" ? "accept" : "drop";
  }
}
