/**
 * ARP: who asks, who answers (also for others), what is learned. Follows net/ipv4/arp.c (arp_rcv, arp_process,
 * arp_solicit), RFC 826, RFC 1027, RFC 3069, RFC 5227. Not modelled: RARP.
 */
import { Fate, type FateCode } from "../base/fate.ts";
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
import type { InputRoute } from "./input-route.ts";
import type { Namespace } from "./namespace.ts";
import { type Neighbour, Nud } from "./neighbour.ts";
import { routeInput } from "./route-input.ts";
import { routeOutput } from "./route-output.ts";
import { type Route, RouteType, Scope } from "./route-table.ts";
import { Step } from "./steps.ts";

/** Hundredths of a second, as /proc counts lock time, in nanoseconds. */
const CENTISECOND = 1e7;

/** Owns the frame. Frames for other hosts were sorted out before. */
export function receiveArp(ns: Namespace, frame: Frame, device: NetDevice): void {
  const b = frame.bytes;
  const at = frame.at + ethernet.HEADER_LENGTH;
  if (!device.arp || device.traits.link === "loopback")
    return ns.drop(frame, isAsked(ns, frame, device) ? Fate.ARP_OFF : Fate.ARP_IGNORED);
  if (!arp.isHeard(b, at, frame.end)) return ns.drop(frame, Fate.ARP_MALFORMED);
  const operation = arp.operation(b, at);
  if (operation !== arp.Operation.REQUEST && operation !== arp.Operation.REPLY)
    return ns.drop(frame, Fate.ARP_MALFORMED);
  if (isUnwanted(ns, device, arp.senderIp(b, at), arp.targetIp(b, at))) return ns.drop(frame, Fate.ARP_IGNORED);
  if (operation === arp.Operation.REQUEST) return receiveRequest(ns, frame, device, false);
  learn(ns, b, at, device, !isGroup(ethernet.destination(b, frame.at)));
  ns.consume(frame);
}

/** Is it a question for an address of this device? */
function isAsked(ns: Namespace, { bytes, at, end }: Frame, device: NetDevice): boolean {
  const start = at + ethernet.HEADER_LENGTH;
  if (!arp.isHeard(bytes, start, end) || arp.operation(bytes, start) !== arp.Operation.REQUEST) return false;
  const target = arp.targetIp(bytes, start);
  return ns.addresses.of(device).some(({ address }) => address === target);
}

function isUnwanted(ns: Namespace, device: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  if (isMulticast(target)) return true;
  if (isLoopback(target) && !ns.settings.either(device.index, "route_localnet")) return true;
  return sender === target && ns.settings.either(device.index, "drop_gratuitous_arp");
}

/** parp_redo: the question has waited long enough, and is judged anew. Owns the frame. */
export function answerProxied(ns: Namespace, frame: Frame, device: NetDevice): void {
  receiveRequest(ns, frame, device, true);
}

/** arp_process: owns the frame. */
function receiveRequest(ns: Namespace, frame: Frame, device: NetDevice, hasWaited: boolean): void {
  const at = frame.at + ethernet.HEADER_LENGTH;
  const sender = arp.senderIp(frame.bytes, at);
  const target = arp.targetIp(frame.bytes, at);
  if (sender === ANY_IPV4) return receiveProbe(ns, frame, device, target);
  const route = routeInput(ns, frame, target, sender, device);
  if (route.fate === Fate.NONE && route.type === RouteType.LOCAL) return receiveOwn(ns, frame, device, sender, target);
  if (isProxied(ns, device, route, sender, target)) return proxy(ns, frame, device, hasWaited);
  const fate = route.fate === Fate.NONE ? silence(ns, device, route.route, sender, target) : Fate.ARP_SENDER_REFUSED;
  learn(ns, frame.bytes, at, device, false);
  ns.drop(frame, fate);
}

/** RFC 5227: somebody without an address asks whether this one is free. Not routed, and nothing is learned. */
function receiveProbe(ns: Namespace, frame: Frame, device: NetDevice, target: Ipv4): void {
  if (!ns.fib.isLocal(target)) return ns.drop(frame, Fate.ARP_NOT_FOR_US);
  if (isIgnored(ns, device, ANY_IPV4, target)) return ns.drop(frame, Fate.ARP_SUPPRESSED);
  ns.note(Step.ARP_ANSWERED, frame, target, ANY_IPV4);
  reply(ns, frame, device);
  ns.consume(frame);
}

/** The weak host model: any address of ours is answered for on every device, unless arp_ignore or arp_filter object. */
function receiveOwn(ns: Namespace, frame: Frame, device: NetDevice, sender: Ipv4, target: Ipv4): void {
  if (isIgnored(ns, device, sender, target) || isFiltered(ns, device, sender, target))
    return ns.drop(frame, Fate.ARP_SUPPRESSED);
  ns.note(Step.ARP_ANSWERED, frame, target, sender);
  if (noteAsker(ns, frame, device)) reply(ns, frame, device);
  ns.consume(frame);
}

/** arp_ignore */
function isIgnored(ns: Namespace, device: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  const { addresses } = ns;
  switch (ns.settings.greater(device.index, "arp_ignore")) {
    case 1:
      return addresses.confirm([device], ANY_IPV4, target, Scope.HOST) === ANY_IPV4;
    case 2:
      return addresses.confirm([device], sender, target, Scope.HOST) === ANY_IPV4;
    case 3:
      return addresses.confirm(ns.table.devices, ANY_IPV4, target, Scope.LINK) === ANY_IPV4;
    case 8:
      return true;
    default:
      return false;
  }
}

/** arp_filter: only the device answers by which we would speak to the asker. */
function isFiltered(ns: Namespace, device: NetDevice, sender: Ipv4, target: Ipv4): boolean {
  if (!ns.settings.either(device.index, "arp_filter")) return false;
  const route = routeOutput(ns, sender, target);
  if ("errno" in route) return true;
  if (route.device !== device) ns.snmp.ip.arpFilter++;
  return route.device !== device;
}

/** arp_fwd_proxy, arp_fwd_pvlan and the entries of `ip neigh add proxy`. */
function isProxied(ns: Namespace, device: NetDevice, route: InputRoute, sender: Ipv4, target: Ipv4): boolean {
  if (route.fate !== Fate.NONE || route.type !== RouteType.UNICAST) return false;
  const outward = route.route!.device!;
  if (outward === device) return sender !== target && ns.settings.either(device.index, "proxy_arp_pvlan");
  return isOtherMedium(ns, device, outward) || ns.proxies.find(target, device) !== null;
}

function isOtherMedium(ns: Namespace, device: NetDevice, outward: NetDevice): boolean {
  const { settings } = ns;
  if (!settings.either(device.index, "proxy_arp")) return false;
  const medium = settings.conf.of(device.index).medium_id;
  if (medium === 0 || medium === -1) return medium === 0;
  const other = settings.conf.of(outward.index).medium_id;
  return other !== medium && other !== -1;
}

/** Answers for somebody behind us: at once where only we were asked, else after a random while. Owns the frame. */
function proxy(ns: Namespace, frame: Frame, device: NetDevice, hasWaited: boolean): void {
  const at = frame.at + ethernet.HEADER_LENGTH;
  noteAsker(ns, frame, device);
  const isAskedOfUs = !isGroup(ethernet.destination(frame.bytes, frame.at));
  if (!hasWaited && !isAskedOfUs && ns.neighbours.settingsOf(device).proxy_delay !== 0)
    return ns.proxyQueue.add(frame, device);
  ns.note(Step.ARP_PROXIED, frame, arp.targetIp(frame.bytes, at), arp.senderIp(frame.bytes, at));
  reply(ns, frame, device);
  ns.consume(frame);
}

/** Why nobody answers for an address that is not ours; `route` leads to it. */
function silence(ns: Namespace, device: NetDevice, route: Route | null, sender: Ipv4, target: Ipv4): FateCode {
  const { settings } = ns;
  const isProxy = settings.either(device.index, "proxy_arp") || ns.proxies.find(target, device) !== null;
  if (route === null || route.type !== RouteType.UNICAST)
    return isProxy && sender !== target ? Fate.ARP_PROXY_NO_ROUTE : Fate.ARP_NOT_FOR_US;
  if (route.device === device) return isProxy && !isOnLink(route) ? Fate.ARP_PROXY_SAME_DEVICE : Fate.ARP_NOT_FOR_US;
  return isProxy ? Fate.ARP_PROXY_NOT_FORWARDING : Fate.ARP_NOT_PROXIED;
}

/** The owner itself is on the link and answers. */
const isOnLink = (route: Route): boolean => route.via === ANY_IPV4;

/** To the asker, and in the name of the address he asked for. The frame is borrowed. */
function reply(ns: Namespace, frame: Frame, device: NetDevice): void {
  const at = frame.at + ethernet.HEADER_LENGTH;
  const asker = { ip: arp.senderIp(frame.bytes, at), mac: arp.senderMac(frame.bytes, at) };
  const asked = { ip: arp.targetIp(frame.bytes, at), mac: device.mac };
  sendArp(ns, device, arp.Operation.REPLY, asker.mac, asked, asker);
}

/** neigh_event_ns: whoever asks us has said who he is. False when the table is full. */
function noteAsker(ns: Namespace, frame: Frame, device: NetDevice): boolean {
  const at = frame.at + ethernet.HEADER_LENGTH;
  const entry = ns.neighbours.obtain(device, arp.senderIp(frame.bytes, at));
  entry?.update(arp.senderMac(frame.bytes, at), Nud.STALE, { override: true, admin: false });
  return entry !== null;
}

/** A packet that is no question for us: it changes entries that exist, and makes none unless arp_accept is set. */
function learn(ns: Namespace, b: Uint8Array, at: number, device: NetDevice, isForUs: boolean): void {
  const sender = arp.senderIp(b, at);
  if (sender === ANY_IPV4) return;
  const isGratuitous = isGratuitousArp(ns, b, at);
  const isReply = arp.operation(b, at) === arp.Operation.REPLY;
  const isAccepted =
    accepts(ns, device, sender) && (isGratuitous || (isReply && ns.fib.typeOf(sender) === RouteType.UNICAST));
  const entry = isAccepted ? ns.neighbours.obtain(device, sender) : ns.neighbours.find(device.index, sender);
  if (entry === null) return;
  const lock = ns.neighbours.settingsOf(device).locktime * CENTISECOND;
  const override = isGratuitous || ns.now > entry.updated + lock;
  entry.update(arp.senderMac(b, at), isReply && isForUs ? Nud.REACHABLE : Nud.STALE, { override, admin: false });
}

/** arp_accept: 2 wants a sender of one of the device's own subnets. */
function accepts(ns: Namespace, device: NetDevice, sender: Ipv4): boolean {
  const level = ns.settings.greater(device.index, "arp_accept");
  if (level === 2) return ns.addresses.confirm([device], sender, ANY_IPV4, Scope.LINK) !== ANY_IPV4;
  return level === 1;
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
  const source = spokenSource(ns, entry) || ns.addresses.select(device, address, Scope.LINK);
  const sender = { ip: source, mac: device.mac };
  sendArp(ns, device, arp.Operation.REQUEST, mac ?? BROADCAST_MAC, sender, { ip: address, mac: ZERO_MAC });
}

/** arp_announce: may the waiting packet's source be named in the question? 0 when another must be chosen. */
function spokenSource(ns: Namespace, { device, address, latest }: Neighbour): Ipv4 {
  const level = ns.settings.greater(device.index, "arp_announce");
  if (latest === null || level >= 2) return ANY_IPV4;
  const spoken = ipv4.source(latest.bytes, latest.at + ethernet.HEADER_LENGTH);
  if (!ns.fib.isLocal(spoken)) return ANY_IPV4;
  return level === 0 || ns.addresses.sharesLink(device, address, spoken) ? spoken : ANY_IPV4;
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
