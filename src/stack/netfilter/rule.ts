/**
 * What a rule says, as its author said it: plain data that `iptables -S` prints and `compile.ts` makes a program of.
 * Follows ip_tables.h (struct ipt_ip), xt_tcpudp.h, xt_physdev.h, xt_LOG.h and ipt_REJECT.h of include/uapi/linux.
 */
import type { Ipv4, Mac } from "../../packet/address.ts";
import { usesConntrack, usesPhysdev } from "./needs.ts";
import { TokenBucket } from "./token-bucket.ts";

export interface AddressTest {
  readonly address: Ipv4;
  /** Its ones need not stand together. */
  readonly mask: Ipv4;
  readonly inverted: boolean;
}

/** A device's name, or the beginning of one with "+" behind it. */
export interface NameTest {
  readonly name: string;
  readonly inverted: boolean;
}

export interface PortTest {
  readonly from: number;
  readonly to: number;
  readonly inverted: boolean;
}

export interface FlagsTest {
  readonly mask: number;
  readonly set: number;
  readonly inverted: boolean;
}

/** Whether an option of physdev was given, and with "!" before it. */
export type Wanted = "yes" | "no" | null;

export interface PhysdevMatch {
  readonly kind: "physdev";
  readonly input: NameTest | null;
  readonly isIn: Wanted;
  readonly output: NameTest | null;
  readonly isOut: Wanted;
  readonly isBridged: Wanted;
}

export type Match =
  | {
      readonly kind: "tcp";
      readonly source: PortTest | null;
      readonly destination: PortTest | null;
      readonly flags: FlagsTest | null;
    }
  | { readonly kind: "udp"; readonly source: PortTest | null; readonly destination: PortTest | null }
  /** Type 255 is any. */
  | {
      readonly kind: "icmp";
      readonly type: number;
      readonly from: number;
      readonly to: number;
      readonly inverted: boolean;
    }
  | PhysdevMatch
  | { readonly kind: "mac"; readonly mac: Mac; readonly inverted: boolean }
  | { readonly kind: "comment"; readonly text: string }
  | MultiportMatch
  | ConntrackMatch
  /** Of the packet (skb->mark) or of its connection. */
  | { readonly kind: "mark" | "connmark"; readonly mark: number; readonly mask: number; readonly inverted: boolean }
  | LimitMatch
  | AddrtypeMatch
  | { readonly kind: "pkttype"; readonly type: PacketType; readonly inverted: boolean };

/** Of the frame, as its device saw it: PACKET_HOST and so on. */
export type PacketType = "unicast" | "broadcast" | "multicast" | "otherhost";

/** xt_multiport.h: at most fifteen ports; a range counts for two. */
export interface MultiportMatch {
  readonly kind: "multiport";
  readonly which: "source" | "destination" | "either";
  readonly ports: readonly { readonly from: number; readonly to: number }[];
  readonly inverted: boolean;
}

interface Bits {
  readonly bits: number;
  readonly inverted: boolean;
}

/** XT_CONNTRACK_STATE_* */
export const ConntrackState = {
  INVALID: 1,
  ESTABLISHED: 2,
  RELATED: 4,
  NEW: 8,
  SNAT: 16,
  DNAT: 32,
  UNTRACKED: 64,
} as const;

/** xt_conntrack.h. Null: not asked for. */
export interface ConntrackMatch {
  readonly kind: "conntrack";
  /** Written as `-m state --state`, and printed so. */
  readonly isState: boolean;
  /** Of ConntrackState. */
  readonly states: Bits | null;
  /** Of conntrack/flow.ts: Status. */
  readonly statuses: Bits | null;
  readonly protocol: { readonly number: number; readonly inverted: boolean } | null;
  readonly originSource: AddressTest | null;
  readonly originDestination: AddressTest | null;
  readonly replySource: AddressTest | null;
  readonly replyDestination: AddressTest | null;
  readonly originSourcePort: PortTest | null;
  readonly originDestinationPort: PortTest | null;
  readonly replySourcePort: PortTest | null;
  readonly replyDestinationPort: PortTest | null;
  /** Seconds left until the entry is forgotten. */
  readonly expires: PortTest | null;
  readonly direction: "ORIGINAL" | "REPLY" | null;
}

/** xt_limit.h: a token bucket in the rule. */
export interface LimitMatch {
  readonly kind: "limit";
  /** Units of a ten-thousandth of a second per packet, as the kernel counts: 3/hour is 12,000,000. */
  readonly average: number;
  readonly burst: number;
}

/** xt_addrtype.h. Sets of RTN_* types as bits (1 << type); 0: not asked for. */
export interface AddrtypeMatch {
  readonly kind: "addrtype";
  readonly source: Bits;
  readonly destination: Bits;
  readonly limitIn: boolean;
  readonly limitOut: boolean;
}

/** LOG's flags, XT_LOG_* */
export const LogFlag = { TCP_SEQUENCE: 1, TCP_OPTIONS: 2, IP_OPTIONS: 4, UID: 8, MAC_DECODE: 32 } as const;

export interface LogTarget {
  readonly kind: "log";
  readonly prefix: string;
  readonly level: number;
  readonly flags: number;
}

/** nf_nat.h, NF_NAT_RANGE_*. Addresses 0 to 0: the address stays; ports 0 to 0: the kernel chooses, if it must. */
export interface NatRange {
  readonly from: Ipv4;
  readonly to: Ipv4;
  readonly fromPort: number;
  readonly toPort: number;
  readonly random: boolean;
  readonly fullyRandom: boolean;
  readonly persistent: boolean;
}

/** Masks as the kernel applies them: new = (old & ~mask) ^ mark. */
export interface MarkTarget {
  readonly kind: "mark";
  readonly mark: number;
  readonly mask: number;
}

/** xt_connmark.h: set ((old & ~ctMask) ^ mark), save packet's mark into the connection, restore it from there. */
export interface ConnmarkTarget {
  readonly kind: "connmark";
  readonly mode: "set" | "save" | "restore";
  readonly mark: number;
  readonly ctMask: number;
  readonly nfMask: number;
}

/** REJECT --reject-with tcp-reset */
export const TCP_RESET = -1;

/** Codes of ICMP destination unreachable, for REJECT, or TCP_RESET. */
export type Target =
  | { readonly kind: "none" | "accept" | "drop" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  | { readonly kind: "reject"; readonly code: number }
  | LogTarget
  | MarkTarget
  | ConnmarkTarget
  | { readonly kind: "snat" | "dnat" | "masquerade" | "redirect"; readonly range: NatRange }
  /** The host part stays, the network part becomes this one. */
  | { readonly kind: "netmap"; readonly address: Ipv4; readonly mask: Ipv4 }
  /** CHECKSUM --checksum-fill */
  | { readonly kind: "checksum" }
  /** Null: clamped to the path's MTU. */
  | { readonly kind: "tcpmss"; readonly mss: number | null }
  /** CT --notrack (`isNotrack`: written as the target NOTRACK) */
  | { readonly kind: "notrack"; readonly isNotrack: boolean }
  | { readonly kind: "ttl"; readonly mode: "set" | "decrease" | "increase"; readonly value: number };

export interface RuleSpec {
  readonly source: AddressTest | null;
  readonly destination: AddressTest | null;
  readonly input: NameTest | null;
  readonly output: NameTest | null;
  readonly protocol: { readonly number: number; readonly inverted: boolean } | null;
  /** Second and further fragments only; "no": anything but those. */
  readonly fragment: Wanted;
  readonly matches: readonly Match[];
  readonly target: Target;
}

/** A rule in its chain, with what it has counted. */
export class Rule {
  readonly spec: RuleSpec;
  /** Which modules it holds loaded. */
  readonly usesPhysdev: boolean;
  readonly usesConntrack: boolean;
  packets: number;
  /** Of IP packets, without link header. */
  bytes: number;
  /** One for each of its matches of kind limit. They survive changes of other rules. */
  limits: readonly TokenBucket[];

  private writtenText: string | null = null;

  constructor(spec: RuleSpec, packets = 0, bytes = 0) {
    this.spec = spec;
    this.usesPhysdev = usesPhysdev(spec);
    this.usesConntrack = usesConntrack(spec);
    this.packets = packets;
    this.bytes = bytes;
    this.limits = spec.matches.filter((match) => match.kind === "limit").map((match) => new TokenBucket(match));
  }

  /** The same rule with its counters at zero; its limits go on. */
  zeroed(): Rule {
    const twin = new Rule(this.spec);
    twin.limits = this.limits;
    return twin;
  }

  /** `text` of its specification: a chain of thousands is searched for one. */
  get text(): string {
    this.writtenText ??= textOf(this.spec);
    return this.writtenText;
  }
}

/** Every field of a specification stands in the same order wherever it is made, so that equal text is an equal rule. */
export const textOf = (spec: RuleSpec): string => JSON.stringify(spec);
