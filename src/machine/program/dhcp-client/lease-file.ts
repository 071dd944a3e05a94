/**
 * dhclient.leases(5) of isc-dhcp 4.4: what dhclient got, a block for each lease, the last one of an interface counting.
 * Options stand in the order of ISC's table of options by hash (common/options.c, 17 chains, the latest first).
 * Not modelled: fixed leases of dhclient.conf, `bootp`, `reject`.
 */
import { hex8, toText } from "../../../base/bytes.ts";
import { formatIpv4, type Ipv4, parseIpv4 } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import { civilTime } from "../../calendar.ts";
import { ClientLease, request } from "./client-lease.ts";

export interface FileLease {
  readonly interfaceName: string;
  readonly address: Ipv4;
  readonly options: readonly dhcp.Option[];
  /** Seconds since 1970. */
  readonly renew: number;
  readonly rebind: number;
  readonly expire: number;
}

/** The same as the message that gave it. */
export const leaseOf = ({ address, options }: FileLease): ClientLease =>
  new ClientLease({
    ...request(0, { transactionId: 0, seconds: 0, clientMac: 0 as never }, []),
    yourAddress: address,
    options,
  });

type Kind = "addresses" | "number" | "text" | "names" | "routes";

const OPTIONS: Readonly<Record<number, readonly [string, Kind]>> = {
  1: ["subnet-mask", "addresses"],
  2: ["time-offset", "number"],
  3: ["routers", "addresses"],
  6: ["domain-name-servers", "addresses"],
  12: ["host-name", "text"],
  15: ["domain-name", "text"],
  26: ["interface-mtu", "number"],
  28: ["broadcast-address", "addresses"],
  42: ["ntp-servers", "addresses"],
  44: ["netbios-name-servers", "addresses"],
  47: ["netbios-scope", "text"],
  51: ["dhcp-lease-time", "number"],
  53: ["dhcp-message-type", "number"],
  54: ["dhcp-server-identifier", "addresses"],
  56: ["dhcp-message", "text"],
  58: ["dhcp-renewal-time", "number"],
  59: ["dhcp-rebinding-time", "number"],
  121: ["rfc3442-classless-static-routes", "routes"],
};

const CHAINS = 17;
const chainOf = (code: number): number => ((code & 31) + ((code >>> 5) & 31)) % CHAINS;

function inFileOrder(options: readonly dhcp.Option[]): dhcp.Option[] {
  const latestFirst = [...options].reverse();
  return Array.from({ length: CHAINS }, (_, chain) => latestFirst.filter(({ code }) => chainOf(code) === chain)).flat();
}

export const leaseText = (lease: FileLease): string =>
  [
    "lease {",
    `  interface "${lease.interfaceName}";`,
    `  fixed-address ${formatIpv4(lease.address)};`,
    ...inFileOrder(lease.options).map((option) => `  option ${optionText(option)};`),
    `  renew ${dateText(lease.renew)};`,
    `  rebind ${dateText(lease.rebind)};`,
    `  expire ${dateText(lease.expire)};`,
    "}\n",
  ].join("\n");

function optionText({ code, data }: dhcp.Option): string {
  const [name, kind] = OPTIONS[code] ?? [`unknown-${code}`, null];
  switch (kind) {
    case "addresses":
      return `${name} ${groups(data).map(formatIpv4).join(",")}`;
    case "number":
      return `${name} ${data.reduce((sum, byte) => sum * 256 + byte, 0)}`;
    case "routes":
      return `${name} ${data.join(",")}`;
    case "text":
      return `${name} "${toText(data).replace(/\0+$/, "").replace(/["\\]/g, "\\$&")}"`;
    default:
      return `${name} ${Array.from(data, (byte) => hex8(byte).replace(/^0/, "")).join(":")}`;
  }
}

const groups = (data: Uint8Array): Ipv4[] =>
  Array.from(
    { length: Math.floor(data.length / 4) },
    (_, i) => data.subarray(4 * i, 4 * i + 4).reduce((sum, byte) => sum * 256 + byte, 0) as Ipv4,
  );

const two = (value: number): string => String(value).padStart(2, "0");

/** "2 2000/01/12 00:00:01": the day of the week comes first. */
function dateText(seconds: number): string {
  const { weekday, year, month, day, hour, minute, second } = civilTime(seconds);
  return `${weekday} ${year}/${two(month)}/${two(day)} ${two(hour)}:${two(minute)}:${two(second)}`;
}

/** What a file holds, the last of each address on an interface. Blocks that make no sense are passed over. */
export function readLeases(text: string): FileLease[] {
  const leases: FileLease[] = [];
  for (const [, block] of text.matchAll(/lease\s*\{([^}]*)\}/g)) {
    const lease = readBlock(block!);
    if (lease === null) continue;
    const isSame = (each: FileLease): boolean =>
      each.address === lease.address && each.interfaceName === lease.interfaceName;
    const at = leases.findIndex(isSame);
    if (at >= 0) leases.splice(at, 1);
    leases.push(lease);
  }
  return leases;
}

function readBlock(block: string): FileLease | null {
  const words = block.split(";").map((statement) => statement.trim());
  const valueOf = (key: string): string | null =>
    words
      .find((word) => word.startsWith(`${key} `))
      ?.slice(key.length + 1)
      .trim() ?? null;
  const address = parseIpv4(valueOf("fixed-address") ?? "");
  const times = [valueOf("renew"), valueOf("rebind"), valueOf("expire")].map((text) => secondsOf(text ?? ""));
  const [renew = null, rebind = null, expire = null] = times;
  if (address === null || renew === null || rebind === null || expire === null) return null;
  const options = words.flatMap((word) => (word.startsWith("option ") ? (readOption(word.slice(7)) ?? []) : []));
  const interfaceName = (valueOf("interface") ?? "").replace(/"/g, "");
  return { interfaceName, address, options, renew, rebind, expire };
}

function readOption(text: string): dhcp.Option | null {
  const [, name = "", value = ""] = /^(\S+)\s+(.*)$/s.exec(text.trim()) ?? [];
  const found = Object.entries(OPTIONS).find(([, [known]]) => known === name);
  if (found === undefined) return null;
  const [code, [, kind]] = [Number(found[0]), found[1]];
  if (kind === "text") return dhcp.textOption(code, value.replace(/^"(.*)"$/s, "$1").replace(/\\(.)/g, "$1"));
  if (kind === "routes") return { code, data: Uint8Array.from(value.split(",").map(Number)) };
  if (kind === "addresses") {
    const addresses = value.split(",").map((word) => parseIpv4(word.trim()));
    return addresses.includes(null) ? null : dhcp.numberOption(code, ...(addresses as Ipv4[]));
  }
  if (!/^\d+$/.test(value)) return null;
  const number = dhcp.numberOption(code, Number(value));
  const size = code === dhcp.OptionCode.MESSAGE_TYPE ? 1 : code === dhcp.OptionCode.MTU ? 2 : 4;
  return { code, data: number.data.subarray(4 - size) };
}

/** Days from 1970-01-01, after Howard Hinnant's days_from_civil. */
function secondsOf(text: string): number | null {
  if (text === "never") return Number.MAX_SAFE_INTEGER;
  const match = /^\d (\d+)\/(\d+)\/(\d+) (\d+):(\d+):(\d+)$/.exec(text);
  if (match === null) return null;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const ofEra = shifted - era * 400;
  const ofYear = Math.floor((153 * (month + (month > 2 ? -3 : 9)) + 2) / 5) + day - 1;
  const days = era * 146_097 + ofEra * 365 + Math.floor(ofEra / 4) - Math.floor(ofEra / 100) + ofYear - 719_468;
  return days * 86_400 + hour * 3600 + minute * 60 + second;
}
