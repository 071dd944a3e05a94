/** Which dhcp-host means a client (find_config of dhcp-common.c). The last one written is looked at first. */
import type { Ipv4, Mac } from "../../../packet/address.ts";
import { sameName } from "../../../packet/dns.ts";
import type { Context } from "./range-choice.ts";
import type { DhcpHost } from "./settings.ts";
import { hasTags, type Tags } from "./tags.ts";

/** A dhcp-host and whether a client has said that its address is in use. */
export class KnownHost {
  readonly host: DhcpHost;
  /** Seconds since 1970; null: never. */
  declinedAt: number | null = null;

  constructor(host: DhcpHost) {
    this.host = host;
  }
}

export interface Who {
  readonly mac: Mac;
  readonly clientId: Uint8Array | null;
  readonly hostname: string | null;
}

const sameBytes = (a: Uint8Array, b: Uint8Array): boolean =>
  a.length === b.length && a.every((byte, i) => byte === b[i]);

export function findHost(
  known: readonly KnownHost[],
  contexts: readonly Context[],
  { mac, clientId, hostname }: Who,
  tags: Tags,
): KnownHost | null {
  const fitting = known.filter(({ host }) => fits(host, contexts) && hasTags(host.needs, tags)).reverse();
  const byId = ({ host }: KnownHost): boolean =>
    clientId !== null && host.clientId !== null && sameBytes(host.clientId, clientId);
  const byMac = ({ host }: KnownHost): boolean => host.macs.includes(mac);
  const byName = ({ host }: KnownHost): boolean =>
    host.name !== null && hostname !== null && sameName(host.name, hostname) && isNameOnly(host);
  return fitting.find(byId) ?? fitting.find(byMac) ?? fitting.find(byName) ?? null;
}

/** Who says whose name he has does not get what was meant for a MAC. */
const isNameOnly = ({ macs, clientId }: DhcpHost): boolean => macs.length === 0 && clientId === null;

/** An address of another network is not meant here. */
const fits = ({ address }: DhcpHost, contexts: readonly Context[]): boolean =>
  address === null || contexts.some(({ range, netmask }) => ((address ^ range.start) & netmask) === 0);

export const keptFor = (known: readonly KnownHost[], address: Ipv4): KnownHost | null =>
  known.findLast(({ host }) => host.address === address) ?? null;
