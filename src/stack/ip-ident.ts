/**
 * The identification field of packets that may be fragmented: RFC 6864; net/ipv4/route.c (ip_idents_reserve).
 * One of 2048 counters, chosen by source, destination and protocol, which also moves on at random with time.
 */
import type { Random } from "../engine/random.ts";
import type { Scheduler } from "../engine/scheduler.ts";
import type { Ipv4 } from "../packet/address.ts";

const COUNTERS = 2048;
/** One tick of a kernel with HZ=250. */
const TICK = 4e6;

export class Idents {
  private readonly scheduler: Scheduler;
  private readonly random: Random;
  private key = 0;
  /** There from the first packet on: a machine that has sent nothing has no use for them. */
  private next = new Uint16Array(0);
  /** Tick of the last use. */
  private used = new Float64Array(0);

  constructor(scheduler: Scheduler, random: Random) {
    this.scheduler = scheduler;
    this.random = random;
  }

  private fill(): void {
    this.key = this.random.next32();
    this.next = new Uint16Array(COUNTERS);
    this.used = new Float64Array(COUNTERS);
    for (let i = 0; i < COUNTERS; i++) this.next[i] = this.random.next32();
  }

  take(source: Ipv4, destination: Ipv4, protocol: number): number {
    if (this.next.length === 0) this.fill();
    const slot = this.slot(source, destination, protocol);
    const tick = Math.floor(this.scheduler.now / TICK);
    const idle = tick - this.used[slot]!;
    this.used[slot] = tick;
    const id = (this.next[slot]! + (idle > 0 ? this.random.below(Math.min(idle, 0xffff_ffff)) : 0)) & 0xffff;
    this.next[slot] = id + 1;
    return id;
  }

  private slot(source: Ipv4, destination: Ipv4, protocol: number): number {
    let hash = Math.imul(destination ^ this.key, 0x9e37_79b1);
    hash = Math.imul(hash ^ (hash >>> 15) ^ source, 0x85eb_ca6b);
    hash = Math.imul(hash ^ (hash >>> 13) ^ protocol, 0xc2b2_ae35);
    return (hash ^ (hash >>> 16)) & (COUNTERS - 1);
  }
}
