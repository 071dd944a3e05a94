/** `ip neighbour`. Follows iproute2 6.1's ip/ipneigh.c and neigh_add of Linux 6.1. Not modelled: flags of other families. */
import type { NetDevice } from "../../../device/device.ts";
import { type Ipv4, networkOf } from "../../../packet/address.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";
import { type Neighbour, Nud, type NudState } from "../../../stack/neighbour.ts";
import type { ProxyEntry } from "../../../stack/proxy-arp.ts";
import { roundsText } from "./flush.ts";
import { neighbourJson, neighbourText, proxyJson, proxyText, readState } from "./neigh-print.ts";
import { macOf, type Prefix, readAddress, readLinkAddress, readPrefix } from "./prefix.ts";
import { familyOf, findDevice, type IpRun, masterDevice, netlinkAnswer, printJson } from "./run.ts";
import { abbreviates, abbreviatesAny, duplicate, garbage, Misuse, notModelled, wrong } from "./words.ts";

const USAGE = `Usage: ip neigh { add | del | change | replace }
                { ADDR [ lladdr LLADDR ] [ nud STATE ] | proxy ADDR } [ dev DEV ]
       ip neigh { show | flush } [ proxy ] [ to PREFIX ] [ dev DEV ] [ nud STATE ]
                [ { master DEV | nomaster } ]
       ip neigh get { ADDR | proxy ADDR } dev DEV

STATE := { delay | failed | incomplete | noarp | none |
           permanent | probe | reachable | stale }`;

type NeighbourVerb = "add" | "change" | "replace" | "delete";

export function ipNeighbour(run: IpRun): number {
  if (!run.words.more) return show(run);
  const verb = run.words.take();
  if (abbreviates(verb, "add")) return change(run, "add");
  if (abbreviates(verb, "change") || verb === "chg") return change(run, "change");
  if (abbreviates(verb, "replace")) return change(run, "replace");
  if (abbreviates(verb, "delete")) return change(run, "delete");
  if (abbreviates(verb, "get")) return get(run);
  if (abbreviatesAny(verb, "show", "lst", "list")) return show(run);
  if (abbreviates(verb, "flush")) return flush(run);
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  throw new Misuse(`Command "${verb}" is unknown, try "ip neigh help".`);
}

interface Request {
  address: Ipv4 | null;
  dev: string | null;
  /** As it was written. */
  lladdr: string | null;
  state: NudState;
  isProxy: boolean;
}

function readRequest(run: IpRun): Request {
  const request: Request = { address: null, dev: null, lladdr: null, state: Nud.PERMANENT, isProxy: false };
  while (run.words.more) readWord(run, request, run.words.take());
  return request;
}

function readWord(run: IpRun, request: Request, word: string): void {
  const { words, options } = run;
  if (abbreviates(word, "lladdr")) {
    if (request.lladdr !== null) throw duplicate("lladdr", words.take());
    request.lladdr = words.take();
  } else if (word === "nud") request.state = readNud(words.take());
  else if (word === "dev") request.dev = words.take();
  else if (abbreviates(word, "proxy")) {
    const text = words.take();
    if (abbreviates(text, "help")) throw new Misuse(USAGE);
    if (request.address !== null) throw duplicate("address", text);
    request.address = readAddress(text, familyOf(options));
    request.isProxy = true;
  } else if (/^(router|use|managed)$/.test(word) || abbreviatesAny(word, "extern_learn", "protocol")) {
    throw notModelled(`neighbour ${word}`);
  } else {
    const text = words.behind("to", word);
    if (abbreviates(text, "help")) throw new Misuse(USAGE);
    if (request.address !== null) throw garbage("to", text);
    request.address = readAddress(text, familyOf(options));
  }
}

function readNud(text: string): NudState {
  const state = readState(text);
  if (state === null) throw wrong(text, "nud state is bad");
  return state;
}

function change(run: IpRun, verb: NeighbourVerb): number {
  const { address, dev, lladdr, state, isProxy } = readRequest(run);
  if ((dev === null && !isProxy) || address === null)
    throw new Misuse("Device and destination are required arguments.");
  if (isProxy) return changeProxy(run, verb, address, dev === null ? null : findDevice(run, dev));
  const bytes = lladdr === null || lladdr === "null" ? null : readLinkAddress(lladdr);
  const device = findDevice(run, dev!);
  const refusal =
    verb === "delete"
      ? run.machine.net.neighbours.delete(device, address)
      : set(run, device, address, bytes, state, verb);
  return netlinkAnswer(run, refusal);
}

/** neigh_add, neigh_delete with NTF_PROXY: all verbs but delete add, and twice is once. */
function changeProxy(run: IpRun, verb: NeighbourVerb, address: Ipv4, device: NetDevice | null): number {
  const { proxies } = run.machine.net;
  if (verb === "delete") return netlinkAnswer(run, proxies.delete(address, device));
  proxies.add(address, device);
  return 0;
}

const VALID = Nud.REACHABLE | Nud.STALE | Nud.DELAY | Nud.PROBE | Nud.NOARP | Nud.PERMANENT;

/** neigh_add */
function set(
  run: IpRun,
  device: NetDevice,
  address: Ipv4,
  bytes: readonly number[] | null,
  state: NudState,
  verb: NeighbourVerb,
): Refusal | null {
  const { neighbours } = run.machine.net;
  const known = neighbours.find(device.index, address);
  const mac = bytes === null ? (known?.mac ?? null) : macOf(bytes);
  if (bytes !== null && mac === null) return refuse("EINVAL", "Invalid link address");
  if (known === null && verb === "change") return refuse("ENOENT");
  if (known !== null && verb === "add") return refuse("EEXIST");
  const hasNoMac = mac === null || (bytes === null && known?.isValid === false);
  if (hasNoMac && (state & VALID) !== 0) return refuse("EINVAL", "No link layer address given");
  return neighbours.set(device, address, mac ?? device.mac, state, verb === "add");
}

interface Selection {
  device: NetDevice | null;
  /** "any", a bridge, or null for devices without one. */
  master: NetDevice | null | "any";
  to: Prefix | null;
  /** Bits of Nud, and 0x100 for NUD_NONE; null when none was named. */
  states: number | null;
  isProxy: boolean;
}

const NO_STATE = 0x100;

function readSelection(run: IpRun): Selection {
  const { words, options } = run;
  const selection: Selection = { device: null, master: "any", to: null, states: null, isProxy: false };
  let dev: string | null = null;
  while (words.more) {
    const word = words.take();
    if (word === "dev" && dev !== null) throw duplicate("dev", words.take());
    if (word === "dev") dev = words.take();
    else if (word === "master") selection.master = masterDevice(run, words.take());
    else if (word === "nomaster") selection.master = null;
    else if (word === "nud") selection.states = (selection.states ?? 0) | readStates(words.take());
    else if (word === "proxy") selection.isProxy = true;
    else if (/^(vrf|unused)$/.test(word) || abbreviates(word, "protocol")) throw notModelled(`selecting by "${word}"`);
    else selection.to = readPrefix(unlessHelp(words.behind("to", word)), familyOf(options));
  }
  if (dev !== null) selection.device = findDevice(run, dev);
  return selection;
}

function unlessHelp(text: string): string {
  if (abbreviates(text, "help")) throw new Misuse(USAGE);
  return text;
}

function readStates(text: string): number {
  if (text === "all") return 0xff | NO_STATE;
  const state = readNud(text);
  return state === Nud.NONE ? NO_STATE : state;
}

/** `usual`: the states that are meant when none is named. */
function selected(run: IpRun, { device, master, to, states }: Selection, usual: number): Neighbour[] {
  const wanted = states ?? usual;
  return run.machine.net.neighbours.list().filter((entry) => {
    if (device !== null && entry.device !== device) return false;
    if (master !== "any" && entry.device.master !== master) return false;
    if (to !== null && networkOf(entry.address, to.prefix) !== networkOf(to.address, to.prefix)) return false;
    return (wanted & (entry.state === Nud.NONE ? NO_STATE : entry.state)) !== 0;
  });
}

function selectedProxies(run: IpRun, { device, master, to }: Selection): ProxyEntry[] {
  return run.machine.net.proxies.list().filter((entry) => {
    if (device !== null && entry.device !== device) return false;
    if (master === null && entry.device !== null && entry.device.master !== null) return false;
    if (master !== null && master !== "any" && entry.device?.master !== master) return false;
    return to === null || networkOf(entry.address, to.prefix) === networkOf(to.address, to.prefix);
  });
}

/** The states that `ip neigh` shows when none is named. */
const SHOWN = 0xff & ~Nud.NOARP;

/** Is among what `ip neigh` lists. */
export const isShown = (entry: Neighbour): boolean => (entry.state & SHOWN) !== 0;

function show(run: IpRun): number {
  const { options, process } = run;
  const selection = readSelection(run);
  const withDevice = selection.device === null;
  if (selection.isProxy) return showProxies(run, selectedProxies(run, selection), withDevice);
  const entries = selected(run, selection, SHOWN);
  if (options.json)
    return printJson(
      run,
      entries.map((entry) => neighbourJson(entry, options, withDevice)),
    );
  process.print(entries.map((entry) => neighbourText(entry, options, withDevice)).join(""));
  return 0;
}

function showProxies(run: IpRun, entries: readonly ProxyEntry[], withDevice: boolean): number {
  const { options, process } = run;
  if (options.json)
    return printJson(
      run,
      entries.map((entry) => proxyJson(entry, options, withDevice)),
    );
  process.print(entries.map((entry) => proxyText(entry, options, withDevice)).join(""));
  return 0;
}

function flush(run: IpRun): number {
  if (!run.words.more) throw new Misuse("Flush requires arguments.", 1);
  const isAll = run.words.peek === "all";
  if (isAll) run.words.take();
  const selection = readSelection(run);
  const { neighbours, proxies } = run.machine.net;
  if (selection.isProxy) {
    const entries = selectedProxies(run, selection);
    for (const { address, device } of entries) proxies.delete(address, device);
    if (run.options.statistics > 0) run.process.print(roundsText(entries.length, "entries"));
    return 0;
  }
  const rounds: number[] = [];
  // Errors about what waited for one entry may make another.
  for (let doomed = doomedBy(run, selection); doomed.length > 0 && rounds.length < MAX_ROUNDS; ) {
    if (run.options.statistics > 1)
      run.process.print(doomed.map((entry) => neighbourText(entry, run.options, true)).join(""));
    for (const entry of doomed) neighbours.delete(entry.device, entry.address);
    rounds.push(doomed.length);
    doomed = doomedBy(run, selection);
  }
  if (run.options.statistics > 0) run.process.print(roundsText(rounds, "entries"));
  return 0;
}

/** MAX_ROUNDS of ip/ipneigh.c. */
const MAX_ROUNDS = 10;

const doomedBy = (run: IpRun, selection: Selection): Neighbour[] =>
  selected(run, selection, (0xff | NO_STATE) & ~(Nud.PERMANENT | Nud.NOARP));

function get(run: IpRun): number {
  const { address, dev, isProxy } = readRequest(run);
  if (dev === null || address === null) throw new Misuse("Device and address are required arguments.", 1);
  const device = findDevice(run, dev);
  if (isProxy) return getProxy(run, address, device);
  const entry = run.machine.net.neighbours.find(device.index, address);
  if (entry === null) return netlinkAnswer(run, refuse("ENOENT", "Neighbour entry not found"));
  run.process.print(neighbourText(entry, run.options, true));
  return 0;
}

function getProxy(run: IpRun, address: Ipv4, device: NetDevice): number {
  const entry = run.machine.net.proxies.find(address, device);
  if (entry === null) return netlinkAnswer(run, refuse("ENOENT", "Proxy neighbour entry not found"));
  run.process.print(proxyText(entry, run.options, true));
  return 0;
}
