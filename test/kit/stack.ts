/**
 * Boxes with a network stack for tests: a device table, a namespace, lo and eth0 each, joined by a veth pair or by a
 * bridge. Everything is a class or plain data, so that a test can copy the whole graph.
 */
import type { FateCode } from "../../src/base/fate.ts";
import { Bridge } from "../../src/device/bridge.ts";
import { DeviceTable } from "../../src/device/device-table.ts";
import { Loopback } from "../../src/device/loopback.ts";
import type { Point, Tap } from "../../src/device/point.ts";
import { Veth, VethPair } from "../../src/device/veth.ts";
import { World } from "../../src/device/world.ts";
import { Cpu } from "../../src/engine/cpu.ts";
import type { Nanos } from "../../src/engine/time.ts";
import { type Ipv4, type Mac, parseCidr, parseIpv4 } from "../../src/packet/address.ts";
import { describe } from "../../src/packet/describe.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { NetworkStack } from "../../src/stack/network-stack.ts";
import type { Socket, SocketError, SocketOwner } from "../../src/stack/socket/socket.ts";
import { mac } from "./world.ts";

export const ip = (text: string): Ipv4 => parseIpv4(text)!;
export const cidr = (text: string) => parseCidr(text)!;

export class Box {
  readonly table: DeviceTable;
  readonly ns: NetworkStack;
  readonly eth0: Veth;

  constructor(world: World, name: string, address: Mac) {
    this.table = new DeviceTable(world, name, [new Cpu(world.scheduler)]);
    this.ns = new NetworkStack(this.table);
    const lo = new Loopback(this.table);
    this.table.register(lo);
    lo.setUp(true);
    this.eth0 = new Veth(this.table, "eth0", address);
    this.table.register(this.eth0);
  }

  /** `ip addr add ADDRESS brd + dev eth0`, then up. */
  configure(address: string): this {
    const { address: own, prefix } = cidr(address);
    const broadcast = ((own | (0xffff_ffff >>> prefix)) >>> 0) as Ipv4;
    this.ns.addresses.add(this.eth0, { address: own, prefix, broadcast });
    this.eth0.setUp(true);
    return this;
  }
}

/** A state of a lab that can be copied as a whole. */
export class Pair {
  readonly world = new World(7);
  readonly a = new Box(this.world, "a", mac("00:16:3e:00:00:01"));
  readonly b = new Box(this.world, "b", mac("00:16:3e:00:00:02"));
  readonly inbox = new Inbox();
  readonly log: FrameLog;

  constructor() {
    new VethPair(this.a.eth0, this.b.eth0);
    this.a.configure("192.168.1.101/24");
    this.b.configure("192.168.1.102/24");
    this.log = new FrameLog(this.world);
    for (const point of [this.a.eth0.rx, this.a.eth0.tx]) point.taps.add(this.log);
  }
}

/** Boxes on one bridge. */
export class Segment {
  readonly world = new World(7);
  readonly host = new DeviceTable(this.world, "switch", [new Cpu(this.world.scheduler)]);
  readonly bridge = new Bridge(this.host, "br0", mac("00:30:48:aa:bb:01"));

  constructor() {
    this.host.register(this.bridge);
    this.bridge.setUp(true);
  }

  /** A box on a new port. */
  box(name: string, address: Mac): Box {
    const box = new Box(this.world, name, address);
    const port = new Veth(this.host, `port-${name}`, mac("fe:ff:ff:ff:ff:ff"));
    this.host.register(port);
    new VethPair(box.eth0, port);
    this.bridge.addPort(port);
    port.setUp(true);
    return box;
  }
}

/** The owner of a socket: keeps what it is told. */
export class Inbox<Message = unknown> implements SocketOwner<Message> {
  readonly messages: Message[] = [];
  readonly errors: SocketError[] = [];

  received(_socket: Socket<Message>, message: Message): void {
    this.messages.push(message);
  }

  failed(_socket: Socket<Message>, error: SocketError): void {
    this.errors.push(error);
  }
}

/** Copies the frames it sees, and tells them as tcpdump would. */
export class FrameLog implements Tap {
  readonly seenFrames: {
    readonly time: Nanos;
    readonly id: number;
    readonly fate: FateCode;
    readonly bytes: Uint8Array;
  }[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
  }

  seen(frame: Frame, _point: Point, fate: FateCode): void {
    const bytes = frame.bytes.slice(frame.at, frame.end);
    this.seenFrames.push({ time: this.world.scheduler.now, id: frame.id, fate, bytes });
  }

  get lines(): string[] {
    return this.seenFrames.map(({ bytes }) => describe(bytes, 0, bytes.length, { link: true, verbose: true }));
  }

  /** Seconds, rounded to milliseconds. */
  get times(): number[] {
    return this.seenFrames.map(({ time }) => Math.round(time / 1e6) / 1e3);
  }

  clear(): void {
    this.seenFrames.length = 0;
  }
}
