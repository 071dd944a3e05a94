/**
 * `/proc`: `/proc/sys`, `/proc/net` (more of it in proc-net/) and `/proc/uptime`. Follows net/core/net-procfs.c (the columns
 * of /proc/net/dev) and fs/proc/uptime.c. Not modelled: everything else a real /proc holds.
 */
import type { NetDevice } from "../device/device.ts";
import type { DeviceTable } from "../device/device-table.ts";
import type { Nanos } from "../engine/time.ts";
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
