/**
 * `/sys/class/net`: a directory for each device. Follows net/core/net-sysfs.c, and of net/bridge br_sysfs_if.c for the
 * directories by which a bridge and its ports know each other. Not modelled: queues, power, and what no device here has.
 */
import { Bridge } from "../device/bridge.ts";
import type { Counters, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import { operState } from "../device/oper-state.ts";
import { formatMac } from "../packet/address.ts";
import { EINVAL, type Errno } from "./errno.ts";
import { DirectoryLink, LiveDirectory, type Node } from "./files.ts";
import { BridgeDirectory, PortDirectory } from "./sys-bridge.ts";
import { AttributeDirectory, type Attributes } from "./sysfs.ts";

export class NetClass extends LiveDirectory {
  private readonly table: DeviceTable;

  constructor(table: DeviceTable) {
    super();
    this.table = table;
  }

  list(): readonly string[] {
    return this.table.devices.map((device) => device.name).sort();
  }

  find(name: string): Node | null {
    const device = this.table.find(name);
    return device === null ? null : new DeviceDirectory(device);
  }
}

class DeviceDirectory extends AttributeDirectory<NetDevice> {
  get attributes(): Attributes<NetDevice> {
    return ATTRIBUTES;
  }

  protected override directories(): ReadonlyMap<string, LiveDirectory> {
    const device = this.of;
    const found = new Map<string, LiveDirectory>([["statistics", new StatisticsDirectory(device)]]);
    if (device instanceof Bridge) {
      found.set("bridge", new BridgeDirectory(device)).set("brif", new PortsDirectory(device));
      for (const port of device.ports) found.set(`lower_${port.device.name}`, linkTo(port.device));
    }
    const { master } = device;
    if (!(master instanceof Bridge)) return found;
    found.set("brport", new PortDirectory(master.portOf(device)!, linkTo(master, "../..")));
    return found.set("master", linkTo(master)).set(`upper_${master.name}`, linkTo(master));
  }
}

/** Its text is that between virtual devices; of a real host's it names the place of each on its bus. */
const linkTo = (device: NetDevice, above = ".."): DirectoryLink =>
  new DirectoryLink(`${above}/${device.name}`, new DeviceDirectory(device));

/** `brif`: each port's `brport` by the device's name. */
class PortsDirectory extends LiveDirectory {
  private readonly bridge: Bridge;

  constructor(bridge: Bridge) {
    super();
    this.bridge = bridge;
  }

  list(): readonly string[] {
    return this.bridge.ports.map(({ device }) => device.name).sort();
  }

  find(name: string): Node | null {
    const port = this.bridge.ports.find(({ device }) => device.name === name);
    if (port === undefined) return null;
    return new DirectoryLink(`../../${name}/brport`, new PortDirectory(port, linkTo(this.bridge, "../..")));
  }
}

/** net/core/net-sysfs.c, net_class_attrs. */
const ATTRIBUTES: Attributes<NetDevice> = {
  addr_len: { get: () => 6 },
  address: { get: (device) => formatMac(device.mac) },
  broadcast: { get: (device) => (device.traits.link === "loopback" ? "00:00:00:00:00:00" : "ff:ff:ff:ff:ff:ff") },
  carrier: { get: (device) => (device.up ? Number(device.carrier) : EINVAL) },
  dormant: { get: (device) => (device.up ? 0 : EINVAL) },
  flags: { get: (device) => `0x${flagsOf(device).toString(16)}` },
  ifindex: { get: (device) => device.index },
  iflink: { get: (device) => device.index },
  mtu: { get: (device) => device.mtu, set: setMtu },
  operstate: { get: (device) => operState(device).toLowerCase() },
  tx_queue_len: { get: (device) => device.txQueueLength, set: setTxQueueLength },
  type: { get: (device) => (device.traits.link === "loopback" ? 772 : 1) },
};

/** include/uapi/linux/if.h: UP, BROADCAST, LOOPBACK, NOARP, PROMISC, MULTICAST. */
function flagsOf(device: NetDevice): number {
  const loopback = device.traits.link === "loopback";
  return (
    (device.up ? 0x1 : 0) |
    (loopback ? 0x8 : 0x2) |
    (device.arp ? 0 : 0x80) |
    (device.promiscuity > 0 ? 0x100 : 0) |
    (device.multicast && !loopback ? 0x1000 : 0)
  );
}

function setMtu(device: NetDevice, mtu: number): Errno | null {
  const { minMtu, maxMtu } = device.traits;
  if (mtu < minMtu || (maxMtu > 0 && mtu > maxMtu)) return EINVAL;
  device.setMtu(mtu);
  return null;
}

function setTxQueueLength(device: NetDevice, length: number): Errno | null {
  device.txQueueLength = length;
  return null;
}

class StatisticsDirectory extends AttributeDirectory<NetDevice> {
  get attributes(): Attributes<NetDevice> {
    return STATISTICS;
  }
}

const sum = (...fields: readonly (keyof Counters)[]) => ({
  get: ({ counters }: NetDevice) => fields.reduce((total, field) => total + counters[field], 0),
});

/** 0 where nothing of the kind is modelled. */
const STATISTICS: Attributes<NetDevice> = {
  collisions: sum(),
  multicast: sum("rxMulticast"),
  rx_bytes: sum("rxBytes"),
  rx_compressed: sum(),
  rx_crc_errors: sum(),
  rx_dropped: sum("rxDropped", "rxUnhandled"),
  rx_errors: sum("rxErrors"),
  rx_fifo_errors: sum(),
  rx_frame_errors: sum(),
  rx_length_errors: sum(),
  rx_missed_errors: sum("rxMissed"),
  rx_nohandler: sum(),
  rx_over_errors: sum(),
  rx_packets: sum("rxPackets"),
  tx_aborted_errors: sum(),
  tx_bytes: sum("txBytes"),
  tx_carrier_errors: sum("txCarrier"),
  tx_compressed: sum(),
  tx_dropped: sum("txDropped"),
  tx_errors: sum("txErrors"),
  tx_fifo_errors: sum(),
  tx_heartbeat_errors: sum(),
  tx_packets: sum("txPackets"),
  tx_window_errors: sum(),
};
