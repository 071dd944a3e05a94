/**
 * A frame without what the two worlds may differ in. Numbers drawn by chance become ordinals: the first one seen on an
 * interface is 1, and whoever has the same has the same still. Checksums are verified before and filled in after, so that a
 * wrong one is still wrong.
 */
import { get16, put16, put32 } from "../../base/bytes.ts";
import * as arp from "../../packet/arp.ts";
import { partial } from "../../packet/checksum.ts";
import * as ethernet from "../../packet/ethernet.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";
import type { Hits } from "./hits.ts";

const LINK = 14;
const ARP_END = LINK + 28;
const PING_TIME = 16;
const FIRST_LOCAL_PORT = 32_768;
const DNS = 53;
const DHCP: readonly number[] = [67, 68];
const XID = 4;
const SECONDS = 8;
const TCP_CHECKSUM = 16;
const IPV6 = 0x86dd;
/** IEEE 802.1D: where bridges speak to each other. */
const BRIDGE_GROUP = "01:80:c2:00:00:00";

export interface PlainFrame {
  readonly bytes: Uint8Array;
  /** Compared apart from the others, among its like. */
  readonly stream: "frames" | "bpdu" | "arp-probe";
}

class Ordinals {
  private readonly known = new Map<string, number>();
  /** Numbers drawn by chance are not even told from each other. */
  blind = false;

  of(key: string): number {
    if (this.blind) return 0;
    const found = this.known.get(key) ?? this.known.size + 1;
    this.known.set(key, found);
    return found;
  }
}

/** icmp_ping of dnsmasq.c: 28 bytes of ICMP whose data is zeros; or the answer to it. */
const ADDRESS_CHECK = LINK + ipv4.MIN_HEADER_LENGTH + 28;

export function isAddressCheck(b: Uint8Array): boolean {
  if (b.length !== ADDRESS_CHECK || ethernet.etherType(b, 0) !== ethernet.EtherType.IPV4) return false;
  const at = LINK + ipv4.MIN_HEADER_LENGTH;
  const isEcho = [icmp.Type.ECHO_REQUEST, icmp.Type.ECHO_REPLY].some((type) => type === icmp.type(b, at));
  return (
    isEcho && ipv4.protocol(b, LINK) === ipv4.Protocol.ICMP && b.subarray(icmp.dataAt(at)).every((byte) => byte === 0)
  );
}

/** Of one interface in one world. */
export class FrameNormaliser {
  readonly hits: Hits;
  private readonly ipIds = new Ordinals();
  private readonly echoIds = new Ordinals();
  private readonly ports = new Ordinals();
  private readonly queries = new Ordinals();
  private readonly probed = new Set<string>();
  /** Questions to all that nobody has answered yet. */
  private readonly asked = new Set<string>();

  constructor(hits: Hits) {
    this.hits = hits;
  }

  /** `inOrder`: frames come in the order that is compared, so that ordinals mean something. */
  set inOrder(on: boolean) {
    for (const each of [this.ipIds, this.echoIds, this.ports, this.queries]) each.blind = !on;
  }

  /** Null: left out. */
  plain(frame: Uint8Array): PlainFrame | null {
    const bytes = frame.slice();
    if (bytes.length < LINK) return { bytes, stream: "frames" };
    const type = ethernet.etherType(bytes, 0);
    if (type === IPV6) return this.leaveOut();
    if (type === ethernet.EtherType.ARP) return this.arp(bytes);
    if (type < 0x600) return this.spanningTree(bytes);
    if (type !== ethernet.EtherType.IPV4 || !ipv4.check(bytes, LINK, bytes.length)) return { bytes, stream: "frames" };
    if (ipv4.protocol(bytes, LINK) === ipv4.Protocol.IGMP) return this.leaveOut();
    const cut = this.cut(bytes, ipv4.payloadEnd(bytes, LINK));
    this.packet(cut, LINK, cut.length);
    return { bytes: cut, stream: "frames" };
  }

  private leaveOut(): null {
    this.hits.add("igmp");
    return null;
  }

  private cut(bytes: Uint8Array, end: number): Uint8Array {
    if (end < bytes.length) this.hits.add("padding");
    return bytes.subarray(0, Math.min(end, bytes.length));
  }

  private arp(bytes: Uint8Array): PlainFrame {
    const cut = this.cut(bytes, ARP_END);
    const isRequest = get16(cut, LINK + 6) === 1;
    const [to, from] = [mac(cut, 0), mac(cut, 6)];
    const pair = `${from} ${to}`;
    if (isRequest && to !== "ff:ff:ff:ff:ff:ff") {
      this.probed.add(pair);
      this.hits.add("arp-probe");
      return { bytes: cut, stream: "arp-probe" };
    }
    const ends = [arp.senderIp(cut, LINK), arp.targetIp(cut, LINK)];
    const question = (isRequest ? ends : ends.toReversed()).join(" ");
    if (isRequest && this.asked.has(question)) {
      this.hits.add("arp-probe");
      return { bytes: cut, stream: "arp-probe" };
    }
    if (isRequest) this.asked.add(question);
    else this.asked.delete(question);
    // The answer to a probe goes with it.
    if (!isRequest && this.probed.delete(`${to} ${from}`)) return { bytes: cut, stream: "arp-probe" };
    return { bytes: cut, stream: "frames" };
  }

  private spanningTree(bytes: Uint8Array): PlainFrame {
    const cut = this.cut(bytes, LINK + get16(bytes, 12));
    if (mac(cut, 0) !== BRIDGE_GROUP) return { bytes: cut, stream: "frames" };
    this.hits.add("bpdu");
    return { bytes: cut, stream: "bpdu" };
  }

  /** An IPv4 packet, whole or quoted by an error (then it may be cut short). */
  private packet(b: Uint8Array, at: number, end: number): void {
    const good = ipv4.verifyChecksum(b, at);
    const id = ipv4.id(b, at);
    if (id !== 0) {
      const key = `${ipv4.source(b, at)} ${ipv4.destination(b, at)} ${ipv4.protocol(b, at)} ${id}`;
      ipv4.setId(b, at, this.ipIds.of(key));
      this.hits.add("ip-id");
    }
    const [payload, isWhole] = [ipv4.payloadAt(b, at), !ipv4.isFragment(b, at) && ipv4.payloadEnd(b, at) <= end];
    if (ipv4.fragmentOffset(b, at) === 0) {
      const protocol = ipv4.protocol(b, at);
      if (protocol === ipv4.Protocol.ICMP) this.icmp(b, at, payload, end, isWhole);
      else if (protocol === ipv4.Protocol.UDP) this.udp(b, at, payload, end, isWhole);
      else if (protocol === ipv4.Protocol.TCP) this.tcp(b, at, payload, end, isWhole);
    }
    if (good) ipv4.fillChecksum(b, at);
  }

  private icmp(b: Uint8Array, header: number, at: number, end: number, isWhole: boolean): void {
    if (!icmp.check(b, at, end)) return;
    const good = !isWhole || icmp.verifyChecksum(b, at, end);
    const type = icmp.type(b, at);
    if (type === icmp.Type.ECHO_REQUEST || type === icmp.Type.ECHO_REPLY) {
      const ends = [ipv4.source(b, header), ipv4.destination(b, header)];
      if (type === icmp.Type.ECHO_REPLY) ends.reverse();
      put16(b, at + 4, this.echoIds.of(`${ends} ${icmp.identifier(b, at)}`));
      const data = icmp.dataAt(at);
      const clock = Math.min(data + PING_TIME, end);
      if (clock > data) b.fill(0, data, clock);
      this.hits.add("icmp-id").add("ping-time");
    } else if (icmp.isError(type) && ipv4.MIN_HEADER_LENGTH <= end - icmp.dataAt(at)) {
      this.packet(b, icmp.dataAt(at), end);
    }
    // The checksum of a first fragment is over bytes that are in other frames.
    if (!isWhole) icmp.setChecksumField(b, at, 0);
    else if (good) icmp.fillChecksum(b, at, end);
  }

  private udp(b: Uint8Array, at: number, start: number, end: number, isWhole: boolean): void {
    if (start + udp.HEADER_LENGTH > end) return;
    const [source, destination] = [ipv4.source(b, at), ipv4.destination(b, at)];
    const good = isWhole && udp.verifyChecksum(b, start, source, destination);
    const open = udp.checksumField(b, start) === partial(source, destination, 17, udp.datagramLength(b, start));
    const ports = [udp.sourcePort(b, start), udp.destinationPort(b, start)];
    this.localPorts(b, start);
    const data = udp.payloadAt(start);
    if (ports.every((port) => DHCP.includes(port)) && data + SECONDS + 2 <= end) {
      put32(b, data + XID, 0);
      put16(b, data + SECONDS, 0);
      this.hits.add("dhcp-xid");
    }
    if (ports.includes(DNS) && data + 2 <= end) {
      put16(b, data, this.queries.of(String(get16(b, data))));
      this.hits.add("dns-id");
    }
    if (!isWhole) return udp.setChecksumField(b, start, 0);
    if (!good && open) this.hits.add("partial-checksum");
    if (good || open) udp.fillChecksum(b, start, source, destination);
  }

  private tcp(b: Uint8Array, at: number, start: number, end: number, isWhole: boolean): void {
    if (start + TCP_CHECKSUM + 2 > end) return;
    this.localPorts(b, start);
    const open = partial(ipv4.source(b, at), ipv4.destination(b, at), 6, end - start);
    if (!isWhole || get16(b, start + TCP_CHECKSUM) === open) put16(b, start + TCP_CHECKSUM, 0);
  }

  private localPorts(b: Uint8Array, start: number): void {
    for (const place of [start, start + 2]) {
      const port = get16(b, place);
      if (port < FIRST_LOCAL_PORT) continue;
      put16(b, place, FIRST_LOCAL_PORT + this.ports.of(String(port)));
      this.hits.add("local-port");
    }
  }
}

const mac = (b: Uint8Array, at: number): string =>
  [0, 2, 4]
    .map((i) =>
      get16(b, at + i)
        .toString(16)
        .padStart(4, "0")
        .replace(/(..)(..)/, "$1:$2"),
    )
    .join(":");
