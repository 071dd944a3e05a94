/** Does a rule hold for a frame on a bridge? Follows ebt_basic_match, ebt_ip.c, ebt_arp.c and ebt_pkttype.c. */
import type { NetDevice } from "../../../device/device.ts";
import { BROADCAST_MAC, isGroup, type Mac } from "../../../packet/address.ts";
import * as arp from "../../../packet/arp.ts";
import * as ethernet from "../../../packet/ethernet.ts";
import type { Frame } from "../../../packet/frame.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import * as udp from "../../../packet/udp.ts";
import { type EbMatch, LENGTH_FIELD, PacketType } from "./rule.ts";

const LINK = ethernet.HEADER_LENGTH;
/** Values of the type field below it are lengths. */
const FIRST_TYPE = 0x600;
const HALF = 0x100_0000;
/** Protocols with two ports in front: TCP, UDP, DCCP, SCTP, UDPLITE. */
const WITH_PORTS: ReadonlySet<number> = new Set([6, 17, 33, 132, 136]);

/** A frame at a hook; one object, used again and again. */
export class EbPacket {
  frame!: Frame;
  /** Ports of the bridge; null where the host itself is that end. */
  input: NetDevice | null = null;
  output: NetDevice | null = null;
}

export function holds(matches: readonly EbMatch[], packet: EbPacket): boolean {
  for (let i = 0; i < matches.length; i++) if (!matchHolds(matches[i]!, packet)) return false;
  return true;
}

function matchHolds(match: EbMatch, packet: EbPacket): boolean {
  const { frame } = packet;
  const b = frame.bytes;
  switch (match.kind) {
    case "proto": {
      const type = ethernet.etherType(b, frame.at);
      return (match.value === LENGTH_FIELD ? type < FIRST_TYPE : type === match.value) !== match.not;
    }
    case "source":
      return sameMac(ethernet.source(b, frame.at), match.mac, match.mask) !== match.not;
    case "destination":
      return sameMac(ethernet.destination(b, frame.at), match.mac, match.mask) !== match.not;
    case "in":
      return sameName(packet.input, match.name) !== match.not;
    case "out":
      return sameName(packet.output, match.name) !== match.not;
    case "logical-in":
      return sameName(packet.input?.master ?? null, match.name) !== match.not;
    case "logical-out":
      return sameName(packet.output?.master ?? null, match.name) !== match.not;
    case "pkttype":
      return (typeOf(packet) === match.value) !== match.not;
    default:
      return match.kind.startsWith("arp") ? arpHolds(match, frame) : ipHolds(match, frame);
  }
}

/** 48 bits are more than a bit operation takes. */
function sameMac(a: Mac, b: Mac, mask: Mac): boolean {
  const high = (value: number): number => Math.floor(value / HALF);
  const low = (value: number): number => value % HALF;
  return ((high(a) ^ high(b)) & high(mask)) === 0 && ((low(a) ^ low(b)) & low(mask)) === 0;
}

function sameName(device: NetDevice | null, name: string): boolean {
  if (device === null) return false;
  return name.endsWith("+") ? device.name.startsWith(name.slice(0, -1)) : device.name === name;
}

/** eth_type_trans goes by the device that the frame came in by. */
function typeOf({ frame, input }: EbPacket): number {
  const to = ethernet.destination(frame.bytes, frame.at);
  if (to === BROADCAST_MAC) return PacketType.BROADCAST;
  if (isGroup(to)) return PacketType.MULTICAST;
  return input === null || to === input.mac || to === input.master?.mac ? PacketType.HOST : PacketType.OTHER_HOST;
}

function ipHolds(match: EbMatch, frame: Frame): boolean {
  const b = frame.bytes;
  const ip = frame.at + LINK;
  if (ethernet.etherType(b, frame.at) !== ethernet.EtherType.IPV4 || ip + ipv4.MIN_HEADER_LENGTH > frame.end)
    return false;
  switch (match.kind) {
    case "ip-src":
      return (((ipv4.source(b, ip) ^ match.address) & match.mask) === 0) !== match.not;
    case "ip-dst":
      return (((ipv4.destination(b, ip) ^ match.address) & match.mask) === 0) !== match.not;
    case "ip-proto":
      return (ipv4.protocol(b, ip) === match.value) !== match.not;
    case "ip-sport":
    case "ip-dport": {
      const at = ipv4.payloadAt(b, ip);
      if (!WITH_PORTS.has(ipv4.protocol(b, ip)) || ipv4.fragmentOffset(b, ip) !== 0 || at + 4 > frame.end) return false;
      const port = match.kind === "ip-sport" ? udp.sourcePort(b, at) : udp.destinationPort(b, at);
      return (port >= match.from && port <= match.to) !== match.not;
    }
    default:
      return false;
  }
}

function arpHolds(match: EbMatch, frame: Frame): boolean {
  const b = frame.bytes;
  const at = frame.at + LINK;
  if (ethernet.etherType(b, frame.at) !== ethernet.EtherType.ARP || at + arp.LENGTH > frame.end) return false;
  switch (match.kind) {
    case "arp-op":
      return (arp.operation(b, at) === match.value) !== match.not;
    case "arp-ip-src":
      return (((arp.senderIp(b, at) ^ match.address) & match.mask) === 0) !== match.not;
    case "arp-ip-dst":
      return (((arp.targetIp(b, at) ^ match.address) & match.mask) === 0) !== match.not;
    case "arp-mac-src":
      return sameMac(arp.senderMac(b, at), match.mac, match.mask) !== match.not;
    case "arp-mac-dst":
      return sameMac(arp.targetMac(b, at), match.mac, match.mask) !== match.not;
    default:
      return false;
  }
}
