/**
 * The flat form of a table: one row per rule, chain after chain, each chain closed by an END row; the tests of a row are
 * a stretch of numbers. Made once per change, read for every packet. Follows the idea of net/ipv4/netfilter/ip_tables.c,
 * whose tables are one stretch of memory too.
 */
import type { Match, NameTest, Rule, RuleSpec, Target, Wanted } from "./rule.ts";
import { type Chain, goesTo, MAX_DEPTH, type Table } from "./table.ts";
import type { TokenBucket } from "./token-bucket.ts";

/** What a test looks at; in the numbers doubled, and odd when inverted. */
export const Test = {
  SOURCE: 0,
  DESTINATION: 1,
  PROTOCOL: 2,
  INPUT: 3,
  OUTPUT: 4,
  FRAGMENT: 5,
  SOURCE_PORT: 6,
  DESTINATION_PORT: 7,
  TCP_FLAGS: 8,
  ICMP: 9,
  MAC: 10,
  PHYSDEV_INPUT: 11,
  PHYSDEV_OUTPUT: 12,
  PHYSDEV_IS_IN: 13,
  PHYSDEV_IS_OUT: 14,
  PHYSDEV_IS_BRIDGED: 15,
  /** From here on: what is not read from the packet's own headers (match.ts). */
  MARK: 16,
  CONNMARK: 17,
  LIMIT: 18,
  PACKET_TYPE: 19,
  MULTIPORT: 20,
  CONNTRACK: 21,
  ADDRESS_TYPE: 22,
} as const;
/** Matches of many questions are asked as they were written. */
export type WrittenMatch = Extract<Match, { kind: "multiport" | "conntrack" | "addrtype" }>;
const WRITTEN = { multiport: Test.MULTIPORT, conntrack: Test.CONNTRACK, addrtype: Test.ADDRESS_TYPE } as const;
/** As ethernet tells them apart; what is for another host never comes to the hooks of IP. */
export const PacketCode = { unicast: 0, broadcast: 1, multicast: 2, otherhost: 3 } as const;

/** Code, and two numbers. */
export const TEST_WIDTH = 3;

/** What a row does when its tests hold. */
export const Action = {
  /** The end of the chain: back to the caller, or the policy. Also RETURN. */
  END: 0,
  ACCEPT: 1,
  DROP: 2,
  /** Only counts. */
  NONE: 3,
  JUMP: 4,
  GOTO: 5,
  REJECT: 6,
  LOG: 7,
  /** Changes the packet or what is known of it, and goes on. */
  CHANGE: 8,
  /** Binds the flow to an address, and decides. */
  NAT: 9,
} as const;

const ACTIONS = {
  none: Action.NONE,
  accept: Action.ACCEPT,
  drop: Action.DROP,
  return: Action.END,
  jump: Action.JUMP,
  goto: Action.GOTO,
  reject: Action.REJECT,
  log: Action.LOG,
  mark: Action.CHANGE,
  connmark: Action.CHANGE,
  checksum: Action.CHANGE,
  tcpmss: Action.CHANGE,
  notrack: Action.CHANGE,
  ttl: Action.CHANGE,
  snat: Action.NAT,
  dnat: Action.NAT,
  masquerade: Action.NAT,
  redirect: Action.NAT,
  netmap: Action.NAT,
} as const;

export class Program {
  /** Where the tests of a row begin; those of the next row end them. */
  readonly firstTest: Int32Array;
  readonly tests: Float64Array;
  readonly actions: Uint8Array;
  /** A row to jump to, or REJECT's code. */
  readonly operands: Int32Array;
  /** Null in END rows. */
  readonly rules: (Rule | null)[] = [];
  readonly chains: Chain[] = [];
  /** Counted from 1 in each chain. */
  readonly numbers: Int32Array;
  /** Names of devices that tests speak of, by number; with "+" cut off where `isPrefix` says so. */
  readonly names: string[] = [];
  readonly isPrefix: boolean[] = [];
  /** Matches that tests name by number. */
  readonly written: WrittenMatch[] = [];
  readonly limits: TokenBucket[] = [];
  readonly stack = new Int32Array(MAX_DEPTH);
  private readonly entries = new Map<Chain, number>();

  constructor(table: Table) {
    const tests: number[] = [];
    const firsts: number[] = [];
    const numbers: number[] = [];
    for (const chain of table.chains.values()) {
      this.entries.set(chain, this.rules.length);
      for (const [i, rule] of [...chain.rules, null].entries()) {
        firsts.push(tests.length);
        numbers.push(rule === null ? 0 : i + 1);
        this.rules.push(rule);
        this.chains.push(chain);
        if (rule !== null) this.addTests(tests, rule);
      }
    }
    this.firstTest = Int32Array.from([...firsts, tests.length]);
    this.tests = Float64Array.from(tests);
    this.numbers = Int32Array.from(numbers);
    this.actions = Uint8Array.from(this.rules, (rule) => (rule === null ? Action.END : ACTIONS[rule.spec.target.kind]));
    this.operands = Int32Array.from(this.rules, (rule) => (rule === null ? 0 : this.operand(table, rule.spec)));
  }

  entry(chain: Chain): number {
    return this.entries.get(chain)!;
  }

  private operand(table: Table, spec: RuleSpec): number {
    if (spec.target.kind === "reject") return spec.target.code;
    const to = goesTo(spec);
    return to === null ? 0 : this.entry(table.chain(to)!);
  }

  target(row: number): Target {
    return this.rules[row]!.spec.target;
  }

  private addTests(tests: number[], { spec, limits }: Rule): void {
    const { source, destination, input, output, protocol } = spec;
    if (input !== null) this.addName(tests, Test.INPUT, input);
    if (output !== null) this.addName(tests, Test.OUTPUT, output);
    if (source !== null) add(tests, Test.SOURCE, source.inverted, source.address, source.mask);
    if (destination !== null) add(tests, Test.DESTINATION, destination.inverted, destination.address, destination.mask);
    if (protocol !== null) add(tests, Test.PROTOCOL, protocol.inverted, protocol.number);
    addWanted(tests, Test.FRAGMENT, spec.fragment);
    let limit = 0;
    for (const match of spec.matches) {
      if (match.kind === "limit") add(tests, Test.LIMIT, false, this.limits.push(limits[limit++]!) - 1);
      else this.addMatch(tests, match);
    }
  }

  private addMatch(tests: number[], match: Match): void {
    switch (match.kind) {
      case "tcp":
      case "udp":
        addRange(tests, Test.SOURCE_PORT, match.source);
        addRange(tests, Test.DESTINATION_PORT, match.destination);
        if (match.kind === "udp" || match.flags === null) return;
        return add(tests, Test.TCP_FLAGS, match.flags.inverted, match.flags.mask, match.flags.set);
      case "icmp":
        return addIcmp(tests, match);
      case "mac":
        return add(tests, Test.MAC, match.inverted, match.mac);
      case "physdev":
        if (match.input !== null) this.addName(tests, Test.PHYSDEV_INPUT, match.input);
        if (match.output !== null) this.addName(tests, Test.PHYSDEV_OUTPUT, match.output);
        addWanted(tests, Test.PHYSDEV_IS_IN, match.isIn);
        addWanted(tests, Test.PHYSDEV_IS_OUT, match.isOut);
        return addWanted(tests, Test.PHYSDEV_IS_BRIDGED, match.isBridged);
      case "mark":
        return add(tests, Test.MARK, match.inverted, match.mark, match.mask);
      case "connmark":
        return add(tests, Test.CONNMARK, match.inverted, match.mark, match.mask);
      case "pkttype":
        return add(tests, Test.PACKET_TYPE, match.inverted, PacketCode[match.type]);
      case "multiport":
      case "conntrack":
      case "addrtype":
        return add(tests, WRITTEN[match.kind], false, this.written.push(match) - 1);
      default:
        return;
    }
  }

  private addName(tests: number[], test: number, { name, inverted }: NameTest): void {
    add(tests, test, inverted, this.names.length);
    this.isPrefix.push(name.endsWith("+"));
    this.names.push(name.replace(/\+$/, ""));
  }
}

function add(tests: number[], test: number, inverted: boolean, a = 0, b = 0): void {
  tests.push(test * 2 + Number(inverted), a, b);
}

function addWanted(tests: number[], test: number, wanted: Wanted): void {
  if (wanted !== null) add(tests, test, wanted === "no");
}

function addRange(tests: number[], test: number, range: { from: number; to: number; inverted: boolean } | null): void {
  if (range !== null) add(tests, test, range.inverted, range.from, range.to);
}

/** Type and code are one question: an inversion asks for both at once. */
function addIcmp(tests: number[], { type, from, to, inverted }: Extract<Match, { kind: "icmp" }>): void {
  add(tests, Test.ICMP, inverted, type, from * 256 + to);
}
