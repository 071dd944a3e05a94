/** UDP: net/netfilter/nf_conntrack_proto_udp.c. What goes both ways for two seconds is a stream, and assured. */

import * as ipv4 from "../../../packet/ipv4.ts";
import * as udp from "../../../packet/udp.ts";
import { Hook } from "../../hooks.ts";
import { isIntact } from "../intact.ts";
import type { Packet } from "../packet.ts";
import { Change, type FlowLine, Status } from "./flow.ts";
import { type L4Tracker, type TrackerCore, Verdict, type VerdictCode } from "./l4.ts";
import { HZ } from "./settings.ts";

const STREAM_AFTER = 2 * HZ;

export class UdpTracker implements L4Tracker {
  private readonly core: TrackerCore;

  constructor(core: TrackerCore) {
    this.core = core;
  }

  track(line: FlowLine, packet: Packet, at: number, info: number): VerdictCode {
    const { core } = this;
    const { nf_conntrack_udp_timeout, nf_conntrack_udp_timeout_stream } = core.settings;
    const fault = this.fault(packet, at);
    if (fault !== null) {
      core.logInvalid(packet, ipv4.Protocol.UDP, fault);
      return Verdict.INVALID;
    }
    if (!line.isConfirmed) line.streamFrom = core.ticks + STREAM_AFTER;
    const isStream = line.seenReply && core.ticks > line.streamFrom;
    core.refresh(line, packet, info, isStream ? nf_conntrack_udp_timeout_stream : nf_conntrack_udp_timeout);
    if (isStream && !line.isAssured) {
      line.status |= Status.ASSURED;
      core.changed(line, Change.ASSURED);
    }
    return Verdict.VALID;
  }

  /** udp_error */
  private fault({ frame, hook }: Packet, at: number): string | null {
    const { bytes, end } = frame;
    if (at + udp.HEADER_LENGTH > end) return "short packet";
    if (!udp.check(bytes, at, end)) return "truncated/malformed packet";
    if (hook !== Hook.PREROUTING || this.core.settings.nf_conntrack_checksum === 0) return null;
    return isIntact(frame) ? null : "bad checksum";
  }
}
