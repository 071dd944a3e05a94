/**
 * What everybody on a segment hears and few are meant by: it ends with a fate that is no loss, and Linux's counters count
 * it as the kernel of this machine does.
 */
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Fate, type FateCode, isDrop } from "../../src/base/fate.ts";
import { Bridge } from "../../src/device/bridge.ts";
import { ticks } from "../../src/device/bridge-bpdu.ts";
import { seconds } from "../../src/engine/time.ts";
import * as bpdu from "../../src/packet/bpdu.ts";
import * as dhcp from "../../src/packet/dhcp.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import * as udp from "../../src/packet/udp.ts";
import { PacketSocket } from "../../src/stack/socket/packet.ts";
import { canMakeNamespaces, NetNamespace } from "../kit/netns.ts";
import { type Box, Inbox, ip, Pair } from "../kit/stack.ts";
import { requireTool } from "../kit/tools.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";

const SENDER = mac("00:16:3e:00:00:01");
const OWN = mac("00:16:3e:00:00:02");
const EVERYBODY = mac("ff:ff:ff:ff:ff:ff");

function datagram(from: string, to: string, destination: typeof OWN, port: number): Uint8Array {
  const payload = new Uint8Array(20);
  const at = ethernet.HEADER_LENGTH;
  const bytes = new Uint8Array(at + ipv4.MIN_HEADER_LENGTH + udp.HEADER_LENGTH + payload.length);
  ethernet.emit(bytes, 0, { destination, source: SENDER, etherType: ethernet.EtherType.IPV4 });
  bytes[at] = 0x45;
  ipv4.setTotalLength(bytes, at, bytes.length - at);
  ipv4.setTtl(bytes, at, 64);
  ipv4.setProtocol(bytes, at, ipv4.Protocol.UDP);
  ipv4.setSource(bytes, at, ip(from));
  ipv4.setDestination(bytes, at, ip(to));
  ipv4.fillChecksum(bytes, at);
  const from20 = at + ipv4.MIN_HEADER_LENGTH;
  udp.emit(bytes, from20, { sourcePort: dhcp.SERVER_PORT, destinationPort: port, payload });
  udp.fillChecksum(bytes, from20, ip(from), ip(to));
  return bytes;
}

function hello(): Uint8Array {
  const length = bpdu.LLC_LENGTH + bpdu.CONFIG_LENGTH;
  const bytes = new Uint8Array(ethernet.HEADER_LENGTH + length);
  ethernet.emit(bytes, 0, { destination: mac("01:80:c2:00:00:00"), source: SENDER, etherType: length });
  const root = { priority: 0x8000, mac: SENDER };
  const times = { age: 0, maxAge: ticks(seconds(20)), hello: ticks(seconds(2)), forwardDelay: ticks(seconds(2)) };
  const flags = { topologyChange: false, acknowledged: false };
  bpdu.emitConfig(bytes, ethernet.HEADER_LENGTH, { ...flags, ...times, root, bridge: root, cost: 0, port: 0x8001 });
  return bytes;
}

function lldp(): Uint8Array {
  const bytes = new Uint8Array(60);
  ethernet.emit(bytes, 0, {
    destination: mac("01:80:c2:00:00:0e"),
    source: SENDER,
    etherType: ethernet.EtherType.LLDP,
  });
  return bytes;
}

const OTHERS_DISCOVER = datagram("0.0.0.0", "255.255.255.255", EVERYBODY, dhcp.SERVER_PORT);
const EARLY_OFFER = datagram("192.168.1.101", "192.168.1.17", OWN, dhcp.CLIENT_PORT);

/** b without an address, and what the frames that a sends it end as. */
class Listener {
  readonly pair = new Pair();
  readonly b: Box = this.pair.b;

  constructor() {
    this.b.ns.addresses.flush(this.b.eth0);
  }

  hear(frame: Uint8Array): FateCode {
    const { world, a } = this.pair;
    const before = [...world.frames.fates];
    a.eth0.transmit(world.frames.from(frame));
    runFor(world, seconds(1));
    expectBalanced(world);
    return world.frames.fates.findIndex((count, code) => count > before[code]!) as FateCode;
  }
}

describe("no loss is", () => {
  it("a bridge's BPDU at a host without a bridge, though its device counts it", () => {
    const listener = new Listener();
    expect(listener.hear(hello())).toBe(Fate.BPDU_IGNORED);
    expect(isDrop(Fate.BPDU_IGNORED)).toBe(false);
    expect(listener.b.eth0.counters).toMatchObject({ rxPackets: 1, rxDropped: 0, rxUnhandled: 1 });
  });

  it("nor is it counted where a bridge has brought LLC", () => {
    const listener = new Listener();
    listener.b.table.register(new Bridge(listener.b.table, "br0", mac("00:30:48:aa:bb:01")));
    expect(listener.hear(hello())).toBe(Fate.BPDU_IGNORED);
    expect(listener.b.eth0.counters.rxUnhandled).toBe(0);
  });

  it("a broadcast to a port that nobody has: the DHCP of others", () => {
    const listener = new Listener();
    expect(listener.hear(OTHERS_DISCOVER)).toBe(Fate.UDP_BROADCAST_UNHEARD);
    expect(isDrop(Fate.UDP_BROADCAST_UNHEARD)).toBe(false);
    expect(listener.b.ns.snmp.udp).toMatchObject({ noPorts: 0, ignoredMulti: 1 });
  });

  it("an answer to the address that a DHCP client is about to have", () => {
    const listener = new Listener();
    const client = new PacketSocket(listener.b.ns, new Inbox(), ethernet.EtherType.IPV4);
    client.open(listener.b.eth0);
    expect(listener.hear(EARLY_OFFER)).toBe(Fate.ADDRESS_PENDING);
    expect(isDrop(Fate.ADDRESS_PENDING)).toBe(false);
    expect(listener.b.ns.snmp.ip.inAddrErrors).toBe(1);
  });
});

describe("a loss is", () => {
  it("a packet for an address that nobody here is about to have", () => {
    const listener = new Listener();
    expect(listener.hear(EARLY_OFFER)).toBe(Fate.NOT_FORWARDING);
    const sniffer = new PacketSocket(listener.b.ns, new Inbox());
    sniffer.open(listener.b.eth0);
    expect(listener.hear(EARLY_OFFER)).toBe(Fate.NOT_FORWARDING);
  });

  it("a frame of a protocol that the host does not speak, and its device counts it", () => {
    const listener = new Listener();
    expect(listener.hear(lldp())).toBe(Fate.UNKNOWN_PROTOCOL);
    expect(listener.b.eth0.counters.rxUnhandled).toBe(1);
  });
});

const SEND = `
import socket, sys
link = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
link.bind(("b1", 0))
for frame in sys.argv[1:]: link.send(bytes.fromhex(frame))
`;

const isThere = requireTool("ip") && requireTool("python3") && canMakeNamespaces();

describe.skipIf(!isThere)("the kernel counts them so", () => {
  let namespace: NetNamespace;
  beforeAll(() => {
    namespace = new NetNamespace();
    namespace.prepare(
      "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1",
      "ip link add b0 address 00:16:3e:00:00:02 type veth peer name b1",
      "ip link set b0 up; ip link set b1 up",
    );
  });
  afterAll(() => namespace.remove());

  it("IpInAddrErrors, UdpNoPorts, UdpIgnoredMulti, and what the device dropped", () => {
    const listener = new Listener();
    const frames = [OTHERS_DISCOVER, OTHERS_DISCOVER, EARLY_OFFER, lldp()];
    for (const frame of frames) listener.hear(frame);
    const hex = frames.map((frame) => Buffer.from(frame).toString("hex")).join(" ");
    namespace.prepare(`python3 -c '${SEND}' ${hex}`);
    const { ip: ours, udp: ports } = listener.b.ns.snmp;
    expect(mibOf(namespace)).toEqual({
      InAddrErrors: ours.inAddrErrors,
      InDelivers: ours.inDelivers,
      NoPorts: ports.noPorts,
      IgnoredMulti: ports.ignoredMulti,
      dropped: listener.b.eth0.counters.rxUnhandled,
    });
  });
});

function mibOf(namespace: NetNamespace): Record<string, number> {
  const lines = namespace.run("cat /proc/net/snmp").out.split("\n");
  const counters = new Map(
    ["Ip:", "Udp:"].flatMap((head) => {
      const [names, values] = lines.filter((line) => line.startsWith(head)).map((line) => line.split(" ").slice(1));
      return names!.map((name, i) => [name, Number(values![i])] as const);
    }),
  );
  const wanted = ["InAddrErrors", "InDelivers", "NoPorts", "IgnoredMulti"];
  const dropped = Number(namespace.run("cat /sys/class/net/b0/statistics/rx_dropped").out);
  return { ...Object.fromEntries(wanted.map((name) => [name, counters.get(name) ?? -1])), dropped };
}
