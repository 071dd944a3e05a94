/**
 * The changing half of brctl. Follows brctl_cmd.c and libbridge of bridge-utils 1.7.1, with the answers of br_ioctl.c,
 * br_sysfs_br.c and br_sysfs_if.c of Linux 6.1.
 */
import { Bridge } from "../../../device/bridge.ts";
import type { BridgePort } from "../../../device/bridge-port.ts";
import type { BridgeStp, TimeAnswer } from "../../../device/bridge-stp.ts";
import type { Nanos } from "../../../engine/time.ts";
import { ERRNO_TEXT, type Errno } from "../../../stack/errno.ts";
import type { Process } from "../../process.ts";
import { addBridge } from "../ip/rtnetlink.ts";
import { readFloat, readInteger, ticksToNanos, toTicks } from "./numbers.ts";
import { named } from "./show.ts";

type Names = readonly string[];

/** The sentence on stderr; 1. */
function say(process: Process, sentence: string): number {
  process.error(`${sentence}\n`);
  return 1;
}

const failed = (process: Process, what: string, errno: Errno): number => say(process, `${what}: ${ERRNO_TEXT[errno]}`);

export function addBr(process: Process, [name = ""]: Names): number {
  const made = addBridge(process.machine.table, { name: name.slice(0, 15) });
  if (made instanceof Bridge) return 0;
  if (made.errno !== "EEXIST") return failed(process, "add bridge failed", made.errno);
  return say(process, `device ${name} already exists; can't create bridge with the same name`);
}

export function delBr(process: Process, [name = ""]: Names): number {
  const device = named(process, name);
  if (device === null) return say(process, `bridge ${name} doesn't exist; can't delete it`);
  if (!(device instanceof Bridge)) return failed(process, `can't delete bridge ${name}`, "EPERM");
  if (device.up) return say(process, `bridge ${name} is still up; can't delete it`);
  device.table.unregister(device);
  return 0;
}

export function addIf(process: Process, [bridge = "", ...ports]: Names): number {
  for (const port of ports) if (addOne(process, bridge, port) !== 0) return 1;
  return 0;
}

function addOne(process: Process, name: string, port: string): number {
  const device = process.machine.table.find(port);
  const bridge = named(process, name);
  if (device === null) return say(process, `interface ${port} does not exist!`);
  if (bridge === null) return say(process, `bridge ${name} does not exist!`);
  const what = `can't add ${port} to bridge ${name}`;
  if (!(bridge instanceof Bridge)) return failed(process, what, "EOPNOTSUPP");
  switch (bridge.addPort(device)) {
    case "ok":
      return 0;
    case "busy":
      return say(process, `device ${port} is already a member of a bridge; can't add it to bridge ${name}.`);
    case "loop":
      return say(process, `device ${port} is a bridge device itself; can't add a bridge device to a bridge device.`);
    case "invalid":
      return failed(process, what, "EINVAL");
    case "exfull":
      return failed(process, what, "EXFULL");
  }
}

export function delIf(process: Process, [bridge = "", ...ports]: Names): number {
  for (const port of ports) if (deleteOne(process, bridge, port) !== 0) return 1;
  return 0;
}

function deleteOne(process: Process, name: string, port: string): number {
  const device = process.machine.table.find(port);
  const bridge = named(process, name);
  if (device === null) return say(process, `interface ${port} does not exist!`);
  if (bridge === null) return say(process, `bridge ${name} does not exist!`);
  if (!(bridge instanceof Bridge)) return failed(process, `can't delete ${port} from ${name}`, "EOPNOTSUPP");
  return bridge.removePort(device) === "ok" ? 0 : say(process, `device ${port} is not a port of ${name}`);
}

/** "on" and "off" and their like; null after the sentence. */
function onOff(process: Process, word: string): boolean | null {
  if (["on", "yes", "1"].includes(word)) return true;
  if (["off", "no", "0"].includes(word)) return false;
  say(process, "expect on/off for argument");
  return null;
}

/** What a bridge's files say to whoever is no bridge. */
function bridgeFor(process: Process, name: string, what: string): Bridge | null {
  const device = named(process, name);
  if (device instanceof Bridge) return device;
  failed(process, what, device === null ? "ENODEV" : "EOPNOTSUPP");
  return null;
}

export function stp(process: Process, [name = "", word = ""]: Names): number {
  const on = onOff(process, word);
  const bridge = on === null ? null : bridgeFor(process, name, "set stp status failed");
  if (bridge === null) return 1;
  bridge.stp.setEnabled(on!);
  return 0;
}

/** Null after a sentence. Negative times end up far in the future in a real kernel. */
function readTime(process: Process, word: string, bad: string): Nanos | null {
  const seconds = readFloat(word);
  if (seconds !== null && seconds >= 0 && Number.isFinite(seconds)) return ticksToNanos(toTicks(seconds));
  say(process, seconds === null ? bad : `${process.name}: ${word}: negative and endless times are not modelled`);
  return null;
}

function changeTime(
  process: Process,
  [name = "", word = ""]: Names,
  bad: string,
  what: string,
  change: (bridge: Bridge, time: Nanos) => TimeAnswer,
): number {
  const time = readTime(process, word, bad);
  const bridge = time === null ? null : bridgeFor(process, name, what);
  if (bridge === null) return 1;
  return change(bridge, time!) === "ok" ? 0 : failed(process, what, "ERANGE");
}

export const setFd = (process: Process, names: Names): number =>
  changeTime(process, names, "bad forward delay value", "set forward delay failed", (bridge, time) =>
    bridge.stp.setForwardDelay(time),
  );

export const setHello = (process: Process, names: Names): number =>
  changeTime(process, names, "bad hello timer value", "set hello timer failed", (bridge, time) =>
    bridge.stp.setHelloTime(time),
  );

export const setMaxAge = (process: Process, names: Names): number =>
  changeTime(process, names, "bad max age value", "set max age failed", (bridge, time) => bridge.stp.setMaxAge(time));

export const setAgeing = (process: Process, names: Names): number =>
  changeTime(process, names, "bad ageing time value", "set ageing time failed", (bridge, time) => {
    bridge.fdb.setAgeingTime(time);
    return "ok";
  });

export function setBridgePrio(process: Process, [name = "", word = ""]: Names): number {
  const priority = readInteger(word);
  if (priority === null) return say(process, "bad priority");
  const bridge = bridgeFor(process, name, "set bridge priority failed");
  if (bridge === null) return 1;
  bridge.stp.setPriority(priority & 0xffff);
  return 0;
}

const stpOf = (port: BridgePort): BridgeStp => (port.device.master as Bridge).stp;

/** The port's own files are tried first, so the bridge's name only matters when there are none. */
function portFor(process: Process, bridge: string, port: string): BridgePort | Errno {
  const device = process.machine.table.find(port);
  const master = device?.master;
  if (device !== null && master instanceof Bridge) return master.portOf(device)!;
  const there = named(process, bridge);
  if (device === null || there === null) return "ENODEV";
  return there instanceof Bridge ? "ENOENT" : "EOPNOTSUPP";
}

export function setPathCost(process: Process, [bridge = "", name = "", word = ""]: Names): number {
  const cost = readInteger(word);
  if (cost === null) return say(process, "bad path cost value");
  const port = portFor(process, bridge, name);
  if (typeof port === "string") return failed(process, "set path cost failed", port);
  if (cost < 1 || cost > 65_535) return failed(process, "set path cost failed", "ERANGE");
  stpOf(port).setPathCost(port, cost);
  return 0;
}

export function setPortPrio(process: Process, [bridge = "", name = "", word = ""]: Names): number {
  const priority = readInteger(word);
  if (priority === null) return say(process, "bad path priority value");
  const port = portFor(process, bridge, name);
  if (typeof port === "string") return failed(process, "set port priority failed", port);
  if (priority < 0 || priority > 63) return failed(process, "set port priority failed", "ERANGE");
  stpOf(port).setPortPriority(port, priority);
  return 0;
}

export function hairpin(process: Process, [bridge = "", name = "", word = ""]: Names): number {
  const on = onOff(process, word);
  if (on === null) return 1;
  if (process.machine.table.find(name) === null) return say(process, `interface ${name} does not exist!`);
  if (named(process, bridge) === null) return say(process, `bridge ${bridge} does not exist!`);
  const port = portFor(process, bridge, name);
  if (typeof port === "string") return failed(process, `can't set ${name} to hairpin on bridge ${bridge}`, port);
  port.hairpin = on;
  return 0;
}
