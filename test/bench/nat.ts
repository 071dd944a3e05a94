/**
 * The path of a guest behind NAT: netfront -> TX ring -> netback -> vif1.0 -> routing, conntrack, MASQUERADE -> eth0. The
 * frames of many UDP flows come in turn; what leaves by eth0 is counted and ended.
 */
import { put16, put32 } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import { ETHERNET_TRAITS, NetDevice } from "../../src/device/device.ts";
import { DeviceTable } from "../../src/device/device-table.ts";
import { World } from "../../src/device/world.ts";
import { Cpu } from "../../src/engine/cpu.ts";
import type { Nanos } from "../../src/engine/time.ts";
import type { Ipv4, Mac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { FramePool } from "../../src/packet/frame-pool.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import { Nud } from "../../src/stack/neighbour.ts";
import { Rule, type RuleSpec } from "../../src/stack/netfilter/rule.ts";
import { NetworkStack } from "../../src/stack/network-stack.ts";
import { type Domain, Hypervisor } from "../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../src/xen/netback-costs.ts";
import { Netfront } from "../../src/xen/netfront.ts";
import { NETFRONT_COSTS } from "../../src/xen/netfront-costs.ts";
import { ModernVif } from "../../src/xen/vif-modern.ts";

const GUEST_MAC = 0x0016_3e00_0001 as Mac;
const VIF_MAC = 0xfeff_ffff_ffff as Mac;
const GUEST = 0x0a00_0002 as Ipv4;
const GATEWAY = 0x0a00_0001 as Ipv4;
const OWN = 0xc633_6401 as Ipv4;
const NEXT = 0xc633_6409 as Ipv4;
const REMOTE = 0xcb00_7100;
const PAYLOAD = 18;
const HEADERS = ethernet.HEADER_LENGTH + ipv4.MIN_HEADER_LENGTH;
const PORTS = 50_000;
const BURST = 8;

const ANY_PORT = { fromPort: 0, toPort: 0, random: false, fullyRandom: false, persistent: false };
const MASQUERADE: RuleSpec = {
  ...{ source: null, destination: null, input: null, output: { name: "eth0", inverted: false } },
  ...{ protocol: null, fragment: null, matches: [] },
  target: { kind: "masquerade", range: { from: 0 as Ipv4, to: 0 as Ipv4, ...ANY_PORT } },
};

/** What the host does with the guest's frames. */
export type NatKind = "routing alone" | "conntrack and MASQUERADE";

/** eth0, as far as the host's own work goes. */
class Wire extends NetDevice {
  readonly kind = "";
  frames = 0;

  protected override startTransmit(frame: Frame): void {
    this.frames++;
    this.world.frames.finish(frame, Fate.DELIVERED);
  }
}

export class NatPath {
  readonly world = new World(1);
  private readonly hypervisor = new Hypervisor(this.world);
  private readonly table: DeviceTable;
  private readonly dom0: Domain;
  private readonly sender: Netfront;
  private readonly wire: Wire;
  private readonly flows: number;
  private readonly template: Frame;
  private next = 0;

  constructor(kind: NatKind, flows: number) {
    const { world } = this;
    this.flows = flows;
    const cpus = [0, 1, 2, 3].map(() => new Cpu(world.scheduler));
    this.dom0 = this.hypervisor.create("Domain-0", "", 1024, cpus);
    this.table = new DeviceTable(world, "xen1", cpus);
    const stack = new NetworkStack(this.table);
    stack.settings.setForwarding(1);
    this.wire = new Wire(this.table, "eth0", 0x0200_0000_0001 as Mac, ETHERNET_TRAITS);
    this.table.register(this.wire);
    this.wire.setUp(true);
    stack.addresses.add(this.wire, { address: OWN, prefix: 24 });
    this.sender = this.guest();
    const vif = this.table.find("vif1.0")!;
    stack.addresses.add(vif, { address: GATEWAY, prefix: 24 });
    stack.fib.add({ destination: 0 as Ipv4, prefix: 0, via: NEXT, device: this.wire });
    stack.neighbours.set(this.wire, NEXT, 0x0200_0000_0009 as Mac, Nud.PERMANENT, true);
    if (kind !== "routing alone") {
      const nat = stack.netfilter.table("nat");
      stack.netfilter.apply(nat, nat.insert(nat.establish("POSTROUTING")!, new Rule(MASQUERADE)));
    }
    this.template = this.packet();
    world.scheduler.runUntil(1e9 as Nanos);
    this.drive(Math.ceil(flows / BURST) * BURST);
  }

  /** Sends `count` frames in bursts; frames that left by eth0, and nanoseconds of real time each. */
  drive(count: number): { readonly delivered: number; readonly nanos: number } {
    const { world, sender } = this;
    const before = this.wire.frames;
    const pause = BURST * 2_500 + 60_000;
    const start = process.hrtime.bigint();
    for (let sent = 0; sent < count; sent += BURST) {
      for (let i = 0; i < BURST; i++) sender.transmit(this.frame());
      world.scheduler.runUntil((world.scheduler.now + pause) as Nanos);
    }
    world.scheduler.runUntil((world.scheduler.now + 10_000_000) as Nanos);
    const elapsed = Number(process.hrtime.bigint() - start);
    return { delivered: this.wire.frames - before, nanos: elapsed / count };
  }

  private guest(): Netfront {
    const { world, dom0, table } = this;
    const cpu = new Cpu(world.scheduler);
    const domain = this.hypervisor.create("web1", "", 256, [cpu]);
    const inside = new DeviceTable(world, "web1", [cpu]);
    const front = new Netfront({ table: inside, domain, handle: 0, costs: NETFRONT_COSTS }, "eth0", GUEST_MAC);
    inside.register(front);
    const vif = new ModernVif({ table, domain: dom0, frontend: domain.id, handle: 0, costs: NETBACK_COSTS });
    table.register(vif);
    const references = front.connect(dom0.id);
    vif.connect({
      domain,
      transmitRing: domain.grants.mapRing(references.transmitRing, dom0.id)!,
      receiveRing: domain.grants.mapRing(references.receiveRing, dom0.id)!,
      transmitChannel: dom0.events.bind(domain.events.find(references.transmitPort))!,
      receiveChannel: dom0.events.bind(domain.events.find(references.receivePort))!,
      features: { scatters: true, notifies: true, checksums: true },
    });
    front.start();
    front.setUp(true);
    vif.setUp(true);
    return front;
  }

  /** Of the next flow: another port, and every 50,000 another destination. No checksum, as UDP may. */
  private frame(): Frame {
    const flow = this.next++ % this.flows;
    const port = flow % PORTS;
    if (port === 0) this.address((REMOTE + Math.floor(flow / PORTS)) as Ipv4);
    const frame = this.world.frames.clone(this.template);
    put16(frame.bytes, frame.at + HEADERS, 10_000 + port);
    return frame;
  }

  private address(destination: Ipv4): void {
    const { bytes, at } = this.template;
    put32(bytes, at + ethernet.HEADER_LENGTH + 16, destination);
    ipv4.fillChecksum(bytes, at + ethernet.HEADER_LENGTH);
  }

  /** What all frames are clones of; it stays here, so that it is none of the world's. */
  private packet(): Frame {
    const frame = new FramePool().create(HEADERS + 8 + PAYLOAD);
    const b = frame.bytes;
    b.fill(0, frame.at, frame.end);
    ethernet.emit(b, frame.at, { destination: VIF_MAC, source: GUEST_MAC, etherType: ethernet.EtherType.IPV4 });
    const at = ipv4.emit(b, frame.at + ethernet.HEADER_LENGTH, {
      ...{ tos: 0, id: 0, dontFragment: true, moreFragments: false, fragmentOffset: 0, ttl: 64 },
      ...{ protocol: ipv4.Protocol.UDP, source: GUEST, destination: REMOTE as Ipv4 },
      ...{ options: ipv4.NO_OPTIONS, payloadLength: 8 + PAYLOAD },
    });
    put16(b, at + 2, 7000);
    put16(b, at + 4, 8 + PAYLOAD);
    return frame;
  }
}
