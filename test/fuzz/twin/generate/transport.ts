/** What packets carry: UDP, TCP, ICMP and other protocols. Checksums are right, but for one in ten. */
import { put16, put32 } from "../../../../src/base/bytes.ts";
import type { Ipv4 } from "../../../../src/packet/address.ts";
import { finish, pseudoHeader, sum } from "../../../../src/packet/checksum.ts";
import * as icmp from "../../../../src/packet/icmp.ts";
import * as ipv4 from "../../../../src/packet/ipv4.ts";
import * as tcp from "../../../../src/packet/tcp.ts";
import * as udp from "../../../../src/packet/udp.ts";
import type { Chance } from "./chance.ts";

export interface Ends {
  readonly source: Ipv4;
  readonly destination: Ipv4;
}

export interface Ports {
  readonly from: number;
  readonly to: number;
}

export function datagram(chance: Chance, { source, destination }: Ends, { from, to }: Ports): Uint8Array {
  const data = new Uint8Array(chance.pick([0, 1, 8, 8, 20, 100, 1000, 1464, 1472])).fill(0x61);
  const bytes = new Uint8Array(udp.HEADER_LENGTH + data.length);
  udp.emit(bytes, 0, { sourcePort: from, destinationPort: to, payload: data });
  if (chance.maybe(0.04))
    udp.setDatagramLength(bytes, 0, chance.pick([0, 7, 8, bytes.length - 1, bytes.length + 1]) & 0xffff);
  udp.fillChecksum(bytes, 0, source, destination);
  if (chance.maybe(0.08)) put16(bytes, udp.CHECKSUM, chance.pick([0, 0, 1, 0xffff]));
  return chance.maybe(0.02) ? bytes.subarray(0, chance.below(8)) : bytes;
}

export interface Segment {
  readonly flags: number;
  readonly sequence: number;
  readonly ack: number;
  readonly window: number;
  readonly options: readonly number[];
  readonly data: number;
}

export function segmentBytes(
  chance: Chance,
  { source, destination }: Ends,
  { from, to }: Ports,
  of: Segment,
): Uint8Array {
  const options = [...of.options, ...new Array<number>((4 - (of.options.length & 3)) & 3).fill(0)];
  const bytes = new Uint8Array(tcp.MIN_HEADER_LENGTH + options.length + of.data).fill(0x62);
  put16(bytes, 0, from);
  put16(bytes, 2, to);
  put32(bytes, 4, of.sequence >>> 0);
  put32(bytes, 8, of.ack >>> 0);
  bytes[12] = (tcp.MIN_HEADER_LENGTH + options.length) << 2;
  bytes[13] = of.flags;
  put16(bytes, 14, of.window);
  put16(bytes, tcp.CHECKSUM, 0);
  put16(bytes, 18, 0);
  bytes.set(options, tcp.MIN_HEADER_LENGTH);
  if (chance.maybe(0.02)) bytes[12] = chance.pick([0, 0x40, 0xf0, 0x51]);
  const start = pseudoHeader(source, destination, ipv4.Protocol.TCP, bytes.length);
  put16(bytes, tcp.CHECKSUM, finish(sum(bytes, 0, bytes.length, start)));
  if (chance.maybe(0.05)) bytes[tcp.CHECKSUM]! ^= 1;
  return chance.maybe(0.02) ? bytes.subarray(0, chance.below(20)) : bytes;
}

/** Questions, answers and what is neither; `identifier` stands where a port would. */
export function query(chance: Chance, type: number, identifier: number, sequence: number): Uint8Array {
  const bytes = new Uint8Array(8 + chance.pick([0, 1, 8, 56, 56, 1000, 1472])).fill(0x63);
  bytes[0] = type;
  bytes[1] = chance.maybe(0.03) ? chance.below(4) : 0;
  put16(bytes, 4, identifier);
  put16(bytes, 6, sequence);
  return summed(chance, chance.maybe(0.02) ? bytes.slice(0, chance.below(8)) : bytes);
}

/** Types and codes that errors have, and some that they do not. */
const ERRORS: readonly (readonly [type: number, codes: number])[] = [
  [icmp.Type.UNREACHABLE, 17],
  [icmp.Type.UNREACHABLE, 5],
  [icmp.Type.TIME_EXCEEDED, 3],
  [icmp.Type.PARAMETER_PROBLEM, 3],
  [icmp.Type.REDIRECT, 5],
  [4, 1],
];

/** About `culprit`, an IP packet, of which it quotes as much as it likes. */
export function complaint(chance: Chance, culprit: Uint8Array, gateway: Ipv4): Uint8Array {
  const quoted = culprit.subarray(0, chance.pick([28, 28, 28, 48, 548, 20, 12, 0]));
  const bytes = new Uint8Array(8 + quoted.length);
  const [type, codes] = chance.pick(ERRORS);
  bytes[0] = type;
  bytes[1] = chance.below(codes);
  if (type === icmp.Type.REDIRECT) put32(bytes, 4, gateway);
  if (type === icmp.Type.UNREACHABLE) put16(bytes, 6, chance.pick([0, 68, 552, 576, 1000, 1400, 1500]));
  bytes.set(quoted, 8);
  return summed(chance, bytes);
}

function summed(chance: Chance, bytes: Uint8Array): Uint8Array {
  if (bytes.length >= 4) {
    put16(bytes, 2, 0);
    icmp.fillChecksum(bytes, 0, bytes.length);
    if (chance.maybe(0.05)) bytes[2]! ^= 1;
  }
  return bytes;
}
