/** The printers of neighbours. Follows print_neigh of iproute2 6.1's ip/ipneigh.c and neigh_fill_info of Linux 6.1. */
import { formatIpv4, formatMac } from "../../../packet/address.ts";
import { type Neighbour, Nud, type NudState } from "../../../stack/neighbour.ts";
import type { ProxyEntry } from "../../../stack/proxy-arp.ts";
import type { Json } from "./json.ts";
import type { IpOptions } from "./run.ts";

export const nudNames = ["incomplete", "reachable", "stale", "delay", "probe", "failed", "noarp", "permanent"] as const;

/** Null for NUD_NONE, which has no word. */
export function stateName(state: NudState): string | null {
  const bit = nudNames.findIndex((_, at) => state === 1 << at);
  return bit < 0 ? null : nudNames[bit]!.toUpperCase();
}

/** With the newline at its end. */
export function neighbourText(entry: Neighbour, options: IpOptions, withDevice: boolean): string {
  if (options.brief) return neighbourBrief(entry, withDevice);
  const device = withDevice ? `dev ${entry.device.name} ` : "";
  const mac = macOf(entry);
  const address = mac === null ? "" : `lladdr ${mac} `;
  const state = stateName(entry.state);
  return `${formatIpv4(entry.address)} ${device}${address}${statistics(entry, options)}${state === null ? "" : `${state} `}\n`;
}

function neighbourBrief(entry: Neighbour, withDevice: boolean): string {
  const device = withDevice ? `${entry.device.name.padEnd(16)} ` : "";
  return `${formatIpv4(entry.address).padEnd(39)} ${device}${macOf(entry) ?? ""}\n`;
}

/** The kernel tells an address only while it stands behind it (NUD_VALID). */
const macOf = (entry: Neighbour): string | null => (entry.isValid ? formatMac(entry.mac) : null);

interface Ages {
  readonly used: number;
  readonly confirmed: number;
  readonly updated: number;
}

/** In seconds. */
function agesOf(entry: Neighbour): Ages {
  const { now } = entry.device.world.scheduler;
  const age = (time: number): number => Math.floor((now - time) / 1e9);
  return { used: age(entry.used), confirmed: age(entry.confirmed), updated: age(entry.updated) };
}

/** A running timer holds a reference. */
function statistics(entry: Neighbour, options: IpOptions): string {
  if (options.statistics === 0) return "";
  const { used, confirmed, updated } = agesOf(entry);
  return `${entry.isTimed ? " ref 1" : ""} used ${used}/${confirmed}/${updated}probes ${entry.probes} `;
}

export function neighbourJson(entry: Neighbour, options: IpOptions, withDevice: boolean): Json {
  const mac = macOf(entry);
  const state = stateName(entry.state);
  const start = {
    dst: formatIpv4(entry.address),
    ...(withDevice ? { dev: entry.device.name } : {}),
    ...(mac === null ? {} : { lladdr: mac }),
  };
  if (options.brief) return start;
  return {
    ...start,
    ...(options.statistics === 0
      ? {}
      : { ...(entry.isTimed ? { refcnt: 1 } : {}), ...agesOf(entry), probes: entry.probes }),
    ...(state === null ? {} : { state: [state] }),
  };
}

/** pneigh_fill_info: no MAC and no state. */
export function proxyText({ address, device }: ProxyEntry, options: IpOptions, withDevice: boolean): string {
  const name = withDevice && device !== null ? device.name : "";
  if (options.brief) return `${formatIpv4(address).padEnd(39)} ${name === "" ? "" : `${name.padEnd(16)} `}\n`;
  return `${formatIpv4(address)} ${name === "" ? "" : `dev ${name} `}proxy \n`;
}

export function proxyJson({ address, device }: ProxyEntry, options: IpOptions, withDevice: boolean): Json {
  const start = { dst: formatIpv4(address), ...(withDevice && device !== null ? { dev: device.name } : {}) };
  return options.brief ? start : { ...start, proxy: null };
}

/** nud_state_a2n: some names may be abbreviated. Null: no such state. */
export function readState(text: string): NudState | null {
  if (text === "none") return Nud.NONE;
  const bit = nudNames.findIndex((name) =>
    ABBREVIATED.has(name) ? text !== "" && name.startsWith(text) : name === text,
  );
  if (bit >= 0) return (1 << bit) as NudState;
  return /^\d+$/.test(text) && Number(text) < 0x100 && (Number(text) & (Number(text) - 1)) === 0
    ? (Number(text) as NudState)
    : null;
}

const ABBREVIATED: ReadonlySet<string> = new Set(["permanent", "reachable", "failed"]);
