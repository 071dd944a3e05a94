/**
 * `bridge link`. Follows bridge/link.c of iproute2 6.1 and br_setport of net/bridge/br_netlink.c, Linux 6.1.
 * Flags that the bridge does not model are shown with the kernel's default and cannot be set.
 */
import { Bridge } from "../../../device/bridge.ts";
import { type BridgePort, type PortStateCode, portStateNames } from "../../../device/bridge-port.ts";
import type { Errno } from "../../../stack/errno.ts";
import type { Json } from "../ip/json.ts";
import { linkFacts } from "../ip/link-facts.ts";
import { abbreviates, abbreviatesAny, duplicate, Misuse } from "../ip/words.ts";
import { type BridgeRun, notModelled, printJson, refused } from "./run.ts";

const USAGE = `Usage: bridge link set dev DEV [ cost COST ] [ priority PRIO ] [ state STATE ]
                               [ guard {on | off} ]
                               [ hairpin {on | off} ]
                               [ fastleave {on | off} ]
                               [ root_block {on | off} ]
                               [ learning {on | off} ]
                               [ learning_sync {on | off} ]
                               [ flood {on | off} ]
                               [ mcast_router MULTICAST_ROUTER ]
                               [ mcast_flood {on | off} ]
                               [ bcast_flood {on | off} ]
                               [ mcast_to_unicast {on | off} ]
                               [ neigh_suppress {on | off} ]
                               [ vlan_tunnel {on | off} ]
                               [ isolated {on | off} ]
                               [ locked {on | off} ]
                               [ hwmode {vepa | veb} ]
                               [ backup_port DEVICE ] [ nobackup_port ]
                               [ self ] [ master ]
       bridge link show [dev DEV]`;

export function doLink(run: BridgeRun): number {
  const { words } = run;
  if (!words.more) return show(run);
  const verb = words.take();
  if (abbreviatesAny(verb, "set", "change")) return set(run);
  if (abbreviatesAny(verb, "show", "lst", "list")) return show(run);
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  throw new Misuse(`Command "${verb}" is unknown, try "bridge link help".`);
}

/** Words it does not know are ignored, as the real one does. */
function show(run: BridgeRun): number {
  const { table } = run.machine;
  let wanted: string | null = null;
  while (run.words.more) {
    if (run.words.take() !== "dev") continue;
    const name = run.words.take();
    if (wanted !== null) throw duplicate("dev", name);
    wanted = name;
  }
  if (wanted !== null && table.find(wanted) === null) throw new Misuse(`Cannot find device "${wanted}"`);
  const ports = table.devices
    .filter((each) => wanted === null || each.name === wanted)
    .flatMap((each) => (each.master instanceof Bridge ? [each.master.portOf(each)!] : []));
  if (run.options.json)
    return printJson(
      run,
      ports.map((port) => json(run, port)),
    );
  for (const port of ports) run.process.print(text(run, port));
  return 0;
}

/** With -d, in the order of the real tool. */
const FLAGS: readonly (readonly [name: string, value: (port: BridgePort) => boolean | number])[] = [
  ["hairpin", (port) => port.hairpin],
  ["guard", () => false],
  ["root_block", () => false],
  ["fastleave", () => false],
  ["learning", (port) => port.learning],
  ["flood", (port) => port.flood],
  ["mcast_flood", (port) => port.multicastFlood],
  ["bcast_flood", (port) => port.broadcastFlood],
  ["mcast_router", () => 1],
  ["mcast_to_unicast", () => false],
  ["neigh_suppress", () => false],
  ["vlan_tunnel", () => false],
  ["isolated", (port) => port.isolated],
  ["locked", () => false],
];

const shown = (value: boolean | number): string => (typeof value === "number" ? String(value) : value ? "on" : "off");

export function text(run: BridgeRun, port: BridgePort): string {
  const { index, name, peer, flags, mtu, master } = linkFacts(port.device);
  const at = peer === null ? "" : `@${peer.isLocal ? peer.name : `if${peer.index}`}`;
  const state = `state ${portStateNames[port.state]} priority ${port.priority} cost ${port.pathCost} `;
  const first = `${index}: ${name}${at}: <${flags.join(",")}> mtu ${mtu} master ${master} ${state}`;
  if (!run.options.details) return `${first}\n`;
  const more = FLAGS.map(([flag, value]) => `${flag} ${shown(value(port))} `).join("");
  return `${first}${run.options.oneLine ? "\\" : "\n"}    ${more}\n`;
}

function json(run: BridgeRun, port: BridgePort): Json {
  const { index, name, peer, flags, mtu, master } = linkFacts(port.device);
  const link = peer === null ? {} : peer.isLocal ? { link: peer.name } : { link_index: peer.index };
  const details = run.options.details ? Object.fromEntries(FLAGS.map(([flag, value]) => [flag, value(port)])) : {};
  const { priority, pathCost: cost } = port;
  const state = portStateNames[port.state];
  return { ifindex: index, ...link, ifname: name, flags, mtu, master, state, priority, cost, ...details };
}

/** Absent: as it is. */
interface PortChange {
  hairpin?: boolean;
  learning?: boolean;
  flood?: boolean;
  multicastFlood?: boolean;
  broadcastFlood?: boolean;
  isolated?: boolean;
  cost?: number;
  priority?: number;
  state?: number;
}

const SWITCHES = {
  hairpin: "hairpin",
  learning: "learning",
  flood: "flood",
  mcast_flood: "multicastFlood",
  bcast_flood: "broadcastFlood",
  isolated: "isolated",
} as const;

const NOT_MODELLED = [
  ...["guard", "fastleave", "root_block", "learning_sync", "mcast_router", "mcast_to_unicast", "neigh_suppress"],
  ...["vlan_tunnel", "locked", "hwmode", "backup_port", "nobackup_port", "self"],
];

function set(run: BridgeRun): number {
  const { words } = run;
  const change: PortChange = {};
  let name: string | null = null;
  while (words.more) {
    const word = words.take();
    if (word === "dev") name = words.take();
    else if (Object.hasOwn(SWITCHES, word)) change[SWITCHES[word as keyof typeof SWITCHES]] = onOff(word, words.take());
    else if (word === "cost" || word === "priority") change[word] = atoi(words.take());
    else if (word === "state") change.state = readState(words.take());
    else if (NOT_MODELLED.includes(word)) throw notModelled(`link set ${word}`);
    else if (word !== "master") throw new Misuse(USAGE);
  }
  if (name === null) throw new Misuse("Device is a required argument.");
  const device = run.machine.table.find(name);
  if (device === null) throw new Misuse(`Cannot find bridge device "${name}"`);
  if (!(device.master instanceof Bridge)) return refused(run, "EOPNOTSUPP");
  const errno = changePort(device.master, device.master.portOf(device)!, change);
  return errno === null ? 0 : refused(run, errno);
}

/** parse_on_off of iproute2 6.1 names both words and ends with EINVAL. */
function onOff(key: string, word: string): boolean {
  if (word === "on" || word === "off") return word === "on";
  throw new Misuse(`Error: argument of "${key}" must be one of "off", "on", not "${word}"`, 234);
}

/** atoi(3): what is no number is 0. */
const atoi = (word: string): number => Number(/^\s*[+-]?\d+/.exec(word)?.[0] ?? 0);

function readState(word: string): number {
  if (/^[+-]?\d+$/.test(word)) return Number(word);
  const state = (portStateNames as readonly string[]).indexOf(word);
  if (state < 0) throw new Misuse("Error: invalid STP port state");
  return state;
}

/** br_setport, in its order: what was done before a refusal stays done. Negative numbers are never sent to it. */
function changePort(bridge: Bridge, port: BridgePort, change: PortChange): Errno | null {
  const { cost = 0, priority = -1, state = -1, ...switches } = change;
  Object.assign(port, switches);
  if (cost > 65_535 || priority > 63) return "ERANGE";
  if (cost > 0) bridge.stp.setPathCost(port, cost);
  if (priority >= 0) bridge.stp.setPortPriority(port, priority);
  if (state > 4) return "EINVAL";
  return state < 0 ? null : bridge.stp.setStateByUser(port, state as PortStateCode);
}
