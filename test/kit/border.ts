/**
 * One guest and its vif without machines: netfront in the guest, netback in dom0, whoever receives on either side is a
 * collector. `Rogue` is a guest whose driver is the test: it writes requests word by word.
 */

import { expect } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { FrameSink, NetDevice } from "../../src/device/device.ts";
import { DeviceTable } from "../../src/device/device-table.ts";
import type { World } from "../../src/device/world.ts";
import { World as NewWorld } from "../../src/device/world.ts";
import { Cpu } from "../../src/engine/cpu.ts";
import type { Frame } from "../../src/packet/frame.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import { type Domain, Hypervisor } from "../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../src/xen/netback-costs.ts";
import type { ReceiverFeatures } from "../../src/xen/netback-device.ts";
import type { Netfront } from "../../src/xen/netfront.ts";
import { NETFRONT_COSTS } from "../../src/xen/netfront-costs.ts";
import { pack, txEntry } from "../../src/xen/netif.ts";
import type { SharedRing } from "../../src/xen/ring.ts";
import { FrontRing } from "../../src/xen/ring.ts";
import type { Vif } from "../../src/xen/vif.ts";
import { ALICE, BOB, Collector, frameOf, runFor } from "./world.ts";

export const MILLISECOND = 1_000_000;
export const SECOND = 1_000_000_000;

export class Border {
  readonly world: World;
  readonly hypervisor: Hypervisor;
  readonly dom0: Domain;
  readonly table: DeviceTable;
  readonly guest: Domain;
  readonly inside: DeviceTable;
  readonly front: Netfront;
  readonly vif: Vif;
  /** What the frontend tells of itself. */
  features: ReceiverFeatures = { scatters: true, notifies: true, checksums: true };
  /** What dom0 got from the guest, and the guest from dom0. */
  readonly host = new Collector();
  readonly received = new Collector();

  /** `connected`: rings shared, both devices up, "Guest Rx ready". `neighbour`: a guest of the same host. */
  constructor(
    connected = true,
    world: World = new NewWorld(3),
    kind: BorderKind = MODERN,
    neighbour: Border | null = null,
  ) {
    this.world = world;
    const { scheduler } = world;
    const cpus = [new Cpu(scheduler), new Cpu(scheduler), new Cpu(scheduler)];
    this.hypervisor = neighbour?.hypervisor ?? new Hypervisor(world);
    this.dom0 = neighbour?.dom0 ?? this.hypervisor.create("Domain-0", "", 1024, cpus);
    this.table = neighbour?.table ?? new DeviceTable(world, "xen1", cpus);
    const vcpus = [new Cpu(scheduler)];
    this.guest = this.hypervisor.create("web1", "", 256, vcpus);
    this.inside = new DeviceTable(world, "web1", vcpus);
    const inside = { table: this.inside, domain: this.guest, handle: 0, costs: NETFRONT_COSTS };
    this.front = kind.makeNetfront(inside, "eth0", ALICE);
    this.inside.register(this.front);
    const outside = { table: this.table, domain: this.dom0, frontend: this.guest.id, handle: 0, costs: NETBACK_COSTS };
    this.vif = kind.makeVif(outside);
    this.table.register(this.vif);
    this.front.upper = this.received;
    this.vif.upper = this.host;
    if (connected) this.connect();
  }

  connect(): void {
    this.share();
    this.front.start();
    this.front.setUp(true);
    this.vif.setUp(true);
    this.run(MILLISECOND);
  }

  /** Rings, grants and channels from the guest, mapped and bound in dom0. */
  share(): void {
    const { front, guest, dom0, vif } = this;
    const references = front.connect(dom0.id);
    const transmitChannel = dom0.events.bind(guest.events.find(references.transmitPort))!;
    const isShared = references.receivePort === references.transmitPort;
    vif.connect({
      domain: guest,
      transmitRing: guest.grants.mapRing(references.transmitRing, dom0.id)!,
      receiveRing: guest.grants.mapRing(references.receiveRing, dom0.id)!,
      transmitChannel,
      receiveChannel: isShared ? transmitChannel : dom0.events.bind(guest.events.find(references.receivePort))!,
      features: this.features,
    });
  }

  disconnect(): void {
    this.front.disconnect();
    this.vif.disconnect();
  }

  run(time: number = SECOND): void {
    runFor(this.world, time);
  }

  /** The guest sends; the frames' numbers. */
  send(count: number, length = 60): number[] {
    return Array.from({ length: count }, () => this.give(this.front, frameOf(this.world, BOB, ALICE, length)));
  }

  /** dom0 sends to the guest; the frames' numbers. */
  feed(count: number, length = 60): number[] {
    return Array.from({ length: count }, () => this.give(this.vif, frameOf(this.world, ALICE, BOB, length)));
  }

  private give(device: Netfront | Vif, frame: Frame): number {
    const { id } = frame;
    device.transmit(frame);
    return id;
  }

  get transmitPage(): SharedRing {
    return this.front.transmitRing!.ring.page;
  }

  get receivePage(): SharedRing {
    return this.front.receiveRing!.ring.page;
  }

  /** dom0's kernel log, without what other tests look at. */
  get log(): string[] {
    return this.table.log.lines.map(({ text }) => text);
  }
}

/** Ends what it gets and keeps little of it: time, number, length and a hash of the bytes. For long runs. */
export class Tally implements FrameSink {
  readonly lines: string[] = [];

  receive(frame: Frame, device: NetDevice): void {
    const { world } = device;
    let hash = 0;
    for (let at = frame.at; at < frame.end; at++) hash = (Math.imul(hash, 31) + frame.bytes[at]!) | 0;
    this.lines.push(`${world.scheduler.now} ${frame.id} ${frame.length} ${hash}`);
    world.frames.finish(frame, Fate.CONSUMED);
  }
}

/** One slot as a guest may write it. */
export interface Slot {
  readonly reference: number;
  readonly offset?: number;
  readonly flags?: number;
  readonly id?: number;
  readonly size: number;
}

/** A guest that writes its transmit ring by hand: the same world, another driver. */
export class Rogue extends Border {
  readonly front2: FrontRing;
  private readonly pages: number;
  private nextPage = 0;

  constructor(kind: BorderKind = MODERN, neighbour: Border | null = null) {
    super(true, neighbour?.world ?? new NewWorld(3), kind, neighbour);
    this.front2 = new FrontRing(this.transmitPage);
    // netfront's own server must not hear of answers that are not its own.
    this.guest.events.find(8)!.handler = null;
    this.pages = this.guest.grants.reserve(64);
  }

  /** Grants a page of a new frame of `length` bytes; its reference. */
  page(length = 4096, peer = 0): number {
    const frame = this.world.frames.create(length);
    frame.bytes.fill(0, frame.at, frame.end);
    const reference = this.pages + this.nextPage++;
    this.guest.grants.grant(reference, peer, frame, 0, true);
    return reference;
  }

  write(...slots: readonly Slot[]): void {
    const words = this.transmitPage.words;
    for (const { reference, offset = 64, flags = 0, id = 0, size } of slots) {
      const entry = txEntry(this.front2.requestProducer++);
      words[entry] = reference;
      words[entry + 1] = pack(offset, flags);
      words[entry + 2] = pack(id, size);
    }
  }

  /** An extra info: type, whether another follows, and what its union holds. */
  writeExtra(type: number, more = false, first = 0, second = 0): void {
    const words = this.transmitPage.words;
    const entry = txEntry(this.front2.requestProducer++);
    words[entry] = pack(type | (more ? 0x100 : 0), first);
    words[entry + 1] = second;
  }

  publish(time: number = MILLISECOND): void {
    if (this.front2.push()) this.guest.events.find(8)!.notify();
    this.run(time);
  }

  /** Answers so far: id and status of each. */
  get answers(): [id: number, status: number][] {
    const answers: [number, number][] = [];
    while (this.front2.waiting > 0) {
      const word = this.transmitPage.words[txEntry(this.front2.responseConsumer++)]!;
      answers.push([word & 0xffff, word >> 16]);
    }
    return answers;
  }
}

/** The device lives: a good frame still passes. */
export function expectAlive(rogue: Rogue): void {
  const before = rogue.host.got.length;
  rogue.write({ reference: rogue.page(), id: 77, size: 60 });
  rogue.publish();
  expect(rogue.answers).toEqual([[77, 0]]);
  expect(rogue.host.got.length).toBe(before + 1);
  expect([rogue.vif.disabled, rogue.vif.carrier]).toEqual([false, true]);
}
