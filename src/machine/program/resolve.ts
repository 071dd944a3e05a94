/**
 * Names to addresses and back: /etc/hosts, and what the domain name system has just said (name-first.ts asks it before a
 * command starts). getaddrinfo(3), getnameinfo(3), inet_aton(3).
 * Not modelled: /etc/nsswitch.conf, which always says "files dns"; IPv6.
 */
import { type Ipv4, parseIpv4 } from "../../packet/address.ts";
import type { Box } from "../box.ts";
import { Errno } from "../errno.ts";
import type { Lookup } from "../lookups.ts";

/** What getaddrinfo says about a name that nobody knows. */
export const NO_NAME = "Name or service not known";

interface HostLine {
  readonly address: Ipv4;
  /** The canonical name comes first. */
  readonly names: readonly string[];
}

export function hostLines(machine: Box): HostLine[] {
  const text = machine.files.read("/etc/hosts");
  if (text instanceof Errno) return [];
  return text.split("\n").flatMap((line) => {
    const [first = "", ...names] = line
      .replace(/#.*/, "")
      .split(/\s+/)
      .filter((word) => word !== "");
    const address = parseIpv4(first);
    return address === null || names.length === 0 ? [] : [{ address, names }];
  });
}

/** The address of a name and its canonical name, or null. */
export function addressOf(machine: Box, name: string): { address: Ipv4; canonical: string } | null {
  const wanted = name.toLowerCase();
  const line = hostLines(machine).find(({ names }) => names.some((each) => each.toLowerCase() === wanted));
  if (line !== undefined) return { address: line.address, canonical: line.names[0]! };
  const { address, canonical } = lookupOf(machine, name) ?? { address: null, canonical: name };
  return address === null ? null : { address, canonical };
}

/** Answers are for the instant only: the next command asks anew. */
function lookupOf(machine: Box, name: string): Lookup | null {
  const known = machine.lookups.get(name.toLowerCase());
  return known === undefined || known.at !== machine.world.scheduler.now ? null : known;
}

/** Why `addressOf` answered null: getaddrinfo's sentence. */
export const failureOf = (machine: Box, name: string): string => lookupOf(machine, name)?.failure || NO_NAME;

/** The canonical name of an address, or null. */
export const nameOf = (machine: Box, address: Ipv4): string | null =>
  hostLines(machine).find((line) => line.address === address)?.names[0] ?? null;

/** inet_aton: one to four numbers, decimal, 0x hexadecimal or 0 octal; the last one fills what is left. */
export function parseNumericHost(text: string): Ipv4 | null {
  const parts = text.split(".").map((part) => readPart(part));
  if (parts.length > 4 || parts.some((part) => part === null)) return null;
  const last = parts.pop()!;
  if (parts.some((part) => part! > 255) || last >= 256 ** (4 - parts.length)) return null;
  return parts.reduce<number>((sum, part, i) => sum + part! * 256 ** (3 - i), last) as Ipv4;
}

function readPart(text: string): number | null {
  if (/^0x[0-9a-f]+$/i.test(text)) return Number.parseInt(text, 16);
  if (/^0[0-7]*$/.test(text)) return Number.parseInt(text, 8);
  return /^[1-9]\d*$/.test(text) ? Number(text) : null;
}
