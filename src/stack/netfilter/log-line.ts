/**
 * The line that LOG writes into the kernel's log: net/netfilter/nf_log_syslog.c (nf_log_ip_packet).
 * Not modelled: the sender's user (--log-uid), marks, levels in dmesg.
 */
import { get8, get16, get32, hex8, hex16, toHex } from "../../base/bytes.ts";
import { formatIpv4, formatMac } from "../../packet/address.ts";
import * as ethernet from "../../packet/ethernet.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as tcp from "../../packet/tcp.ts";
import * as udp from "../../packet/udp.ts";
import type { HookState } from "./packet.ts";
import { LogFlag, type LogTarget } from "./rule.ts";

const LINK = ethernet.HEADER_LENGTH;
const TOS_MASK = 0x1e;
const PRECEDENCE_MASK = 0xe0;

export function logLine(packet: HookState, { prefix, flags }: LogTarget): string {
  const { frame, input, output, bridgeInput, bridgeOutput } = packet;
  const devices = `IN=${input?.name ?? ""} OUT=${output?.name ?? ""} `;
  const from = bridgeInput === null ? "" : `PHYSIN=${bridgeInput.name} `;
  const to = bridgeOutput === null ? "" : `PHYSOUT=${bridgeOutput.name} `;
  const link = input === null ? "" : linkText(frame.bytes, frame.at, flags);
  return prefix + devices + from + to + link + packetText(frame.bytes, frame.at + LINK, frame.end, flags, true);
}

function linkText(b: Uint8Array, at: number, flags: number): string {
  if ((flags & LogFlag.MAC_DECODE) === 0) return `MAC=${toHex(b, at, at + LINK).replace(/(..)(?=.)/g, "$1:")} `;
  const source = formatMac(ethernet.source(b, at));
  const destination = formatMac(ethernet.destination(b, at));
  return `MACSRC=${source} MACDST=${destination} MACPROTO=${hex16(ethernet.etherType(b, at))} `;
}

/** dump_ipv4_packet; also of the packet that an ICMP error quotes. */
function packetText(b: Uint8Array, ip: number, end: number, flags: number, outermost: boolean): string {
  if (ip + ipv4.MIN_HEADER_LENGTH > end) return "TRUNCATED";
  const tos = ipv4.tos(b, ip);
  const addresses = `SRC=${formatIpv4(ipv4.source(b, ip))} DST=${formatIpv4(ipv4.destination(b, ip))} `;
  const type = `TOS=0x${upper(tos & TOS_MASK)} PREC=0x${upper(tos & PRECEDENCE_MASK)} `;
  const header = `LEN=${ipv4.totalLength(b, ip)} ${type}TTL=${ipv4.ttl(b, ip)} ID=${ipv4.id(b, ip)} `;
  const text = addresses + header + fragmentText(b, ip) + optionsText(b, ip, end, flags);
  const protocol = ipv4.protocol(b, ip);
  const at = ipv4.payloadAt(b, ip);
  switch (protocol) {
    case ipv4.Protocol.TCP:
      return `${text}PROTO=TCP ${tcpText(b, ip, at, end, flags)}`;
    case ipv4.Protocol.UDP:
      return `${text}PROTO=UDP ${udpText(b, ip, at, end)}`;
    case ipv4.Protocol.ICMP:
      return `${text}PROTO=ICMP ${icmpText(b, ip, at, end, flags, outermost)}`;
    default:
      return `${text}PROTO=${protocol} `;
  }
}

const upper = (value: number): string => hex8(value).toUpperCase();

function fragmentText(b: Uint8Array, ip: number): string {
  const reserved = ipv4.reservedFlag(b, ip) ? "CE " : "";
  const whole = ipv4.dontFragment(b, ip) ? "DF " : "";
  const more = ipv4.moreFragments(b, ip) ? "MF " : "";
  const offset = ipv4.fragmentOffset(b, ip);
  return reserved + whole + more + (offset === 0 ? "" : `FRAG:${offset / ipv4.FRAGMENT_UNIT} `);
}

function optionsText(b: Uint8Array, ip: number, end: number, flags: number): string {
  const from = ipv4.optionsAt(ip);
  const to = ipv4.payloadAt(b, ip);
  if ((flags & LogFlag.IP_OPTIONS) === 0 || to <= from) return "";
  return to > end ? "TRUNCATED" : `OPT (${toHex(b, from, to).toUpperCase()}) `;
}

function missing(b: Uint8Array, ip: number, at: number, end: number, least: number): string | null {
  if (ipv4.fragmentOffset(b, ip) !== 0) return "";
  return at + least > end ? `INCOMPLETE [${Math.max(0, end - at)} bytes] ` : null;
}

const TCP_FLAGS = [
  [tcp.Flag.CWR, "CWR"],
  [tcp.Flag.ECE, "ECE"],
  [tcp.Flag.URG, "URG"],
  [tcp.Flag.ACK, "ACK"],
  [tcp.Flag.PSH, "PSH"],
  [tcp.Flag.RST, "RST"],
  [tcp.Flag.SYN, "SYN"],
  [tcp.Flag.FIN, "FIN"],
] as const;

function tcpText(b: Uint8Array, ip: number, at: number, end: number, flags: number): string {
  const cut = missing(b, ip, at, end, tcp.MIN_HEADER_LENGTH);
  if (cut !== null) return cut;
  const ports = `SPT=${tcp.sourcePort(b, at)} DPT=${tcp.destinationPort(b, at)} `;
  const withNumbers = (flags & LogFlag.TCP_SEQUENCE) !== 0;
  const numbers = withNumbers ? `SEQ=${tcp.sequence(b, at)} ACK=${tcp.acknowledgment(b, at)} ` : "";
  const set = tcp.flags(b, at);
  const names = TCP_FLAGS.filter(([bit]) => (set & bit) !== 0).map(([, name]) => `${name} `);
  const reserved = `RES=0x${hex8((get8(b, at + 12) & 0xf) << 2)} `;
  const text = `${ports}${numbers}WINDOW=${tcp.window(b, at)} ${reserved}${names.join("")}URGP=${tcp.urgentPointer(b, at)} `;
  const from = tcp.optionsAt(at);
  const to = tcp.payloadAt(b, at);
  if ((flags & LogFlag.TCP_OPTIONS) === 0 || to <= from) return text;
  return to > end ? `${text}OPT (TRUNCATED)` : `${text}OPT (${toHex(b, from, to).toUpperCase()}) `;
}

function udpText(b: Uint8Array, ip: number, at: number, end: number): string {
  const cut = missing(b, ip, at, end, udp.HEADER_LENGTH);
  if (cut !== null) return cut;
  return `SPT=${udp.sourcePort(b, at)} DPT=${udp.destinationPort(b, at)} LEN=${get16(b, at + 4)} `;
}

function icmpText(b: Uint8Array, ip: number, at: number, end: number, flags: number, outermost: boolean): string {
  const cut = missing(b, ip, at, end, icmp.HEADER_LENGTH);
  if (cut !== null) return cut;
  const type = icmp.type(b, at);
  const code = icmp.code(b, at);
  const text = `TYPE=${type} CODE=${code} `;
  switch (type) {
    case icmp.Type.ECHO_REPLY:
    case icmp.Type.ECHO_REQUEST:
      return `${text}ID=${icmp.identifier(b, at)} SEQ=${icmp.sequence(b, at)} `;
    case icmp.Type.PARAMETER_PROBLEM:
      return `${text}PARAMETER=${get32(b, at + 4) >>> 24} `;
    case icmp.Type.REDIRECT:
      return `${text}GATEWAY=${formatIpv4(icmp.gateway(b, at))} ${quoted()}`;
    case icmp.Type.UNREACHABLE:
    case icmp.Type.SOURCE_QUENCH:
    case icmp.Type.TIME_EXCEEDED:
      return text + quoted();
    default:
      return text;
  }

  function quoted(): string {
    const inner = outermost ? `[${packetText(b, icmp.dataAt(at), end, flags, false)}] ` : "";
    const isMtu = type === icmp.Type.UNREACHABLE && code === icmp.Unreachable.FRAGMENTATION_NEEDED;
    return isMtu ? `${inner}MTU=${icmp.mtu(b, at)} ` : inner;
  }
}
