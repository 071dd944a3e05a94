/**
 * Which ranges serve an interface, and which address of them a client gets. Follows dhcp.c of dnsmasq 2.90
 * (complete_context, address_available, narrow_context, address_allocate).
 */
import { ANY_IPV4, type Ipv4, type Mac } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { DhcpRange } from "./settings.ts";
import { hasTags, type Tags } from "./tags.ts";

/** struct dhcp_context: a range as it is seen from the interface that a request came in by. */
export interface Context {
  readonly range: DhcpRange;
  readonly state: RangeState;
  readonly local: Ipv4;
  readonly netmask: Ipv4;
  readonly broadcast: Ipv4;
}

/** What is remembered of a range. */
export class RangeState {
  /** addr_epoch: counts refusals, so that the hash leads elsewhere next time. */
  epoch = 0;
}

const sameNet = (a: Ipv4, b: Ipv4, netmask: Ipv4): boolean => ((a ^ b) & netmask) === 0;

/** The ranges that lie in a subnet of the interface, in the order of the file. */
export function contextsOf(
  ranges: readonly DhcpRange[],
  states: readonly RangeState[],
  addresses: readonly IfAddress[],
): Context[] {
  const contexts: Context[] = [];
  for (const { address, prefix, broadcast } of addresses) {
    const own = (prefix === 0 ? 0 : (0xffff_ffff << (32 - prefix)) >>> 0) as Ipv4;
    ranges.forEach((range, i) => {
      const netmask = range.netmask ?? own;
      if (!sameNet(address, range.start, netmask) || !sameNet(address, range.end, netmask)) return;
      if (contexts.some((each) => each.range === range)) return;
      const last = ((range.start | ~netmask) >>> 0) as Ipv4;
      const heard = broadcast !== null && sameNet(broadcast, range.start, netmask) ? broadcast : last;
      const state = states[i]!;
      contexts.push({ range, state, local: address, netmask, broadcast: range.broadcast ?? heard });
    });
  }
  return contexts;
}

export function addressAvailable(contexts: readonly Context[], address: Ipv4, tags: Tags): Context | null {
  if (contexts.some(({ local }) => local === address)) return null;
  const serves = ({ range }: Context): boolean =>
    !range.isStatic && address >= range.start && address <= range.end && hasTags(range.needs, tags);
  return contexts.find(serves) ?? null;
}

/** The one context that an address belongs to, also one outside of every range that lies in a subnet of ours. */
export function narrow(contexts: readonly Context[], address: Ipv4, tags: Tags): Context | null {
  const inNet = contexts.filter(
    ({ range, netmask }) => hasTags(range.needs, tags) && sameNet(address, range.start, netmask),
  );
  return addressAvailable(contexts, address, tags) ?? inNet.find(({ range }) => range.isStatic) ?? inNet[0] ?? null;
}

/** SDBM's hash over the MAC: near addresses land far apart. */
export function hashOf(mac: Mac): number {
  let hash = 0;
  for (let i = 5; i >= 0; i--) {
    const byte = Math.floor(mac / 256 ** i) % 256;
    hash = (byte + (hash << 6) + (hash << 16) - hash) >>> 0;
  }
  return hash === 0 ? 1 : hash;
}

/** What may not be given out, and what is not known to be free yet. */
export interface Occupancy {
  /** Leased, or kept for somebody by dhcp-host. */
  isTaken(address: Ipv4): boolean;
  probed(address: Ipv4): "free" | "used" | "unknown";
}

/** Where the search for an address stands: a probe interrupts it. */
export interface Search {
  readonly pass: number;
  readonly start: Ipv4;
  readonly next: Ipv4;
}

export type Allocation =
  | { readonly kind: "found"; readonly address: Ipv4 }
  /** Somebody must look whether it is in use; then the search goes on. */
  | { readonly kind: "probe"; readonly address: Ipv4; readonly search: Search }
  | { readonly kind: "none" };

/** address_allocate; with `search` it goes on where a probe interrupted it. */
export function allocate(
  contexts: readonly Context[],
  mac: Mac,
  tags: Tags,
  occupancy: Occupancy,
  consecutive: Ipv4 | null,
  search: Search | null,
): Allocation {
  const hash = hashOf(mac);
  const fitting = contexts.filter(({ range }) => !range.isStatic && hasTags(range.needs, tags));
  for (let pass = search?.pass ?? 0; pass < fitting.length; pass++) {
    const { range, state } = fitting[pass]!;
    const hashed = (range.start + ((hash + state.epoch) % (range.end - range.start + 1))) as Ipv4;
    const start = consecutive ?? hashed;
    const from = search?.pass === pass ? search : { pass, start, next: start };
    const isFree = (address: Ipv4): boolean => isUsable(contexts, address) && !occupancy.isTaken(address);
    const found = around(range, from, (address) => {
      if (!isFree(address)) return null;
      const verdict = occupancy.probed(address);
      if (verdict === "used" && consecutive === null) state.epoch++;
      return verdict;
    });
    if (found !== null) return found;
  }
  return { kind: "none" };
}

/** Once around a range, from where the search stands; null when there is none for anybody. */
function around(
  range: DhcpRange,
  search: Search,
  judge: (address: Ipv4) => ReturnType<Occupancy["probed"]> | null,
): Allocation | null {
  let address = search.next;
  do {
    const verdict = judge(address);
    if (verdict === "free") return { kind: "found", address };
    if (verdict === "unknown") return { kind: "probe", address, search: { ...search, next: address } };
    address = address === range.end ? range.start : ((address + 1) as Ipv4);
  } while (address !== search.start);
  return null;
}

/** Ours is not, nor in a class C what Windows takes for a network or a broadcast (KB281579). */
function isUsable(contexts: readonly Context[], address: Ipv4): boolean {
  const last = address & 255;
  const isClassC = address >>> 29 === 6;
  if (isClassC && (last === 0 || last === 255)) return false;
  return address !== ANY_IPV4 && contexts.every(({ local }) => local !== address);
}
