/**
 * The ARP cache: entries by device and address, how long they live, and what an administrator may do with them.
 * Follows net/core/neighbour.c (neigh_create, neigh_periodic_work, neigh_forced_gc, neigh_add, neigh_delete).
 * Not modelled: proxy entries, entries learned from outside (NTF_EXT_LEARNED), managed entries.
 */

import type { NetDevice } from "../device/device.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { Random } from "../engine/random.ts";
import type { Recorder } from "../engine/recorder.ts";
import type { EventTarget, Scheduler } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { Ipv4, Mac } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { type Refusal, refuse } from "./errno.ts";
import { Neighbour, type NeighbourHost, type NeighbourOwner, Nud, type NudState } from "./neighbour.ts";
import type { NeighbourConf, Settings } from "./settings.ts";
import type { NeighbourCounters } from "./snmp.ts";

export interface NeighbourTableParts {
  readonly scheduler: Scheduler;
  readonly cpu: Cpu | null;
  readonly random: Random;
  readonly recorder: Recorder;
  /** Id of the point that decisions are noted at. */
  readonly point: number;
  readonly settings: Settings;
  readonly counters: NeighbourCounters;
  readonly host: NeighbourHost;
}

/** A device's reachable time, drawn anew every five minutes between half and one and a half of its base. */
interface Reachable {
  readonly base: number;
  readonly drawn: number;
  readonly time: number;
}

const REDRAW = 300e9;
const GC_PERIOD = 15e9;

export class NeighbourTable implements NeighbourOwner, EventTarget {
  readonly scheduler: Scheduler;
  readonly cpu: Cpu | null;
  readonly host: NeighbourHost;
  readonly counters: NeighbourCounters;
  private readonly random: Random;
  private readonly recorder: Recorder;
  private readonly point: number;
  private readonly settings: Settings;
  /** By ifindex; the keys are signed 32-bit: a uint32 above 2^31 costs twice as much. */
  private readonly byDevice: (Map<number, Neighbour> | undefined)[] = [];
  /** The same in the order in which the devices came. */
  private readonly tables: Map<number, Neighbour>[] = [];
  private readonly reachable = new Map<number, Reachable>();
  private readonly gc: Timer;
  private size = 0;

  constructor(parts: NeighbourTableParts) {
    this.scheduler = parts.scheduler;
    this.cpu = parts.cpu;
    this.host = parts.host;
    this.counters = parts.counters;
    this.random = parts.random;
    this.recorder = parts.recorder;
    this.point = parts.point;
    this.settings = parts.settings;
    this.gc = new Timer(this.scheduler, this, 0, this.cpu);
  }

  find(ifindex: number, address: Ipv4): Neighbour | null {
    return this.byDevice[ifindex]?.get(address | 0) ?? null;
  }

  /** The entry, made if need be; null when the table is full. */
  obtain(device: NetDevice, address: Ipv4): Neighbour | null {
    return this.find(device.index, address) ?? this.create(device, address);
  }

  /** In the order of `ip neigh`: by device as they came, then by age. */
  list(): Neighbour[] {
    return this.tables.flatMap((entries) => [...entries.values()]);
  }

  settingsOf(device: NetDevice): NeighbourConf {
    return this.settings.neighbour.of(device.index);
  }

  /** neigh_rand_reach_time */
  reachableTime(device: NetDevice): number {
    const base = this.settingsOf(device).base_reachable_time_ms * 1e6;
    const known = this.reachable.get(device.index);
    if (known !== undefined && known.base === base && this.scheduler.now - known.drawn < REDRAW) return known.time;
    const time = Math.floor(base / 2) + this.random.below(Math.floor(base / 1e3)) * 1e3;
    this.reachable.set(device.index, { base, drawn: this.scheduler.now, time });
    return time;
  }

  /** `ip neigh add` (`exclusive`), `replace`. */
  set(device: NetDevice, address: Ipv4, mac: Mac, state: NudState, exclusive: boolean): Refusal | null {
    const known = this.find(device.index, address);
    if (known !== null && exclusive) return refuse("EEXIST");
    const entry = known ?? this.create(device, address);
    if (entry === null) return refuse("ENOBUFS");
    entry.update(mac, state, { override: true, admin: true });
    return null;
  }

  /** `ip neigh del`, and each step of `ip neigh flush`. */
  delete(device: NetDevice, address: Ipv4): Refusal | null {
    const entry = this.find(device.index, address);
    if (entry === null) return refuse("ENOENT");
    entry.update(entry.mac, Nud.FAILED, { override: true, admin: true });
    // neigh_del: the error about what had waited may have made the host ask for it again, and a timer holds it.
    if (!entry.isTimed) this.drop(entry);
    return null;
  }

  /** The device went down or changed its MAC (permanent entries too), or lost its carrier (they stay). */
  flushDevice(ifindex: number, keepPermanent: boolean): void {
    for (const entry of [...(this.byDevice[ifindex]?.values() ?? [])]) {
      if (!keepPermanent || entry.state !== Nud.PERMANENT) this.drop(entry);
    }
  }

  note(code: number, frame: Frame, a: number, b: number): void {
    this.recorder.note(code, frame.id, this.point, a, b);
  }

  /** neigh_periodic_work: below gc_thresh1 nothing is thrown away. */
  handle(_operation: number): void {
    const stale = this.settings.neighbour.defaults.gc_stale_time * 1e9;
    for (const entry of this.size < this.settings.neighbourTable.gc_thresh1 ? [] : this.list()) {
      const idle = this.scheduler.now - Math.max(entry.used, entry.confirmed);
      const isKept = entry.state === Nud.PERMANENT || entry.isTimed;
      if (!isKept && (entry.state === Nud.FAILED || idle >= stale)) this.drop(entry);
    }
    if (this.size >= this.settings.neighbourTable.gc_thresh1) this.gc.armAfter(GC_PERIOD as Nanos);
  }

  private create(device: NetDevice, address: Ipv4): Neighbour | null {
    const { gc_thresh1, gc_thresh2, gc_thresh3 } = this.settings.neighbourTable;
    if (this.size >= gc_thresh2) this.forceGc();
    if (this.size >= gc_thresh3) {
      this.counters.tableFulls++;
      device.table.log.print("neighbour: arp_cache: neighbor table overflow!");
      return null;
    }
    const entry = new Neighbour(this, device, address);
    this.tableOf(device).set(address | 0, entry);
    this.counters.allocations++;
    if (++this.size >= gc_thresh1 && this.gc.due === null) this.gc.armAfter(GC_PERIOD as Nanos);
    return entry;
  }

  private tableOf(device: NetDevice): Map<number, Neighbour> {
    const known = this.byDevice[device.index];
    if (known !== undefined) return known;
    const made = new Map<number, Neighbour>();
    this.byDevice[device.index] = made;
    this.tables.push(made);
    return made;
  }

  /** neigh_forced_gc: entries nobody is asking for and that have not changed for five seconds. */
  private forceGc(): void {
    for (const entry of this.list()) {
      const isIdle = entry.state === Nud.FAILED || this.scheduler.now - entry.updated > 5e9;
      if (entry.state !== Nud.PERMANENT && !entry.isTimed && isIdle) this.drop(entry);
    }
  }

  private drop(entry: Neighbour): void {
    this.byDevice[entry.device.index]?.delete(entry.address | 0);
    this.size--;
    this.counters.destroys++;
    this.host.removed(entry);
    entry.remove();
  }
}
