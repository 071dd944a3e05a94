/** The printing half of brctl. Follows brctl_cmd.c and brctl_disp.c of bridge-utils 1.7.1. */
import { Bridge } from "../../../device/bridge.ts";
import { type BridgePort, portStateNames } from "../../../device/bridge-port.ts";
import type { NetDevice } from "../../../device/device.ts";
import type { Timer } from "../../../engine/timer.ts";
import { formatMac } from "../../../packet/address.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import type { Process } from "../../process.ts";
import { bridgeId, byName, hex4, idText, type PortEntry, portsByName, shownMacs } from "./facts.ts";
import { nanosToTicks, timerText } from "./numbers.ts";

/** IFNAMSIZ cuts what is longer on its way into the kernel. */
export const named = (process: Process, name: string): NetDevice | null =>
  process.machine.table.find(name.slice(0, 15));

const HEADER = "bridge name\tbridge id\t\tSTP enabled\tinterfaces\n";

/** Without a bridge bridge-utils 1.7 prints nothing, older ones the header. */
export const show = (process: Process, names: readonly string[]): number => print(process, names, false);
export const oldShow = (process: Process, names: readonly string[]): number => print(process, names, true);

function print(process: Process, names: readonly string[], alwaysHeader: boolean): number {
  const { table } = process.machine;
  const all = table.devices.filter((each) => each instanceof Bridge).sort(byName);
  const wanted = names.length === 0 ? all.map((each) => each.name) : names;
  let status = 0;
  let text = "";
  for (const name of wanted) {
    const bridge = asBridge(process, name);
    if (bridge === null) status = 1;
    else text += row(name, bridge);
  }
  if (text !== "" || alwaysHeader) process.print(HEADER + text);
  return status;
}

/** Null after the sentence that says why. */
function asBridge(process: Process, name: string): Bridge | null {
  const device = named(process, name);
  if (device instanceof Bridge) return device;
  process.error(device === null ? `bridge ${name} does not exist!\n` : `device ${name} is not a bridge!\n`);
  return null;
}

function row(name: string, bridge: Bridge): string {
  const ports = portsByName(bridge).map((port) => port.device.name);
  return `${name}\t\t${bridgeId(bridge)}\t${bridge.stp.enabled ? "yes" : "no"}\t\t${ports.join(`\n${"\t".repeat(7)}`)}\n`;
}

export function showMacs(process: Process, [name = ""]: readonly string[]): number {
  const device = named(process, name);
  if (!(device instanceof Bridge)) {
    const why = device === null ? ERRNO_TEXT.ENODEV : ERRNO_TEXT.EOPNOTSUPP;
    process.error(`read of forward table failed: ${why}\n`);
    return 1;
  }
  const rows = shownMacs(device).map((entry) => macRow(entry, device.fdb.age(entry)));
  process.print(`port no\tmac addr\t\tis local?\tageing timer\n${rows.join("")}`);
  return 0;
}

function macRow(entry: PortEntry, age: number): string {
  const number = String(entry.port.number).padStart(3);
  return `${number}\t${formatMac(entry.mac)}\t${entry.local ? "yes" : "no"}\t\t${timerText(age)}\n`;
}

export function showStp(process: Process, [name = ""]: readonly string[]): number {
  const bridge = asBridge(process, name);
  if (bridge === null) return 1;
  const ports = portsByName(bridge).map((port) => portBlock(bridge, port));
  process.print(`${bridgeBlock(name, bridge)}\n\n${ports.join("")}`);
  return 0;
}

/** A cell of two columns: what is in use, and what the bridge would have as root. */
const twice = (label: string, used: string, own: string, value: string): string =>
  ` ${label}${used}\t\t\tbridge ${own}${value}\n`;

function bridgeBlock(name: string, bridge: Bridge): string {
  const { stp, fdb } = bridge;
  const time = (value: number): string => timerText(nanosToTicks(value));
  const flags = `${stp.topologyChange ? "TOPOLOGY_CHANGE " : ""}${stp.topologyChangeDetected ? "TOPOLOGY_CHANGE_DETECTED " : ""}`;
  const root = String(stp.rootPort?.number ?? 0).padStart(4);
  return (
    `${name}\n bridge id\t\t${bridgeId(bridge)}\n designated root\t${idText(stp.designatedRoot)}\n` +
    ` root port\t\t${root}\t\t\tpath cost\t\t${String(stp.rootPathCost).padStart(4)}\n` +
    twice("max age\t\t", time(stp.maxAge), "max age\t\t", time(stp.ownMaxAge)) +
    twice("hello time\t\t", time(stp.helloTime), "hello time\t", time(stp.ownHelloTime)) +
    twice("forward delay\t\t", time(stp.forwardDelay), "forward delay\t", time(stp.ownForwardDelay)) +
    ` ageing time\t\t${time(fdb.ageingTime)}\n` +
    ` hello timer\t\t${left(stp.helloTimer, bridge)}\t\t\ttcn timer\t\t${left(stp.notificationTimer, bridge)}\n` +
    ` topology change timer\t${left(stp.topologyChangeTimer, bridge)}\t\t\tgc timer\t\t${left(fdb.collector, bridge)}\n` +
    ` flags\t\t\t${flags}\n`
  );
}

const left = (timer: Timer, bridge: Bridge): string =>
  timerText(timer.due === null ? 0 : nanosToTicks(timer.due - bridge.world.scheduler.now));

function portBlock(bridge: Bridge, port: BridgePort): string {
  const { device, stp } = port;
  const { messageAge, forwardDelay, hold } = stp.timers;
  const flags = `${stp.configPending ? "CONFIG_PENDING " : ""}${stp.acknowledge ? "TOPOLOGY_CHANGE_ACK " : ""}`;
  const cost = String(port.pathCost).padStart(4);
  return (
    `${device.name} (${port.number})\n` +
    ` port id\t\t${hex4(port.id)}\t\t\tstate\t\t${portStateNames[port.state].padStart(15)}\n` +
    ` designated root\t${idText(stp.designatedRoot)}\tpath cost\t\t${cost}\n` +
    ` designated bridge\t${idText(stp.designatedBridge)}\tmessage age timer\t${left(messageAge, bridge)}\n` +
    ` designated port\t${hex4(stp.designatedPort)}\t\t\tforward delay timer\t${left(forwardDelay, bridge)}\n` +
    ` designated cost\t${String(stp.designatedCost).padStart(4)}\t\t\thold timer\t\t${left(hold, bridge)}\n` +
    ` flags\t\t\t${flags}\n${port.hairpin ? " hairpin mode\t\t   1\n" : ""}\n`
  );
}
