/**
 * /etc/network/interfaces: which devices a Debian brings up, and how. Follows interfaces(5) of ifupdown 0.8 in its syntax.
 * Methods here: static, manual, loopback. Not modelled: dhcp, mappings, source lines, the hook scripts of other packages
 * (bridge_ports, bond-slaves), inet6.
 */
import type { FileTree } from "../../files.ts";

export const INTERFACES_FILE = "/etc/network/interfaces";

export interface Interface {
  readonly name: string;
  readonly method: string;
  /** In the order of the file; a name may come several times. */
  readonly options: readonly (readonly [name: string, value: string])[];
}

export interface Interfaces {
  /** Brought up by `ifup -a`. */
  readonly auto: readonly string[];
  readonly known: readonly Interface[];
}

/** A sentence about the first line that is none of interfaces(5). */
export interface BadLine {
  readonly line: number;
  readonly what: string;
}

/** What there is of the file; a missing one knows no device. */
export function readInterfaces(files: FileTree): Interfaces | BadLine {
  const text = files.read(INTERFACES_FILE);
  return parseInterfaces(typeof text === "string" ? text : "");
}

export function parseInterfaces(text: string): Interfaces | BadLine {
  const auto: string[] = [];
  const known: { name: string; method: string; options: [string, string][] }[] = [];
  const lines = text.split("\n");
  for (const [index, raw] of lines.entries()) {
    const words = raw.trim().split(/\s+/);
    const [first = "", second = "", family = "", method = ""] = words;
    if (first === "" || first.startsWith("#")) continue;
    const current = known.at(-1);
    if (first === "auto" || first === "allow-auto") auto.push(...words.slice(1));
    else if (first.startsWith("allow-")) continue;
    else if (first === "iface") {
      if (family !== "inet" || method === "") return { line: index + 1, what: "iface NAME inet METHOD is expected" };
      known.push({ name: second, method, options: [] });
    } else if (current !== undefined) current.options.push([first, words.slice(1).join(" ")]);
    else return { line: index + 1, what: `misplaced option "${first}"` };
  }
  return { auto, known };
}

const one = (entry: Interface, name: string): string | null =>
  entry.options.find(([option]) => option === name)?.[1] ?? null;
const all = (entry: Interface, ...names: string[]): string[] =>
  entry.options.filter(([option]) => names.includes(option)).map(([, value]) => value);

/** Dotted quad of a prefix length. */
function dotted(bits: number): string {
  const mask = bits === 0 ? 0 : (0xffff_ffff << (32 - bits)) >>> 0;
  return [24, 16, 8, 0].map((shift) => (mask >>> shift) & 0xff).join(".");
}

function addressWords(entry: Interface): string {
  const [address = "", bits] = (one(entry, "address") ?? "").split("/");
  const netmask = one(entry, "netmask") ?? (bits === undefined ? null : dotted(Number(bits)));
  const broadcast = one(entry, "broadcast");
  const mtu = one(entry, "mtu");
  return [
    address,
    ...(netmask === null ? [] : ["netmask", netmask]),
    ...(broadcast === null ? [] : ["broadcast", broadcast]),
    ...(mtu === null ? [] : ["mtu", mtu]),
  ].join(" ");
}

/** The command lines of `ifup`, as ifupdown 0.6 of Xen's time has them. */
export function upLines(entry: Interface): string[] {
  const { name, method } = entry;
  const gateway = one(entry, "gateway");
  const lines =
    method === "static"
      ? [
          `ifconfig ${name} ${addressWords(entry)} up`,
          ...(gateway === null ? [] : [`route add default gw ${gateway} ${name}`]),
        ]
      : method === "loopback"
        ? ["ifconfig lo 127.0.0.1 up"]
        : [];
  return [...all(entry, "pre-up"), ...lines, ...all(entry, "up", "post-up")];
}

/** Of `ifdown`: the address stays on the device, which only goes down. */
export function downLines(entry: Interface): string[] {
  const { name, method } = entry;
  const gateway = one(entry, "gateway");
  const lines =
    method === "static"
      ? [...(gateway === null ? [] : [`route del default gw ${gateway} ${name}`]), `ifconfig ${name} down`]
      : method === "loopback"
        ? ["ifconfig lo down"]
        : [];
  return [...all(entry, "down", "pre-down"), ...lines, ...all(entry, "post-down")];
}

export const METHODS: readonly string[] = ["static", "manual", "loopback"];
