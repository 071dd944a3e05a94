/** What a host's dnsmasq has leased out at one instant. */
import type { Machine } from "../../machine/machine.ts";
import { Dnsmasq } from "../../machine/program/dnsmasq/dnsmasq.ts";
import { formatIpv4, formatMac } from "../../packet/address.ts";

export interface LeaseSnapshot {
  readonly address: string;
  readonly mac: string;
  /** What its holder calls itself; null: it did not say. */
  readonly hostname: string | null;
  /** Null: it never ends. */
  readonly secondsLeft: number | null;
}

/** More than any screen shows. */
const LEASES = 256;

/** Null: no dnsmasq runs there. */
export function leaseSnapshots(machine: Machine): LeaseSnapshot[] | null {
  const servers = [...machine.processes.values()]
    .map(({ program }) => program)
    .filter((each) => each instanceof Dnsmasq);
  if (servers.length === 0) return null;
  const leases = servers.flatMap((server) => server.leases).slice(0, LEASES);
  return leases.map(({ address, mac, hostname, expires }) => ({
    address: formatIpv4(address),
    mac: formatMac(mac),
    hostname,
    secondsLeft: expires === 0 ? null : Math.max(0, expires - machine.clockSeconds),
  }));
}
