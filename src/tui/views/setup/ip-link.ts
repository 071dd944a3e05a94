/**
 * `ip link` in fewer words, before beside after: without qdisc, mode, group, qlen, brd and permaddr, the master last, and
 * with the inet lines of `ip addr`. Narrow: also without BROADCAST, which every Ethernet device has.
 */
import type { HostState } from "../../../lab/index.ts";
import { type Pair, pairOf, zip } from "./pairs.ts";

export interface Link {
  /** ifindex: it stays when the name changes. */
  readonly index: number;
  readonly name: string;
  readonly flags: readonly string[];
  readonly mtu: string;
  readonly state: string;
  readonly master: string | null;
  /** "link/ether 00:1e:c9:4a:11:22" */
  readonly address: string;
  readonly inet: readonly string[];
}

const FIRST_LINE = /^(\d+): ([^:\s]+): <([^>]*)> mtu (\d+)(?=.*? state (\S+))(?:.*? master (\S+))?/;

export function linksOf({ text }: Pick<HostState, "text">): Link[] {
  const inet = inetOf(text.addr);
  const lines = text.link.split("\n");
  return lines.flatMap((line, row): Link[] => {
    const found = FIRST_LINE.exec(line);
    if (found === null) return [];
    const [, index, name, flags, mtu, state, master = null] = found as unknown as [string, ...string[]];
    const address = /link\/\S+(?: [0-9a-f:]{17})?/.exec(lines[row + 1] ?? "")?.[0] ?? "";
    return [
      {
        index: Number(index),
        name: name!,
        flags: flags!.split(","),
        mtu: mtu!,
        state: state!,
        master,
        address,
        inet: inet.get(Number(index)) ?? [],
      },
    ];
  });
}

/** By ifindex. */
function inetOf(addr: string): ReadonlyMap<number, readonly string[]> {
  const found = new Map<number, string[]>();
  let last: string[] = [];
  for (const line of addr.split("\n")) {
    const index = /^(\d+): /.exec(line)?.[1];
    if (index !== undefined) {
      last = [];
      found.set(Number(index), last);
    }
    const inet = /^\s+(inet \S+)/.exec(line)?.[1];
    if (inet !== undefined) last.push(inet);
  }
  return found;
}

/** The rows of one device. */
export function linkRows({ index, name, flags, mtu, state, master, address, inet }: Link, wide: boolean): string[] {
  const enslaved = master === null ? "" : ` master ${master}`;
  const addresses = inet.map((each) => `    ${each}`);
  if (wide)
    return [
      `${index}: ${name}: <${flags.join()}> mtu ${mtu} state ${state}`,
      `    ${address}${enslaved}`,
      ...addresses,
    ];
  const few = flags.filter((flag) => flag !== "BROADCAST").join();
  return [`${index}: ${name}: <${few}>`, `  mtu ${mtu} state ${state}${enslaved}`, `  ${address}`, ...addresses];
}

export interface LinkForm {
  readonly wide: boolean;
  /** Only devices that differ. */
  readonly differs: boolean;
  /** Rows that there are. */
  readonly room: number;
  /** Devices that nobody uses, by name. */
  readonly unused: ReadonlySet<string>;
}

/** Fuller forms while they fit: all; unused ones in one row; one row for each that stayed; of the others what differs. */
export function linkPairs(before: readonly Link[], after: readonly Link[], form: LinkForm): readonly Pair[] {
  const devices = devicesOf(before, after, form.wide);
  if (form.differs) return devices.filter(isChanged).flatMap((device) => device.pairs);
  const unused = devices.filter((device) => !isChanged(device) && form.unused.has(device.name));
  const rows = (rowsFor: (device: Device) => readonly Pair[]): readonly Pair[] =>
    devices.flatMap((device) =>
      !unused.includes(device) ? rowsFor(device) : device === unused[0] ? [unusedRow(unused)] : [],
    );
  const forms = [
    devices.flatMap(({ pairs }) => pairs),
    rows(({ pairs }) => pairs),
    rows((device) => (isChanged(device) ? device.pairs : device.pairs.slice(0, 1))),
  ];
  const shortest = rows(({ pairs }) => pairs.filter(({ changed }, row) => row === 0 || changed));
  return forms.find((each) => each.length <= form.room) ?? shortest;
}

/** How many devices differ. */
export const changedLinks = (before: readonly Link[], after: readonly Link[]): number =>
  devicesOf(before, after, true).filter(isChanged).length;

interface Device {
  readonly index: number;
  readonly name: string;
  readonly pairs: readonly Pair[];
}

const isChanged = ({ pairs }: Device): boolean => pairs.some(({ changed }) => changed);

function devicesOf(before: readonly Link[], after: readonly Link[], wide: boolean): Device[] {
  const indexes = [...new Set([...before, ...after].map(({ index }) => index))].sort((a, b) => a - b);
  return indexes.map((index) => {
    const old = before.find((link) => link.index === index);
    const now = after.find((link) => link.index === index);
    const rows = (link: Link | undefined): string[] => (link === undefined ? [] : linkRows(link, wide));
    return { index, name: (now ?? old)!.name, pairs: zip(rows(old), rows(now)) };
  });
}

function unusedRow(devices: readonly Device[]): Pair {
  const first = devices[0]!;
  const last = devices.at(-1)!;
  const text = `${first.index}-${last.index}: ${first.name} to ${last.name}, unused`;
  return pairOf(text, text);
}
