/** What a transport's tracker is, and what it may ask of the core: nf_conntrack_l4proto.h. */
import type { Packet } from "../packet.ts";
import type { Flow, FlowLine } from "./flow.ts";
import type { ConntrackSettings } from "./settings.ts";

/** What a packet is to the flow that its tuple names. */
export const Verdict = {
  /** No part of it: the packet goes on without a connection (-NF_ACCEPT). */
  INVALID: 0,
  VALID: 1,
  /** The flow is gone, and the packet begins another (-NF_REPEAT). */
  AGAIN: 2,
} as const;
export type VerdictCode = (typeof Verdict)[keyof typeof Verdict];

export interface L4Tracker {
  /** `at` is where the transport's header begins; `info` says what the packet would be. */
  track(line: FlowLine, packet: Packet, at: number, info: number): VerdictCode;
}

export interface TrackerCore {
  readonly settings: ConntrackSettings;
  /** The time of this packet. */
  readonly ticks: number;
  /** nf_ct_refresh_acct: so many seconds from now on, and the packet is counted. */
  refresh(line: FlowLine, packet: Packet, info: number, seconds: number): void;
  /** nf_ct_refresh to less than there was. */
  shorten(flow: Flow, seconds: number): void;
  changed(line: FlowLine, change: number): void;
  kill(flow: Flow): void;
  /** nf_ct_l4proto_log_invalid */
  logInvalid(packet: Packet, protocol: number, text: string): void;
}
