import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { Veth, VethPair } from "../../src/device/veth.ts";
import { World } from "../../src/device/world.ts";
import { seconds } from "../../src/engine/time.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import { Discovery } from "../../src/stack/ip-send.ts";
import { RouteType } from "../../src/stack/route-table.ts";
import type { Datagram } from "../../src/stack/socket/datagram.ts";
import { IcmpSocket } from "../../src/stack/socket/icmp.ts";
import { UdpSocket } from "../../src/stack/socket/udp.ts";
import { Box, cidr, FrameLog, Inbox, ip } from "../kit/stack.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";

const FAR = ip("10.0.0.2");
const DEFAULT = { destination: ip("0.0.0.0"), prefix: 0 };

/** near 192.168.1.2 - router .1 | 10.0.0.1 - far 10.0.0.2 */
class Routed {
  readonly world = new World(3);
  readonly near = new Box(this.world, "near", mac("00:16:3e:00:00:01"));
  readonly router = new Box(this.world, "router", mac("00:16:3e:00:00:02"));
  readonly far = new Box(this.world, "far", mac("00:16:3e:00:00:03"));
  readonly eth1 = new Veth(this.router.table, "eth1", mac("00:16:3e:00:00:04"));
  readonly inbox = new Inbox<Datagram>();
  readonly ping = new IcmpSocket(this.near.ns, this.inbox);
  readonly log = new FrameLog(this.world);
  private sequence = 0;

  constructor() {
    const { near, router, far, eth1 } = this;
    router.table.register(eth1);
    new VethPair(near.eth0, router.eth0);
    new VethPair(eth1, far.eth0);
    near.configure("192.168.1.2/24");
    router.configure("192.168.1.1/24");
    router.ns.addresses.add(eth1, { ...cidr("10.0.0.1/24"), broadcast: ip("10.0.0.255") });
    eth1.setUp(true);
    far.configure("10.0.0.2/24");
    near.ns.fib.add({ ...DEFAULT, via: ip("192.168.1.1") });
    far.ns.fib.add({ ...DEFAULT, via: ip("10.0.0.1") });
    router.ns.sysctls.set("net/ipv4/ip_forward", "1");
    near.eth0.rx.taps.add(this.log);
  }

  /** Sends one echo request and answers what came of it. */
  try(size = 56, destination = FAR, wait = 4): string[] {
    const before = this.inbox.errors.length;
    const replies = this.inbox.messages.length;
    this.ping.send({ destination, sequence: ++this.sequence, data: new Uint8Array(size) });
    runFor(this.world, seconds(wait));
    const errors = this.inbox.errors
      .slice(before)
      .map(({ errno, type, code, offender, info }) => `${errno} ${type}/${code} ${info} ${offender}`);
    return [...this.inbox.messages.slice(replies).map((each) => `ttl ${each.ttl}`), ...errors];
  }
}

const ROUTER = ip("192.168.1.1");

describe("a router", () => {
  it("passes packets on with one off the TTL, and new addresses on the link", () => {
    const lab = new Routed();
    expect(lab.try()).toEqual(["ttl 63"]);
    expect(lab.router.ns.snmp.ip.forwDatagrams).toBe(2);
    const reply = lab.log.seenFrames.at(-1)!;
    expect(ipv4.verifyChecksum(reply.bytes, 14)).toBe(true);
    expect(lab.log.lines.at(-1)).toContain("00:16:3e:00:00:02 > 00:16:3e:00:00:01");
    runFor(lab.world, seconds(10));
    expectBalanced(lab.world);
  });

  it("is silent while forwarding is off", () => {
    const lab = new Routed();
    lab.router.ns.sysctls.set("net/ipv4/ip_forward", "0");
    expect(lab.try()).toEqual([]);
    expect(lab.world.frames.count(Fate.NOT_FORWARDING)).toBe(1);
    lab.router.ns.sysctls.set("net/ipv4/conf/eth0/forwarding", "1");
    lab.router.ns.sysctls.set("net/ipv4/conf/eth1/forwarding", "1");
    expect(lab.try()).toEqual(["ttl 63"]);
  });

  it("tells of a TTL that ran out, with the packet as it came", () => {
    const lab = new Routed();
    lab.ping.ttl = 1;
    expect(lab.try()).toEqual([`EHOSTUNREACH 11/0 0 ${ROUTER}`]);
    const error = lab.log.seenFrames.at(-1)!.bytes;
    expect(ipv4.tos(error, 14)).toBe(0xc0);
    expect(ipv4.dontFragment(error, 14)).toBe(false);
    const message = icmp.parse(error, 34, error.length);
    expect(message?.kind === "time-exceeded" && ipv4.ttl(message.quoted, 0)).toBe(1);
    expect(lab.world.frames.count(Fate.TTL_EXPIRED)).toBe(1);
  });

  it("quotes as much as fits into 576 bytes", () => {
    const lab = new Routed();
    lab.ping.ttl = 1;
    lab.try(1400);
    expect(lab.log.seenFrames.at(-1)!.bytes.length).toBe(14 + 576);
  });

  it("says which MTU fits, and the sender learns it for ten minutes", () => {
    const lab = new Routed();
    lab.eth1.setMtu(1000);
    lab.far.eth0.setMtu(1000);
    lab.ping.discovery = Discovery.DO;
    expect(lab.try(1400)).toEqual([`EMSGSIZE 3/4 1000 ${ROUTER}`]);
    expect(lab.near.ns.pathMtus.towards(FAR, 1500)).toBe(1000);
    const refused = lab.ping.send({ destination: FAR, sequence: 9, data: new Uint8Array(1400) });
    expect(refused).toMatchObject({ errno: "EMSGSIZE", info: 1000 });
    lab.ping.discovery = Discovery.WANT;
    expect(lab.try(1400)).toEqual(["ttl 63"]);
    runFor(lab.world, seconds(600));
    expect(lab.near.ns.pathMtus.towards(FAR, 1500)).toBe(1500);
  });

  it("cuts what may be cut, again if need be", () => {
    const lab = new Routed();
    lab.eth1.setMtu(1000);
    lab.far.eth0.setMtu(1000);
    lab.ping.discovery = Discovery.DONT;
    expect(lab.try(4000)).toEqual(["ttl 63"]);
    expect(lab.router.ns.snmp.ip.fragOKs).toBe(3);
    expectBalanced(lab.world);
  });

  it("names each way a route can be missing", () => {
    const lab = new Routed();
    const { fib } = lab.router.ns;
    expect(lab.try(8, ip("172.16.0.1"))).toEqual([`ENETUNREACH 3/0 0 ${ROUTER}`]);
    const add = (text: string, type: 6 | 7 | 8) => {
      const { address, prefix } = cidr(text);
      fib.add({ destination: address, prefix, type });
    };
    add("10.1.0.0/16", RouteType.UNREACHABLE);
    add("10.2.0.0/16", RouteType.PROHIBIT);
    add("10.3.0.0/16", RouteType.BLACKHOLE);
    expect(lab.try(8, ip("10.1.0.1"))).toEqual([`EHOSTUNREACH 3/1 0 ${ROUTER}`]);
    expect(lab.try(8, ip("10.2.0.1"))).toEqual([`EHOSTUNREACH 3/13 0 ${ROUTER}`]);
    expect(lab.try(8, ip("10.3.0.1"))).toEqual([]);
    expect(lab.try(8, ip("10.0.0.77"))).toEqual([`EHOSTUNREACH 3/1 0 ${ROUTER}`]);
    expect(lab.world.frames.count(Fate.NO_ROUTE)).toBe(4);
    expect(lab.world.frames.count(Fate.NEIGHBOUR_FAILED)).toBe(1);
    expectBalanced(lab.world);
  });

  it("limits its errors to six at once and one a second for each peer", () => {
    const lab = new Routed();
    lab.ping.ttl = 1;
    lab.try();
    runFor(lab.world, seconds(20));
    lab.inbox.errors.length = 0;
    for (let i = 0; i < 20; i++) lab.ping.send({ destination: FAR, sequence: i, data: new Uint8Array(8) });
    runFor(lab.world, seconds(0.5));
    expect(lab.inbox.errors).toHaveLength(6);
    expect(lab.router.ns.snmp.icmp.outRateLimitHost).toBe(14);
    runFor(lab.world, seconds(1));
    for (let i = 0; i < 20; i++) lab.ping.send({ destination: FAR, sequence: i, data: new Uint8Array(8) });
    runFor(lab.world, seconds(0.5));
    expect(lab.inbox.errors).toHaveLength(7);
  });

  it("drops martians, and never answers an error with an error", () => {
    const lab = new Routed();
    const spoofed = new UdpSocket(lab.near.ns, new Inbox());
    lab.near.ns.addresses.add(lab.near.eth0, { address: FAR, prefix: 32 });
    spoofed.bind(FAR, 1);
    spoofed.send(new Uint8Array(1), { address: ip("10.0.0.3"), port: 2 });
    lab.near.ns.addresses.add(lab.near.eth0, { address: ip("192.168.1.1"), prefix: 32 });
    const own = new UdpSocket(lab.near.ns, new Inbox());
    own.bind(ip("192.168.1.1"), 1);
    own.send(new Uint8Array(1), { address: ip("10.0.0.3"), port: 2 });
    runFor(lab.world, seconds(5));
    expect(lab.world.frames.count(Fate.MARTIAN_SOURCE)).toBeGreaterThan(0);
    expectBalanced(lab.world);
  });

  it("tells of a protocol that nobody here speaks", () => {
    const lab = new Routed();
    lab.try();
    const frame = lab.world.frames.create(14 + 28);
    const b = frame.bytes;
    b.set(lab.log.seenFrames.at(-1)!.bytes.subarray(0, 14), frame.at);
    const header = {
      tos: 0,
      id: 1,
      dontFragment: false,
      moreFragments: false,
      fragmentOffset: 0,
      ttl: 64,
      payloadLength: 8,
    };
    const to = { protocol: 47, source: FAR, destination: ip("192.168.1.2"), options: ipv4.NO_OPTIONS };
    ipv4.emit(b, frame.at + 14, { ...header, ...to });
    const errors = lab.near.ns.snmp.icmp.outMsgs;
    lab.near.eth0.deliver(frame);
    expect(lab.near.ns.snmp.icmp.outMsgs).toBe(errors + 1);
    expect(lab.world.frames.count(Fate.PROTOCOL_UNREACHABLE)).toBe(1);
  });
});
