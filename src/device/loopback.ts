/**
 * lo: what is transmitted comes in again. Follows drivers/net/loopback.c. Frames carry an Ethernet header of zeroes.
 */
import { Fate } from "../base/fate.ts";
import { ZERO_MAC } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import { Backlog } from "./backlog.ts";
import { type DeviceTraits, ETHERNET_TRAITS, NetDevice } from "./device.ts";
import type { DeviceTable } from "./device-table.ts";

const LOOPBACK_TRAITS: DeviceTraits = {
  ...ETHERNET_TRAITS,
  link: "loopback",
  mtu: 65_536,
  minMtu: 0,
  maxMtu: 0,
  queued: false,
};

export class Loopback extends NetDevice {
  readonly kind = "";
  private readonly backlog: Backlog;

  constructor(table: DeviceTable, name = "lo") {
    super(table, name, ZERO_MAC, LOOPBACK_TRAITS);
    this.multicast = false;
    this.txChecksum = true;
    this.backlog = new Backlog(this);
  }

  /** loopback_xmit: one pair of numbers counts both ways. */
  protected override startTransmit(frame: Frame): void {
    const length = frame.length;
    if (!this.backlog.enqueue(frame)) {
      this.counters.rxDropped++;
      this.drop(frame, Fate.BACKLOG_FULL);
      return;
    }
    this.counters.txPackets++;
    this.counters.txBytes += length;
    this.counters.rxPackets++;
    this.counters.rxBytes += length;
  }
}
