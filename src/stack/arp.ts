/**
 * ARP: who asks, who answers, what is learned. Follows net/ipv4/arp.c (arp_rcv, arp_process, arp_solicit), RFC 826,
 * RFC 5227. Not modelled: arp_filter, arp_announce 1 and 2, RARP, proxy_arp (see `answersAsProxy`).
 */
import { Fate } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import {
  ANY_IPV4,
  BROADCAST_MAC,
  type Ipv4,
  isGroup,
  isLoopback,
  isMulticast,
  LIMITED_BROADCAST,
  type Mac,
  ZERO_MAC,
} from "../packet/address.ts";
import * as arp from "../packet/arp.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as ipv4 from "../packet/ipv4.ts";
import type { Namespace } from "./namespace.ts";
import { type Neighbour, Nud } from "./neighbour.ts";
import { RouteType, Scope } from "./route-table.ts";
import { Step } from "./steps.ts";

/** Hundredths of a second, as /proc counts lock time, in nanoseconds. */
const CENTISECOND = 1e7;

/** Owns the frame. Frames for other hosts were sorted out before. */
export function receiveArp(ns: Namespace, frame: Frame, device: NetDevice): void {
  const b = frame.bytes;
  const at = frame.at + ethernet.HEADER_LENGTH;
  if (!device.arp || device.traits.link === "loopback") return ns.drop(frame, Fate.ARP_IGNORED);
  if (!arp.check(b, at, frame.end)) return ns.drop(frame, Fate.ARP_MALFORMED);
  const operation = arp.operation(b, at);
  if (operation !== arp.Operation.REQUEST && operation !== arp.Operation.REPLY)
    return ns.drop(frame, Fate.ARP_MALFORMED);
  const target = arp.targetIp(b, at);
  const isLoop = isLoopback(target) && !ns.settings.either(device.index, "route_localnet");
  if (isMulticast(target) || isLoop) return ns.drop(frame, Fate.ARP_IGNORED);
  if (operation === arp.Operation.REQUEST) return receiveRequest(ns, frame, at, device);
  learn(ns, b, at, device, !isGroup(ethernet.destination(b, frame.at)));
  ns.consume(frame);
}

function receiveRequest(ns: Namespace, frame: Frame, at: number, device: NetDevice): void {
  const b = frame.bytes;
  const sender = arp.senderIp(b, at);
  const target = arp.targetIp(b, at);
  const isProbe = sender === ANY_IPV4;
  const isAnswered = answers(ns, device, sender, target);
  if (isAnswered) {
    const from = arp.senderMac(b, at);
    const isKnown = isProbe || noteAsker(ns, device, sender, from);
    ns.note(Step.ARP_ANSWERED, frame, target, sender);
    if (isKnown)
      sendArp(ns, device, arp.Operation.REPLY, from, { ip: target, mac: device.mac }, { ip: sender, mac: from });
  } else if (!isProbe && !answersAsProxy(ns, device, target)) {
    learn(ns, b, at, device, false);
  }
  if (isAnswered) ns.consume(frame);
  else ns.drop(frame, Fate.ARP_NOT_FOR_US);
}

/** The weak host model: any local address is answered for on every device, unless arp_ignore says otherwise. */
function answers(ns: Namespace, device: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  if (ns.fib.typeOf(target) !== RouteType.LOCAL) return false;
  if (sender !== ANY_IPV4 && !isValidSender(ns, device, sender)) return false;
  const own = (): boolean => ns.addresses.of(device).some((each) => each.address === target);
  switch (ns.settings.greater(device.index, "arp_ignore")) {
    case 0:
      return true;
    case 8:
      return false;
    default:
      return own();
  }
}

/** ip_route_input would refuse a sender that is ourselves or no host at all. */
const isValidSender = (ns: Namespace, device: NetDevice, sender: Ipv4): boolean =>
  !isMulticast(sender) &&
  !isLoopback(sender) &&
  (ns.fib.typeOf(sender) === RouteType.UNICAST || ns.settings.either(device.index, "accept_local"));

/** Room for proxy_arp (arp_fwd_proxy, pneigh_enqueue): later. */
function answersAsProxy(_ns: Namespace, _device: NetDevice, _target: Ipv4): boolean {
  return false;
}

/** neigh_event_ns: whoever asks us has said who he is. False when the table is full. */
function noteAsker(ns: Namespace, device: NetDevice, sender: Ipv4, mac: Mac): boolean {
  const entry = ns.neighbours.obtain(device, sender);
  entry?.update(mac, Nud.STALE, { override: true, admin: false });
  return entry !== null;
}

/** A packet that is no question for us: it changes entries that exist, and makes none unless arp_accept is set. */
function learn(ns: Namespace, b: Uint8Array, at: number, device: NetDevice, isForUs: boolean): void {
  const sender = arp.senderIp(b, at);
  if (sender === ANY_IPV4) return;
  const isGratuitous = isGratuitousArp(ns, b, at);
  const isReply = arp.operation(b, at) === arp.Operation.REPLY;
  const isAccepted = ns.settings.greater(device.index, "arp_accept") !== 0 && (isGratuitous || isReply);
  const entry = isAccepted ? ns.neighbours.obtain(device, sender) : ns.neighbours.find(device.index, sender);
  if (entry === null) return;
  const lock = ns.neighbours.settingsOf(device).locktime * CENTISECOND;
  const override = isGratuitous || ns.now > entry.updated + lock;
  entry.update(arp.senderMac(b, at), isReply && isForUs ? Nud.REACHABLE : Nud.STALE, { override, admin: false });
}

/** arp_is_garp */
function isGratuitousArp(ns: Namespace, b: Uint8Array, at: number): boolean {
  const sender = arp.senderIp(b, at);
  const isSelf = sender === arp.targetIp(b, at);
  const isReply = arp.operation(b, at) === arp.Operation.REPLY;
  const isAnnouncement = isSelf && (!isReply || arp.targetMac(b, at) === arp.senderMac(b, at));
  return isAnnouncement && ns.fib.typeOf(sender) === RouteType.UNICAST;
}

/** arp_solicit: asks by broadcast, or only `mac` whether it is still there. */
export function solicit(ns: Namespace, entry: Neighbour, mac: Mac | null): void {
  const { device, address } = entry;
  const waiting = entry.latest;
  const spoken = waiting === null ? ANY_IPV4 : ipv4.source(waiting.bytes, waiting.at + ethernet.HEADER_LENGTH);
  const source =
    spoken !== ANY_IPV4 && ns.fib.isLocal(spoken) ? spoken : ns.addresses.select(device, address, Scope.LINK);
  const sender = { ip: source, mac: device.mac };
  sendArp(ns, device, arp.Operation.REQUEST, mac ?? BROADCAST_MAC, sender, { ip: address, mac: ZERO_MAC });
}

/** NETDEV_NOTIFY_PEERS: one gratuitous request for each address of the device (xen.md 4.1). */
export function announce(ns: Namespace, device: NetDevice): void {
  for (const { address } of ns.addresses.of(device)) {
    const sender = { ip: address, mac: device.mac };
    sendArp(ns, device, arp.Operation.REQUEST, BROADCAST_MAC, sender, { ip: address, mac: ZERO_MAC });
  }
}

/** send_fake_arp of 2.6.18's netfront: a reply to everybody from the device's first address (xen.md 4.1). */
export function fakeReply(ns: Namespace, device: NetDevice): void {
  const [first] = ns.addresses.of(device);
  if (first === undefined || !device.up) return;
  const sender = { ip: first.address, mac: device.mac };
  sendArp(ns, device, arp.Operation.REPLY, BROADCAST_MAC, sender, { ip: LIMITED_BROADCAST, mac: device.mac });
}

/** "Does anybody have this address?", asked without having one (RFC 5227 2.1.1; `arping -D`). */
export function probeAddress(ns: Namespace, device: NetDevice, address: Ipv4): void {
  const nobody = { ip: ANY_IPV4, mac: device.mac };
  sendArp(ns, device, arp.Operation.REQUEST, BROADCAST_MAC, nobody, { ip: address, mac: ZERO_MAC });
}

interface Party {
  readonly ip: Ipv4;
  readonly mac: Mac;
}

function sendArp(ns: Namespace, device: NetDevice, operation: number, to: Mac, sender: Party, target: Party): void {
  if (!device.arp || device.traits.link === "loopback") return;
  const frame = ns.world.frames.create(ethernet.HEADER_LENGTH + arp.LENGTH);
  const header = { destination: to, source: device.mac, etherType: ethernet.EtherType.ARP };
  const packet = {
    operation,
    senderMac: sender.mac,
    senderIp: sender.ip,
    targetMac: target.mac,
    targetIp: target.ip,
  };
  arp.emit(frame.bytes, ethernet.emit(frame.bytes, frame.at, header), packet);
  device.transmit(frame);
}
