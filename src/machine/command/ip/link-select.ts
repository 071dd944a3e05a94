/** The words that choose devices and addresses in `ip link show`, `ip addr show` and `ip addr flush`. Follows
 * ipaddr_list_flush_or_save of iproute2 6.1's ip/ipaddress.c. */
import type { NetDevice } from "../../../device/device.ts";
import { networkOf } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import { fnmatch } from "../../fnmatch.ts";
import { readScope } from "./names.ts";
import { type Prefix, readPrefix } from "./prefix.ts";
import { familyOf, filterDevice, type IpRun, masterDevice } from "./run.ts";
import { abbreviates, garbage, Misuse, notModelled, wrong } from "./words.ts";

export interface Selection {
  device: NetDevice | null;
  up: boolean;
  /** "any", a bridge, or null for devices without one. */
  master: NetDevice | null | "any";
  /** "bridge_slave" for the ports of bridges. */
  kind: string | null;
  to: Prefix | null;
  scope: number | null;
  label: string | null;
  secondary: boolean | null;
}

export function readSelection(run: IpRun, usage: string): Selection {
  const { words } = run;
  const selection: Selection = {
    device: null,
    up: false,
    master: "any",
    kind: null,
    to: null,
    scope: null,
    label: null,
    secondary: null,
  };
  let dev: string | null = null;
  while (words.more) {
    const word = words.take();
    if (readSelector(run, selection, word)) continue;
    if (abbreviates(word, "help")) throw new Misuse(usage);
    const name = words.behind("dev", word);
    if (dev !== null) throw garbage("dev", name);
    dev = name;
  }
  if (dev !== null) selection.device = filterDevice(run, dev);
  return selection;
}

/** True when the word was one of ours. */
function readSelector(run: IpRun, selection: Selection, word: string): boolean {
  const { words } = run;
  if (word === "to") selection.to = readPrefix(words.take(), familyOf(run.options));
  else if (word === "scope") selection.scope = readWantedScope(words.take());
  else if (word === "up") selection.up = true;
  else if (word === "label") selection.label = words.take();
  else if (word === "master") selection.master = masterDevice(run, words.take());
  else if (word === "nomaster") selection.master = null;
  else if (word === "type") selection.kind = words.take();
  else if (word === "primary" || word === "secondary") selection.secondary = word === "secondary";
  else if (/^-?(dynamic|permanent|temporary|tentative|deprecated|dadfailed|vrf|group)$/.test(word)) {
    throw notModelled(`selecting by "${word}"`);
  } else return false;
  return true;
}

function readWantedScope(text: string): number | null {
  if (text === "all") return null;
  const scope = readScope(text);
  if (scope === null) throw wrong(text, 'invalid "scope"\n');
  return scope;
}

/** By device, master and kind: the kernel's part. */
export function selectDevices(run: IpRun, { device, master, kind }: Selection): NetDevice[] {
  const all = device === null ? run.machine.table.devices : [device];
  return all.filter((each) => (master === "any" || each.master === master) && (kind === null || isOfKind(each, kind)));
}

function isOfKind(device: NetDevice, kind: string): boolean {
  return kind.endsWith("_slave") ? device.master?.kind === kind.slice(0, -"_slave".length) : device.kind === kind;
}

export function selects(selection: Selection, address: IfAddress): boolean {
  const { to, scope, label, secondary } = selection;
  if (to !== null && networkOf(address.address, to.prefix) !== networkOf(to.address, to.prefix)) return false;
  if (scope !== null && scope !== address.scope) return false;
  if (secondary !== null && secondary !== address.secondary) return false;
  return label === null || fnmatch(label, address.label);
}
