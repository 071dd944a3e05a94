/**
 * One neighbour entry: who has this IP address on this link, and how sure we are of it.
 * Follows net/core/neighbour.c (neigh_event_send, neigh_timer_handler, neigh_update); RFC 1122 2.3.2, RFC 4861 7.3.
 *
 *   NONE -> INCOMPLETE -> REACHABLE -> STALE -> DELAY -> PROBE -> REACHABLE | FAILED
 *                 \-> FAILED                (used)   (5 s)
 *
 * Times are exact where Linux rounds to its tick.
 */
import { FixedRing } from "../base/fixed-ring.ts";
import type { NetDevice } from "../device/device.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { EventTarget, Scheduler } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import { type Ipv4, type Mac, ZERO_MAC } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import type { NeighbourConf } from "./settings.ts";
import type { NeighbourCounters } from "./snmp.ts";
import { Step } from "./steps.ts";

/** include/uapi/linux/neighbour.h */
export const Nud = {
  NONE: 0x00,
  INCOMPLETE: 0x01,
  REACHABLE: 0x02,
  STALE: 0x04,
  DELAY: 0x08,
  PROBE: 0x10,
  FAILED: 0x20,
  NOARP: 0x40,
  PERMANENT: 0x80,
} as const;
export type NudState = (typeof Nud)[keyof typeof Nud];

const CONNECTED = Nud.PERMANENT | Nud.NOARP | Nud.REACHABLE;
const VALID = CONNECTED | Nud.PROBE | Nud.STALE | Nud.DELAY;
const IN_TIMER = Nud.INCOMPLETE | Nud.REACHABLE | Nud.DELAY | Nud.PROBE;
const USABLE = CONNECTED | Nud.DELAY | Nud.PROBE;

/** The rest of the kernel as a neighbour entry sees it. Who is handed a frame owns it. */
export interface NeighbourHost {
  /** Asks for the entry's address: by broadcast, or of `mac` alone. */
  solicit(entry: Neighbour, mac: Mac | null): void;
  toWire(frame: Frame, device: NetDevice, mac: Mac): void;
  /** What waited goes. */
  resolved(frame: Frame, device: NetDevice, mac: Mac): void;
  /** Nobody answered. */
  unresolved(frame: Frame, device: NetDevice): void;
  /** Too many waited. */
  overflowed(frame: Frame): void;
  /** The entry went while the frame waited. */
  abandoned(frame: Frame): void;
  /** Nobody answers either, and nobody is told. */
  purged(frame: Frame): void;
  changed(entry: Neighbour): void;
  removed(entry: Neighbour): void;
}

/** The table as its entries see it. */
export interface NeighbourOwner {
  readonly scheduler: Scheduler;
  readonly cpu: Cpu | null;
  readonly host: NeighbourHost;
  readonly counters: NeighbourCounters;
  settingsOf(device: NetDevice): NeighbourConf;
  /** Nanoseconds that a confirmed entry stays REACHABLE. */
  reachableTime(device: NetDevice): number;
  note(code: number, frame: Frame, a: number, b: number): void;
}

/** What may happen to an entry on new evidence. */
export interface Evidence {
  /** Another MAC than the known one is taken over. */
  readonly override: boolean;
  /** Typed by an administrator: changes also PERMANENT and NOARP. */
  readonly admin: boolean;
}

const MS = 1e6;
const SECOND = 1e9;

export class Neighbour implements EventTarget {
  readonly device: NetDevice;
  readonly address: Ipv4;
  private readonly table: NeighbourOwner;
  private readonly timer: Timer;
  private readonly waiting = new FixedRing<Frame>(4);
  /** The newest waiting frame: its source address is the one we ask with. Borrowed. */
  latest: Frame | null = null;
  mac: Mac = ZERO_MAC;
  state: NudState = Nud.NONE;
  /** Requests sent since the question was opened, counted as the kernel does: unicast ones are taken as done before broadcast. */
  probes = 0;
  /** Virtual nanoseconds. */
  used: number;
  confirmed: number;
  updated: number;

  constructor(table: NeighbourOwner, device: NetDevice, address: Ipv4) {
    this.table = table;
    this.device = device;
    this.address = address;
    this.timer = new Timer(table.scheduler, this, 0, table.cpu);
    this.used = table.scheduler.now;
    this.updated = table.scheduler.now;
    this.confirmed = table.scheduler.now - 2 * table.settingsOf(device).base_reachable_time_ms * MS;
  }

  get isValid(): boolean {
    return (this.state & VALID) !== 0;
  }

  get isTimed(): boolean {
    return (this.state & IN_TIMER) !== 0;
  }

  /** Frames that wait for the answer. */
  get queueLength(): number {
    return this.waiting.length;
  }

  /** Owns the frame: it leaves, waits, or ends. */
  send(frame: Frame): void {
    this.used = this.now;
    if ((this.state & USABLE) !== 0) return this.table.host.toWire(frame, this.device, this.mac);
    if (this.state === Nud.STALE) {
      this.suspect();
      return this.table.host.toWire(frame, this.device, this.mac);
    }
    const isNew = this.state !== Nud.INCOMPLETE;
    if (isNew) this.open();
    this.enqueue(frame);
    if (isNew) this.probe();
  }

  /** neigh_event_send without a packet: its address will be wanted soon. */
  ask(): void {
    if (this.state === Nud.STALE) return this.suspect();
    if ((this.state & (USABLE | Nud.INCOMPLETE)) !== 0) return;
    this.open();
    this.probe();
  }

  /** neigh_update: evidence from a packet or an administrator. */
  update(mac: Mac, next: NudState, evidence: Evidence): void {
    const old = this.state;
    if (!evidence.admin && (old & (Nud.NOARP | Nud.PERMANENT)) !== 0) return;
    if ((next & VALID) === 0) return this.invalidate(next);
    if ((next & CONNECTED) !== 0) this.confirmed = this.now;
    const isOther = mac !== this.mac;
    if ((old & VALID) !== 0 && isOther && !evidence.override) return;
    const state = (old & VALID) !== 0 && !isOther && next === Nud.STALE && !evidence.admin ? old : next;
    this.settle(mac, state);
    if ((old & VALID) === 0) this.flushWaiting();
  }

  /** dst_confirm: the neighbour answered on a higher layer. */
  confirm(): void {
    this.confirmed = this.now;
  }

  /** Out of the table: what still waits is lost. */
  remove(): void {
    this.timer.cancel();
    this.latest = null;
    for (let frame = this.waiting.shift(); frame !== null; frame = this.waiting.shift())
      this.table.host.abandoned(frame);
    this.state = Nud.NONE;
  }

  /** neigh_timer_handler */
  handle(_operation: number): void {
    const { now } = this;
    const settings = this.table.settingsOf(this.device);
    const delay = settings.delay_first_probe_time * SECOND;
    let next = now + settings.retrans_time_ms * MS;
    if (this.state === Nud.REACHABLE) next = this.reachableDue(delay);
    else if (this.state === Nud.DELAY) next = this.delayDue(delay, next);
    if ((this.state & (Nud.INCOMPLETE | Nud.PROBE)) !== 0 && this.probes >= this.maxProbes()) return this.fail();
    if (this.isTimed) this.timer.arm(next as Nanos);
    if ((this.state & (Nud.INCOMPLETE | Nud.PROBE)) !== 0) this.probe();
  }

  private reachableDue(delay: number): number {
    const { now } = this;
    const until = this.confirmed + this.table.reachableTime(this.device);
    if (now < until) return until;
    if (now <= this.used + delay) {
      this.become(Nud.DELAY);
      return now + delay;
    }
    this.become(Nud.STALE);
    return now;
  }

  private delayDue(delay: number, next: number): number {
    if (this.now <= this.confirmed + delay) {
      this.become(Nud.REACHABLE);
      return this.confirmed + this.table.reachableTime(this.device);
    }
    this.become(Nud.PROBE);
    this.probes = 0;
    return next;
  }

  private get now(): number {
    return this.table.scheduler.now;
  }

  /** STALE and used: five seconds for a higher layer to confirm, then we ask. */
  private suspect(): void {
    this.become(Nud.DELAY);
    this.timer.armAfter((this.table.settingsOf(this.device).delay_first_probe_time * SECOND) as Nanos);
  }

  private open(): void {
    const settings = this.table.settingsOf(this.device);
    this.probes = settings.ucast_solicit;
    this.become(Nud.INCOMPLETE);
    this.timer.armAfter((settings.retrans_time_ms * MS) as Nanos);
  }

  private enqueue(frame: Frame): void {
    const limit = this.table.settingsOf(this.device).unres_qlen;
    while (this.waiting.length >= limit && this.waiting.length > 0) this.table.host.overflowed(this.waiting.shift()!);
    this.table.note(Step.NEIGHBOUR_WAITS, frame, this.address, this.waiting.length + 1);
    this.waiting.push(frame);
    this.latest = frame;
  }

  private probe(): void {
    const settings = this.table.settingsOf(this.device);
    const isUnicast = this.probes < settings.ucast_solicit;
    this.table.host.solicit(this, isUnicast ? this.mac : null);
    this.probes++;
  }

  private maxProbes(): number {
    const settings = this.table.settingsOf(this.device);
    const broadcast = this.state === Nud.PROBE ? settings.mcast_resolicit : settings.mcast_solicit;
    return settings.ucast_solicit + settings.app_solicit + broadcast;
  }

  private fail(): void {
    this.become(Nud.FAILED);
    this.table.counters.resolveFailed++;
    this.failWaiting();
  }

  private invalidate(next: NudState): void {
    const wasAsking = (this.state & (Nud.INCOMPLETE | Nud.PROBE)) !== 0;
    this.timer.cancel();
    this.become(next);
    if (wasAsking && next === Nud.FAILED) this.failWaiting();
  }

  private settle(mac: Mac, state: NudState): void {
    const isOther = mac !== this.mac;
    if (state !== this.state || isOther) this.updated = this.now;
    if (state !== this.state) this.armFor(state);
    this.mac = mac;
    if (isOther && (state & CONNECTED) === 0) {
      this.confirmed = this.now - 2 * this.table.settingsOf(this.device).base_reachable_time_ms * MS;
    }
    if (state !== this.state) this.become(state);
    else if (isOther) this.table.host.changed(this);
  }

  private armFor(state: NudState): void {
    this.timer.cancel();
    if (state === Nud.PROBE) this.probes = 0;
    if ((state & IN_TIMER) === 0) return;
    this.timer.armAfter((state === Nud.REACHABLE ? this.table.reachableTime(this.device) : 0) as Nanos);
  }

  private become(state: NudState): void {
    this.state = state;
    this.updated = this.now;
    this.table.host.changed(this);
  }

  private flushWaiting(): void {
    this.latest = null;
    for (let frame = this.waiting.shift(); frame !== null; frame = this.waiting.shift()) {
      this.table.host.resolved(frame, this.device, this.mac);
    }
  }

  /** neigh_invalidate: the error about one may be for this neighbour too and ask for it again. Of the rest nobody hears then. */
  private failWaiting(): void {
    for (let frame = this.waiting.shift(); frame !== null; frame = this.waiting.shift()) {
      if (this.state === Nud.FAILED) this.table.host.unresolved(frame, this.device);
      else this.table.host.purged(frame);
    }
    this.latest = null;
  }
}
