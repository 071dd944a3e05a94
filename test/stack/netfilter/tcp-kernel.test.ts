/**
 * Random segments of many connections, most of them in order and some astray, through a masquerading router and through the
 * kernel's: what passes, and what `conntrack -L` says of each connection then: state, flags, time left.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { toHex } from "../../../src/base/bytes.ts";
import { Random } from "../../../src/engine/random.ts";
import { Flag } from "../../../src/packet/tcp.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../../machine/on-machine.ts";
import type { Shot } from "./grammar.ts";
import { EmulatedRouter, inRealRouter } from "./routed-box.ts";
import { segment } from "./segments.ts";

judges("flows");

const canCompare = ["ip", "iptables", "python3", "conntrack"].every((tool) => requireTool(tool)) && canMakeNamespaces();

const { SYN, ACK, FIN, RST, PSH } = Flag;
const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const RULES = [
  "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o p1 -j MASQUERADE",
  "iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP",
];
const CONNECTIONS = 40;

class End {
  sequence: number;

  constructor(sequence: number) {
    this.sequence = sequence;
  }
}

/** One connection: what its two ends say next follows from what they said, but for mistakes. */
class Conversation {
  private readonly random: Random;
  private readonly port: number;
  private readonly ends: readonly [End, End];

  constructor(random: Random, port: number) {
    this.random = random;
    this.port = port;
    this.ends = [new End(random.below(2 ** 32)), new End(random.below(2 ** 32))];
  }

  say(side: 0 | 1, flags: number, data = 0): Shot {
    const { random } = this;
    const own = this.ends[side];
    const other = this.ends[1 - side]!;
    const isAstray = random.chance(0.08);
    const sequence = own.sequence + (isAstray ? random.below(200_000) - 100_000 : 0);
    const ack = (flags & ACK) === 0 ? 0 : other.sequence + (random.chance(0.05) ? random.below(100_000) - 50_000 : 0);
    const window = random.chance(0.05) ? 0 : 500 + random.below(5000);
    if (!isAstray) own.sequence += data + ((flags & (SYN | FIN)) !== 0 ? 1 : 0);
    const fields = { flags, sequence, ack, data, window };
    return side === 0 ? segment(OUT, this.port, 80, fields) : segment(BACK, 80, this.port, fields);
  }

  /** From a first segment to wherever it comes. */
  tell(): Shot[] {
    const { random } = this;
    const opening: readonly (readonly [0 | 1, number])[] = [
      [0, SYN],
      [1, SYN | ACK],
      [0, ACK],
      [0, PSH | ACK],
      [1, ACK],
    ];
    const shots = opening.slice(0, 1 + random.below(opening.length)).map(([side, flags]) => this.say(side, flags));
    if (random.chance(0.15)) shots.shift();
    for (let n = random.below(7); n > 0; n--) {
      const side = random.below(2) as 0 | 1;
      const flags = [ACK, ACK, PSH | ACK, FIN | ACK, FIN | ACK, RST, RST | ACK, SYN, SYN | ACK][random.below(9)]!;
      shots.push(this.say(side, flags, flags === (PSH | ACK) ? 1 + random.below(500) : 0));
    }
    return shots;
  }
}

function conversations(seed: number): Shot[] {
  const random = new Random(seed, "tcp-kernel");
  return Array.from({ length: CONNECTIONS }, (_, i) => new Conversation(random, 2000 + i).tell()).flat();
}

/** Of each connection by its port: state, time left and flags, as `conntrack -L` has them. */
function flows(text: string): Map<string, { state: string; seconds: number }> {
  const found = new Map<string, { state: string; seconds: number }>();
  for (const line of text.split("\n")) {
    const [, seconds, state, rest] = /^tcp +6 (\d+) (\w+) (.*)$/.exec(line) ?? [];
    if (rest === undefined) continue;
    const port = /sport=(\d+)/.exec(rest)![1]!;
    const flags = [...rest.matchAll(/\[(\w+)\]/g)].map(([, flag]) => flag).join(" ");
    found.set(port, { state: `${state} ${flags}`, seconds: Number(seconds) });
  }
  return found;
}

/** The real run takes its time. */
const LATE = 8;

describe.skipIf(!canCompare)("connections beside the kernel", () => {
  for (const seed of [1, 2, 3, 4])
    it(`random segments of ${CONNECTIONS} connections, ${seed}`, { timeout: 120_000 }, () => {
      const shots = conversations(seed);
      const router = new EmulatedRouter(RULES);
      const seen = shots.map((shot) => router.fire(shot));
      const ours = flows(typed(router.machine, "conntrack -L").out);
      const real = inRealRouter(RULES, (box) => {
        const script = new URL("../../kit/packet-twin.py", import.meta.url).pathname;
        const input = JSON.stringify(shots.map(({ port, bytes }) => [`q${port}`, toHex(bytes)]));
        const { stdout } = spawnSync("ip", ["netns", "exec", box.name, "python3", script], { input, encoding: "utf8" });
        return { seen: JSON.parse(stdout) as string[][], list: flows(box.run("conntrack -L").out) };
      });
      expect(seen).toEqual(real.seen);
      const states = (list: typeof ours) =>
        Object.fromEntries([...list].map(([port, { state }]) => [port, state]).sort());
      expect(states(ours)).toEqual(states(real.list));
      for (const [port, { state, seconds }] of real.list)
        expect(Math.abs(ours.get(port)!.seconds - seconds), `${port} ${state} ${seconds}`).toBeLessThan(LATE);
      expect(real.list.size).toBeGreaterThan(20);
    });
});
