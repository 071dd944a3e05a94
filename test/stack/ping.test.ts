import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { get16, put16, toHex } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { seconds } from "../../src/engine/time.ts";
import { EtherType, etherType } from "../../src/packet/ethernet.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import { Discovery } from "../../src/stack/ip-send.ts";
import { Nud } from "../../src/stack/neighbour.ts";
import type { NetworkStack } from "../../src/stack/network-stack.ts";
import type { Datagram } from "../../src/stack/socket/datagram.ts";
import { IcmpSocket } from "../../src/stack/socket/icmp.ts";
import { readPcap } from "../kit/pcap.ts";
import { type Box, FrameLog, Inbox, ip, Pair, Segment } from "../kit/stack.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";

const FIXTURES = new URL("../fixtures/xen-4.17/bridge/", import.meta.url);

/** What iputils puts behind the time stamp. */
const payload = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => i & 255);

function openPing(ns: NetworkStack, id: number): { socket: IcmpSocket; inbox: Inbox<Datagram> } {
  const inbox = new Inbox<Datagram>();
  const socket = new IcmpSocket(ns, inbox);
  socket.bind(ip("0.0.0.0"), id);
  return { socket, inbox };
}

/** Order and content of a recording without what chance decides: IP ids that are not zero, sums, time stamps of ping. */
function essence(bytes: Uint8Array): string {
  const b = bytes.slice();
  if (etherType(b, 0) !== EtherType.IPV4) return toHex(b);
  const at = 14;
  if (ipv4.id(b, at) !== 0) ipv4.setId(b, at, 1);
  ipv4.fillChecksum(b, at);
  const message = ipv4.payloadAt(b, at);
  if (ipv4.protocol(b, at) === 1 && ipv4.fragmentOffset(b, at) === 0) {
    put16(b, message + 2, 0);
    b.fill(0, message + 8, message + 24);
  }
  return toHex(b);
}

const recorded = (path: string): string[] =>
  readPcap(readFileSync(new URL(path, FIXTURES)))
    .filter(({ bytes }) => etherType(bytes, 0) !== EtherType.IPV6)
    .map(({ bytes }) => essence(bytes));

/** iputils writes 16 bytes of time in front; they are blanked above. */
const pingData = (size: number): Uint8Array => payload(size);

describe("ping between two hosts", () => {
  it("sends the frames of the recording, the unicast probe after five seconds included", () => {
    const { world, a, b, log } = new Pair();
    const { socket, inbox } = openPing(a.ns, 112);
    for (let sequence = 1; sequence <= 3; sequence++) {
      expect(socket.send({ destination: ip("192.168.1.102"), sequence, data: pingData(56) })).toBeNull();
      runFor(world, seconds(1));
    }
    runFor(world, seconds(4));
    expect(log.seenFrames.map(({ bytes }) => essence(bytes))).toEqual(recorded("01-ping-g1-g2/dom0.vif3.0.pcap"));
    expect(log.times).toEqual([0, 0, 0, 0, 1, 1, 2, 2, 5, 5]);
    expect(inbox.messages.map((each) => [each.source, each.ttl, each.data.length])).toEqual(
      Array(3).fill([ip("192.168.1.102"), 64, 64]),
    );
    expect(a.ns.neighbours.list().map((each) => each.state)).toEqual([Nud.REACHABLE]);
    expect(b.ns.neighbours.list().map((each) => each.state)).toEqual([Nud.REACHABLE]);
    expectBalanced(world);
    expect(world.frames.count(Fate.DELIVERED)).toBe(3);
  });

  it("fragments and reassembles as the recording does, and refuses what must stay whole", () => {
    const { world, a, log } = new Pair();
    a.ns.addresses.remove(a.eth0, { address: ip("192.168.1.101"), prefix: 24 });
    a.configure("192.168.1.101/24");
    const { socket, inbox } = openPing(a.ns, 158);
    const destination = ip("192.168.1.102");
    for (const sequence of [1, 2]) {
      socket.send({ destination, sequence, data: pingData(4000) });
      runFor(world, seconds(1));
    }
    const recording = recorded("11-frag-ping-g1-g2-and-outside/dom0.vif3.0.pcap").slice(0, 14);
    expect(log.seenFrames.map(({ bytes }) => essence(bytes))).toEqual(recording);
    expect(log.seenFrames.map(({ bytes }) => bytes.length).slice(2, 8)).toEqual([1514, 1514, 1082, 1514, 1514, 1082]);
    expect(inbox.messages.map((each) => each.data.length)).toEqual([4008, 4008]);
    expect(world.frames.count(Fate.REASSEMBLED)).toBe(12);

    log.clear();
    socket.discovery = Discovery.DO;
    expect(socket.send({ destination, sequence: 3, data: pingData(1472) })).toBeNull();
    runFor(world, seconds(0.1));
    expect(log.seenFrames.map(({ bytes }) => [ipv4.id(bytes, 14) === 0, ipv4.dontFragment(bytes, 14)])).toEqual([
      [true, true],
      [false, false],
    ]);
    const refusal = socket.send({ destination, sequence: 4, data: pingData(1473) });
    expect(refusal).toMatchObject({ errno: "EMSGSIZE", origin: "local", info: 1500 });
    expectBalanced(world);
  });

  it("carries the longest datagram there is", () => {
    const { world, a, log } = new Pair();
    const { socket, inbox } = openPing(a.ns, 1);
    expect(socket.send({ destination: ip("192.168.1.102"), sequence: 1, data: payload(65_507) })).toBeNull();
    expect(socket.send({ destination: ip("192.168.1.102"), sequence: 2, data: payload(65_508) })?.errno).toBe(
      "EMSGSIZE",
    );
    runFor(world, seconds(1));
    expect(inbox.messages.map((each) => each.data.length)).toEqual([65_515]);
    expect(inbox.messages[0]!.data.slice(8)).toEqual(payload(65_507));
    expect(log.seenFrames.length).toBe(2 + 2 * 45);
    expectBalanced(world);
  });

  it("a lab copied in the middle of a ping runs on to the same frames", () => {
    const pair = new Pair();
    const socket = new IcmpSocket(pair.a.ns, pair.inbox);
    socket.send({ destination: ip("192.168.1.102"), sequence: 1, data: payload(4000) });
    while (pair.log.seenFrames.length < 4) pair.world.scheduler.step();
    expect(pair.world.frames.alive).toBeGreaterThan(0);
    const twin = copyGraph(pair);
    for (const each of [pair, twin]) runFor(each.world, seconds(10));
    const told = (each: Pair) => each.log.seenFrames.map(({ time, id, bytes }) => `${time} ${id} ${toHex(bytes)}`);
    expect(told(twin)).toEqual(told(pair));
    expect(pair.inbox.messages).toHaveLength(1);
    expect(twin.inbox.messages).toEqual(pair.inbox.messages);
    expectBalanced(twin.world);
  });

  it("reaches itself over lo, and tells of an unknown host after three seconds from its own address", () => {
    const { world, a, log } = new Pair();
    const { socket, inbox } = openPing(a.ns, 7);
    const lo = new FrameLog(world);
    a.ns.loopback!.tx.taps.add(lo);
    socket.send({ destination: ip("192.168.1.101"), sequence: 1, data: payload(56) });
    socket.send({ destination: ip("127.0.0.1"), sequence: 2, data: payload(56) });
    runFor(world, seconds(0.5));
    expect(inbox.messages.map((each) => each.source)).toEqual([ip("192.168.1.101"), ip("127.0.0.1")]);
    expect(log.seenFrames).toEqual([]);

    lo.clear();
    const started = world.scheduler.now;
    for (const sequence of [3, 4]) socket.send({ destination: ip("192.168.1.99"), sequence, data: payload(56) });
    runFor(world, seconds(4));
    expect(log.lines.every((line) => line.includes("Request who-has 192.168.1.99 tell 192.168.1.101"))).toBe(true);
    expect(log.seenFrames.map(({ time }) => (time - started) / 1e9)).toEqual([0, 1, 2]);
    expect(inbox.errors.map((each) => [each.errno, each.offender, get16(each.data, 6)])).toEqual([
      ["EHOSTUNREACH", ip("192.168.1.101"), 3],
      ["EHOSTUNREACH", ip("192.168.1.101"), 4],
    ]);
    expect(lo.lines).toHaveLength(2);
    expect(world.frames.count(Fate.NEIGHBOUR_FAILED)).toBe(2);
    expectBalanced(world);
  });
});

describe("broadcast ping", () => {
  function segment(): { world: Segment["world"]; g1: Box; g2: Box; dom0: Box; log: FrameLog } {
    const lan = new Segment();
    const dom0 = lan.box("dom0", mac("00:30:48:aa:bb:01")).configure("192.168.1.10/24");
    const g1 = lan.box("g1", mac("00:16:3e:00:00:01")).configure("192.168.1.101/24");
    const g2 = lan.box("g2", mac("00:16:3e:00:00:02")).configure("192.168.1.102/24");
    const log = new FrameLog(lan.world);
    // Bridge ports need their forward delay.
    runFor(lan.world, seconds(40));
    for (const point of [g1.eth0.rx, g1.eth0.tx]) point.taps.add(log);
    return { world: lan.world, g1, g2, dom0, log };
  }

  it("goes out whole, is ignored by default and answered where that is allowed, as recorded", () => {
    const { world, g1, g2, dom0, log } = segment();
    const { socket, inbox } = openPing(g1.ns, 132);
    const destination = ip("192.168.1.255");
    expect(socket.send({ destination, sequence: 1, data: payload(56) })?.errno).toBe("EACCES");
    socket.broadcast = true;
    socket.discovery = Discovery.DO;
    socket.send({ destination, sequence: 1, data: payload(56) });
    runFor(world, seconds(1));
    expect(inbox.messages).toEqual([]);
    expect(world.frames.count(Fate.ICMP_ECHO_IGNORED)).toBe(3);
    const recording = recorded("06-broadcast-g1/dom0.vif3.0.pcap");
    expect(log.seenFrames.map(({ bytes }) => essence(bytes).replace("0084", "0080"))).toEqual([recording[0]]);

    log.clear();
    for (const box of [g2, dom0]) box.ns.sysctls.set("net/ipv4/icmp_echo_ignore_broadcasts", "0");
    for (const sequence of [1, 2]) {
      socket.send({ destination, sequence, data: payload(56) });
      runFor(world, seconds(1));
    }
    // Who of the two answers first is a matter of ports; the frames are the same.
    expect(log.seenFrames.map(({ bytes }) => essence(bytes)).sort()).toEqual(recording.slice(3).sort());
    expect(inbox.messages.map((each) => each.source).sort()).toEqual(
      ["192.168.1.10", "192.168.1.10", "192.168.1.102", "192.168.1.102"].map(ip).sort(),
    );
    expectBalanced(world);
  });
});

describe("an echo request", () => {
  it("is not answered when icmp_echo_ignore_all is set", () => {
    const { world, a, b } = new Pair();
    b.ns.sysctls.set("net/ipv4/icmp_echo_ignore_all", "1");
    const { socket, inbox } = openPing(a.ns, 1);
    socket.send({ destination: ip("192.168.1.102"), sequence: 1, data: payload(1) });
    runFor(world, seconds(1));
    expect(inbox.messages).toEqual([]);
    expect(world.frames.count(Fate.ICMP_ECHO_IGNORED)).toBe(1);
  });

  it("keeps its TOS in the answer and its odd length", () => {
    const { world, a, log } = new Pair();
    const { socket } = openPing(a.ns, 1);
    socket.tos = 0x10;
    socket.send({ destination: ip("192.168.1.102"), sequence: 1, data: payload(57) });
    runFor(world, seconds(1));
    const reply = log.seenFrames.at(-1)!.bytes;
    expect(ipv4.tos(reply, 14)).toBe(0x10);
    expect(ipv4.verifyChecksum(reply, 14)).toBe(true);
    expect(icmp.verifyChecksum(reply, 34, reply.length)).toBe(true);
    expect(icmp.parse(reply, 34, reply.length)).toMatchObject({ kind: "echo-reply", data: payload(57) });
  });
});
