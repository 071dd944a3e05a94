/**
 * A guest's network device at one instant, with both its ends: vifX.Y in domain 0, ethN in the guest, what xenstore says
 * of the two, and the rings between them. While the domain is not there, what the plan says of it.
 */
import type { Guest } from "../../machine/guest.ts";
import { Nic, nicsOf } from "../../machine/libxl/nic.ts";
import type { XenHost } from "../../machine/xen-host.ts";
import { formatCidr, formatMac, parseMac, ZERO_MAC } from "../../packet/address.ts";
import type { Netfront } from "../../xen/netfront.ts";
import { formatXenstoreRate } from "../../xen/rate.ts";
import type { Vif } from "../../xen/vif.ts";
import { DEFAULT_BRIDGE } from "../../xen/vif-config.ts";
import { backendPath, type XenbusStateName, xenbusStateName } from "../../xen/xenbus.ts";
import type { DomainPlan } from "../topology/plan.ts";
import { deviceNumbers } from "../topology/resolve-domain.ts";
import { type RingSnapshot, receiveRingSnapshot, transmitRingSnapshot } from "./ring-snapshot.ts";

export interface VifSnapshot {
  /** Of the device in domain 0, "vif1.0" unless it was renamed; null while netback has made none. */
  readonly name: string | null;
  /** The number of the device: Y of vifX.Y. */
  readonly handle: number;
  /** Of the device in the guest; while netfront has made none, the name it will most likely get. */
  readonly guestDevice: string;
  /** Of the device in the guest; while netfront has made none, what the plan says the guest will set. */
  readonly addresses: readonly string[];
  /** What the configuration wants; where it is a port now stands in the device's `master`. */
  readonly bridge: string | null;
  readonly mac: string;
  /** Null: there is no such directory in xenstore. */
  readonly backend: XenbusStateName | null;
  readonly frontend: XenbusStateName | null;
  /** Empty until the hotplug script has written it; null: no such node. */
  readonly hotplugStatus: string | null;
  /** As in xenstore: bytes per window, microseconds of the window ("20000,50000"). Null: unlimited. */
  readonly rate: string | null;
  /** Guest to host. Null while netfront has no rings. */
  readonly transmit: RingSnapshot | null;
  /** Host to guest. */
  readonly receive: RingSnapshot | null;
  /** Netback takes no request from the transmit ring before the next window of `rate`. */
  readonly waitsForCredit: boolean;
  /** Frames that netback holds until the receive ring has room. Null while it is not connected. */
  readonly fifo: FifoSnapshot | null;
}

export interface FifoSnapshot {
  readonly frames: number;
  readonly bytes: number;
  /** Bytes at which the queue of the vif is stopped. */
  readonly limit: number;
  /** The guest has taken nothing for a minute, or was not ready yet: the vif has no carrier. */
  readonly stalled: boolean;
}

const BACKEND_KEYS = ["bridge", "state", "hotplug-status", "rate"];

/** The devices that the toolstack has made for a domain, in its order. */
export function vifSnapshots(xen: XenHost, guest: Guest, plan: DomainPlan | null): VifSnapshot[] {
  return devicesOf(xen, guest.domain.id).map((nic, place) => liveVif(xen, guest, nic, place, plan));
}

/** As libxl remembers them; xend keeps no copy of its own, so there the backend directories say it. */
function devicesOf({ store, machine }: XenHost, domid: number): Nic[] {
  if (machine.parts.xend === undefined) return nicsOf(store, domid);
  const handles = store.list(`/local/domain/0/backend/vif/${domid}`) ?? [];
  return handles.map((handle) => {
    const [mac, script] = store.readEach(backendPath(0, domid, Number(handle)), ["mac", "script"]);
    return new Nic(domid, Number(handle), parseMac(mac ?? "") ?? ZERO_MAC, script ?? "");
  });
}

function liveVif(xen: XenHost, guest: Guest, nic: Nic, place: number, plan: DomainPlan | null): VifSnapshot {
  const { store } = xen;
  const vif = xen.netback.find(nic.domid, nic.devid);
  const netfront = guest.netfront(nic.devid);
  const guestDevice = netfront?.name ?? expectedName(place);
  const [bridge = null, state = null, hotplugStatus = null, rate = null] = store.readEach(nic.backend, BACKEND_KEYS);
  return {
    name: vif?.name ?? null,
    handle: nic.devid,
    guestDevice,
    addresses: netfront === null ? plannedAddresses(plan, guestDevice) : addressesOf(guest, netfront),
    bridge,
    mac: formatMac(nic.mac),
    backend: stateName(state),
    frontend: stateName(store.read(`${nic.frontend}/state`)),
    hotplugStatus,
    rate,
    ...rings(vif, netfront),
  };
}

const stateName = (text: string | null): XenbusStateName | null =>
  text === null ? null : xenbusStateName(Number(text));

const addressesOf = ({ machine }: Guest, device: Netfront): string[] =>
  machine.net.addresses.of(device).map(formatCidr);

function rings(
  vif: Vif | null,
  netfront: Netfront | null,
): Pick<VifSnapshot, "transmit" | "receive" | "waitsForCredit" | "fifo"> {
  const transmit = netfront?.transmitRing ?? null;
  const receive = netfront?.receiveRing ?? null;
  return {
    transmit: transmit === null ? null : transmitRingSnapshot(transmit, vif?.transmitQueue?.ring ?? null),
    receive: receive === null ? null : receiveRingSnapshot(receive, vif?.receiveQueue?.ring ?? null),
    waitsForCredit: (vif?.transmitQueue?.creditDue ?? null) !== null,
    fifo: vif === null ? null : fifoSnapshot(vif),
  };
}

function fifoSnapshot({ receiveQueue }: Vif): FifoSnapshot | null {
  if (receiveQueue === null) return null;
  const { fifoLength, fifoBytes, fifoLimit, stalled } = receiveQueue;
  return { frames: fifoLength, bytes: fifoBytes, limit: fifoLimit, stalled };
}

/** What a domain that is not there will have. */
export function plannedVifs(plan: DomainPlan): VifSnapshot[] {
  const handles = deviceNumbers(plan.vifs);
  return plan.vifs.map((vif, place) => ({
    name: null,
    handle: handles[place]!,
    guestDevice: expectedName(place),
    addresses: plannedAddresses(plan, expectedName(place)),
    bridge: vif.bridge ?? DEFAULT_BRIDGE,
    mac: formatMac(vif.mac),
    backend: null,
    frontend: null,
    hotplugStatus: null,
    rate: vif.rate === null ? null : formatXenstoreRate(vif.rate),
    ...rings(null, null),
  }));
}

/** The N-th vif of a guest becomes its ethN. */
const expectedName = (place: number): string => `eth${place}`;

function plannedAddresses(plan: DomainPlan | null, device: string): string[] {
  return plan?.inside.find((inside) => inside.device === device)?.addresses.map(formatCidr) ?? [];
}
