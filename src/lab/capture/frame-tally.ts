/** What a capture point has seen: counted as frames are written, so that a listing costs no look into the file. */
import { get16 } from "../../base/bytes.ts";
import type { Nanos } from "../../engine/time.ts";
import { EtherType } from "../../packet/ethernet.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as vlan from "../../packet/vlan.ts";

/** What frames are counted by: the type field behind any VLAN tags, for IPv4 the protocol byte. */
const PROTOCOLS = ["ARP", "ICMP", "UDP", "TCP", "IPv6", "other"] as const;
const ARP = 0;
const ICMP = 1;
const UDP = 2;
const TCP = 3;
const IPV6 = 4;
const OTHER = 5;

export type ProtocolName = (typeof PROTOCOLS)[number];

export interface ProtocolCount {
  readonly protocol: ProtocolName;
  readonly frames: number;
}

export class FrameTally {
  frames = 0;
  /** Of the frames, as long as they were. */
  bytes = 0;
  /** First and last, in virtual time. Not fields: every new number in a field that was null is an allocation. */
  private readonly times = new Float64Array(2);
  private readonly counts = new Float64Array(PROTOCOLS.length);

  count(now: Nanos, bytes: Uint8Array, at: number, end: number): void {
    if (this.frames === 0) this.times[0] = now;
    this.times[1] = now;
    this.frames++;
    this.bytes += end - at;
    this.counts[protocolOf(bytes, at, end)]!++;
  }

  /** Virtual time of the first frame; null before it. */
  get first(): Nanos | null {
    return this.frames === 0 ? null : (this.times[0] as Nanos);
  }

  get last(): Nanos | null {
    return this.frames === 0 ? null : (this.times[1] as Nanos);
  }

  /** Those that were seen, the most frequent first. */
  get protocols(): readonly ProtocolCount[] {
    return PROTOCOLS.map((protocol, index) => ({ protocol, frames: this.counts[index]! }))
      .filter(({ frames }) => frames > 0)
      .sort((a, b) => b.frames - a.frames);
  }
}

function protocolOf(b: Uint8Array, at: number, end: number): number {
  const place = vlan.typeAt(b, at, end);
  if (place < 0) return OTHER;
  switch (get16(b, place)) {
    case EtherType.ARP:
      return ARP;
    case EtherType.IPV6:
      return IPV6;
    case EtherType.IPV4:
      return inIpv4(b, place + 2, end);
    default:
      return OTHER;
  }
}

/** Fragments count for what they are pieces of. */
function inIpv4(b: Uint8Array, at: number, end: number): number {
  if (at + ipv4.MIN_HEADER_LENGTH > end) return OTHER;
  switch (ipv4.protocol(b, at)) {
    case ipv4.Protocol.ICMP:
      return ICMP;
    case ipv4.Protocol.UDP:
      return UDP;
    case ipv4.Protocol.TCP:
      return TCP;
    default:
      return OTHER;
  }
}
