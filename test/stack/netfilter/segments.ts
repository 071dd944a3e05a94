/** Packets of the router's world, written as an engineer would say them. */
import { put16, put32 } from "../../../src/base/bytes.ts";
import { finish, pseudoHeader, sum } from "../../../src/packet/checksum.ts";
import * as ethernet from "../../../src/packet/ethernet.ts";
import * as icmp from "../../../src/packet/icmp.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import * as tcp from "../../../src/packet/tcp.ts";
import * as udp from "../../../src/packet/udp.ts";
import { ip } from "../../kit/stack.ts";
import type { Shot } from "./grammar.ts";
import { hostMac, portMac } from "./routed-box.ts";

const { ICMP, TCP, UDP } = ipv4.Protocol;
const LINK = ethernet.HEADER_LENGTH;
const HEADERS = LINK + ipv4.MIN_HEADER_LENGTH;

/** By which port, from where to where: "10.0.0.2", "203.0.113.5". */
export interface Ends {
  readonly port: number;
  readonly from: string;
  readonly to: string;
}

export function packet({ port, from, to }: Ends, protocol: number, payload: Uint8Array, id = 7): Shot {
  const bytes = new Uint8Array(HEADERS + payload.length);
  const host = Number(from.split(".")[3]) % 8;
  ethernet.emit(bytes, 0, {
    destination: portMac(port),
    source: hostMac(port, 2 + host),
    etherType: ethernet.EtherType.IPV4,
  });
  ipv4.emit(bytes, LINK, {
    ...{ tos: 0, id, dontFragment: true, moreFragments: false, fragmentOffset: 0, ttl: 64, protocol },
    ...{ source: ip(from), destination: ip(to), options: ipv4.NO_OPTIONS, payloadLength: payload.length },
  });
  bytes.set(payload, HEADERS);
  return { port, bytes };
}

export function datagram(ends: Ends, sourcePort: number, destinationPort: number, data = 8, summed = true): Shot {
  const payload = new Uint8Array(udp.HEADER_LENGTH + data).fill(0x61);
  udp.emit(payload, 0, { sourcePort, destinationPort, payload: payload.slice(udp.HEADER_LENGTH) });
  if (summed) udp.fillChecksum(payload, 0, ip(ends.from), ip(ends.to));
  else put16(payload, udp.CHECKSUM, 0);
  return packet(ends, UDP, payload);
}

export interface SegmentFields {
  readonly flags: number;
  readonly sequence: number;
  readonly ack?: number;
  readonly window?: number;
  readonly data?: number;
  readonly options?: readonly number[];
}

export function segment(ends: Ends, sourcePort: number, destinationPort: number, fields: SegmentFields): Shot {
  const { options = [], data = 0 } = fields;
  const payload = new Uint8Array(tcp.MIN_HEADER_LENGTH + options.length + data).fill(0x62);
  put16(payload, 0, sourcePort);
  put16(payload, 2, destinationPort);
  put32(payload, 4, fields.sequence >>> 0);
  put32(payload, 8, (fields.ack ?? 0) >>> 0);
  payload[12] = (tcp.MIN_HEADER_LENGTH + options.length) << 2;
  payload[13] = fields.flags;
  put16(payload, 14, fields.window ?? 1000);
  put16(payload, tcp.CHECKSUM, 0);
  put16(payload, 18, 0);
  payload.set(options, tcp.MIN_HEADER_LENGTH);
  const start = pseudoHeader(ip(ends.from), ip(ends.to), TCP, payload.length);
  put16(payload, tcp.CHECKSUM, finish(sum(payload, 0, payload.length, start)));
  return packet(ends, TCP, payload);
}

export function echo(ends: Ends, type: number, identifier: number, sequence = 1): Shot {
  const payload = new Uint8Array(16).fill(0x63);
  payload[0] = type;
  payload[1] = 0;
  put16(payload, 4, identifier);
  put16(payload, 6, sequence);
  icmp.fillChecksum(payload, 0, payload.length);
  return packet(ends, ICMP, payload);
}

/** An error about a packet as it was seen, `quoted` bytes of it. */
export function complaint(ends: Ends, type: number, code: number, about: Uint8Array, quoted = 28): Shot {
  const culprit = about.slice(LINK, LINK + quoted);
  const payload = new Uint8Array(icmp.HEADER_LENGTH + culprit.length);
  payload[0] = type;
  payload[1] = code;
  payload.set(culprit, icmp.HEADER_LENGTH);
  icmp.fillChecksum(payload, 0, payload.length);
  return packet(ends, ICMP, payload);
}

/** Its IP packet cut into pieces of so many bytes of payload. */
export function fragments({ port, bytes }: Shot, size: number): Shot[] {
  const pieces: Shot[] = [];
  for (let at = HEADERS; at < bytes.length; at += size) {
    const end = Math.min(at + size, bytes.length);
    const piece = new Uint8Array(HEADERS + end - at);
    piece.set(bytes.subarray(0, HEADERS));
    piece.set(bytes.subarray(at, end), HEADERS);
    ipv4.setTotalLength(piece, LINK, piece.length - LINK);
    ipv4.setFragment(piece, LINK, at - HEADERS, end < bytes.length, false);
    ipv4.fillChecksum(piece, LINK);
    pieces.push({ port, bytes: piece });
  }
  return pieces;
}

export const bytesOf = (line: string): Uint8Array => {
  const hex = line.slice(line.indexOf(" ") + 1);
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
};
