/**
 * The vif of Linux 6.1's xen-netback: carrier by the guest-rx thread, an internal FIFO towards the guest.
 * Follows drivers/net/xen-netback/interface.c.
 */
import { Fate } from "../base/fate.ts";
import { type DeviceTraits, ETHERNET_TRAITS } from "../device/device.ts";
import type { Frame } from "../packet/frame.ts";
import { ReceiveQueue } from "./netback-receive.ts";
import { TransmitQueue } from "./netback-transmit.ts";
import { type Connection, Vif, type VifPlace } from "./vif.ts";

/** ETH_MAX_MTU less the Ethernet header and a tag, as `ip -d link` prints it with SG. */
const TRAITS: DeviceTraits = {
  ...ETHERNET_TRAITS,
  maxMtu: 65_517,
  carrier: false,
  driver: "vif",
};

export class ModernVif extends Vif {
  override transmitQueue: TransmitQueue | null = null;
  override receiveQueue: ReceiveQueue | null = null;

  constructor(place: VifPlace) {
    super(place, TRAITS);
  }

  override connect(connection: Connection): void {
    const { domain, transmitRing, receiveRing, transmitChannel, receiveChannel, features } = connection;
    this.transmitQueue = new TransmitQueue(this, domain, transmitRing, transmitChannel);
    this.receiveQueue = new ReceiveQueue(this, domain, receiveRing, receiveChannel, features.notifies);
    this.txChecksum = features.checksums;
  }

  override disconnect(): void {
    this.setCarrier(false);
    this.groups.clear();
    super.disconnect();
  }

  protected override opened(): void {
    this.transmitQueue?.open();
  }

  /** xenvif_start_xmit */
  protected override startTransmit(frame: Frame): void {
    const queue = this.receiveQueue;
    if (queue === null) return this.refuse(frame, Fate.NETBACK_NOT_CONNECTED);
    if (this.disabled) return this.refuse(frame, Fate.NETBACK_DISABLED);
    if (!this.groups.passes(frame)) return this.refuse(frame, Fate.NETBACK_MULTICAST_FILTER);
    if (!queue.enqueue(frame)) this.refuse(frame, Fate.NETBACK_QUEUE_FULL);
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
