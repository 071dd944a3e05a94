/**
 * A guest's ethN of 2.6.18: one event channel for both rings, a transmit queue that stops one slot earlier, and as many
 * receive buffers as it has lately needed. Its carrier is always up as Linux sees it: the driver keeps a flag of its own.
 * Follows drivers/xen/netfront/netfront.c in linux-2.6.18-xen (Xen 3.1). Not modelled: page flipping; an impossible
 * answer, at which it stops the kernel, only ends the device.
 */
import { Fate } from "../base/fate.ts";
import type { Server } from "../engine/cpu.ts";
import type { Mac } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { NETFRONT_TRAITS, Netfront, type NetfrontPlace, type RingReferences } from "./netfront.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import { ReceiveRing } from "./netfront-receive.ts";
import type { RingParts } from "./netfront-ring.ts";
import { TransmitRing } from "./netfront-transmit.ts";
import { MIN_SLOTS } from "./netif.ts";
import { RING_SIZE } from "./ring.ts";

/** RX_DFL_MIN_TARGET: buffers posted at the start, and the fewest it goes back to. */
const FIRST_TARGET = 64;
/** RX_MIN_TARGET: what sysfs lets rxbuf_min be. */
const LEAST_TARGET = 8;

/** How many receive buffers the guest wants to have posted: sysfs rxbuf_min, rxbuf_max, rxbuf_cur. */
export class ReceiveTarget {
  private least = FIRST_TARGET;
  private most = RING_SIZE;
  current = FIRST_TARGET;

  /** rxbuf_min */
  setLeast(count: number): void {
    this.least = Math.min(Math.max(count, LEAST_TARGET), RING_SIZE);
    this.most = Math.max(this.most, this.least);
    this.current = Math.max(this.current, this.least);
  }

  /** rxbuf_max */
  setMost(count: number): void {
    this.most = Math.min(Math.max(count, LEAST_TARGET), RING_SIZE);
    this.least = Math.min(this.least, this.most);
    this.current = Math.min(this.current, this.most);
  }

  /** It had nearly run out. */
  grow(): void {
    this.current = Math.min(2 * this.current, this.most);
  }

  shrink(): void {
    this.current = Math.max(this.current - 1, this.least);
  }
}

export class ClassicNetfront extends Netfront {
  readonly target = new ReceiveTarget();

  constructor(place: NetfrontPlace, name: string, mac: Mac) {
    super(place, name, mac, { ...NETFRONT_TRAITS, maxMtu: 65_521, carrier: true });
  }

  override connect(backend: number): RingReferences {
    return super.connect(backend, false);
  }

  protected override makeRings(transmit: RingParts, receive: RingParts): void {
    this.transmitRing = new ClassicTransmitRing(transmit, this.costs);
    this.receiveRing = new ClassicReceiveRing(receive, this.costs, this.target);
  }

  /** network_connect */
  override start(): void {
    this.receiveRing?.refill();
  }

  /** netif_disconnect_backend */
  override disconnect(): void {
    this.dropRings();
  }

  /** inetdev_notify: switches learn of it as they do when the frontend is Connected. */
  override addressAdded(): void {
    this.notify("fake-arp");
  }

  /** network_start_xmit: its own carrier flag first. */
  protected override startTransmit(frame: Frame): void {
    if (this.transmitRing === null) return this.refuse(frame, Fate.NETFRONT_NO_CARRIER);
    super.startTransmit(frame);
  }
}

class ClassicTransmitRing extends TransmitRing {
  /** netfront_tx_slot_available: MAX_SKB_FRAGS and two. */
  protected override readonly stopAt = RING_SIZE - MIN_SLOTS - 2;

  protected override askForEvent(): void {
    this.ring.askAtHalf();
  }
}

class ClassicReceiveRing extends ReceiveRing {
  private readonly target: ReceiveTarget;

  constructor(parts: RingParts, costs: NetfrontCosts, target: ReceiveTarget) {
    super(parts, costs);
    this.target = target;
  }

  /** netif_int: the one channel also tells of sent frames, at which there is nothing to poll. */
  override work(server: Server, budget: number): boolean {
    return this.ring.waiting > 0 ? super.work(server, budget) : this.ring.finalCheck();
  }

  /** netif_poll: exponential increase, linear decrease. */
  protected override polled(): void {
    if (this.unused > Math.floor((3 * this.target.current) / 4)) this.target.shrink();
    this.refill();
  }

  /** network_alloc_rx_buffers: nothing below half the target; more for the next time when it was close. */
  override refill(): void {
    const { ring, target } = this;
    const batch = target.current - ring.used;
    if (batch < Math.floor(target.current / 2)) return;
    if (this.unused < Math.floor(target.current / 4)) target.grow();
    this.post(batch);
  }

  /** Buffers posted that netback has not filled. */
  private get unused(): number {
    return (this.ring.requestProducer - this.ring.page.responseProducer) >>> 0;
  }
}
