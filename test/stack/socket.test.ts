import { describe, expect, it } from "vitest";
import { fromText, toText } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import { seconds } from "../../src/engine/time.ts";
import { EtherType } from "../../src/packet/ethernet.ts";
import { Checksum } from "../../src/packet/frame.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import * as udp from "../../src/packet/udp.ts";
import { Discovery } from "../../src/stack/ip-send.ts";
import type { Datagram } from "../../src/stack/socket/datagram.ts";
import { IcmpSocket } from "../../src/stack/socket/icmp.ts";
import { PacketSocket, type RawFrame } from "../../src/stack/socket/packet.ts";
import { MAX_PAYLOAD, UdpSocket } from "../../src/stack/socket/udp.ts";
import { socketContract } from "../contract/socket.ts";
import { type Box, Inbox, ip, Pair } from "../kit/stack.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";

const A = ip("192.168.1.101");
const B = ip("192.168.1.102");
const ANY = ip("0.0.0.0");

function openUdp(box: Box, port = 0): { socket: UdpSocket; inbox: Inbox<Datagram> } {
  const inbox = new Inbox<Datagram>();
  const socket = new UdpSocket(box.ns, inbox);
  expect(socket.bind(ANY, port)).toBeNull();
  return { socket, inbox };
}

const settle = (pair: Pair): void => runFor(pair.world, seconds(1));
const words = (inbox: Inbox<Datagram>): string[] => inbox.messages.map((each) => toText(each.data));

socketContract(
  "UDP",
  () => new Pair(),
  () => new Inbox<Datagram>(),
  {
    open(pair, inbox) {
      const socket = new UdpSocket(pair.a.ns, inbox);
      socket.bind(ANY, 7);
      return socket;
    },
    provoke: (pair) => {
      new UdpSocket(pair.b.ns, new Inbox()).send(new Uint8Array(500), { address: A, port: 7 });
    },
    owns: true,
  },
);

socketContract(
  "ping",
  () => new Pair(),
  () => new Inbox<Datagram>(),
  {
    open(pair, inbox) {
      const socket = new IcmpSocket(pair.a.ns, inbox);
      socket.bind(ANY, 77);
      return socket;
    },
    provoke: (pair) => {
      const raw = new PacketSocket(pair.b.ns, new Inbox());
      raw.open(pair.b.eth0);
      raw.send(echoReply(pair, 77));
      raw.close();
    },
    owns: true,
  },
);

socketContract(
  "packet",
  () => new Pair(),
  () => new Inbox<RawFrame>(),
  {
    open(pair, inbox) {
      const socket = new PacketSocket(pair.a.ns, inbox);
      socket.open(pair.a.eth0);
      return socket;
    },
    provoke: (pair) => {
      new UdpSocket(pair.b.ns, new Inbox()).send(new Uint8Array(500), { address: A, port: 7 });
    },
    owns: false,
  },
);

function echoReply(pair: Pair, identifier: number): Uint8Array {
  const bytes = new Uint8Array(14 + 20 + 8 + 400);
  const header = {
    tos: 0,
    id: 1,
    dontFragment: false,
    moreFragments: false,
    fragmentOffset: 0,
    ttl: 64,
    protocol: 1,
    source: B,
    destination: A,
    options: ipv4.NO_OPTIONS,
    payloadLength: 408,
  };
  const start = ipv4.emit(bytes, 14, header);
  icmp.emit(bytes, start, { kind: "echo-reply", identifier, sequence: 1, data: new Uint8Array(400) });
  bytes.set([0, 0x16, 0x3e, 0, 0, 1, 0, 0x16, 0x3e, 0, 0, 2, 8, 0]);
  expect(pair.a.eth0.mac).toBe(mac("00:16:3e:00:00:01"));
  return bytes;
}

describe("a UDP socket", () => {
  it("carries a question and its answer", () => {
    const pair = new Pair();
    pair.a.eth0.txChecksum = false;
    const server = openUdp(pair.b, 53);
    const client = openUdp(pair.a);
    expect(client.socket.localPort).toBeGreaterThanOrEqual(32_768);
    expect(client.socket.localPort).toBeLessThanOrEqual(60_999);
    client.socket.send(fromText("who?"), { address: B, port: 53 });
    settle(pair);
    const [question] = server.inbox.messages;
    expect(question).toMatchObject({ source: A, sourcePort: client.socket.localPort, destination: B, ttl: 64 });
    server.socket.send(fromText("me"), { address: question!.source, port: question!.sourcePort });
    settle(pair);
    expect(words(client.inbox)).toEqual(["me"]);
    expect(pair.world.frames.count(Fate.DELIVERED)).toBe(2);
    expectBalanced(pair.world);
    const sent = pair.log.seenFrames.find(({ bytes }) => bytes[23] === 17)!.bytes;
    expect(udp.verifyChecksum(sent, 34, A, B)).toBe(true);
    expect(ipv4.dontFragment(sent, 14)).toBe(true);
    expect(ipv4.id(sent, 14)).not.toBe(0);
  });

  it("without a listener hears 'port unreachable' when it is connected", () => {
    const pair = new Pair();
    const { socket, inbox } = openUdp(pair.a);
    const loud = openUdp(pair.a);
    loud.socket.receiveErrors = true;
    loud.socket.send(fromText("x"), { address: B, port: 9 });
    socket.send(fromText("unheard"), { address: B, port: 9 });
    settle(pair);
    expect(inbox.errors).toEqual([]);
    socket.connect(B, 9);
    socket.send(fromText("anybody?"));
    settle(pair);
    expect(inbox.errors).toMatchObject([
      { errno: "ECONNREFUSED", origin: "icmp", offender: B, destination: B, port: 9 },
    ]);
    expect(toText(inbox.errors[0]!.data.slice(8))).toBe("anybody?");
    expect(loud.inbox.errors.map((each) => each.errno)).toEqual(["ECONNREFUSED"]);
    expect(pair.world.frames.count(Fate.UDP_NO_SOCKET)).toBe(3);
    expect(pair.b.ns.snmp.udp.noPorts).toBe(3);
    expectBalanced(pair.world);
  });

  it("once connected hears its peer only, and counts its own IP ids", () => {
    const pair = new Pair();
    const { socket, inbox } = openUdp(pair.a, 500);
    socket.connect(B, 500);
    expect(socket.localAddress).toBe(A);
    openUdp(pair.b, 501).socket.send(fromText("other port"), { address: A, port: 500 });
    openUdp(pair.b, 500).socket.send(fromText("peer"), { address: A, port: 500 });
    settle(pair);
    expect(words(inbox)).toEqual(["peer"]);
    pair.log.clear();
    for (const _ of [1, 2]) socket.send(fromText("x"));
    settle(pair);
    const [first, second] = pair.log.seenFrames.map(({ bytes }) => ipv4.id(bytes, 14));
    expect(second).toBe((first! + 1) & 0xffff);
  });

  it("needs SO_BROADCAST, and then reaches everybody who listens, itself included", () => {
    const pair = new Pair();
    const { socket } = openUdp(pair.a);
    const to = { address: ip("192.168.1.255"), port: 67 };
    expect(socket.send(fromText("x"), to)?.errno).toBe("EACCES");
    socket.broadcast = true;
    const own = openUdp(pair.a, 67);
    const one = openUdp(pair.b, 67).inbox;
    socket.send(fromText("hello"), to);
    settle(pair);
    expect([words(own.inbox), words(one)]).toEqual([["hello"], ["hello"]]);
    expect(pair.log.lines[0]).toContain("> ff:ff:ff:ff:ff:ff");
    expect(pair.log.seenFrames).toHaveLength(1);
    expectBalanced(pair.world);
  });

  it("shares a port only by SO_REUSEADDR, by address or by device", () => {
    const { a } = new Pair();
    const bind = (address: typeof A, reuse: boolean): string | null => {
      const socket = new UdpSocket(a.ns, new Inbox());
      socket.reuseAddress = reuse;
      return socket.bind(address, 5000)?.errno ?? null;
    };
    expect(bind(A, false)).toBeNull();
    expect(bind(ip("127.0.0.1"), true)).toBeNull();
    expect(bind(ANY, true)).toBe("EADDRINUSE");
    expect(bind(ip("1.2.3.4"), true)).toBe("EADDRNOTAVAIL");
    expect(bind(ip("127.0.0.1"), true)).toBeNull();
  });

  it("is given the datagram that it asked for most exactly", () => {
    const pair = new Pair();
    const general = openUdp(pair.b, 0);
    const port = general.socket.localPort;
    const exact = new Inbox<Datagram>();
    const socket = new UdpSocket(pair.b.ns, exact);
    general.socket.reuseAddress = true;
    socket.reuseAddress = true;
    expect(socket.bind(B, port)).toBeNull();
    openUdp(pair.a).socket.send(fromText("x"), { address: B, port });
    settle(pair);
    expect([exact.messages.length, general.inbox.messages.length]).toEqual([1, 0]);
  });

  it("refuses what is too long, and what has no way", () => {
    const { a } = new Pair();
    const { socket } = openUdp(a);
    expect(socket.send(new Uint8Array(MAX_PAYLOAD + 1), { address: B, port: 1 })?.errno).toBe("EMSGSIZE");
    expect(socket.send(new Uint8Array(1), { address: ip("8.8.8.8"), port: 1 })?.errno).toBe("ENETUNREACH");
    expect(socket.send(new Uint8Array(1))?.errno).toBe("EDESTADDRREQ");
    socket.discovery = Discovery.DO;
    expect(socket.send(new Uint8Array(1473), { address: B, port: 1 })).toMatchObject({ errno: "EMSGSIZE", info: 1500 });
    expect(socket.send(new Uint8Array(1472), { address: B, port: 1 })).toBeNull();
  });

  it("leaves the checksum to a device that sums, and trusts such a frame; a wrong sum is dropped", () => {
    const pair = new Pair();
    pair.a.eth0.txChecksum = true;
    const { inbox } = openUdp(pair.b, 9);
    const raw = new Inbox<RawFrame>();
    new PacketSocket(pair.b.ns, raw).open(pair.b.eth0);
    const { socket } = openUdp(pair.a);
    socket.send(fromText("partial"), { address: B, port: 9 });
    socket.send(new Uint8Array(2000), { address: B, port: 9 });
    settle(pair);
    const datagrams = raw.messages.filter(({ data }) => data[23] === 17);
    expect(datagrams.map(({ partial }) => partial)).toEqual([true, false, false]);
    expect(udp.verifyChecksum(datagrams[0]!.data, 34, A, B)).toBe(false);
    expect(inbox.messages.map((each) => each.data.length)).toEqual([7, 2000]);

    const broken = pair.world.frames.from(datagrams[0]!.data);
    expect(broken.checksum).toBe(Checksum.NONE);
    pair.b.eth0.deliver(broken);
    expect(pair.world.frames.count(Fate.UDP_BAD_CHECKSUM)).toBe(1);
  });
});

describe("a packet socket", () => {
  it("for one type hears only what comes in; for all types both ways; on all devices also lo", () => {
    const pair = new Pair();
    const { a } = pair;
    const arps = new Inbox<RawFrame>();
    new PacketSocket(a.ns, arps, EtherType.ARP).open(a.eth0);
    const all = new Inbox<RawFrame>();
    new PacketSocket(a.ns, all).open(null);
    const { socket } = openUdp(a);
    socket.send(fromText("x"), { address: B, port: 9 });
    socket.send(fromText("x"), { address: A, port: 9 });
    settle(pair);
    expect(arps.messages.map((each) => each.outgoing)).toEqual([false]);
    expect(new Set(all.messages.map((each) => `${each.device.name} ${each.outgoing}`))).toEqual(
      new Set(["eth0 true", "eth0 false", "lo true", "lo false"]),
    );
  });

  it("is promiscuous while it is open, and learns that its device went away", () => {
    const { a } = new Pair();
    const inbox = new Inbox<RawFrame>();
    const socket = new PacketSocket(a.ns, inbox);
    socket.open(a.eth0, true);
    expect(a.eth0.promiscuity).toBe(1);
    socket.close();
    expect(a.eth0.promiscuity).toBe(0);
    const second = new PacketSocket(a.ns, inbox);
    second.open(a.eth0);
    a.table.unregister(a.eth0);
    expect(inbox.errors.map((each) => each.errno)).toEqual(["ENETDOWN"]);
    expect(second.send(new Uint8Array(14))?.errno).toBe("ENODEV");
  });
});
