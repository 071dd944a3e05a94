/**
 * `bridge fdb`. Follows bridge/fdb.c of iproute2 6.1, rtnl_fdb_dump and ndo_dflt_fdb_dump (net/core/rtnetlink.c) and
 * br_fdb.c of Linux 6.1.
 *
 * "self" entries are addresses that a device itself listens to. Here those are the IPv4 groups of a device that is up;
 * a real host adds those of IPv6 (33:33:...). No unicast "self" entries, VLANs, tunnels, flush or get.
 */
import { Bridge } from "../../../device/bridge.ts";
import type { FdbEntry, FdbEntryKind } from "../../../device/bridge-fdb.ts";
import type { NetDevice } from "../../../device/device.ts";
import { formatMac, type Mac, parseMac, ZERO_MAC } from "../../../packet/address.ts";
import type { Json } from "../ip/json.ts";
import { abbreviates, abbreviatesAny, duplicate, garbage, Misuse, readUnsigned, wrong } from "../ip/words.ts";
import { type BridgeRun, notModelled, printJson, refused } from "./run.ts";

const USAGE = `Usage: bridge fdb { add | append | del | replace } ADDR dev DEV
              [ self ] [ master ] [ use ] [ router ] [ extern_learn ]
              [ sticky ] [ local | static | dynamic ] [ vlan VID ]
              { [ dst IPADDR ] [ port PORT] [ vni VNI ] | [ nhid NHID ] }
\t       [ via DEV ] [ src_vni VNI ]
       bridge fdb [ show [ br BRDEV ] [ brport DEV ] [ vlan VID ]
              [ state STATE ] [ dynamic ] ]
       bridge fdb get [ to ] LLADDR [ br BRDEV ] { brport | dev } DEV
              [ vlan VID ] [ vni VNI ] [ self ] [ master ] [ dynamic ]
       bridge fdb flush dev DEV [ brport DEV ] [ vlan VID ]
              [ self ] [ master ] [ [no]permanent | [no]static | [no]dynamic ]
              [ [no]added_by_user ] [ [no]extern_learn ] [ [no]sticky ]
              [ [no]offloaded ]`;

export function doFdb(run: BridgeRun): number {
  const { words } = run;
  if (!words.more) return show(run);
  const verb = words.take();
  if (abbreviates(verb, "add")) return modify(run, "add");
  if (abbreviates(verb, "append")) return modify(run, "replace");
  if (abbreviates(verb, "replace")) return modify(run, "replace");
  if (abbreviates(verb, "delete")) return modify(run, "delete");
  if (abbreviates(verb, "get")) throw notModelled("fdb get");
  if (abbreviatesAny(verb, "show", "lst", "list")) return show(run);
  if (abbreviates(verb, "flush")) throw notModelled("fdb flush");
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  throw new Misuse(`Command "${verb}" is unknown, try "bridge fdb help".`);
}

/** linux/neighbour.h: NUD_* */
const Nud = { REACHABLE: 2, STALE: 4, NOARP: 0x40, PERMANENT: 0x80 } as const;

/** One line of the list. */
export interface FdbLine {
  readonly mac: Mac;
  readonly device: NetDevice;
  readonly vlan: number;
  readonly self: boolean;
  readonly master: string | null;
  readonly state: number;
  /** Seconds since it was used and since it was updated; null where the kernel does not tell. */
  readonly used: number | null;
  readonly updated: number | null;
}

/** 224.0.0.1, which every IPv4 host listens to, and 224.0.0.106, by which a bridge hears of multicast routers. */
const ALL_HOSTS = 0x0100_5e00_0001 as Mac;
const ALL_SNOOPERS = 0x0100_5e00_006a as Mac;

function ownLines(device: NetDevice): FdbLine[] {
  if (!device.up || device.traits.link !== "ether") return [];
  const groups = device instanceof Bridge ? [ALL_SNOOPERS, ALL_HOSTS] : [ALL_HOSTS];
  const rest = { device, vlan: 0, self: true, master: null, state: Nud.PERMANENT, used: null, updated: null };
  return groups.map((mac) => ({ mac, ...rest }));
}

function entryLine(bridge: Bridge, entry: FdbEntry): FdbLine {
  const { now } = bridge.world.scheduler;
  const state = entry.local
    ? Nud.PERMANENT
    : entry.fixed
      ? Nud.NOARP
      : bridge.fdb.isExpired(entry)
        ? Nud.STALE
        : Nud.REACHABLE;
  return {
    mac: entry.mac,
    device: entry.port?.device ?? bridge,
    vlan: entry.vlan,
    self: false,
    master: bridge.name,
    state,
    used: Math.floor((now - entry.used) / 1e9),
    updated: Math.floor((now - entry.updated) / 1e9),
  };
}

/** rtnl_fdb_dump for one device: what its master knows behind it, then what it listens to itself. */
export function fdbLines(device: NetDevice): FdbLine[] {
  const behind = (bridge: Bridge, port: NetDevice | null): FdbLine[] =>
    bridge.fdb.entries
      .filter((entry) => (entry.port?.device ?? null) === port)
      .map((entry) => entryLine(bridge, entry));
  const fromMaster = device.master instanceof Bridge ? behind(device.master, device) : [];
  return [...fromMaster, ...ownLines(device), ...(device instanceof Bridge ? behind(device, null) : [])];
}

interface Selection {
  bridge: NetDevice | null;
  device: NetDevice | null;
  vlan: number | null;
  state: number;
  dynamic: boolean;
}

/** Words it does not know are ignored, as the real one does. */
function select(run: BridgeRun): Selection {
  const { words } = run;
  const { table } = run.machine;
  let names: { bridge?: string; device?: string } = {};
  const selection: Selection = { bridge: null, device: null, vlan: null, state: 0, dynamic: false };
  while (words.more) {
    const word = words.take();
    if (word === "brport" || word === "dev") names = { ...names, device: words.take() };
    else if (word === "br") names = { ...names, bridge: words.take() };
    else if (word === "vlan") selection.vlan = readVlan(selection.vlan, words.take());
    else if (word === "state") selection.state |= readState(words.take());
    else if (word === "dynamic") selection.dynamic = true;
    else if (abbreviates(word, "help")) throw new Misuse(USAGE);
  }
  if (names.bridge !== undefined) {
    selection.bridge = table.find(names.bridge);
    if (selection.bridge === null) throw new Misuse(`Cannot find bridge device "${names.bridge}"`);
  }
  if (names.device !== undefined) {
    selection.device = table.find(names.device);
    if (selection.device === null) throw new Misuse(`Cannot find device "${names.device}"`);
  }
  return selection;
}

function readVlan(known: number | null, word: string): number {
  if (known !== null) throw duplicate("vlan", word);
  return Number(/^\d+/.exec(word)?.[0] ?? 0);
}

const STATES: Readonly<Record<string, number>> = {
  permanent: Nud.PERMANENT,
  static: Nud.NOARP,
  temp: Nud.NOARP,
  stale: Nud.STALE,
  reachable: Nud.REACHABLE,
  all: 0xff,
};

function readState(word: string): number {
  const name = Object.keys(STATES).find((each) => abbreviates(word, each));
  const state = name === undefined ? readUnsigned(word) : STATES[name]!;
  if (state === null) throw wrong(word, "invalid state");
  return state;
}

function show(run: BridgeRun): number {
  const selection = select(run);
  const { bridge, device, vlan, state, dynamic } = selection;
  const lines = run.machine.table.devices
    .filter((each) => device === null || each === device)
    .filter((each) => bridge === null || (bridge instanceof Bridge && (each === bridge || each.master === bridge)))
    .flatMap((each) => fdbLines(each))
    .filter((line) => vlan === null || vlan === 0 || line.vlan === vlan)
    .filter((line) => state === 0 || (line.state & state) !== 0)
    .filter((line) => !dynamic || (line.state & Nud.PERMANENT) === 0);
  const named = device === null;
  if (run.options.json)
    return printJson(
      run,
      lines.map((line) => json(run, line, named)),
    );
  for (const line of lines) run.process.print(text(run, line, named));
  return 0;
}

function stateName(state: number): string {
  if (state === Nud.PERMANENT) return "permanent";
  if (state === Nud.NOARP) return "static";
  return state === Nud.STALE ? "stale" : "";
}

/** `named`: say which device, because it was not asked for by name. */
export function text(run: BridgeRun, line: FdbLine, named: boolean): string {
  const words = [formatMac(line.mac)];
  if (named) words.push(`dev ${line.device.name}`);
  if (line.vlan !== 0) words.push(`vlan ${line.vlan}`);
  if (run.options.statistics && line.used !== null) words.push(`used ${line.used}/${line.updated}`);
  if (line.self) words.push("self");
  if (line.master !== null) words.push(`master ${line.master}`);
  return `${words.join(" ")} ${stateName(line.state)}\n`;
}

function json(run: BridgeRun, line: FdbLine, named: boolean): Json {
  return {
    mac: formatMac(line.mac),
    ...(named ? { ifname: line.device.name } : {}),
    ...(line.vlan === 0 ? {} : { vlan: line.vlan }),
    ...(run.options.statistics && line.used !== null ? { used: line.used, updated: line.updated } : {}),
    flags: line.self ? ["self"] : [],
    ...(line.master === null ? {} : { master: line.master }),
    state: stateName(line.state),
  };
}

interface Request {
  name: string | null;
  address: string | null;
  self: boolean;
  master: boolean;
  kind: FdbEntryKind | null;
}

const NOT_MODELLED = ["router", "use", "extern_learn", "sticky", "vlan"];
const NOT_MODELLED_EXACT = ["dst", "nhid", "port", "vni", "via", "src_vni"];

const isForeign = (word: string): boolean => NOT_MODELLED_EXACT.includes(word) || abbreviatesAny(word, ...NOT_MODELLED);

function readKind(word: string): FdbEntryKind | null {
  if (abbreviatesAny(word, "local", "permanent")) return "permanent";
  if (abbreviatesAny(word, "temp", "static")) return "static";
  return abbreviates(word, "dynamic") ? "dynamic" : null;
}

function readRequest({ words }: BridgeRun): Request {
  const request: Request = { name: null, address: null, self: false, master: false, kind: null };
  while (words.more) {
    const word = words.take();
    const kind = readKind(word);
    if (word === "dev") request.name = words.take();
    else if (word === "self") request.self = true;
    else if (abbreviates(word, "master")) request.master = true;
    else if (kind !== null) request.kind = kind;
    else if (isForeign(word)) throw notModelled(`fdb ... ${word}`);
    else if (abbreviates(word, "help")) throw new Misuse(USAGE);
    else if (request.address !== null) throw garbage("to", word);
    else request.address = word === "to" ? words.take() : word;
  }
  return request;
}

function modify(run: BridgeRun, how: "add" | "replace" | "delete"): number {
  const request = readRequest(run);
  const { name, address } = request;
  if (name === null || address === null) throw new Misuse("Device and address are required arguments.");
  const mac = parseMac(address);
  if (mac === null) throw new Misuse(`Invalid mac address ${address}`);
  const device = run.machine.table.find(name);
  if (device === null) throw new Misuse(`Cannot find device "${name}"`);
  if (device.traits.link !== "ether") {
    throw new Misuse(`Error: FDB ${how === "delete" ? "delete" : "add"} only supported for Ethernet devices.`);
  }
  if (request.self || !request.master) {
    if (how === "delete") return refused(run, "ENOENT");
    throw notModelled(`fdb ${how} without master, or with self`);
  }
  if (!(device.master instanceof Bridge)) return refused(run, "EOPNOTSUPP");
  if (how === "delete") return remove(run, device.master, device, mac);
  return add(run, device.master, device, mac, request.kind ?? "permanent", how);
}

function remove(run: BridgeRun, bridge: Bridge, device: NetDevice, mac: Mac): number {
  return bridge.fdb.removeByUser(mac, bridge.portOf(device)!) === "ok" ? 0 : refused(run, "ENOENT");
}

function add(
  run: BridgeRun,
  bridge: Bridge,
  device: NetDevice,
  mac: Mac,
  kind: FdbEntryKind,
  how: "add" | "replace",
): number {
  const known = how === "replace" ? bridge.fdb.find(mac) : null;
  if (known !== null && known.port !== null) bridge.fdb.removeByUser(mac, known.port);
  switch (bridge.fdb.addByUser(mac, bridge.portOf(device)!, kind)) {
    case "ok":
      return 0;
    case "exists":
      return refused(run, "EEXIST");
    case "invalid":
      if (mac !== ZERO_MAC) throw notModelled(`fdb ${how} of a group address`);
      return refused(run, "EINVAL");
  }
}
