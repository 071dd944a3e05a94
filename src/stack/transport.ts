/**
 * What a protocol above IP must be to get packets: the kernel's net_protocol (handler and err_handler).
 */
import type { NetDevice } from "../device/device.ts";
import type { Ipv4 } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import type { RouteTypeCode } from "./route-table.ts";

export interface Transport {
  /** A whole packet for this host; owns the frame. `type` is that of the destination address. */
  receive(frame: Frame, device: NetDevice, type: RouteTypeCode): void;
  /** Somebody could not serve a packet of ours. */
  failed(report: IcmpReport): void;
  /** Did one of our sockets, or the kernel itself, send the quoted packet? Others' redirects are nobody's. */
  hasSent(quote: Quote): boolean;
}

/** A packet quoted by an ICMP message: where its transport header starts in `bytes`, and its addresses. */
export type Quote = Pick<IcmpReport, "source" | "destination" | "bytes" | "from">;

/** An ICMP error that came in. The quoted packet lies in `bytes`, its header and at least eight bytes behind it whole. */
export interface IcmpReport {
  readonly type: number;
  readonly code: number;
  /** The MTU of "fragmentation needed", else 0. */
  readonly info: number;
  /** Who complains. */
  readonly offender: Ipv4;
  /** TTL that the complaint came with. */
  readonly ttl: number;
  /** Source of the quoted packet: an address of ours. */
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly bytes: Uint8Array;
  /** Where the quoted transport header starts, and where the quote ends. */
  readonly from: number;
  readonly to: number;
}
