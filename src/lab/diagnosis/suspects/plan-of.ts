/** What the topology says of a device that is there now: its addresses and gateway, whatever has become of them. */
import { type Cidr, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { BRIDGELESS, scriptName } from "../../topology/host-mode.ts";
import type { Plan } from "../../topology/plan.ts";

export interface Planned {
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly dhcp: boolean;
}

export function planOf({ hosts, machines }: Plan, machine: string, device: string): Planned | null {
  const host = hosts.find(({ name }) => name === machine);
  const domain = hosts.flatMap(({ domains }) => domains).find(({ name }) => name === machine);
  const network = host?.libvirt.find(({ bridge }) => bridge === device);
  if (network !== undefined) return { addresses: network.definition.ips, gateway: null, dhcp: false };
  const found =
    host?.bridges.find(({ name }) => name === device) ??
    host?.nics.find(({ name }) => name === device) ??
    domain?.inside.find((inside) => inside.device === device) ??
    machines.find(({ name }) => name === machine)?.nics.find(({ name }) => name === device);
  if (found === undefined) return null;
  return { addresses: found.addresses, gateway: found.gateway, dhcp: "dhcp" in found && found.dhcp === true };
}

/** The guest's N-th vif, ethN inside, is for a script that routes: it belongs into no bridge. */
export function isRouted({ hosts }: Plan, guest: string, device: string): boolean {
  return hosts.some(({ domains, vifScript }) => {
    const vifs = domains.find(({ name }) => name === guest)?.vifs ?? [];
    const vif = vifs[Number(device.replace("eth", ""))];
    return vif !== undefined && BRIDGELESS.includes(scriptName(vif.script ?? vifScript));
  });
}

/** The line that makes the default route of the topology; none where it names no gateway. */
export const gatewayLines = ({ gateway }: Planned): string[] =>
  gateway === null ? [] : [`ip route replace default via ${formatIpv4(gateway)}`];
