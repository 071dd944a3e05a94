/**
 * The wire between two plugs: rate, delay, jitter, and what can go wrong with a frame on it. Times follow IEEE 802.3:
 * a frame occupies the wire for itself and 24 bytes more (preamble 8, check sequence 4, gap 12); 1514 bytes at 1 Gbit/s
 * take 12.304 us. The impairments are those of Linux netem, uncorrelated; a reordered frame is held back, where netem sends
 * it before its time.
 *
 * Not modelled: half duplex and collisions, pause frames (802.3x), autonegotiation (see nic.ts).
 */

import { get8, put8 } from "../base/bytes.ts";
import { Fate, type FateCode } from "../base/fate.ts";
import { invariant } from "../base/invariant.ts";
import type { Random } from "../engine/random.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { type Nanos, ZERO } from "../engine/time.ts";
import * as ethernet from "../packet/ethernet.ts";
import { clearNotes, type Frame } from "../packet/frame.ts";
import { settle } from "../packet/frame-pool.ts";
import * as vlan from "../packet/vlan.ts";
import type { Point } from "./point.ts";
import type { World } from "./world.ts";

/** What sits at the end of a cable: a NIC, a switch port. */
export interface Plug {
  /** A frame came off the wire, the plug's own from now on; not `intact`: its check sequence is wrong. */
  arrived(frame: Frame, intact: boolean): void;
  linkChanged(up: boolean): void;
  /** The frame handed to `CableEnd.send` has left: the wire is free for the next. */
  sent(): void;
}

export interface CableOptions {
  /** Bits per second; 0 is infinitely fast. */
  readonly rate: number;
  readonly delay: Nanos;
  /** Most that one frame's delay differs from `delay`, up or down. Order is kept all the same. */
  readonly jitter: Nanos;
  /** Probabilities per frame, 0 to 1. */
  readonly loss: number;
  readonly duplicate: number;
  readonly corrupt: number;
  readonly reorder: number;
  /** How long a reordered frame is held back: others overtake it. */
  readonly reorderGap: Nanos;
  /** Longest payload in bytes, without Ethernet header and tag; 0 is no limit. */
  readonly mtu: number;
}

export const PERFECT_CABLE: CableOptions = {
  rate: 0,
  delay: ZERO,
  jitter: ZERO,
  loss: 0,
  duplicate: 0,
  corrupt: 0,
  reorder: 0,
  reorderGap: 1_000_000 as Nanos,
  mtu: 0,
};

/** Preamble and start delimiter 8, frame check sequence 4, interpacket gap 12. */
const WIRE_OVERHEAD = 24;
/** `Random.below` reaches no further. */
const MAX_JITTER = 2_000_000_000;

/** How long `length` bytes (without check sequence) occupy a wire of `rate` bits per second. */
export function wireTime(length: number, rate: number): Nanos {
  if (rate === 0) return ZERO;
  return Math.round(((Math.max(length, ethernet.MIN_FRAME_LENGTH) + WIRE_OVERHEAD) * 8e9) / rate) as Nanos;
}

export class Cable {
  readonly world: World;
  readonly name: string;
  /** Can be changed while frames are under way: it holds for the next ones. */
  options: CableOptions;
  plugged = true;
  /** Both ends are ready and the cable is plugged. */
  link = false;
  /** Counts the pulls: a frame that left before one does not arrive after it. */
  epoch = 0;
  /** Where frames are lost. */
  readonly lost: Point;
  readonly a: CableEnd;
  readonly b: CableEnd;

  /** `name` is what a drop is reported at, e.g. "lan:xen1-eth0", and names the streams of chance. */
  constructor(world: World, name: string, options: Partial<CableOptions> = {}, machine = "") {
    this.world = world;
    this.name = name;
    this.options = { ...PERFECT_CABLE, ...options };
    this.lost = world.point(machine, name, "drop");
    this.a = new CableEnd(this, world.random(`cable.${name}.a`));
    this.b = new CableEnd(this, world.random(`cable.${name}.b`));
    this.a.peer = this.b;
    this.b.peer = this.a;
  }

  /** Pulls the cable out, or plugs it in. Frames under way are lost. */
  setPlugged(plugged: boolean): void {
    if (plugged === this.plugged) return;
    this.plugged = plugged;
    if (!plugged) this.epoch++;
    this.refreshLink();
  }

  /** For `CableEnd`: an end got ready or stopped being so. */
  refreshLink(): void {
    const link = this.plugged && this.a.ready && this.b.ready;
    if (link === this.link) return;
    this.link = link;
    this.a.plug?.linkChanged(link);
    this.b.plug?.linkChanged(link);
  }

  lose(frame: Frame, fate: FateCode): void {
    this.world.end(frame, fate, this.lost);
  }
}

const SENT = 1;
const SENT_DAMAGED = 2;
const ARRIVE = 3;
const ARRIVE_DAMAGED = 4;

/** One end, and the direction that leads away from it. */
export class CableEnd implements EventTarget {
  private readonly cable: Cable;
  private readonly random: Random;
  /** Set once, by the cable. */
  peer: CableEnd | null = null;
  plug: Plug | null = null;
  /** The plug is powered: without that at both ends there is no link. */
  ready = false;
  /** A frame occupies the wire. */
  busy = false;
  private lastArrival = ZERO;

  constructor(cable: Cable, random: Random) {
    this.cable = cable;
    this.random = random;
  }

  get link(): boolean {
    return this.cable.link;
  }

  attach(plug: Plug): void {
    invariant(this.plug === null, `two plugs at one end of cable ${this.cable.name}`);
    this.plug = plug;
  }

  setReady(ready: boolean): void {
    this.ready = ready;
    this.cable.refreshLink();
  }

  /** Sends one frame; the next one only after `sent`, which may come before this returns. */
  send(frame: Frame, intact: boolean): void {
    invariant(!this.busy, `cable ${this.cable.name} carries two frames at once`);
    const time = wireTime(frame.length, this.cable.options.rate);
    this.busy = true;
    if (time === 0) this.leave(frame, intact, this.cable.epoch);
    else this.scheduler.after(time, this, intact ? SENT : SENT_DAMAGED, this.cable.epoch, frame);
  }

  private get scheduler() {
    return this.cable.world.scheduler;
  }

  handle(operation: number, epoch: number, subject: unknown): void {
    const frame = subject as Frame;
    if (operation === SENT || operation === SENT_DAMAGED) this.leave(frame, operation === SENT, epoch);
    else if (epoch === this.cable.epoch) this.peer!.plug!.arrived(frame, operation === ARRIVE);
    else this.cable.lose(frame, Fate.CABLE_UNPLUGGED);
  }

  /** The last bit is on the wire: lent pages go back, and the sender may go on. */
  private leave(frame: Frame, intact: boolean, epoch: number): void {
    this.busy = false;
    settle(frame);
    clearNotes(frame);
    const loss = this.chanceOfLoss(frame, epoch);
    if (loss === Fate.NONE) this.carry(frame, intact);
    else this.cable.lose(frame, loss);
    this.plug?.sent();
  }

  private chanceOfLoss(frame: Frame, epoch: number): FateCode {
    const { mtu, loss } = this.cable.options;
    if (!this.cable.link || epoch !== this.cable.epoch) return Fate.CABLE_UNPLUGGED;
    if (mtu > 0 && frame.length > mtu + headerLength(frame)) return Fate.CABLE_MTU;
    return this.random.chance(loss) ? Fate.CABLE_LOSS : Fate.NONE;
  }

  private carry(frame: Frame, intact: boolean): void {
    const twin = this.random.chance(this.cable.options.duplicate) ? this.cable.world.frames.clone(frame) : null;
    this.travel(frame, intact);
    if (twin !== null) this.travel(twin, intact);
  }

  private travel(frame: Frame, intact: boolean): void {
    const { corrupt, reorder, reorderGap } = this.cable.options;
    const isHit = this.random.chance(corrupt);
    if (isHit) this.flipBit(frame);
    let due = this.scheduler.now + this.delay();
    if (this.random.chance(reorder)) due += reorderGap;
    else {
      due = Math.max(due, this.lastArrival);
      this.lastArrival = due as Nanos;
    }
    this.scheduler.at(due as Nanos, this, intact && !isHit ? ARRIVE : ARRIVE_DAMAGED, this.cable.epoch, frame);
  }

  private delay(): number {
    const { delay, jitter } = this.cable.options;
    if (jitter === 0) return delay;
    const most = Math.min(jitter, MAX_JITTER);
    return Math.max(0, delay - most + this.random.below(2 * most + 1));
  }

  private flipBit(frame: Frame): void {
    const bit = this.random.below(frame.length * 8);
    const at = frame.at + (bit >>> 3);
    put8(frame.bytes, at, get8(frame.bytes, at) ^ (1 << (bit & 7)));
  }
}

function headerLength(frame: Frame): number {
  const { bytes, at } = frame;
  const tagged = vlan.check(bytes, at + ethernet.HEADER_LENGTH - 2, frame.end);
  return tagged ? ethernet.HEADER_LENGTH + vlan.TAG_LENGTH : ethernet.HEADER_LENGTH;
}
