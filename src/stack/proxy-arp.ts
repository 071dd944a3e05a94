/**
 * Answering ARP for others: the addresses that an administrator named one by one (`ip neigh add proxy`), and the
 * questions that wait a random while so that the owner itself may answer first.
 * Follows net/core/neighbour.c (pneigh_lookup, pneigh_enqueue, neigh_proxy_process).
 */
import { Fate, type FateCode } from "../base/fate.ts";
import type { NetDevice } from "../device/device.ts";
import type { World } from "../device/world.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { Random } from "../engine/random.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import type { Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import type { Ipv4 } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { type Refusal, refuse } from "./errno.ts";
import type { NeighbourConf } from "./settings.ts";
import { Step } from "./steps.ts";

/** One line of `ip neigh show proxy`. */
export interface ProxyEntry {
  readonly address: Ipv4;
  /** Null: on every device. */
  readonly device: NetDevice | null;
}

/** PNEIGH_HASHMASK and one. */
const BUCKETS = 16;

export class ProxyEntries {
  /** By pneigh_hash, the newest first: the order of `ip neigh show proxy`. None before the first entry: most machines have none. */
  private readonly buckets: ProxyEntry[][] = [];

  /** Adding twice is one entry, and one for every device is one for each of them. */
  add(address: Ipv4, device: NetDevice | null): void {
    if (this.buckets.length === 0) for (let i = 0; i < BUCKETS; i++) this.buckets.push([]);
    const isThere = this.bucketOf(address).some((each) => matches(each, address, device));
    if (!isThere) this.bucketOf(address).unshift({ address, device });
  }

  /** Null when done; ENOENT when there is no such entry. */
  delete(address: Ipv4, device: NetDevice | null): Refusal | null {
    const bucket = this.bucketOf(address);
    const at = bucket.findIndex((each) => each.address === address && each.device === device);
    if (at < 0) return refuse("ENOENT");
    bucket.splice(at, 1);
    return null;
  }

  /** The entry by which `address` is answered for on this device; null when it is not. */
  find(address: Ipv4, device: NetDevice): ProxyEntry | null {
    if (this.buckets.length === 0) return null;
    return this.bucketOf(address).find((each) => matches(each, address, device)) ?? null;
  }

  /** pneigh_ifdown: the device went down or lost its carrier. */
  flushDevice(device: NetDevice): void {
    for (const [i, bucket] of this.buckets.entries()) this.buckets[i] = bucket.filter((each) => each.device !== device);
  }

  list(): ProxyEntry[] {
    return this.buckets.flat();
  }

  private bucketOf(address: Ipv4): ProxyEntry[] {
    return this.buckets[bucketNumber(address)] ?? [];
  }
}

/** pneigh_lookup */
const matches = (entry: ProxyEntry, address: Ipv4, device: NetDevice | null): boolean =>
  entry.address === address && (entry.device === null || entry.device === device);

/** pneigh_hash, which reads the address with its last byte as the highest. */
function bucketNumber(address: Ipv4): number {
  let hash = ((address & 0xff) << 24) | ((address & 0xff00) << 8) | ((address >>> 8) & 0xff00) | (address >>> 24);
  hash ^= hash >>> 16;
  hash ^= hash >>> 8;
  hash ^= hash >>> 4;
  return hash & (BUCKETS - 1);
}

interface Question {
  readonly frame: Frame;
  readonly device: NetDevice;
  readonly due: number;
}

/** The rest of the kernel as the queue sees it. Who is handed a frame owns it. */
export interface ProxyHost {
  readonly world: World;
  readonly cpu: Cpu | null;
  readonly neighbours: { settingsOf(device: NetDevice): NeighbourConf };
  /** The question has waited long enough. */
  answerProxied(frame: Frame, device: NetDevice): void;
  drop(frame: Frame, fate: FateCode): void;
  note(code: number, frame: Frame, a: number, b: number): void;
}

/** Hundredths of a second, as /proc counts proxy_delay, in nanoseconds. */
const CENTISECOND = 1e7;

/** The questions that will be answered later. */
export class ProxyQueue implements EventTarget {
  private readonly host: ProxyHost;
  private readonly random: Random;
  private readonly timer: Timer;
  private waiting: Question[] = [];

  constructor(host: ProxyHost, random: Random) {
    this.host = host;
    this.random = random;
    this.timer = new Timer(host.world.scheduler, this, 0, host.cpu);
  }

  private get now(): number {
    return this.host.world.scheduler.now;
  }

  /** pneigh_enqueue: owns the frame. */
  add(frame: Frame, device: NetDevice): void {
    const { host } = this;
    const { proxy_delay, proxy_qlen } = host.neighbours.settingsOf(device);
    const wait = this.random.below(proxy_delay * 1e4) * (CENTISECOND / 1e4);
    if (this.queued(device) > proxy_qlen) return host.drop(frame, Fate.ARP_PROXY_QUEUE_FULL);
    host.note(Step.ARP_PROXY_WAITS, frame, device.index, Math.round(wait / 1e6));
    this.waiting.push({ frame, device, due: this.now + wait });
    this.rearm();
  }

  /** neigh_proxy_process */
  handle(_operation: number): void {
    const { host } = this;
    const due = this.waiting.filter((each) => each.due <= this.now);
    this.waiting = this.waiting.filter((each) => each.due > this.now);
    this.rearm();
    for (const { frame, device } of due) {
      if (device.up) host.answerProxied(frame, device);
      else host.drop(frame, Fate.LINK_LOST);
    }
  }

  /** pneigh_queue_purge: a device went down, and the kernel empties the queue of the whole namespace. */
  purge(): void {
    this.timer.cancel();
    const lost = this.waiting;
    this.waiting = [];
    for (const { frame } of lost) this.host.drop(frame, Fate.LINK_LOST);
  }

  private queued(device: NetDevice): number {
    return this.waiting.reduce((count, each) => count + (each.device === device ? 1 : 0), 0);
  }

  private rearm(): void {
    const next = this.waiting.reduce((least, each) => Math.min(least, each.due), Number.POSITIVE_INFINITY);
    if (next === Number.POSITIVE_INFINITY) this.timer.cancel();
    else if (this.timer.due !== next) this.timer.arm(next as Nanos);
  }
}
