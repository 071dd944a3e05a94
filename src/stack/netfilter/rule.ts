/**
 * What a rule says, as its author said it: plain data that `iptables -S` prints and `compile.ts` makes a program of.
 * Follows ip_tables.h (struct ipt_ip), xt_tcpudp.h, xt_physdev.h, xt_LOG.h and ipt_REJECT.h of include/uapi/linux.
 */
import type { Ipv4, Mac } from "../../packet/address.ts";

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
  | { readonly kind: "comment"; readonly text: string };

/** LOG's flags, XT_LOG_* */
export const LogFlag = { TCP_SEQUENCE: 1, TCP_OPTIONS: 2, IP_OPTIONS: 4, UID: 8, MAC_DECODE: 32 } as const;

export interface LogTarget {
  readonly kind: "log";
  readonly prefix: string;
  readonly level: number;
  readonly flags: number;
}

/** Codes of ICMP destination unreachable, for REJECT. */
export type Target =
  | { readonly kind: "none" | "accept" | "drop" | "return" }
  | { readonly kind: "jump" | "goto"; readonly chain: string }
  | { readonly kind: "reject"; readonly code: number }
  | LogTarget;

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
  packets: number;
  /** Of IP packets, without link header. */
  bytes: number;

  constructor(spec: RuleSpec, packets = 0, bytes = 0) {
    this.spec = spec;
    this.packets = packets;
    this.bytes = bytes;
  }
}

/** Every field of a specification stands in the same order wherever it is made, so that equal text is an equal rule. */
export const sameRule = (a: RuleSpec, b: RuleSpec): boolean => JSON.stringify(a) === JSON.stringify(b);
