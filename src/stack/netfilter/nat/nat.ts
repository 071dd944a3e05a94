/**
 * NAT of a namespace: what a flow is rewritten to is decided for its first packet and kept in its tuples. Follows
 * net/netfilter/nf_nat_core.c (nf_nat_inet_fn, nf_nat_setup_info, nf_nat_packet) and nf_nat_proto.c
 * (nf_nat_icmp_reply_translation, nf_nat_ipv4_*) of Linux 6.1.
 *
 *   PREROUTING, OUTPUT   destinations      INPUT, POSTROUTING   sources
 *
 * A flow that no rule of the nat table speaks of gets a null binding: its address stays, its port only if it is free.
 * Not modelled: helpers that rewrite payload (FTP, SIP), IPv6, the nat table's INPUT for sockets that look at ports.
 */
import { Fate } from "../../../base/fate.ts";
import type { World } from "../../../device/world.ts";
import type { Ipv4 } from "../../../packet/address.ts";
import { HEADER_LENGTH as LINK } from "../../../packet/ethernet.ts";
import type { Frame } from "../../../packet/frame.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import { Hook, type HookNumber } from "../../hooks.ts";
import { Step } from "../../steps.ts";
import { Direction, directionOf, type Flow, type FlowLine, flowOf, Info, Status } from "../conntrack/flow.ts";
import type { FlowOwner, Tracker, TrackerHost } from "../conntrack/tracker.ts";
import { equal, invert, Tuple } from "../conntrack/tuple.ts";
import type { Packet } from "../packet.ts";
import type { NatRange } from "../rule.ts";
import { BySource } from "./by-source.ts";
import { Chooser, Manip, type ManipCode } from "./choose.ts";
import { mayTranslateError, translateError } from "./icmp-error.ts";
import { rewrite } from "./manip.ts";

/** HOOK2MANIP */
export const manipOf = (hook: HookNumber): ManipCode =>
  hook === Hook.POSTROUTING || hook === Hook.INPUT ? Manip.SRC : Manip.DST;

const doneBit = (manip: ManipCode): number => (manip === Manip.SRC ? Status.SRC_NAT_DONE : Status.DST_NAT_DONE);

export interface NatHost extends TrackerHost {
  readonly world: World;
}

/** Whoever asks the rules of the nat table: false when they have ended the frame. */
export interface NatRules {
  consult(packet: Packet): boolean;
}

export class Nat implements FlowOwner {
  private readonly host: NatHost;
  private readonly tracker: Tracker;
  private readonly bySource = new BySource();
  private readonly chooser: Chooser;
  private readonly own = new Tuple();
  private readonly chosen = new Tuple();
  private readonly target = new Tuple();
  private readonly window = new Tuple();

  constructor(host: NatHost, tracker: Tracker, machine: string) {
    this.host = host;
    this.tracker = tracker;
    this.chooser = new Chooser(tracker, this.bySource, host.world.random(`nat.${machine}`));
    tracker.owner = this;
  }

  flowAdded(flow: Flow): void {
    if ((flow.status & Status.SRC_NAT_DONE) !== 0) this.bySource.add(flow);
  }

  flowGone(flow: Flow): void {
    if ((flow.status & Status.SRC_NAT_DONE) !== 0) this.bySource.remove(flow);
  }

  /** nf_nat_ipv4_fn. False: the frame has ended. */
  pass(packet: Packet, rules: NatRules): boolean {
    const { frame, hook } = packet;
    const line = this.tracker.table.lineOf(frame);
    if (line === null) return true;
    const info = frame.connectionInfo;
    const isRelated = info === Info.RELATED || info === Info.RELATED_REPLY;
    if (isRelated && ipv4.protocol(frame.bytes, frame.at + LINK) === ipv4.Protocol.ICMP)
      return this.passError(packet, flowOf(frame)!);
    const manip = manipOf(hook);
    if (isRelated || info === Info.NEW) {
      if ((line.status & doneBit(manip)) === 0) {
        if (!rules.consult(packet)) return false;
        if ((line.status & doneBit(manip)) === 0) this.bindNothing(flowOf(frame)!, manip);
      } else if (this.hasMoved(packet, line)) return false;
    } else if (this.hasMoved(packet, line)) return false;
    return this.rewrite(packet, line, manip);
  }

  /** nf_nat_setup_info */
  bind(flow: Flow, range: NatRange, manip: ManipCode): void {
    if (flow.isConfirmed) return;
    invert(this.own, flow.reply);
    this.chooser.choose(this.chosen, this.own, range, flow, manip);
    flow.status |= doneBit(manip);
    if (equal(this.chosen, this.own)) return;
    invert(flow.reply, this.chosen);
    flow.status |= manip === Manip.SRC ? Status.SRC_NAT : Status.DST_NAT;
  }

  /** nf_nat_alloc_null_binding */
  private bindNothing(flow: Flow, manip: ManipCode): void {
    const address = ((manip === Manip.SRC ? flow.reply.destination : flow.reply.source) >>> 0) as Ipv4;
    this.bind(flow, onlyAddress(address), manip);
  }

  /** nf_nat_packet */
  private rewrite({ frame }: Packet, line: FlowLine, manip: ManipCode): boolean {
    const direction = directionOf(frame.connectionInfo);
    const bit = statusBit(manip, direction);
    if ((line.status & bit) === 0) return true;
    line.show(this.window, 1 - direction);
    invert(this.target, this.window);
    if (!rewrite(frame, frame.at + LINK, this.target, manip)) {
      this.host.drop(frame, Fate.NAT_REFUSED);
      return false;
    }
    if (this.host.world.recorder.on) this.tell(frame, this.target, manip);
    return true;
  }

  /** nf_nat_icmp_reply_translation */
  private passError({ frame, hook }: Packet, flow: Flow): boolean {
    const manip = manipOf(hook);
    const direction = directionOf(frame.connectionInfo);
    const isRedirect = icmp.type(frame.bytes, ipv4.payloadAt(frame.bytes, frame.at + LINK)) === icmp.Type.REDIRECT;
    const isTranslated = (flow.status & statusBit(manip, direction)) !== 0;
    const isUnsettled = (flow.status & Status.NAT_DONE) !== Status.NAT_DONE || (flow.status & Status.NAT) !== 0;
    const mayPass = mayTranslateError(frame) && !(isRedirect && isUnsettled);
    if (mayPass && !isTranslated) return true;
    invert(this.target, flow.tuple(1 - direction));
    if (mayPass && translateError(frame, flow.tuple(1 - direction), this.target, manip)) return true;
    this.host.drop(frame, Fate.NAT_REFUSED);
    return false;
  }

  /** nf_nat_oif_changed: a masqueraded flow leaves by another device than it began with, and has to begin anew. */
  private hasMoved({ frame, hook, output }: Packet, line: FlowLine): boolean {
    if (line.masqueradedBy === 0 || hook !== Hook.POSTROUTING) return false;
    const isReply = directionOf(frame.connectionInfo) === Direction.REPLY;
    if (isReply || line.masqueradedBy === output?.index) return false;
    this.tracker.kill(flowOf(frame)!);
    this.host.drop(frame, Fate.NAT_DEVICE_CHANGED);
    return true;
  }

  private tell(frame: Frame, target: Tuple, manip: ManipCode): void {
    const isSource = manip === Manip.SRC;
    const address = (isSource ? target.source : target.destination) >>> 0;
    const hasPorts = target.protocol === ipv4.Protocol.TCP || target.protocol === ipv4.Protocol.UDP;
    const port = isSource ? target.sourcePort : target.destinationPort;
    this.host.note(isSource ? Step.NAT_SOURCE : Step.NAT_DESTINATION, frame, address, hasPorts ? port : 0);
  }
}

/** Replies are rewritten where the flow's own packets are rewritten back. */
function statusBit(manip: ManipCode, direction: number): number {
  const bit = manip === Manip.SRC ? Status.SRC_NAT : Status.DST_NAT;
  return direction === Direction.REPLY ? bit ^ Status.NAT : bit;
}

export const onlyAddress = (address: Ipv4): NatRange => ({
  from: address,
  to: address,
  fromPort: 0,
  toPort: 0,
  random: false,
  fullyRandom: false,
  persistent: false,
});
