/**
 * A guest's ethN: netfront's network device and its two rings. Follows drivers/net/xen-netfront.c of Linux 6.1
 * (xennet_start_xmit, xennet_tx_buf_gc, xennet_poll, xennet_alloc_rx_buffers). One queue, split event channels; what
 * 2.6.18's does otherwise is in `netfront-classic.ts`.
 * Not modelled: GSO, XDP, bounce buffers for untrusted backends.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { type DeviceTraits, ETHERNET_TRAITS, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import type { Mac } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { MAX_FRAME } from "../packet/frame-pool.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetfrontCosts } from "./netfront-costs.ts";
import { ReceiveRing } from "./netfront-receive.ts";
import type { NetfrontDevice, RingParts } from "./netfront-ring.ts";
import { TransmitRing } from "./netfront-transmit.ts";
import { RING_SIZE, SharedRing } from "./ring.ts";

export const NETFRONT_TRAITS: DeviceTraits = {
  ...ETHERNET_TRAITS,
  maxMtu: 65_535,
  carrier: false,
  driver: "vif",
  bus: "xen",
};

/** What the frontend writes into xenstore. */
export interface RingReferences {
  readonly transmitRing: number;
  readonly receiveRing: number;
  readonly transmitPort: number;
  /** The same where both rings have one channel. */
  readonly receivePort: number;
}

/** Where a guest's device stands: what its kind makes it from. */
export interface NetfrontPlace {
  readonly table: DeviceTable;
  /** The guest. */
  readonly domain: Domain;
  readonly handle: number;
  readonly costs: NetfrontCosts;
}

export class Netfront extends NetDevice implements NetfrontDevice {
  readonly kind = "";
  protected readonly domain: Domain;
  protected readonly costs: NetfrontCosts;
  broken = false;
  transmitRing: TransmitRing | null = null;
  receiveRing: ReceiveRing | null = null;

  constructor({ table, domain, handle, costs }: NetfrontPlace, name: string, mac: Mac, traits = NETFRONT_TRAITS) {
    super(table, name, mac, { ...traits, busInfo: `vif-${handle}` });
    this.domain = domain;
    this.costs = costs;
    this.txChecksum = true;
  }

  /** setup_netfront: rings, grants and event channels for `backend`; `split` where each ring has a channel of its own. */
  connect(backend: number, split = true): RingReferences {
    const { grants, events } = this.domain;
    const transmitBuffers = grants.reserve(RING_SIZE);
    const receiveBuffers = grants.reserve(RING_SIZE);
    const transmit = grants.reserve(1);
    const receive = grants.reserve(1);
    const transmitPage = new SharedRing();
    const receivePage = new SharedRing();
    grants.grantRing(transmit, backend, transmitPage);
    grants.grantRing(receive, backend, receivePage);
    const transmitChannel = events.allocate();
    const receiveChannel = split ? events.allocate() : transmitChannel;
    this.makeRings(
      {
        device: this,
        domain: this.domain,
        backend,
        page: transmitPage,
        references: transmitBuffers,
        ringReference: transmit,
        channel: transmitChannel,
      },
      {
        device: this,
        domain: this.domain,
        backend,
        page: receivePage,
        references: receiveBuffers,
        ringReference: receive,
        channel: receiveChannel,
      },
    );
    return {
      transmitRing: transmit,
      receiveRing: receive,
      transmitPort: transmitChannel.port,
      receivePort: receiveChannel.port,
    };
  }

  protected makeRings(transmit: RingParts, receive: RingParts): void {
    this.transmitRing = new TransmitRing(transmit, this.costs);
    this.receiveRing = new ReceiveRing(receive, this.costs);
  }

  /** The frontend is Connected: carrier on, buffers posted (xennet_connect). */
  start(): void {
    this.setCarrier(true);
    this.receiveRing?.refill();
  }

  /** xennet_disconnect_backend: frames still in the rings are lost. */
  disconnect(): void {
    this.setCarrier(false);
    this.dropRings();
  }

  protected dropRings(): void {
    this.transmitRing?.close();
    this.receiveRing?.close();
    this.transmitRing = null;
    this.receiveRing = null;
    this.stopped = false;
  }

  /** Room on the ring and in the qdisc, as `ss` and the TUI's gauges want it. */
  get used(): number {
    return this.transmitRing?.ring.used ?? 0;
  }

  /** The guest gave the device an address. */
  addressAdded(): void {}

  breakDown(message: string): void {
    this.table.log.print(`net ${this.name}: ${message}`);
    this.table.log.print(`net ${this.name}: Disabled for further use`);
    this.broken = true;
  }

  protected override opened(): void {
    this.receiveRing?.open();
  }

  /** xennet_start_xmit */
  protected override startTransmit(frame: Frame): void {
    const ring = this.transmitRing;
    if (ring === null) return this.refuse(frame, Fate.NETFRONT_NO_QUEUE);
    if (this.broken) return this.refuse(frame, Fate.NETFRONT_BROKEN);
    if (frame.length > MAX_FRAME) return this.refuseGiant(frame);
    this.counters.txPackets++;
    this.counters.txBytes += frame.length;
    ring.post(frame);
  }

  private refuseGiant(frame: Frame): void {
    this.table.log.print(`xennet: skb->len = ${frame.length}, too big for wire format`);
    this.refuse(frame, Fate.NETFRONT_TOO_BIG);
  }

  protected refuse(frame: Frame, fate: FateCode): void {
    this.counters.txDropped++;
    this.drop(frame, fate);
  }

  override statistics(): readonly (readonly [string, number])[] {
    return [["rx_gso_checksum_fixup", 0]];
  }
}
