import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { seconds } from "../../src/engine/time.ts";
import { BROADCAST_MAC, type Mac, ZERO_MAC } from "../../src/packet/address.ts";
import * as arp from "../../src/packet/arp.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { announce, fakeReply, probeAddress } from "../../src/stack/arp.ts";
import type { NamespaceWatcher } from "../../src/stack/namespace.ts";
import { type Neighbour, Nud } from "../../src/stack/neighbour.ts";
import { IcmpSocket } from "../../src/stack/socket/icmp.ts";
import { type Box, Inbox, ip, Pair } from "../kit/stack.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";

const B = ip("192.168.1.102");
const A = ip("192.168.1.101");
const MAC_B = mac("00:16:3e:00:00:02");
const OTHER = mac("00:16:3e:00:00:77");

class States implements NamespaceWatcher {
  readonly seen: string[] = [];
  private readonly box: Box;

  constructor(box: Box) {
    this.box = box;
    box.ns.watchers.add(this);
  }

  addressChanged(): void {}
  routeChanged(): void {}
  neighbourChanged(neighbour: Neighbour, change: string): void {
    const name = Object.entries(Nud).find(([, value]) => value === neighbour.state)![0];
    this.seen.push(`${(this.box.ns.now / 1e9).toFixed(1)} ${change === "removed" ? "removed" : name}`);
  }
}

const ping = (box: Box, sequence = 1, destination = B): void => {
  const socket = new IcmpSocket(box.ns, new Inbox());
  socket.send({ destination, sequence, data: new Uint8Array(8) });
};

/** As if a host had sent it: an ARP packet that arrives at `box`. */
function inject(box: Box, to: Mac, packet: Partial<arp.Packet>): void {
  const bytes = new Uint8Array(42);
  const full = { operation: 1, senderMac: OTHER, senderIp: B, targetMac: ZERO_MAC, targetIp: A, ...packet };
  arp.emit(bytes, ethernet.emit(bytes, 0, { destination: to, source: OTHER, etherType: ethernet.EtherType.ARP }), full);
  box.eth0.deliver(box.ns.world.frames.from(bytes));
}

const macOf = (box: Box) => box.ns.neighbours.find(box.eth0.index, B)?.mac;
const stateOf = (box: Box) => box.ns.neighbours.find(box.eth0.index, B)?.state;

/** arp_netdev_event: of the flags only IFF_NOARP makes what is known worthless. */
describe("a change of the device's flags", () => {
  it("leaves neighbours and waiting packets alone when a capture begins or ends", () => {
    const { world, a, b, inbox } = new Pair();
    new IcmpSocket(a.ns, inbox).send({ destination: B, sequence: 1, data: new Uint8Array(8) });
    a.eth0.addPromiscuity(1);
    runFor(world, seconds(1));
    expect(stateOf(a)).toBe(Nud.REACHABLE);
    a.eth0.addPromiscuity(-1);
    a.eth0.setFlag("multicast", false);
    expect(stateOf(a)).toBe(Nud.REACHABLE);
    expect(b.ns.neighbours.find(b.eth0.index, A)?.mac).toBe(mac("00:16:3e:00:00:01"));
    expect(world.frames.fates[Fate.LINK_LOST] ?? 0).toBe(0);
    expectBalanced(world);
  });

  it("forgets neighbours when ARP is switched off", () => {
    const { world, a } = new Pair();
    ping(a);
    runFor(world, seconds(1));
    a.eth0.setFlag("arp", false);
    expect(a.ns.neighbours.find(a.eth0.index, B)).toBeNull();
  });
});

describe("neighbour states", () => {
  it("run from INCOMPLETE over REACHABLE to STALE, then DELAY, PROBE and back", () => {
    const { world, a } = new Pair();
    const states = new States(a);
    ping(a);
    runFor(world, seconds(60));
    expect(states.seen.map((each) => each.split(" ")[1])).toEqual(["INCOMPLETE", "REACHABLE", "STALE"]);
    const reachable = a.ns.neighbours.reachableTime(a.eth0) / 1e9;
    expect(reachable).toBeGreaterThanOrEqual(15);
    expect(reachable).toBeLessThan(45);
    expect(Number.parseFloat(states.seen[2]!)).toBeCloseTo(reachable, 0);

    states.seen.length = 0;
    ping(a);
    runFor(world, seconds(10));
    expect(states.seen).toEqual(["60.0 DELAY", "65.0 PROBE", "65.0 REACHABLE"]);
  });

  it("three unicast probes without answer end in FAILED, and a packet then asks by broadcast again", () => {
    const { world, a, b, log } = new Pair();
    ping(a);
    runFor(world, seconds(60));
    b.eth0.setFlag("arp", false);
    b.ns.neighbours.set(b.eth0, A, a.eth0.mac, Nud.PERMANENT, false);
    log.clear();
    const states = new States(a);
    ping(a);
    runFor(world, seconds(15));
    expect(states.seen).toEqual(["60.0 DELAY", "65.0 PROBE", "68.0 FAILED"]);
    const targets = log.seenFrames.filter(({ bytes }) => ethernet.etherType(bytes, 0) === 0x0806);
    expect(targets.map(({ bytes }) => ethernet.destination(bytes, 0))).toEqual([MAC_B, MAC_B, MAC_B]);
    ping(a);
    runFor(world, seconds(0.1));
    expect(ethernet.destination(log.seenFrames.at(-1)!.bytes, 0)).toBe(BROADCAST_MAC);
  });

  it("keeps the newest 101 packets waiting and fails them together", () => {
    const { world, a } = new Pair();
    for (let sequence = 0; sequence < 105; sequence++) ping(a, sequence, ip("192.168.1.9"));
    expect(world.frames.count(Fate.NEIGHBOUR_QUEUE_FULL)).toBe(4);
    runFor(world, seconds(5));
    expect(world.frames.count(Fate.NEIGHBOUR_FAILED)).toBe(101);
    expectBalanced(world);
  });

  it("device down, carrier loss and MAC change empty the cache; permanent entries outlive a lost carrier", () => {
    const { world, a, b } = new Pair();
    ping(a);
    ping(a, 2, ip("192.168.1.9"));
    a.ns.neighbours.set(a.eth0, ip("192.168.1.7"), OTHER, Nud.PERMANENT, true);
    expect(a.ns.neighbours.set(a.eth0, ip("192.168.1.7"), OTHER, Nud.PERMANENT, true)?.errno).toBe("EEXIST");
    runFor(world, seconds(1));
    b.eth0.setUp(false);
    expect(a.ns.neighbours.list().map((each) => each.address)).toEqual([ip("192.168.1.7")]);
    expect(world.frames.count(Fate.LINK_LOST)).toBe(1);
    a.eth0.setUp(false);
    expect(a.ns.neighbours.list()).toEqual([]);
    expect(a.ns.neighbours.delete(a.eth0, B)?.errno).toBe("ENOENT");
    runFor(world, seconds(1));
    expectBalanced(world);
  });

  it("throws idle entries away only above gc_thresh1", () => {
    const { world, a } = new Pair();
    const fill = (from: number, to: number): void => {
      for (let i = from; i < to; i++)
        a.ns.neighbours.set(a.eth0, (ip("192.168.2.0") + i) as typeof A, OTHER, Nud.STALE, true);
    };
    fill(0, 127);
    runFor(world, seconds(300));
    expect(a.ns.neighbours.list()).toHaveLength(127);
    fill(127, 140);
    runFor(world, seconds(80));
    expect(a.ns.neighbours.list().length).toBeLessThan(127);
  });

  it("refuses more than gc_thresh3 entries aloud", () => {
    const { a } = new Pair();
    a.ns.sysctls.set("net/ipv4/neigh/default/gc_thresh3", "3");
    for (let i = 0; i < 4; i++) a.ns.neighbours.set(a.eth0, (A + 100 + i) as typeof A, OTHER, Nud.STALE, true);
    expect(a.ns.neighbours.list()).toHaveLength(3);
    expect(a.table.log.lines.at(-1)!.text).toBe("neighbour: arp_cache: neighbor table overflow!");
  });
});

describe("what is learned from ARP", () => {
  it("a request for us makes a STALE entry, one for others makes none", () => {
    const { world, a } = new Pair();
    inject(a, BROADCAST_MAC, { targetIp: ip("192.168.1.50") });
    expect(stateOf(a)).toBeUndefined();
    expect(world.frames.count(Fate.ARP_NOT_FOR_US)).toBe(1);
    inject(a, BROADCAST_MAC, {});
    expect([stateOf(a), macOf(a)]).toEqual([Nud.STALE, OTHER]);
  });

  it("a gratuitous request changes an entry at once, and makes none unless arp_accept is set", () => {
    const { a } = new Pair();
    const gratuitous = { senderIp: B, targetIp: B };
    inject(a, BROADCAST_MAC, gratuitous);
    expect(stateOf(a)).toBeUndefined();
    a.ns.neighbours.set(a.eth0, B, MAC_B, Nud.REACHABLE, true);
    inject(a, BROADCAST_MAC, gratuitous);
    expect([stateOf(a), macOf(a)]).toEqual([Nud.STALE, OTHER]);
    a.ns.neighbours.delete(a.eth0, B);
    a.ns.sysctls.set("net/ipv4/conf/eth0/arp_accept", "1");
    inject(a, BROADCAST_MAC, gratuitous);
    expect(macOf(a)).toBe(OTHER);
  });

  it("of two replies within the lock time the first holds, and a permanent entry holds always", () => {
    const { world, a } = new Pair();
    ping(a);
    runFor(world, seconds(0.5));
    const reply = { operation: 2, senderIp: B, targetIp: A, targetMac: a.eth0.mac };
    inject(a, a.eth0.mac, reply);
    expect(macOf(a)).toBe(MAC_B);
    runFor(world, seconds(1));
    inject(a, a.eth0.mac, reply);
    expect([stateOf(a), macOf(a)]).toEqual([Nud.REACHABLE, OTHER]);
    a.ns.neighbours.set(a.eth0, B, MAC_B, Nud.PERMANENT, false);
    runFor(world, seconds(5));
    inject(a, a.eth0.mac, reply);
    expect(macOf(a)).toBe(MAC_B);
  });

  it("answers for any local address on any device, unless arp_ignore=1; and a probe from 0.0.0.0 too", () => {
    const { world, a, log } = new Pair();
    a.ns.addresses.add(a.ns.loopback!, { address: ip("203.0.113.5"), prefix: 32 });
    inject(a, BROADCAST_MAC, { targetIp: ip("203.0.113.5") });
    expect(log.lines.at(-1)).toContain("Reply 203.0.113.5 is-at 00:16:3e:00:00:01");
    a.ns.sysctls.set("net/ipv4/conf/all/arp_ignore", "1");
    inject(a, BROADCAST_MAC, { targetIp: ip("203.0.113.5") });
    expect(world.frames.count(Fate.ARP_SUPPRESSED)).toBe(1);
    log.clear();
    inject(a, BROADCAST_MAC, { senderIp: ip("0.0.0.0") });
    expect(arp.parse(log.seenFrames.at(-1)!.bytes, 14, 42)).toEqual({
      operation: 2,
      senderMac: a.eth0.mac,
      senderIp: A,
      targetMac: OTHER,
      targetIp: 0,
    });
  });

  it("ignores ARP on a device without it, for group and loopback addresses, and what is malformed", () => {
    const { world, a } = new Pair();
    inject(a, BROADCAST_MAC, { targetIp: ip("224.0.0.1") });
    inject(a, BROADCAST_MAC, { targetIp: ip("127.0.0.1") });
    a.eth0.setFlag("arp", false);
    inject(a, BROADCAST_MAC, { targetIp: ip("192.168.1.77") });
    inject(a, BROADCAST_MAC, {});
    a.eth0.setFlag("arp", true);
    inject(a, BROADCAST_MAC, { operation: 9 });
    expect(world.frames.count(Fate.ARP_IGNORED), "nobody's loss").toBe(3);
    expect(world.frames.count(Fate.ARP_OFF), "somebody gets no answer").toBe(1);
    expect(world.frames.count(Fate.ARP_MALFORMED)).toBe(1);
    expect(stateOf(a)).toBeUndefined();
  });

  it("announces each address by a request for itself, and probes without one", () => {
    const { a, log } = new Pair();
    a.ns.addresses.add(a.eth0, { address: ip("10.0.0.1"), prefix: 8 });
    announce(a.ns, a.eth0);
    probeAddress(a.ns, a.eth0, ip("10.0.0.2"));
    expect(log.lines.map((line) => line.slice(line.indexOf("Request")))).toEqual([
      "Request who-has 192.168.1.101 tell 192.168.1.101, length 28",
      "Request who-has 10.0.0.1 tell 10.0.0.1, length 28",
      "Request who-has 10.0.0.2 tell 0.0.0.0, length 28",
    ]);
    expect(log.seenFrames.every(({ bytes }) => arp.targetMac(bytes, 14) === ZERO_MAC)).toBe(true);
  });

  it("greets as netfront of 2.6.18 does: a reply to nobody, from the first address, if there is one", () => {
    const { a, log } = new Pair();
    a.ns.addresses.add(a.eth0, { address: ip("10.0.0.1"), prefix: 8 });
    fakeReply(a.ns, a.eth0);
    expect(log.seenFrames).toHaveLength(1);
    const { bytes } = log.seenFrames[0]!;
    expect(ethernet.destination(bytes, 0)).toBe(BROADCAST_MAC);
    expect(arp.operation(bytes, 14)).toBe(arp.Operation.REPLY);
    expect([arp.senderMac(bytes, 14), arp.senderIp(bytes, 14)]).toEqual([a.eth0.mac, ip("192.168.1.101")]);
    expect([arp.targetMac(bytes, 14), arp.targetIp(bytes, 14)]).toEqual([a.eth0.mac, ip("255.255.255.255")]);
    a.ns.addresses.flush(a.eth0);
    fakeReply(a.ns, a.eth0);
    expect(log.seenFrames).toHaveLength(1);
  });
});
