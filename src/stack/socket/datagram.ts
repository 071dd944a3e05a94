/**
 * What a datagram socket hands to its owner.
 */
import type { NetDevice } from "../../device/device.ts";
import type { Nanos } from "../../engine/time.ts";
import type { Ipv4 } from "../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";

export interface Datagram {
  readonly source: Ipv4;
  /** 0 for ICMP. */
  readonly sourcePort: number;
  /** The address it was sent to: ours, or a broadcast one (IP_PKTINFO). */
  readonly destination: Ipv4;
  readonly ttl: number;
  readonly tos: number;
  /** Index of the interface it came in by; 0 when that is not known. */
  readonly ifindex: number;
  readonly time: Nanos;
  /** A copy: the UDP data; of ICMP the message from its type byte on. */
  readonly data: Uint8Array;
}

export function datagramOf(
  frame: Frame,
  device: NetDevice | null,
  time: Nanos,
  port: number,
  from: number,
  to: number,
): Datagram {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  return {
    source: ipv4.source(b, ip),
    sourcePort: port,
    destination: ipv4.destination(b, ip),
    ttl: ipv4.ttl(b, ip),
    tos: ipv4.tos(b, ip),
    ifindex: device?.index ?? 0,
    time,
    data: b.slice(from, to),
  };
}
