/**
 * The live parts of the file tree: `/proc/sys`, `/proc/net` (more of it in proc-net/), `/proc/uptime` and `/sys/class/net`.
 * Follows net/core/net-procfs.c (the columns of /proc/net/dev), net/core/net-sysfs.c and fs/proc/uptime.c.
 * Not modelled: everything else a real /proc and /sys hold.
 */
import type { Counters, NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import { operState } from "../device/oper-state.ts";
import type { Nanos } from "../engine/time.ts";
import { formatMac } from "../packet/address.ts";
import { ERRNO_TEXT } from "../stack/errno.ts";
import type { Sysctls } from "../stack/sysctl.ts";
import type { Box } from "./box.ts";
import { procText } from "./command/conntrack/print-flow.ts";
import { EINVAL, Errno } from "./errno.ts";
import { Directory, LiveDirectory, LiveFile, type Node } from "./files.ts";
import { NetTextFile, PROC_NET } from "./proc-net/index.ts";

export function procDirectory(machine: Box): Directory {
  const now = machine.bootedAt;
  const net = new NetDirectory(machine, now);
  net.entries.set("dev", new NetDevFile(machine.table));
  for (const name of PROC_NET) net.entries.set(name, new NetTextFile(machine, name));
  const kernel = new Directory(now);
  for (const name of ["hostname", "osrelease", "ostype", "version"] as const)
    kernel.entries.set(name, new KernelFile(machine, name));
  const sys = new Directory(now);
  sys.entries.set("kernel", kernel);
  sys.entries.set("net", new SysctlDirectory(machine.net.sysctls, "net"));
  const proc = new Directory(now);
  proc.entries.set("net", net);
  proc.entries.set("sys", sys);
  proc.entries.set("uptime", new UptimeFile(machine));
  return proc;
}

export const netClass = (machine: Box): LiveDirectory => new NetClass(machine.table);

/** `/proc/sys/net/...`, as far as the namespace has it. */
class SysctlDirectory extends LiveDirectory {
  private readonly sysctls: Sysctls;
  private readonly path: string;

  constructor(sysctls: Sysctls, path: string) {
    super();
    this.sysctls = sysctls;
    this.path = path;
  }

  list(): readonly string[] {
    const below = this.paths().filter((path) => path.startsWith(`${this.path}/`));
    return [...new Set(below.map((path) => path.slice(this.path.length + 1).split("/")[0]!))].sort();
  }

  find(name: string): Node | null {
    const path = `${this.path}/${name}`;
    if (this.paths().includes(path)) return new SysctlFile(this.sysctls, path);
    return this.paths().some((each) => each.startsWith(`${path}/`)) ? new SysctlDirectory(this.sysctls, path) : null;
  }

  private paths(): readonly string[] {
    return this.sysctls.list().map((file) => file.path);
  }
}

class SysctlFile extends LiveFile {
  override get writable(): boolean {
    return true;
  }
  private readonly sysctls: Sysctls;
  private readonly path: string;

  constructor(sysctls: Sysctls, path: string) {
    super();
    this.sysctls = sysctls;
    this.path = path;
  }

  read(): string | Errno {
    const value = this.sysctls.get(this.path);
    return value === null ? EINVAL : `${value}\n`;
  }

  override write(text: string): Errno | null {
    const refused = this.sysctls.set(this.path, text);
    return refused === null ? null : new Errno(ERRNO_TEXT[refused.errno]);
  }
}

class KernelFile extends LiveFile {
  private readonly machine: Box;
  private readonly name: "hostname" | "osrelease" | "ostype" | "version";

  constructor(machine: Box, name: "hostname" | "osrelease" | "ostype" | "version") {
    super();
    this.machine = machine;
    this.name = name;
  }

  override get writable(): boolean {
    return this.name === "hostname";
  }

  read(): string {
    const { hostname, release, version } = this.machine;
    return `${{ hostname, osrelease: release, ostype: "Linux", version }[this.name]}\n`;
  }

  override write(text: string): null {
    this.machine.hostname = text.trim();
    return null;
  }
}

class UptimeFile extends LiveFile {
  private readonly machine: Box;

  constructor(machine: Box) {
    super();
    this.machine = machine;
  }

  read(): string {
    const { uptime, cpus } = this.machine;
    const idle = cpus.reduce((sum, cpu) => sum + uptime - cpu.spent, 0);
    return `${hundredths(uptime)} ${hundredths(Math.max(0, idle))}\n`;
  }
}

function hundredths(nanos: number): string {
  const centis = Math.floor(nanos / 1e7);
  return `${Math.floor(centis / 100)}.${String(centis % 100).padStart(2, "0")}`;
}

/** `nf_conntrack` is there from the first rule that follows connections. */
class NetDirectory extends Directory {
  private readonly machine: Box;
  private readonly flows: FlowsFile;

  constructor(machine: Box, now: Nanos) {
    super(now);
    this.machine = machine;
    this.flows = new FlowsFile(machine);
  }

  override list(): readonly string[] {
    return this.hasFlows ? [...super.list(), FLOWS].sort() : super.list();
  }

  override find(name: string): Node | null {
    return name === FLOWS && this.hasFlows ? this.flows : super.find(name);
  }

  private get hasFlows(): boolean {
    return this.machine.net.sysctls.get("net/netfilter/nf_conntrack_count") !== null;
  }
}

const FLOWS = "nf_conntrack";

class FlowsFile extends LiveFile {
  private readonly machine: Box;

  constructor(machine: Box) {
    super();
    this.machine = machine;
  }

  read(): string {
    const { net, world } = this.machine;
    const lines = net.netfilter.tracker.list().map((flow) => `${procText(flow, world.scheduler.now)}\n`);
    return lines.join("");
  }
}

class NetDevFile extends LiveFile {
  private readonly table: DeviceTable;

  constructor(table: DeviceTable) {
    super();
    this.table = table;
  }

  read(): string {
    const head =
      "Inter-|   Receive                                                |  Transmit\n" +
      " face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed\n";
    return head + this.table.devices.map(netDevLine).join("");
  }
}

function netDevLine(device: NetDevice): string {
  const c = device.counters;
  const received = [
    c.rxBytes,
    c.rxPackets,
    c.rxErrors,
    c.rxDropped + c.rxUnhandled + c.rxMissed,
    0,
    0,
    0,
    c.rxMulticast,
  ];
  const sent = [c.txBytes, c.txPackets, c.txErrors, c.txDropped, 0, 0, c.txCarrier, 0];
  const receive = columns(received, [7, 7, 4, 4, 4, 5, 10, 9]);
  const transmit = columns(sent, [8, 7, 4, 4, 4, 5, 7, 10]);
  return `${device.name.padStart(6)}: ${receive} ${transmit}\n`;
}

const columns = (values: readonly number[], widths: readonly number[]): string =>
  values.map((value, i) => String(value).padStart(widths[i]!)).join(" ");

class NetClass extends LiveDirectory {
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

class DeviceDirectory extends LiveDirectory {
  private readonly device: NetDevice;

  constructor(device: NetDevice) {
    super();
    this.device = device;
  }

  list(): readonly string[] {
    return [...Object.keys(ATTRIBUTES), "statistics"].sort();
  }

  find(name: string): Node | null {
    if (name === "statistics") return new StatisticsDirectory(this.device);
    return Object.hasOwn(ATTRIBUTES, name) ? new AttributeFile(this.device, name) : null;
  }
}

class StatisticsDirectory extends LiveDirectory {
  private readonly device: NetDevice;

  constructor(device: NetDevice) {
    super();
    this.device = device;
  }

  list(): readonly string[] {
    return Object.keys(STATISTICS).sort();
  }

  find(name: string): Node | null {
    return Object.hasOwn(STATISTICS, name) ? new StatisticFile(this.device, name) : null;
  }
}

class StatisticFile extends LiveFile {
  private readonly device: NetDevice;
  private readonly name: string;

  constructor(device: NetDevice, name: string) {
    super();
    this.device = device;
    this.name = name;
  }

  read(): string {
    const fields = STATISTICS[this.name]!;
    return `${fields.reduce((sum, field) => sum + this.device.counters[field], 0)}\n`;
  }
}

/** File name to what it is the sum of; nothing where nothing of the kind is modelled. */
const STATISTICS: Readonly<Record<string, readonly (keyof Counters)[]>> = {
  collisions: [],
  multicast: ["rxMulticast"],
  rx_bytes: ["rxBytes"],
  rx_compressed: [],
  rx_crc_errors: [],
  rx_dropped: ["rxDropped", "rxUnhandled"],
  rx_errors: ["rxErrors"],
  rx_fifo_errors: [],
  rx_frame_errors: [],
  rx_length_errors: [],
  rx_missed_errors: ["rxMissed"],
  rx_nohandler: [],
  rx_over_errors: [],
  rx_packets: ["rxPackets"],
  tx_aborted_errors: [],
  tx_bytes: ["txBytes"],
  tx_carrier_errors: ["txCarrier"],
  tx_compressed: [],
  tx_dropped: ["txDropped"],
  tx_errors: ["txErrors"],
  tx_fifo_errors: [],
  tx_heartbeat_errors: [],
  tx_packets: ["txPackets"],
  tx_window_errors: [],
};

class AttributeFile extends LiveFile {
  private readonly device: NetDevice;
  private readonly name: string;

  constructor(device: NetDevice, name: string) {
    super();
    this.device = device;
    this.name = name;
  }

  override get writable(): boolean {
    return ATTRIBUTES[this.name]!.set !== undefined;
  }

  read(): string | Errno {
    const value = ATTRIBUTES[this.name]!.get(this.device);
    return value instanceof Errno ? value : `${value}\n`;
  }

  override write(text: string): Errno | null {
    if (!/^(0x[0-9a-f]+|\d+)\n?$/i.test(text)) return EINVAL;
    return ATTRIBUTES[this.name]!.set!(this.device, Number(text));
  }
}

interface Attribute {
  get(device: NetDevice): string | number | Errno;
  set?(device: NetDevice, value: number): Errno | null;
}

/** net/core/net-sysfs.c, net_class_attrs. */
const ATTRIBUTES: Readonly<Record<string, Attribute>> = {
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
