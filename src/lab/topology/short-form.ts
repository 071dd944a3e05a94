/**
 * The short form, `mode: bridge` with `guests`, written out as the long form: one host xen1 whose eth0 is a port of
 * xenbr0, the guests behind it, and an outside machine gw on the same LAN.
 */
import { type Cidr, formatCidr, formatIpv4, type Ipv4, networkOf, parseCidr, parseIpv4 } from "../../packet/address.ts";
import { DEFAULT_BRIDGE } from "../../xen/vif-config.ts";
import type { Desk } from "./desk.ts";
import type { DomainInput, GuestInput, ScenarioInput, TopologyInput } from "./schema.ts";
import type { Rewrite } from "./source.ts";
import { EXPECTED_TOPOLOGY } from "./yaml-text.ts";

const HOST = "xen1";
const GATEWAY = "gw";
const NIC = "eth0";
const LAN = "lan";
const SHORT_KEYS = ["mode", "guests", "host", "gateway", "outside"] as const;
const LONG_KEYS = ["networks", "hosts", "machines"] as const;

interface Lan {
  readonly host: Cidr;
  readonly gateway: Ipv4;
}

/** The topology itself when it is in the long form already. `complete` as in RawTopology. */
export function expandShortForm(input: TopologyInput, complete: boolean, desk: Desk): TopologyInput {
  const written = desk.source.keys([]);
  const short = SHORT_KEYS.find((key) => written.includes(key));
  if (short === undefined) {
    if (complete && !LONG_KEYS.some((key) => written.includes(key))) nothingToBuild(desk);
    return input;
  }
  for (const key of LONG_KEYS.filter((long) => written.includes(long))) {
    const message = `\`${key}\` belongs to the long form of a topology and \`${short}\` to the short one`;
    desk.errorAtKey([key], "mixed-forms", message, {
      expected: "one of the two forms",
    });
  }
  if (complete && !written.includes("guests")) nothingToBuild(desk);
  return writeOut(input, desk);
}

function nothingToBuild(desk: Desk): void {
  desk.error([], "nothing", "there is nothing to build", {
    expected: EXPECTED_TOPOLOGY,
  });
}

function writeOut(input: TopologyInput, desk: Desk): TopologyInput {
  const guests = Object.entries(input.guests ?? {}).map(([name, guest]) => ({
    name,
    guest: asMapping(guest),
  }));
  const lan = chooseLan(
    input,
    guests.map(({ guest }) => parseCidr(guest.ip)!),
  );
  const { mode: _mode, guests: _guests, host: _host, gateway: _gateway, outside, ...rest } = input;
  const domains = guests.map(({ name, guest }) => [name, toDomain(guest, lan)]);
  const others = Object.entries(outside ?? {}).map(([name, ip]) => [name, outsideMachine(withPrefix(ip, lan))]);
  desk.source.rewrite(
    rewrites(
      guests.map(({ name }) => name),
      Object.keys(outside ?? {}),
    ),
  );
  const bridge = {
    ports: [NIC],
    ip: formatCidr(lan.host),
    gateway: formatIpv4(lan.gateway),
  };
  const host = {
    nics: { [NIC]: { network: LAN } },
    bridges: { [DEFAULT_BRIDGE]: bridge },
    domains: Object.fromEntries(domains),
  };
  const gateway = outsideMachine(formatCidr({ address: lan.gateway, prefix: lan.host.prefix }));
  return {
    ...rest,
    networks: { [LAN]: {} },
    hosts: { [HOST]: host },
    machines: { [GATEWAY]: gateway, ...Object.fromEntries(others) },
    scenario:
      input.scenario ??
      firstPings(
        guests.map(({ name, guest }) => ({ name, ip: guest.ip })),
        lan,
      ),
  };
}

const asMapping = (guest: string | GuestInput): GuestInput => (typeof guest === "string" ? { ip: guest } : guest);

/** What is not said follows from what is: the net of the host, else of the first guest. */
function chooseLan(input: TopologyInput, guests: readonly Cidr[]): Lan {
  const near = input.host === undefined ? guests[0] : parseCidr(input.host)!;
  const written = input.host ?? "";
  const prefix = written.includes("/") || (near?.prefix ?? 32) < 32 ? near!.prefix : 24;
  const net = networkOf(near?.address ?? parseIpv4("192.168.1.0")!, prefix);
  const taken = new Set<number>(guests.map(({ address }) => address));
  const gateway = input.gateway === undefined ? firstFree(net + 1, taken) : parseIpv4(input.gateway)!;
  taken.add(gateway);
  return {
    host: {
      address: input.host === undefined ? firstFree(net + 10, taken) : near!.address,
      prefix,
    },
    gateway,
  };
}

function firstFree(from: number, taken: ReadonlySet<number>): Ipv4 {
  let address = from;
  while (taken.has(address)) address++;
  return (address >>> 0) as Ipv4;
}

const withPrefix = (ip: string, lan: Lan): string => (ip.includes("/") ? ip : `${ip}/${lan.host.prefix}`);

function toDomain(guest: GuestInput, lan: Lan): DomainInput {
  const words = [guest.mac && `mac=${guest.mac}`, `bridge=${DEFAULT_BRIDGE}`, guest.rate && `rate=${guest.rate}`];
  const inside = {
    ip: withPrefix(guest.ip, lan),
    gateway: formatIpv4(lan.gateway),
  };
  return {
    vif: words.filter((word) => word !== undefined).join(","),
    inside: {
      [NIC]: guest.mtu === undefined ? inside : { ...inside, mtu: guest.mtu },
    },
    ...(guest.vcpus === undefined ? {} : { vcpus: guest.vcpus }),
    ...(guest.memory === undefined ? {} : { memory: guest.memory }),
  };
}

const outsideMachine = (ip: string) => ({
  nics: { [NIC]: { network: LAN, ip } },
  services: ["echo"],
});

/** The first guest pings the second, then the gateway. */
function firstPings(guests: readonly { name: string; ip: string }[], lan: Lan): ScenarioInput[] {
  const [first, second] = guests;
  if (first === undefined) return [];
  const ping = (at: string, to: string): ScenarioInput => ({
    at,
    on: first.name,
    run: `ping -c 3 ${to}`,
  });
  const neighbour = second === undefined ? [] : [ping("1s", second.ip.split("/")[0]!)];
  return [...neighbour, ping("5s", formatIpv4(lan.gateway))];
}

/** What was written as part of a guest is told at that part. */
function rewrites(guests: readonly string[], outside: readonly string[]): Rewrite[] {
  const ofGuest = (name: string): Rewrite[] => {
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
    ...outside.map((name) => ({
      long: ["machines", name],
      short: ["outside", name],
    })),
    { long: ["machines", GATEWAY], short: ["gateway"] },
    { long: ["hosts", HOST, "bridges"], short: ["host"] },
  ];
}
