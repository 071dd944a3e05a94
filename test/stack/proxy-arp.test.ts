import { describe, expect, it } from "vitest";
import { Fate, type FateCode } from "../../src/base/fate.ts";
import { Veth, VethPair } from "../../src/device/veth.ts";
import { World } from "../../src/device/world.ts";
import { type Nanos, seconds } from "../../src/engine/time.ts";
import { BROADCAST_MAC, type Mac, ZERO_MAC } from "../../src/packet/address.ts";
import * as arp from "../../src/packet/arp.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { Nud } from "../../src/stack/neighbour.ts";
import { Box, cidr, FrameLog, ip } from "../kit/stack.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";

const ASKER = mac("00:30:48:00:00:99");
const GUEST = ip("192.168.1.11");
const GATEWAY = ip("192.168.1.1");

/** The LAN 192.168.1.0/24 on eth0; a guest of the same subnet behind vif1.0, as vif-route leaves it. */
class Dom0 {
  readonly world: World;
  readonly box: Box;
  readonly vif: Veth;
  readonly log: FrameLog;

  constructor(seed = 3) {
    this.world = new World(seed);
    this.box = new Box(this.world, "dom0", mac("00:1e:c9:4a:11:22"));
    const { table, ns, eth0 } = this.box;
    this.vif = new Veth(table, "vif1.0", mac("fe:ff:ff:ff:ff:ff"));
    for (const device of [this.vif, this.far("lan0"), this.far("guest0")]) table.register(device);
    new VethPair(eth0, table.find("lan0") as Veth);
    new VethPair(this.vif, table.find("guest0") as Veth);
    for (const device of table.devices) device.setUp(true);
    this.box.configure("192.168.1.10/24");
    ns.addresses.add(this.vif, cidr("192.168.1.10/32"));
    ns.fib.add({ destination: GUEST, prefix: 32, device: this.vif });
    this.log = new FrameLog(this.world);
    eth0.tx.taps.add(this.log);
    this.vif.tx.taps.add(this.log);
    this.set("net/ipv4/ip_forward", 1);
  }

  /** The other end of a wire: it hears, and answers nothing. */
  private far(name: string): Veth {
    const device = new Veth(this.box.table, name, mac("02:00:00:00:00:01"));
    device.setFlag("arp", false);
    return device;
  }

  set(path: string, value: number): this {
    expect(this.box.ns.sysctls.set(path, String(value))).toBeNull();
    return this;
  }

  proxying(name: string): this {
    return this.set(`net/ipv4/conf/${name}/proxy_arp`, 1);
  }

  /** An ARP request arrives at `device`; answers by what MACs it was answered in the time given, and when. */
  ask(device: Veth, packet: Partial<arp.Packet>, to: Mac = BROADCAST_MAC, wait = seconds(2)): [string, number][] {
    const bytes = new Uint8Array(42);
    const full = { operation: 1, senderMac: ASKER, senderIp: GATEWAY, targetMac: ZERO_MAC, targetIp: GUEST, ...packet };
    const header = { destination: to, source: ASKER, etherType: ethernet.EtherType.ARP };
    arp.emit(bytes, ethernet.emit(bytes, 0, header), full);
    const start = this.world.scheduler.now;
    this.log.clear();
    device.deliver(this.world.frames.from(bytes));
    runFor(this.world, wait);
    return this.log.seenFrames.map(({ time }, i) => [this.log.lines[i]!.replace(/.*\), /, ""), since(start, time)]);
  }

  ends(fate: FateCode): number {
    return this.world.frames.count(fate);
  }
}

/** Milliseconds. */
const since = (start: Nanos, time: Nanos): number => (time - start) / 1e6;

describe("proxy_arp", () => {
  it("answers for a routed guest after a random while of at most proxy_delay, and learns who asked", () => {
    const delays = new Set<number>();
    for (let seed = 1; seed <= 40; seed++) {
      const lab = new Dom0(seed).proxying("eth0");
      const answers = lab.ask(lab.box.eth0, {});
      expect(answers).toHaveLength(1);
      const [text, delay] = answers[0]!;
      expect(text).toBe("Reply 192.168.1.11 is-at 00:1e:c9:4a:11:22, length 28");
      expect(delay).toBeGreaterThanOrEqual(0);
      expect(delay).toBeLessThan(800);
      delays.add(delay);
      expect(lab.box.ns.neighbours.find(lab.box.eth0.index, GATEWAY)).toMatchObject({ mac: ASKER, state: Nud.STALE });
      expectBalanced(lab.world);
    }
    expect(delays.size).toBeGreaterThan(35);
    expect(Math.max(...delays)).toBeGreaterThan(600);
    expect(Math.min(...delays)).toBeLessThan(200);
  });

  it("answers at once when asked by unicast, or with proxy_delay 0", () => {
    const lab = new Dom0().proxying("eth0");
    expect(lab.ask(lab.box.eth0, {}, lab.box.eth0.mac)).toEqual([[expect.stringContaining("Reply"), 0]]);
    lab.set("net/ipv4/neigh/eth0/proxy_delay", 0);
    expect(lab.ask(lab.box.eth0, {})).toEqual([[expect.stringContaining("Reply"), 0]]);
  });

  it("answers the guest for the LAN as well", () => {
    const lab = new Dom0().proxying("vif1.0");
    const question = { senderIp: GUEST, targetIp: GATEWAY };
    expect(lab.ask(lab.vif, question).map(([text]) => text)).toEqual([
      "Reply 192.168.1.1 is-at fe:ff:ff:ff:ff:ff, length 28",
    ]);
  });

  it("judges a waiting question anew: switched off meanwhile, nobody answers", () => {
    const lab = new Dom0().proxying("eth0");
    expect(lab.ask(lab.box.eth0, {}, BROADCAST_MAC, seconds(0))).toEqual([]);
    lab.set("net/ipv4/conf/eth0/proxy_arp", 0);
    runFor(lab.world, seconds(1));
    expect(lab.log.lines).toEqual([]);
    expect(lab.ends(Fate.ARP_NOT_PROXIED)).toBe(1);
  });

  it("keeps at most proxy_qlen questions and loses them with the device", () => {
    const lab = new Dom0().proxying("eth0").set("net/ipv4/neigh/eth0/proxy_qlen", 3);
    for (let i = 0; i < 6; i++) lab.ask(lab.box.eth0, {}, BROADCAST_MAC, seconds(0));
    expect(lab.ends(Fate.ARP_PROXY_QUEUE_FULL)).toBe(2);
    lab.box.eth0.setUp(false);
    expect(lab.ends(Fate.LINK_LOST)).toBe(4);
    runFor(lab.world, seconds(2));
    expectBalanced(lab.world);
  });

  it("answers for addresses named one by one, on one device or on all, without proxy_arp", () => {
    const lab = new Dom0();
    const { proxies } = lab.box.ns;
    expect(lab.ask(lab.box.eth0, {})).toEqual([]);
    proxies.add(GUEST, lab.box.eth0);
    expect(lab.ask(lab.box.eth0, {})).toHaveLength(1);
    proxies.delete(GUEST, lab.box.eth0);
    proxies.add(GUEST, null);
    expect(lab.ask(lab.box.eth0, {})).toHaveLength(1);
    lab.box.eth0.setUp(false);
    expect(proxies.list()).toEqual([{ address: GUEST, device: null }]);
  });

  it("answers back into the same segment only with proxy_arp_pvlan, and never a question about the asker", () => {
    const lab = new Dom0().set("net/ipv4/conf/eth0/proxy_arp_pvlan", 1);
    const other = ip("192.168.1.77");
    expect(lab.ask(lab.box.eth0, { targetIp: other })).toHaveLength(1);
    expect(lab.ask(lab.box.eth0, { targetIp: other, senderIp: other })).toEqual([]);
  });

  it("says why nobody answers", () => {
    const lab = new Dom0();
    const { ns, eth0 } = lab.box;
    const asked = (packet: Partial<arp.Packet> = {}): FateCode[] => {
      const before = Object.values(Fate).map((fate) => lab.ends(fate));
      expect(lab.ask(eth0, packet)).toEqual([]);
      return Object.values(Fate).filter((fate, i) => fate > Fate.CONSUMED && lab.ends(fate) > before[i]!);
    };
    expect(asked()).toEqual([Fate.ARP_NOT_PROXIED]);
    expect(asked({ targetIp: ip("192.168.1.77") })).toEqual([Fate.ARP_NOT_FOR_US]);
    lab.proxying("eth0").set("net/ipv4/ip_forward", 0);
    expect(asked()).toEqual([Fate.ARP_PROXY_NOT_FORWARDING]);
    lab.set("net/ipv4/ip_forward", 1);
    expect(asked({ targetIp: ip("192.168.1.77") })).toEqual([Fate.ARP_NOT_FOR_US]);
    expect(asked({ targetIp: ip("10.0.0.1") })).toEqual([Fate.ARP_PROXY_NO_ROUTE]);
    ns.fib.add({ destination: ip("0.0.0.0"), prefix: 0, via: GATEWAY });
    expect(asked({ targetIp: ip("10.0.0.1") })).toEqual([Fate.ARP_PROXY_SAME_DEVICE]);
    expect(asked({ senderIp: ip("192.168.1.10") })).toEqual([Fate.ARP_SENDER_REFUSED]);
    lab.set("net/ipv4/conf/all/arp_ignore", 8);
    expect(asked({ targetIp: ip("192.168.1.10") })).toEqual([Fate.ARP_SUPPRESSED]);
    expectBalanced(lab.world);
  });
});
