/**
 * vifX.Y: netback's network device in the backend domain. A frame the guest sends is *received* here, so its RX counters
 * are the guest's TX. Follows drivers/net/xen-netback/interface.c of Linux 6.1. One queue.
 */
import { Fate } from "../base/fate.ts";
import { type DeviceTraits, ETHERNET_TRAITS, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import { XEN_DUMMY_MAC } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import type { EventChannel } from "./event-channel.ts";
import type { Domain } from "./hypervisor.ts";
import type { NetbackCosts } from "./netback-costs.ts";
import type { NetbackDevice } from "./netback-device.ts";
import { ReceiveQueue } from "./netback-receive.ts";
import { TransmitQueue } from "./netback-transmit.ts";
import type { SharedRing } from "./ring.ts";

/** ETH_MAX_MTU less the Ethernet header and a tag, as `ip -d link` prints it with SG. */
const VIF_TRAITS: DeviceTraits = {
  ...ETHERNET_TRAITS,
  maxMtu: 65_517,
  carrier: false,
  driver: "vif",
};

/** What the frontend published, mapped and bound. */
export interface Connection {
  readonly domain: Domain;
  readonly transmitRing: SharedRing;
  readonly receiveRing: SharedRing;
  readonly transmitChannel: EventChannel;
  readonly receiveChannel: EventChannel;
}

/** The name a vif is born with, cut as the kernel cuts it. */
export const vifName = (frontend: number, handle: number): string => `vif${frontend}.${handle}`.slice(0, 15);

export class Vif extends NetDevice implements NetbackDevice {
  readonly kind = "";
  readonly domain: Domain;
  /** X and Y of vifX.Y. */
  readonly frontend: number;
  readonly handleNumber: number;
  readonly costs: NetbackCosts;
  disabled = false;
  transmitQueue: TransmitQueue | null = null;
  receiveQueue: ReceiveQueue | null = null;

  constructor(table: DeviceTable, domain: Domain, frontend: number, handleNumber: number, costs: NetbackCosts) {
    super(table, vifName(frontend, handleNumber), XEN_DUMMY_MAC, {
      ...VIF_TRAITS,
      busInfo: `vif-${frontend}-${handleNumber}`,
      bus: "xen-backend",
    });
    this.domain = domain;
    this.frontend = frontend;
    this.handleNumber = handleNumber;
    this.costs = costs;
    this.txChecksum = true;
  }

  get connected(): boolean {
    return this.receiveQueue !== null;
  }

  connect(connection: Connection): void {
    const { domain, transmitRing, receiveRing, transmitChannel, receiveChannel } = connection;
    this.transmitQueue = new TransmitQueue(this, domain, transmitRing, transmitChannel);
    this.receiveQueue = new ReceiveQueue(this, domain, receiveRing, receiveChannel);
  }

  disconnect(): void {
    this.setCarrier(false);
    this.transmitQueue?.close();
    this.receiveQueue?.close();
    this.transmitQueue = null;
    this.receiveQueue = null;
    this.stopped = false;
  }

  protected override opened(): void {
    this.transmitQueue?.open();
  }

  disable(): void {
    this.log("fatal error; disabling device");
    this.disabled = true;
    this.setCarrier(false);
    this.receiveQueue?.purge(Fate.NETBACK_DISABLED);
  }

  log(message: string): void {
    this.say(message);
  }

  /** xenvif_start_xmit */
  protected override startTransmit(frame: Frame): void {
    const queue = this.receiveQueue;
    if (queue === null) return this.refuse(frame, Fate.NETBACK_NOT_CONNECTED);
    if (this.disabled) return this.refuse(frame, Fate.NETBACK_DISABLED);
    if (!queue.enqueue(frame)) this.refuse(frame, Fate.NETBACK_QUEUE_FULL);
  }

  private refuse(
    frame: Frame,
    fate: typeof Fate.NETBACK_NOT_CONNECTED | typeof Fate.NETBACK_DISABLED | typeof Fate.NETBACK_QUEUE_FULL,
  ): void {
    this.counters.txDropped++;
    this.drop(frame, fate);
  }

  override statistics(): readonly (readonly [string, number])[] {
    const queue = this.transmitQueue;
    return [
      ["rx_gso_checksum_fixup", 0],
      ["tx_zerocopy_sent", queue?.zeroCopySent ?? 0],
      ["tx_zerocopy_success", queue?.zeroCopyDone ?? 0],
      ["tx_zerocopy_fail", 0],
      ["tx_frag_overflow", 0],
    ];
  }
}
