/** Any protocol without a tracker of its own, by its addresses alone: net/netfilter/nf_conntrack_proto_generic.c. */
import type { Packet } from "../packet.ts";
import type { FlowLine } from "./flow.ts";
import { type L4Tracker, type TrackerCore, Verdict, type VerdictCode } from "./l4.ts";

export class GenericTracker implements L4Tracker {
  private readonly core: TrackerCore;

  constructor(core: TrackerCore) {
    this.core = core;
  }

  track(line: FlowLine, packet: Packet, _at: number, info: number): VerdictCode {
    this.core.refresh(line, packet, info, this.core.settings.nf_conntrack_generic_timeout);
    return Verdict.VALID;
  }
}
