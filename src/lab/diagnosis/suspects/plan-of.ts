/** What the topology says of a device that is there now: its addresses and gateway, whatever has become of them. */
import { type Cidr, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import type { Plan } from "../../topology/plan.ts";

export interface Planned {
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly dhcp: boolean;
}

export function planOf({ hosts, machines }: Plan, machine: string, device: string): Planned | null {
  const host = hosts.find(({ name }) => name === machine);
  const domain = hosts.flatMap(({ domains }) => domains).find(({ name }) => name === machine);
  const found =
    host?.bridges.find(({ name }) => name === device) ??
    host?.nics.find(({ name }) => name === device) ??
    domain?.inside.find((inside) => inside.device === device) ??
    machines.find(({ name }) => name === machine)?.nics.find(({ name }) => name === device);
  if (found === undefined) return null;
  return { addresses: found.addresses, gateway: found.gateway, dhcp: "dhcp" in found && found.dhcp === true };
}

/** The line that makes the default route of the topology; none where it names no gateway. */
export const gatewayLines = ({ gateway }: Planned): string[] =>
  gateway === null ? [] : [`ip route replace default via ${formatIpv4(gateway)}`];
