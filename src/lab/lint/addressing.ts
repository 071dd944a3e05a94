/** What a guest was told of its network, and is not so: its gateway, its prefix length, a DHCP server, a range for fewer guests. */
import { formatCidr, formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { poolOf } from "../diagnosis/dhcp-exhausted.ts";
import { isNear, routersFor, type Station, stationsOf } from "../diagnosis/stations.ts";
import { isServed } from "../diagnosis/suspects/no-dhcp-server.ts";
import { otherPrefix } from "../diagnosis/suspects/wrong-prefix.ts";
import { Wires } from "../diagnosis/wires.ts";
import type { InsidePlan } from "../topology/plan.ts";
import { type HostFacts, routedNetworks, type VifFacts } from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

export const gatewayNobody: TrapFinder = {
  name: "gateway-nobody",
  find: (host, { now }) => {
    const stations = stationsOf(now);
    return ofGuests(host, stations).flatMap(({ own, inside: { gateway } }) => {
      if (gateway === null || stations.some(({ address }) => address === gateway)) return [];
      // Without a router on its wire the lab leaves the gateway out for everybody.
      const routers = routersFor(own, stations);
      return routers.length === 0 ? [] : [wrongGateway(own, gateway, routers)];
    });
  },
};

const wrongGateway = ({ machine, device }: Station, gateway: Ipv4, routers: readonly Station[]): Found => ({
  what: `The gateway of ${machine}, ${formatIpv4(gateway)}, is an address that nobody has.`,
  step: `${machine}: ip route add default via ${formatIpv4(gateway)} dev ${device}`,
  why: "Neighbours are reached, and nothing beyond: ARP for the gateway gets no answer.",
  mend: routers.map((each) => `gateway: ${formatIpv4(each.address)} in the topology (${each.machine}, which forwards)`),
});

/** The kernel refuses such a route, and the guest has none. */
export const gatewayOutside: TrapFinder = {
  name: "gateway-outside",
  find: (host, { now }) => {
    const stations = stationsOf(now);
    return host.plan.domains.flatMap(({ name, inside }) =>
      inside.flatMap(({ device, addresses, gateway }) => {
        const isReached = (via: Ipv4): boolean =>
          addresses.some((each) => isNear(each, { address: via, prefix: each.prefix }));
        if (gateway === null || addresses.length === 0 || isReached(gateway)) return [];
        const via = formatIpv4(gateway);
        const owner = stations.find(({ address, machine }) => address === gateway && machine !== name);
        const isAlone = addresses.every(({ prefix }) => prefix > 30);
        return [
          {
            what: `The gateway of ${name}, ${via}, is outside the network of its ${device}, ${addresses.map(formatCidr).join(", ")}.`,
            step: `${name}: ip route add default via ${via} dev ${device}`,
            why: "The kernel refuses a gateway to which no route leads: the guest has no default route.",
            mend: isAlone
              ? [`on ${name}: ip route add ${via} dev ${device}`, `on ${name}: ip route add default via ${via}`]
              : [
                  owner === undefined
                    ? "ip: and gateway: of one network in the topology"
                    : `ip: of the network of ${formatCidr(owner)} in the topology (${owner.machine})`,
                ],
          },
        ];
      }),
    );
  },
};

export const noDhcpServer: TrapFinder = {
  name: "no-dhcp-server",
  find: (host, { now, plan }) => {
    const wires = new Wires(now);
    return (
      host.vifs
        // One that is out of its bridge has a trap of its own.
        .filter(({ device, script }) => device !== null && (device.master !== null || !script.startsWith("vif-bridge")))
        .filter((vif) => insideOf(vif)?.dhcp === true)
        .filter(({ domain, handle }) => !isServed(plan, wires, wires.of(domain.name, `eth${handle}`)))
        .map(({ domain, title }) => ({
          what: `${domain.name} asks for an address by DHCP, and nobody on the wire of ${title} gives any.`,
          step: null,
          why: "DISCOVER gets no OFFER, and the guest stays without an address.",
          mend: ["services: [dhcp] of a machine on that network in the topology, or ip: in place of dhcp:"],
        }))
    );
  },
};

export const prefixDiffers: TrapFinder = {
  name: "prefix-differs",
  find: (host, { now }) => {
    const stations = stationsOf(now);
    return ofGuests(host, stations).flatMap(({ own }) => {
      const [other] = otherPrefix(own, stations);
      return other === undefined ? [] : [wrongPrefix(own, other)];
    });
  },
};

const wrongPrefix = (own: Station, other: Station): Found => ({
  what: `The prefix length of ${own.machine}'s ${own.device} is /${own.prefix}, and that of its neighbours /${other.prefix} (${other.machine}: ${formatCidr(other)}).`,
  step: `${own.machine}: ip addr add ${formatCidr(own)} dev ${own.device}`,
  why:
    own.prefix > other.prefix
      ? "Neighbours outside its small subnet are strangers to it: it asks its gateway for them, or has no route."
      : "It takes strangers for neighbours, and asks for them by ARP where nobody has them.",
  mend: [`ip: ${formatCidr({ ...own, prefix: other.prefix })} in the topology`],
});

export const dhcpRangeSmall: TrapFinder = {
  name: "dhcp-range-small",
  find: (host) =>
    routedNetworks(host).flatMap(({ plan, bridge, vifs }) => {
      const asking = vifs.filter((vif) => insideOf(vif)?.dhcp === true).map(({ domain }) => domain.name);
      const pool = poolOf(plan);
      const fixed = plan.definition.ips.reduce((sum, { hosts }) => sum + hosts.length, 0);
      if (pool.length === 0 || asking.length <= pool.length + fixed) return [];
      return [
        {
          what: `${listed(asking)} ask for an address on ${bridge}, and its range has ${pool.length}.`,
          step: null,
          why: "Who comes last gets no answer, and goes on asking.",
          mend: ["a larger <range start='...' end='...'/> in the network's XML"],
        },
      ];
    }),
};

const insideOf = ({ domain, handle }: VifFacts): InsidePlan | undefined =>
  domain.inside.find(({ device }) => device === `eth${handle}`);

/** The addresses that guests of the host have now, with what the topology says of their devices. */
const ofGuests = (host: HostFacts, stations: readonly Station[]) =>
  host.plan.domains.flatMap(({ name, inside }) =>
    inside.flatMap((each) =>
      stations
        .filter(({ machine, device }) => machine === name && device === each.device)
        .map((own) => ({ own, inside: each })),
    ),
  );
