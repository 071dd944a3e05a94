/**
 * What the kernel does when somebody asks it to change, make or remove a link, with its refusals. Follows do_setlink,
 * __rtnl_newlink and rtnl_dellink (net/core/rtnetlink.c), dev_change_name, dev_set_mtu and eth_mac_addr of Linux 6.1.
 * Not modelled: alternative names, groups, moving to another namespace.
 */
import { Bridge } from "../../../device/bridge.ts";
import type { DeviceRegistry, NetDevice } from "../../../device/device.ts";
import { type DeviceTable, isValidName } from "../../../device/device-table.ts";
import { Veth, VethPair } from "../../../device/veth.ts";
import { isStationAddress, type Mac } from "../../../packet/address.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";

/** Absent: as it is. */
export interface LinkChange {
  mac?: Mac;
  mtu?: number;
  name?: string;
  /** Null: out of the bridge it is in. */
  master?: NetDevice | null;
  multicast?: boolean;
  arp?: boolean;
  promisc?: boolean;
  up?: boolean;
  queueLength?: number;
}

/** do_setlink, in its order: what was done before a refusal stays done. */
export function changeLink(device: NetDevice, change: LinkChange): Refusal | null {
  return (
    (change.mac === undefined ? null : changeMac(device, change.mac)) ??
    (change.mtu === undefined ? null : changeMtu(device, change.mtu)) ??
    (change.name === undefined ? null : rename(device, change.name)) ??
    changeFlags(device, change) ??
    (change.master === undefined ? null : changeMaster(device, change.master)) ??
    changeQueueLength(device, change.queueLength)
  );
}

/** Without IFF_LIVE_ADDR_CHANGE: the Xen drivers take an address only while they are down (eth_mac_addr). */
const NO_LIVE_ADDRESS = "vif";

export function changeMac(device: NetDevice, mac: Mac): Refusal | null {
  if (device.up && device.traits.driver === NO_LIVE_ADDRESS) return refuse("EBUSY");
  if (!isStationAddress(mac)) return refuse("EADDRNOTAVAIL");
  device.setMac(mac);
  return null;
}

/** dev_validate_mtu */
export function changeMtu(device: NetDevice, mtu: number): Refusal | null {
  const { minMtu, maxMtu } = device.traits;
  if (mtu === device.mtu) return null;
  if (mtu < minMtu) return refuse("EINVAL", "mtu less than device minimum");
  if (maxMtu > 0 && mtu > maxMtu) return refuse("EINVAL", "mtu greater than device maximum");
  device.setMtu(mtu);
  return null;
}

/** dev_change_name: before Linux 6.2 not while the device is up. */
export function rename(device: NetDevice, name: string): Refusal | null {
  if (device.up) return refuse("EBUSY");
  if (name === device.name) return null;
  const wanted = freeName(device.table, name);
  if (typeof wanted !== "string") return wanted;
  device.table.rename(device, wanted);
  return null;
}

/** dev_get_valid_name: "eth%d" takes the first free number. */
function freeName(table: DeviceRegistry, name: string): string | Refusal {
  if (!isValidName(name)) return refuse("EINVAL");
  if (!name.includes("%")) return table.find(name) === null ? name : refuse("EEXIST");
  if (name.indexOf("%") !== name.lastIndexOf("%d")) return refuse("EINVAL");
  let number = 0;
  while (table.find(name.replace("%d", String(number))) !== null) number++;
  return name.replace("%d", String(number));
}

/** __dev_change_flags */
function changeFlags(device: NetDevice, { multicast, arp, promisc, up }: LinkChange): null {
  if (arp !== undefined) device.setFlag("arp", arp);
  if (multicast !== undefined) device.setFlag("multicast", multicast);
  if (up !== undefined) device.setUp(up);
  if (promisc !== undefined) device.setPromisc(promisc);
  return null;
}

function changeQueueLength(device: NetDevice, length: number | undefined): null {
  if (length !== undefined) device.txQueueLength = length;
  return null;
}

/** do_set_master */
export function changeMaster(device: NetDevice, master: NetDevice | null): Refusal | null {
  if (device.master === master) return null;
  if (device.master instanceof Bridge) device.master.removePort(device);
  if (master === null) return null;
  return master instanceof Bridge ? addPort(master, device) : refuse("EOPNOTSUPP");
}

/** br_add_if */
function addPort(bridge: Bridge, device: NetDevice): Refusal | null {
  switch (bridge.addPort(device)) {
    case "ok":
      return null;
    case "busy":
      return refuse("EBUSY");
    case "loop":
      return refuse("ELOOP", "Can not enslave a bridge to a bridge");
    case "invalid":
      return refuse("EINVAL");
    case "exfull":
      return refuse("EXFULL");
  }
}

/** eth_random_addr: a station address, locally administered. */
function randomMac(table: DeviceTable): Mac {
  const random = table.world.random(`mac.${table.machine}`);
  const high = (random.below(0x1_0000) & 0xfcff) | 0x0200;
  return (high * 2 ** 32 + random.next32()) as Mac;
}

export interface NewLink {
  /** Null: "bridge0", "veth0", ... */
  readonly name: string | null;
  readonly mac?: Mac;
  readonly mtu?: number;
}

export function addBridge(table: DeviceTable, wanted: NewLink): Bridge | Refusal {
  const name = freeName(table, wanted.name ?? "bridge%d");
  if (typeof name !== "string") return name;
  const bridge = new Bridge(table, name, randomMac(table));
  table.register(bridge);
  return adjust(bridge, wanted);
}

/** veth_newlink: the peer is registered first. */
export function addVeth(table: DeviceTable, wanted: NewLink, peer: NewLink): Veth | Refusal {
  if (wanted.name !== null && table.find(wanted.name) !== null) return refuse("EEXIST");
  const far = newVeth(table, peer);
  if (!(far instanceof Veth)) return far;
  const near = newVeth(table, wanted);
  if (near instanceof Veth) {
    new VethPair(near, far);
    return near;
  }
  table.unregister(far);
  return near;
}

function newVeth(table: DeviceTable, wanted: NewLink): Veth | Refusal {
  const name = freeName(table, wanted.name ?? "veth%d");
  if (typeof name !== "string") return name;
  const veth = new Veth(table, name, wanted.mac ?? randomMac(table));
  table.register(veth);
  return adjust(veth, wanted);
}

function adjust<Device extends NetDevice>(device: Device, { mac, mtu }: NewLink): Device | Refusal {
  const refusal = changeLink(device, { ...(mac === undefined ? {} : { mac }), ...(mtu === undefined ? {} : { mtu }) });
  if (refusal === null) return device;
  device.table.unregister(device);
  return refusal;
}

/** rtnl_dellink: only what was made by a command can be removed by one. */
export function removeLink(device: NetDevice): Refusal | null {
  if (!(device instanceof Bridge || device instanceof Veth)) return refuse("EOPNOTSUPP");
  device.table.unregister(device);
  return null;
}
