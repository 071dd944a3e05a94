/**
 * The vif of 2.6.18's netback. Its carrier is always up as Linux sees it, whatever the guest does: the driver keeps a
 * flag of its own. Towards the guest there is nothing but the qdisc and the slots the guest has posted.
 * Follows drivers/net/xen/netback/interface.c in linux-2.6.18-xen (Xen 3.1).
 */
import { Fate } from "../base/fate.ts";
import { type DeviceTraits, ETHERNET_TRAITS } from "../device/device.ts";
import type { Frame } from "../packet/frame.ts";
import { ClassicReceiveQueue } from "./netback-classic-receive.ts";
import { ClassicTransmitQueue } from "./netback-classic-transmit.ts";
import { type Connection, Vif, type VifPlace } from "./vif.ts";

const TRAITS: DeviceTraits = {
  ...ETHERNET_TRAITS,
  /** 65535 less the Ethernet header, with SG. */
  maxMtu: 65_521,
  driver: "vif",
};

export class ClassicVif extends Vif {
  override transmitQueue: ClassicTransmitQueue | null = null;
  override receiveQueue: ClassicReceiveQueue | null = null;

  /** `queueLength`: the module's parameter queue_length. */
  constructor(place: VifPlace, queueLength: number) {
    super(place, { ...TRAITS, txQueueLength: queueLength, queued: queueLength > 0 });
  }

  /** connect_rings: without a qdisc, or a guest that notifies, nothing ever waits. */
  override connect(connection: Connection): void {
    const { domain, transmitRing, receiveRing, transmitChannel, receiveChannel } = connection;
    const notifies = connection.features.notifies && this.txQueueLength > 0;
    if (!notifies && this.txQueueLength > 0) this.txQueueLength = 1;
    if (!connection.features.checksums) this.txChecksum = false;
    const features = { ...connection.features, notifies };
    this.transmitQueue = new ClassicTransmitQueue(this, domain, transmitRing, transmitChannel);
    this.receiveQueue = new ClassicReceiveQueue(this, domain, receiveRing, receiveChannel, features);
    this.wakeQueue();
  }

  /** netif_disconnect: the last carrier this device has; it is unregistered next. */
  override disconnect(): void {
    if (this.connected) this.setCarrier(false);
    super.disconnect();
  }

  /** net_open and net_close */
  protected override opened(): void {
    if (!this.connected) return;
    this.stopped = false;
    this.transmitQueue?.open();
  }

  /** netif_be_start_xmit */
  protected override startTransmit(frame: Frame): void {
    const queue = this.receiveQueue;
    if (queue === null) return this.refuse(frame, Fate.NETBACK_NOT_CONNECTED);
    if (!queue.enqueue(frame)) this.refuse(frame, Fate.NETBACK_NO_SLOTS);
  }
}
