/**
 * The frame path from guest to guest: netfront -> TX ring -> netback -> vif1.0 -> xenbr0 -> vif2.0 -> netback -> RX ring
 * -> netfront. Raw frames go into netfront; whoever arrives is counted and ended.
 */

import { put48 } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import { Bridge } from "../../src/device/bridge.ts";
import type { FrameSink } from "../../src/device/device.ts";
import { DeviceTable } from "../../src/device/device-table.ts";
import { World } from "../../src/device/world.ts";
import { Cpu } from "../../src/engine/cpu.ts";
import type { Nanos } from "../../src/engine/time.ts";
import { CaptureSet } from "../../src/lab/capture/capture-set.ts";
import { BROADCAST_MAC, type Mac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { type Domain, Hypervisor } from "../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../src/xen/netback-costs.ts";
import { Netfront } from "../../src/xen/netfront.ts";
import { NETFRONT_COSTS } from "../../src/xen/netfront-costs.ts";
import { ModernVif } from "../../src/xen/vif-modern.ts";

const FIRST_MAC = 0x0016_3e00_0001;
/** Of the receivers, from 0. */
const macOf = (receiver: number): Mac => (FIRST_MAC + 1 + receiver) as Mac;

/** Of an Ethernet header and two bytes. */
const HEADER_WORDS = 4;

function header(destination: Mac): Int32Array {
  const bytes = new Uint8Array(4 * HEADER_WORDS);
  ethernet.emit(bytes, 0, { destination, source: FIRST_MAC as Mac, etherType: ethernet.EtherType.IPV4 });
  return new Int32Array(bytes.buffer);
}

export interface PathOptions {
  readonly captures?: boolean;
  readonly records?: boolean;
  /** Behind the bridge; 2 unless told. The first sends to each of the others in turn. */
  readonly guests?: number;
}

class Counter implements FrameSink {
  private readonly world: World;
  frames = 0;

  constructor(world: World) {
    this.world = world;
  }

  receive(frame: Frame): void {
    this.frames++;
    this.world.frames.finish(frame, Fate.DELIVERED);
  }
}

/** Guests behind one bridge, connected and forwarding. */
export class Path {
  readonly world = new World(1);
  private readonly dom0: Domain;
  private readonly table: DeviceTable;
  private readonly hypervisor: Hypervisor;
  private readonly bridge: Bridge;
  private readonly sender: Netfront;
  private readonly counter: Counter;
  private readonly receivers: number;
  private next = 0;
  private readonly headers: readonly Int32Array[];
  readonly captures: CaptureSet | null;
  bytesTaken = 0;

  constructor(options: PathOptions = {}) {
    const { world } = this;
    this.hypervisor = new Hypervisor(world);
    const cpus = [0, 1, 2, 3].map(() => new Cpu(world.scheduler));
    this.dom0 = this.hypervisor.create("Domain-0", "", 1024, cpus);
    this.table = new DeviceTable(world, "xen1", cpus);
    const plan = { name: "bench", epoch: 0, capture: { all: true, points: [] } };
    this.captures = options.captures
      ? new CaptureSet(world, new Map(), plan, { format: "pcapng", merged: false })
      : null;
    this.captures?.follow(this.table);
    if (options.records) world.recorder.start();
    this.bridge = new Bridge(this.table, "xenbr0", 0x0200_0000_0001 as Mac);
    this.table.register(this.bridge);
    this.bridge.setUp(true);
    this.counter = new Counter(world);
    this.sender = this.guest("web1", FIRST_MAC as Mac);
    this.receivers = (options.guests ?? 2) - 1;
    this.headers = Array.from({ length: this.receivers }, (_, i) => header(macOf(i)));
    const fronts = Array.from({ length: this.receivers }, (_, i) => this.guest(`web${i + 2}`, macOf(i)));
    world.scheduler.runUntil(1e9 as Nanos);
    for (const [i, front] of fronts.entries()) this.introduce(front, macOf(i));
  }

  private guest(name: string, mac: Mac): Netfront {
    const { world, dom0, table } = this;
    const cpu = new Cpu(world.scheduler);
    const domain = this.hypervisor.create(name, "", 256, [cpu]);
    const inside = new DeviceTable(world, name, [cpu]);
    this.captures?.follow(inside);
    const front = new Netfront({ table: inside, domain, handle: 0, costs: NETFRONT_COSTS }, "eth0", mac);
    inside.register(front);
    const vif = new ModernVif({ table, domain: dom0, frontend: domain.id, handle: 0, costs: NETBACK_COSTS });
    table.register(vif);
    this.bridge.addPort(vif);
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
    front.upper = this.counter;
    return front;
  }

  /** One frame the other way, so that the bridge knows where a receiver is and nothing floods. */
  private introduce(receiver: Netfront, mac: Mac): void {
    const frame = this.frame(60);
    put48(frame.bytes, frame.at, FIRST_MAC);
    put48(frame.bytes, frame.at + 6, mac);
    receiver.transmit(frame);
    this.settle();
  }

  /** To the next receiver. The headers were made before, as the kernel's sender has them: what is measured is the path. */
  private frame(length: number): Frame {
    const frame = this.world.frames.create(length);
    const header = this.headers[this.next]!;
    if (++this.next === this.receivers) this.next = 0;
    const at = frame.at >> 2;
    for (let i = 0; i < HEADER_WORDS; i++) frame.words[at + i] = header[i]!;
    return frame;
  }

  private settle(): void {
    this.world.scheduler.runUntil((this.world.scheduler.now + 10_000_000) as Nanos);
  }

  /** Sends `count` frames in bursts; frames delivered, and nanoseconds of real time each. */
  drive(count: number, length: number, burst: number): { readonly delivered: number; readonly nanos: number } {
    const { world, sender } = this;
    const before = this.counter.frames;
    const pause = burst * 2_500 + 60_000;
    const start = process.hrtime.bigint();
    for (let sent = 0; sent < count; sent += burst) {
      for (let i = 0; i < burst; i++) sender.transmit(this.frame(length));
      world.scheduler.runUntil((world.scheduler.now + pause) as Nanos);
      if (this.captures !== null) this.drain();
    }
    this.settle();
    const elapsed = Number(process.hrtime.bigint() - start);
    return { delivered: this.counter.frames - before, nanos: elapsed / count };
  }

  /** Sends `count` frames to everybody, one at a time; copies delivered, and nanoseconds of real time each. */
  flood(count: number): { readonly delivered: number; readonly nanos: number } {
    const { world } = this;
    const before = this.counter.frames;
    const start = process.hrtime.bigint();
    for (let sent = 0; sent < count; sent++) {
      const frame = this.frame(60);
      put48(frame.bytes, frame.at, BROADCAST_MAC);
      this.sender.transmit(frame);
      world.scheduler.runUntil((world.scheduler.now + 60_000 + 2_500 * this.receivers) as Nanos);
    }
    this.settle();
    const elapsed = Number(process.hrtime.bigint() - start);
    const delivered = this.counter.frames - before;
    return { delivered, nanos: elapsed / delivered };
  }

  private drain(): void {
    if (this.captures!.pending < 64 * 1024) return;
    for (const file of this.captures!.list)
      file.drain((bytes) => {
        this.bytesTaken += bytes.length;
      });
  }

  get unaccounted(): number {
    return this.world.frames.alive;
  }
}
