/**
 * Fields of DHCP and DNS that a display filter can name, in Wireshark's words. They stand at no fixed place, so the frame
 * is dissected for them: what `dissect` calls so is what is compared. A field more is a line here.
 */
import type { InsideKind } from "./tree.ts";

/** Layers that `dissect` names so, behind these UDP ports. */
export const INSIDE_PROTOCOLS: ReadonlyMap<string, readonly number[]> = new Map([
  ["dhcp", [67, 68]],
  ["dns", [53]],
]);

export const INSIDE_FIELDS: ReadonlyMap<string, InsideKind> = new Map([
  ["dhcp.type", "number"],
  ["dhcp.id", "number"],
  ["dhcp.secs", "number"],
  ["dhcp.hops", "number"],
  ["dhcp.flags", "number"],
  ["dhcp.flags.bc", "boolean"],
  ["dhcp.ip.client", "ipv4"],
  ["dhcp.ip.your", "ipv4"],
  ["dhcp.ip.server", "ipv4"],
  ["dhcp.ip.relay", "ipv4"],
  ["dhcp.hw.mac_addr", "mac"],
  ["dhcp.option.type", "number"],
  ["dhcp.option.dhcp", "number"],
  ["dhcp.option.hostname", "text"],
  ["dhcp.option.requested_ip_address", "ipv4"],
  ["dhcp.option.dhcp_server_id", "ipv4"],
  ["dhcp.option.ip_address_lease_time", "number"],
  ["dhcp.option.subnet_mask", "ipv4"],
  ["dhcp.option.router", "ipv4"],
  ["dhcp.option.domain_name_server", "ipv4"],
  ["dns.id", "number"],
  ["dns.flags", "number"],
  ["dns.flags.response", "boolean"],
  ["dns.flags.authoritative", "boolean"],
  ["dns.flags.recdesired", "boolean"],
  ["dns.flags.rcode", "number"],
  ["dns.count.queries", "number"],
  ["dns.count.answers", "number"],
  ["dns.qry.name", "text"],
  ["dns.qry.type", "number"],
  ["dns.resp.name", "text"],
  ["dns.resp.type", "number"],
  ["dns.resp.ttl", "number"],
  ["dns.a", "ipv4"],
  ["dns.cname", "text"],
  ["dns.ptr.domain_name", "text"],
]);
