/**
 * vifX.Y: netback's network device in the backend domain. A frame the guest sends is *received* here, so its RX counters
 * are the guest's TX. What every netback's vif is; `vif-modern.ts` and `vif-classic.ts` are the two there have been.
 * Follows drivers/net/xen-netback/interface.c. One queue.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { type DeviceTraits, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import { XEN_DUMMY_MAC } from "../packet/address.ts";
import type { Frame } from "../packet/frame.ts";
import type { EventChannel } from "./event-channel.ts";
import type { Domain } from "./hypervisor.ts";
import { MulticastFilter } from "./multicast-filter.ts";
import type { NetbackCosts } from "./netback-costs.ts";
import type { GuestQueue, NetbackDevice, ReceiverFeatures } from "./netback-device.ts";
import type { TransmitQueue } from "./netback-transmit.ts";
import type { SharedRing } from "./ring.ts";

/** What the frontend published, mapped and bound. */
export interface Connection {
  readonly domain: Domain;
  readonly transmitRing: SharedRing;
  readonly receiveRing: SharedRing;
  readonly transmitChannel: EventChannel;
  /** The same as for transmitting where the frontend has only one. */
  readonly receiveChannel: EventChannel;
  readonly features: ReceiverFeatures;
}

/** The name a vif is born with, cut as the kernel cuts it. */
export const vifName = (frontend: number, handle: number): string => `vif${frontend}.${handle}`.slice(0, 15);

/** Where a vif stands: what its kind makes it from. */
export interface VifPlace {
  readonly table: DeviceTable;
  /** The backend domain. */
  readonly domain: Domain;
  /** X and Y of vifX.Y. */
  readonly frontend: number;
  readonly handle: number;
  readonly costs: NetbackCosts;
}

export abstract class Vif extends NetDevice implements NetbackDevice {
  readonly kind = "";
  readonly domain: Domain;
  /** X and Y of vifX.Y. */
  readonly frontend: number;
  readonly handleNumber: number;
  readonly costs: NetbackCosts;
  readonly groups = new MulticastFilter();
  disabled = false;
  abstract transmitQueue: TransmitQueue | null;
  abstract receiveQueue: GuestQueue | null;

  constructor(place: VifPlace, traits: DeviceTraits) {
    const { table, domain, frontend, handle, costs } = place;
    super(table, vifName(frontend, handle), XEN_DUMMY_MAC, {
      ...traits,
      busInfo: `vif-${frontend}-${handle}`,
      bus: "xen-backend",
    });
    this.domain = domain;
    this.frontend = frontend;
    this.handleNumber = handle;
    this.costs = costs;
    this.txChecksum = true;
  }

  get connected(): boolean {
    return this.receiveQueue !== null;
  }

  /** The rings are mapped: traffic may begin. */
  abstract connect(connection: Connection): void;

  /** They go: what lay in them and before them is lost. */
  disconnect(): void {
    this.transmitQueue?.close();
    this.receiveQueue?.close();
    this.transmitQueue = null;
    this.receiveQueue = null;
    this.stopped = false;
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

  protected refuse(frame: Frame, fate: FateCode): void {
    this.counters.txDropped++;
    this.drop(frame, fate);
  }
}
