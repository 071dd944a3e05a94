/**
 * A small lab for tests of devices: one machine with two CPUs, sinks that end frames, taps that write down what they see,
 * and the ledger of promise P2. Everything is a class, so that a test can copy the whole graph.
 */
import { expect } from "vitest";
import { toHex } from "../../src/base/bytes.ts";
import { Fate, type FateCode } from "../../src/base/fate.ts";
import type { CableEnd, Plug } from "../../src/device/cable.ts";
import { ETHERNET_TRAITS, type FrameSink, NetDevice } from "../../src/device/device.ts";
import { DeviceTable } from "../../src/device/device-table.ts";
import type { Point, Tap } from "../../src/device/point.ts";
import { World } from "../../src/device/world.ts";
import { Cpu } from "../../src/engine/cpu.ts";
import { type Nanos, nanos } from "../../src/engine/time.ts";
import { BROADCAST_MAC, type Mac, parseMac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import type { Frame } from "../../src/packet/frame.ts";

export const mac = (text: string): Mac => parseMac(text)!;
export const ALICE = mac("00:16:3e:00:00:0a");
export const BOB = mac("00:16:3e:00:00:0b");
export const CAROL = mac("00:16:3e:00:00:0c");
/** The experimental EtherType of IEEE 802: nobody parses it. */
const EXPERIMENT = 0x88b5;

export function newTable(world = new World(7), machine = "xen1"): DeviceTable {
  return new DeviceTable(world, machine, [new Cpu(world.scheduler), new Cpu(world.scheduler)]);
}

/** A living frame of `length` bytes; its payload is its number, so that copies can be told apart. */
export function frameOf(world: World, destination: Mac, source: Mac, length = 60): Frame {
  const frame = world.frames.create(length);
  frame.bytes.fill(frame.id & 255, frame.at, frame.end);
  if (length >= ethernet.HEADER_LENGTH)
    ethernet.emit(frame.bytes, frame.at, { destination, source, etherType: EXPERIMENT });
  return frame;
}

export const broadcastFrom = (world: World, source: Mac, length = 60): Frame =>
  frameOf(world, BROADCAST_MAC, source, length);

/** Runs to `time` (nanoseconds, absolute) or, without it, until nothing is left to do. */
export function run(world: World, time?: number): void {
  if (time !== undefined) world.scheduler.runUntil(nanos(time));
  else while (world.scheduler.step());
}

/** Runs `time` nanoseconds further: for worlds in which something always ticks. */
export const runFor = (world: World, time: number): void => run(world, world.scheduler.now + time);

/** Promise P2: created + cloned = fates + alive. After draining nothing is alive. */
export function expectBalanced(world: World, alive = 0): void {
  const { created, cloned, fates } = world.frames;
  const ended = fates.reduce((sum, count) => sum + count, 0);
  expect({ alive: world.frames.alive, sum: ended + alive }).toEqual({ alive, sum: created + cloned });
}

/** Ends what it gets, as a stack would, and remembers it. */
export class Collector implements FrameSink {
  readonly got: { time: Nanos; id: number; length: number; bytes: string; device: string }[] = [];

  receive(frame: Frame, device: NetDevice): void {
    const { world } = device;
    const bytes = toHex(frame.bytes, frame.at, frame.end);
    this.got.push({ time: world.scheduler.now, id: frame.id, length: frame.length, bytes, device: device.name });
    world.frames.finish(frame, Fate.CONSUMED);
  }

  get ids(): number[] {
    return this.got.map((each) => each.id);
  }
}

/** The far end of a cable, without a device: ends what arrives. */
export class PlugProbe implements Plug {
  readonly world: World;
  readonly end: CableEnd;
  readonly got: { time: Nanos; id: number; length: number; intact: boolean; bytes: string }[] = [];
  readonly links: boolean[] = [];
  sentCount = 0;

  constructor(world: World, end: CableEnd) {
    this.world = world;
    this.end = end;
    end.attach(this);
    end.setReady(true);
  }

  arrived(frame: Frame, intact: boolean): void {
    const bytes = toHex(frame.bytes, frame.at, frame.end);
    this.got.push({ time: this.world.scheduler.now, id: frame.id, length: frame.length, intact, bytes });
    this.world.frames.finish(frame, Fate.CONSUMED);
  }

  linkChanged(up: boolean): void {
    this.links.push(up);
  }

  sent(): void {
    this.sentCount++;
  }
}

/** A device whose driver remembers what it sends: the port of a bridge under test, say. */
export class StubDevice extends NetDevice {
  readonly kind = "";
  readonly out: { time: Nanos; id: number; length: number; bytes: string }[] = [];
  mbits = 0;
  /** Called for every device of a flood, in order. */
  readonly order: string[];

  constructor(table: DeviceTable, name: string, address: Mac, order: string[] = []) {
    super(table, name, address, ETHERNET_TRAITS);
    this.order = order;
  }

  override get speed(): number {
    return this.mbits;
  }

  protected override startTransmit(frame: Frame): void {
    this.order.push(this.name);
    const bytes = toHex(frame.bytes, frame.at, frame.end);
    this.out.push({ time: this.world.scheduler.now, id: frame.id, length: frame.length, bytes });
    this.counters.txPackets++;
    this.counters.txBytes += frame.length;
    this.world.frames.finish(frame, Fate.CONSUMED);
  }

  /** As if it came off the wire. */
  arrive(frame: Frame): number {
    const { id } = frame;
    this.counters.rxPackets++;
    this.counters.rxBytes += frame.length;
    this.deliver(frame);
    return id;
  }
}

/** Writes down what it sees: one line per frame. */
export class TapLog implements Tap {
  readonly lines: string[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    const what = `${point.name} ${point.kind} ${fate} #${frame.id} ${frame.length}`;
    this.lines.push(`${this.world.scheduler.now} ${what}`);
  }

  /** At every point there is so far. */
  listenEverywhere(): this {
    for (const point of this.world.points) point.taps.add(this);
    return this;
  }

  count(word: string): number {
    return this.lines.filter((line) => line.includes(` ${word} `)).length;
  }
}
