/**
 * Ports, and identifiers of ICMP, that NAT draws by chance: each world has its own number for one flow. A drawn number is
 * none that the case speaks of, in its frames or its rules, and stands for the same number of the other world throughout.
 */
import { fromHex, get16, put16, toHex } from "../../../src/base/bytes.ts";
import { update16 } from "../../../src/packet/checksum.ts";
import { EtherType, HEADER_LENGTH as LINK } from "../../../src/packet/ethernet.ts";
import * as icmp from "../../../src/packet/icmp.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import * as tcp from "../../../src/packet/tcp.ts";
import * as udp from "../../../src/packet/udp.ts";
import * as vlan from "../../../src/packet/vlan.ts";
import { type Case, isLine, isShot } from "./case.ts";
import type { Known, Mask } from "./predicate.ts";

interface Fields {
  /** Where the ports stand. */
  readonly ports: readonly number[];
  /** Where the checksums over them stand, the innermost first: of an error that quotes them, too. */
  readonly sums: readonly number[];
}

/** In the packet at `ip`, or in the one that it quotes; null: it has none. */
function fieldsOf(frame: Uint8Array, ip: number): Fields | null {
  if (ip + ipv4.MIN_HEADER_LENGTH > frame.length || ipv4.fragmentOffset(frame, ip) !== 0) return null;
  const at = ipv4.payloadAt(frame, ip);
  if (at + icmp.HEADER_LENGTH > frame.length) return null;
  switch (ipv4.protocol(frame, ip)) {
    case ipv4.Protocol.TCP:
      return { ports: [at, at + 2], sums: at + tcp.CHECKSUM + 2 > frame.length ? [] : [at + tcp.CHECKSUM] };
    case ipv4.Protocol.UDP:
      return { ports: [at, at + 2], sums: [at + udp.CHECKSUM] };
    case ipv4.Protocol.ICMP: {
      if (!icmp.isError(icmp.type(frame, at))) return { ports: [at + 4], sums: [at + 2] };
      const quoted = fieldsOf(frame, icmp.dataAt(at));
      return quoted === null ? null : { ports: quoted.ports, sums: [...quoted.sums, at + 2] };
    }
    default:
      return null;
  }
}

const numbersOf = (line: string): number[] => (line.match(/\d+/g) ?? []).map(Number);

function portsIn(frame: Uint8Array): number[] {
  const type = vlan.typeAt(frame, 0, frame.length);
  if (type < 0 || type + 2 > frame.length || get16(frame, type) !== EtherType.IPV4) return [];
  return (fieldsOf(frame, type + 2)?.ports ?? []).map((port) => get16(frame, port));
}

/** Null: nothing is translated, so nothing is drawn. */
export function spokenPorts({ steps }: Case): ReadonlySet<number> | null {
  const rules = steps.filter(isLine).flatMap(({ run }) => (run.startsWith("iptables -t nat ") ? [run] : []));
  if (rules.length === 0) return null;
  return new Set([
    ...rules.flatMap(numbersOf),
    ...steps.filter(isShot).flatMap(({ frame }) => portsIn(fromHex(frame))),
  ]);
}

/** Puts another number at `at`. What a checksum becomes is a change that the one around it sums, too. */
function replace(frame: Uint8Array, at: number, value: number, sums: readonly number[]): void {
  const before = get16(frame, at);
  put16(frame, at, value);
  const [inner, ...outer] = sums;
  if (inner === undefined) return;
  const sum = get16(frame, inner);
  for (const each of outer) put16(frame, each, update16(get16(frame, each), before, value));
  // RFC 768: zero says that there is none.
  if (sum !== 0) replace(frame, inner, update16(sum, before, value), outer);
}

/** The emulator's frame with the kernel's port in place of its own; null: that is not how they differ. */
function blank(emulator: string, kernel: string, { ports, drawn }: Known): readonly [string, string] | null {
  const [ours, theirs] = [fromHex(emulator), fromHex(kernel)];
  if (ports === null || ours.length !== theirs.length || get16(ours, 12) !== EtherType.IPV4) return null;
  if (ipv4.fragmentOffset(ours, LINK) > 0) return blankCutOffSum(ours, kernel, drawn);
  const fields = fieldsOf(ours, LINK);
  const at = fields?.ports.find((port) => get16(ours, port) !== get16(theirs, port));
  if (fields === null || at === undefined) return null;
  const [own, other] = [get16(ours, at), get16(theirs, at)];
  if (ports.has(own) || ports.has(other) || (drawn.get(own) ?? other) !== other) return null;
  replace(ours, at, other, fields.sums);
  if (toHex(ours) !== kernel) return null;
  drawn.set(own, other);
  return [kernel, kernel];
}

/** A fragment that has no ports but the checksum over them: TCP's, behind a first piece of 8 or 16 bytes. */
function blankCutOffSum(ours: Uint8Array, kernel: string, drawn: Known["drawn"]): readonly [string, string] | null {
  const at = ipv4.payloadAt(ours, LINK) + tcp.CHECKSUM - ipv4.fragmentOffset(ours, LINK);
  const isThere = at >= ipv4.payloadAt(ours, LINK) && at + 2 <= ours.length;
  if (ipv4.protocol(ours, LINK) !== ipv4.Protocol.TCP || !isThere) return null;
  const sum = get16(ours, at);
  for (const [own, other] of drawn) {
    put16(ours, at, update16(sum, own, other));
    if (toHex(ours) === kernel) return [kernel, kernel];
  }
  return null;
}

export const DRAWN_PORT: Mask = {
  name: "drawn-port",
  source: "net/netfilter/nf_nat_core.c nf_nat_l4proto_unique_tuple (get_random_u16)",
  why: "a port that is taken, or that may not be kept, is replaced by one drawn by chance",
  blank,
};
