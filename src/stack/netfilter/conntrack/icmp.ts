/**
 * ICMP: questions and answers are flows by their identifier; an error belongs to the flow of the packet that it quotes.
 * Follows net/netfilter/nf_conntrack_proto_icmp.c (nf_conntrack_icmpv4_error, nf_conntrack_inet_error).
 */
import { getInt32 } from "../../../base/bytes.ts";
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import { Hook } from "../../hooks.ts";
import { isIntact } from "../intact.ts";
import type { Packet } from "../packet.ts";
import { Direction, type FlowLine, Info, IS_REPLY } from "./flow.ts";
import { type FlowTable, NOWHERE, refDirection } from "./flow-table.ts";
import { type L4Tracker, type TrackerCore, Verdict, type VerdictCode } from "./l4.ts";
import { invert, read, Tuple } from "./tuple.ts";

/** NR_ICMP_TYPES */
const HIGHEST = 18;
const DESTINATION = 16;
/** Echo, timestamp, information and address mask requests: what a flow may begin with. */
const QUESTIONS: readonly number[] = [8, 13, 15, 17];

interface IcmpCore extends TrackerCore {
  readonly table: FlowTable;
  lookup(wanted: Tuple): number;
}

export class IcmpTracker implements L4Tracker {
  private readonly core: IcmpCore;
  private readonly original = new Tuple();
  private readonly quoted = new Tuple();
  private readonly wanted = new Tuple();

  constructor(core: IcmpCore) {
    this.core = core;
  }

  track(line: FlowLine, packet: Packet, _at: number, info: number): VerdictCode {
    line.show(this.original, Direction.ORIGINAL);
    if (!QUESTIONS.includes(this.original.icmpType)) return Verdict.INVALID;
    this.core.refresh(line, packet, info, this.core.settings.nf_conntrack_icmp_timeout);
    return Verdict.VALID;
  }

  /** Before any flow is looked for. True: the packet has been judged, with a connection or without. */
  judge(packet: Packet, at: number): boolean {
    const fault = this.fault(packet, at);
    if (fault !== null) this.core.logInvalid(packet, ipv4.Protocol.ICMP, fault);
    if (fault !== null) return true;
    if (!icmp.isError(icmp.type(packet.frame.bytes, at))) return false;
    this.relate(packet, icmp.dataAt(at));
    return true;
  }

  private fault({ frame, hook }: Packet, at: number): string | null {
    if (at + icmp.HEADER_LENGTH > frame.end) return "short packet";
    const isChecked = hook === Hook.PREROUTING && this.core.settings.nf_conntrack_checksum !== 0;
    if (isChecked && !isIntact(frame)) return "bad hw icmp checksum";
    return icmp.type(frame.bytes, at) > HIGHEST ? "invalid icmp type" : null;
  }

  /** To whom the quoted packet was an answer, to him the error goes. */
  private relate(packet: Packet, quote: number): void {
    const { frame } = packet;
    const { bytes, end } = frame;
    if (quote + ipv4.MIN_HEADER_LENGTH > end || !read(this.quoted, bytes, quote, end)) return;
    if (!invert(this.wanted, this.quoted)) return;
    const found = this.core.lookup(this.wanted);
    if (found === NOWHERE) return;
    // The quoted packet came from where the error goes, or somebody lies.
    const to = getInt32(bytes, frame.at + LINK + DESTINATION);
    if (to !== this.wanted.destination) {
      const [outer, inner] = [to, this.wanted.destination].map((address) => formatIpv4((address >>> 0) as Ipv4));
      this.core.logInvalid(packet, ipv4.Protocol.ICMP, `outer daddr ${outer} != inner ${inner}`);
      return;
    }
    const isReply = refDirection(found) === Direction.REPLY;
    this.core.table.attach(frame, found, Info.RELATED + (isReply ? IS_REPLY : 0));
  }
}
