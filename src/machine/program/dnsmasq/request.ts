/** What is known of a DHCP request, where its reply goes and for how long (dhcp_packet and dhcp_reply of dnsmasq 2.90). */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, type Ipv4, LIMITED_BROADCAST } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import type { KnownHost } from "./known-hosts.ts";
import type { Lease, Leases } from "./lease.ts";
import type { Context, Search } from "./range-choice.ts";
import { INFINITE, type Settings } from "./settings.ts";

const { MessageType, OptionCode } = dhcp;

/** Where a reply goes. */
export interface Destination {
  readonly address: Ipv4;
  readonly port: number;
  /** Null: the route says by which interface. */
  readonly device: NetDevice | null;
  /** The client has no address yet: its MAC is put into the ARP table first. */
  readonly injects: boolean;
}

/** The program around the server. */
export interface DhcpHouse {
  readonly settings: Settings;
  readonly leases: Leases;
  /** Seconds since 1970. */
  readonly now: number;
  log(line: string): void;
  addressesOf(device: NetDevice): readonly IfAddress[];
  /** What /etc/hosts calls an address, in our domain. */
  hostFromDns(address: Ipv4): string | null;
  /** Looks whether somebody answers to a ping; `probeEnded` tells. */
  probe(address: Ipv4, device: NetDevice): void;
  send(reply: dhcp.Message, to: Destination): void;
  /** Leases or names have changed. */
  leasesChanged(): void;
  /** For the T1 of a renewal. */
  random16(): number;
}

/** What was found out about a request before its type is looked at. */
export interface Request {
  readonly message: dhcp.Message;
  readonly datagram: Datagram;
  readonly device: NetDevice;
  readonly contexts: readonly Context[];
  readonly clientId: Uint8Array | null;
  readonly lease: Lease | null;
  readonly known: KnownHost | null;
  readonly clientName: string | null;
  readonly tags: Set<string>;
  readonly wasUnicast: boolean;
  /** Addresses that answered while this request was looked at. */
  readonly used: ReadonlySet<Ipv4>;
  readonly search: Search | null;
  readonly since: number;
}

/** calc_time: ours, or a shorter one when the client asks for it. */
export function leaseTimeOf(context: Context, { message, known }: Request): number {
  const time = known?.host.leaseTime ?? context.range.leaseTime;
  const asked = dhcp.number32Of(message, OptionCode.LEASE_TIME);
  if (asked === null) return time;
  const sane = Math.max(120, asked);
  return time === INFINITE || (sane !== INFINITE && sane < time) ? sane : time;
}

/** dhcp_packet of dhcp.c, as far as it knows no relays. */
export function destinationOf(reply: dhcp.Message, { datagram, device, message }: Request): Destination {
  const isInform = dhcp.typeOf(message) === MessageType.INFORM;
  if (reply.clientAddress !== ANY_IPV4) {
    const isBelieved =
      (isInform || datagram.source === reply.clientAddress) &&
      datagram.source !== ANY_IPV4 &&
      datagram.sourcePort !== 0;
    const address = isBelieved ? datagram.source : reply.clientAddress;
    return { address, port: isBelieved ? datagram.sourcePort : dhcp.CLIENT_PORT, device: null, injects: false };
  }
  const port = dhcp.CLIENT_PORT;
  const broadcasts = (reply.flags & dhcp.BROADCAST_FLAG) !== 0;
  if (broadcasts) return { address: LIMITED_BROADCAST, port, device, injects: false };
  return { address: reply.yourAddress, port, device, injects: true };
}

/** legal_hostname: letters, digits, hyphens and underscores in the first label. */
export function legalHostname(text: string | null): string | null {
  if (text === null || !/^[a-z0-9][a-z0-9_-]*(\.[a-z0-9_.-]*)?$/i.test(text)) return null;
  return text;
}

export const stripDomain = (name: string): string => name.split(".")[0]!;

/** What the script hears about the client. */
export function tell(lease: Lease, { message, tags }: Request): void {
  lease.told.clear();
  const vendor = dhcp.textOf(message, OptionCode.VENDOR_CLASS);
  const name = dhcp.textOf(message, OptionCode.HOST_NAME);
  const asked = dhcp.option(message, OptionCode.PARAMETERS);
  if (vendor !== null) lease.told.set("DNSMASQ_VENDOR_CLASS", vendor);
  if (name !== null) lease.told.set("DNSMASQ_SUPPLIED_HOSTNAME", name);
  if (asked !== null) lease.told.set("DNSMASQ_REQUESTED_OPTIONS", asked.join(","));
  if (tags.size > 0) lease.told.set("DNSMASQ_TAGS", [...tags].join(" "));
}
