/** What the short forms of all modes share: one host xen1 with eth0 on a LAN, an outside machine gw, guests. */
import { type Cidr, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import type { DomainInput, GuestInput, HostInput, MachineInput, ScenarioInput } from "../schema.ts";
import type { Rewrite } from "../source.ts";
import { DHCP } from "../values.ts";

export const HOST = "xen1";
export const GATEWAY = "gw";
export const NIC = "eth0";
export const LAN = "lan";

export interface Lan {
  readonly host: Cidr;
  readonly gateway: Ipv4;
}

export interface NamedGuest {
  readonly name: string;
  readonly guest: GuestInput;
}

/** How one mode is written out. A new one is a file beside this and a line in `index.ts`. */
export interface ShortMode {
  /** The host, without its domains. */
  host(lan: Lan): HostInput;
  domain(guest: GuestInput, lan: Lan): DomainInput;
  /** The guests have a network of their own: it says nothing of the LAN. */
  readonly behind?: boolean;
  /** When the first guest pings its neighbour and the gateway; 1 s and 5 s where ports forward at once. */
  pingsAt?(guests: readonly NamedGuest[]): readonly [string, string];
  /** Where in the host the address of domain 0 has come to stand. */
  readonly hostAddress: readonly string[];
}

export const withPrefix = (ip: string, lan: Lan): string => (ip.includes("/") ? ip : `${ip}/${lan.host.prefix}`);

/** A guest of the LAN itself, whose vif has these words. */
export function lanGuest(guest: GuestInput, lan: Lan, vif: readonly (string | false | undefined)[]): DomainInput {
  const words = [guest.mac && `mac=${guest.mac}`, ...vif, guest.rate && `rate=${guest.rate}`];
  const inside = { ip: withPrefix(guest.ip, lan), gateway: formatIpv4(lan.gateway) };
  return {
    vif: words.filter((word) => word !== undefined && word !== false && word !== "").join(","),
    inside: { [NIC]: guest.mtu === undefined ? inside : { ...inside, mtu: guest.mtu } },
    ...(guest.vcpus === undefined ? {} : { vcpus: guest.vcpus }),
    ...(guest.memory === undefined ? {} : { memory: guest.memory }),
  };
}

export const outsideMachine = (ip: string): MachineInput => ({
  nics: { [NIC]: { network: LAN, ip } },
  services: ["echo"],
});

/** The first guest pings the second, then the gateway. */
export function firstPings(
  guests: readonly NamedGuest[],
  lan: Lan,
  [toNeighbour, toGateway]: readonly [string, string] = ["1s", "5s"],
): ScenarioInput[] {
  const [first, second] = guests;
  if (first === undefined) return [];
  const ping = (at: string, to: string): ScenarioInput => ({ at, on: first.name, run: `ping -c 3 ${to}` });
  // A name is known where there are leases.
  const nameOf = ({ name, guest }: NamedGuest): string => (guest.ip === DHCP ? name : guest.ip.split("/")[0]!);
  const neighbour = second === undefined ? [] : [ping(toNeighbour, nameOf(second))];
  return [...neighbour, ping(toGateway, formatIpv4(lan.gateway))];
}

/** What was written as part of a guest is told at that part. */
export function rewrites(
  guests: readonly NamedGuest[],
  outside: readonly string[],
  hostAddress: readonly string[],
): Rewrite[] {
  const ofGuest = ({ name }: NamedGuest): Rewrite[] => {
    const long = ["hosts", HOST, "domains", name];
    const short = ["guests", name];
    return [
      { long: [...long, "inside", NIC], short },
      { long: [...long, "vif", 0], short: [...short, "mac"] },
      { long, short },
    ];
  };
  return [
    ...guests.flatMap(ofGuest),
    ...outside.map((name) => ({ long: ["machines", name], short: ["outside", name] })),
    { long: ["machines", GATEWAY], short: ["gateway"] },
    { long: ["hosts", HOST, ...hostAddress], short: ["host"] },
  ];
}
