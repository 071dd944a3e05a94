/**
 * Something to look at: a ping once a second after the boot, from the first guest to its gateway, so that it
 * crosses the whole map; without one to the next guest. It is typed at the guest's own prompt, where ^C ends it.
 */
import { formatIpv4 } from "../packet/address.ts";
import type { Plan } from "./topology/plan.ts";

export interface Life {
  readonly machine: string;
  readonly line: string;
}

/** Null when nobody is there to ping, or nobody to be pinged. */
export function lifeOf(plan: Plan): Life | null {
  const guests = plan.hosts.flatMap((host) => host.domains.filter((domain) => domain.autostart));
  const [first, second] = guests;
  const inside = first?.inside.find((device) => device.addresses.length > 0);
  if (first === undefined || inside === undefined) return null;
  const target = inside.gateway ?? second?.inside.find((device) => device.addresses.length > 0)?.addresses[0]?.address;
  return target === undefined || target === null ? null : { machine: first.name, line: `ping ${formatIpv4(target)}` };
}
