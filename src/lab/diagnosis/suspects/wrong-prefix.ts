/** A machine whose prefix length is another than that of its neighbours: it takes neighbours for strangers, or strangers for neighbours. */
import type { Machine } from "../../../machine/machine.ts";
import { formatCidr, formatIpv4, type Ipv4, networkOf } from "../../../packet/address.ts";
import { routersFor, type Station, stationsOf } from "../stations.ts";
import { on, type Suspect, type Suspicion } from "../suspect.ts";

export const wrongPrefix: Suspect = {
  name: "wrong-prefix",
  find: (clues) => {
    const stations = stationsOf(clues.now);
    return stations
      .filter(({ machine }) => clues.goal.machines.includes(machine))
      .flatMap((station) => suspicion(clues.lab.machine(station.machine), station, stations));
  },
};

function suspicion(machine: Machine, own: Station, stations: readonly Station[]): Suspicion[] {
  const alike = otherPrefix(own, stations);
  if (alike.length === 0) return [];
  const { prefix: usual } = alike[0]!;
  const { device } = own;
  const right = { ...own, prefix: usual };
  const via = gatewayOf(machine, right, stations);
  return [
    {
      at: own.machine,
      what: `the prefix length of ${device} is /${own.prefix}, and that of its neighbours /${usual}.`,
      evidence: [
        `${device} has ${formatCidr(own)}`,
        ...alike.slice(0, 4).map((each) => `${each.machine} has ${formatCidr(each)}`),
      ],
      cause:
        own.prefix > usual
          ? "Neighbours outside its small subnet are strangers to it: it asks its gateway for them, or has no route, and answers them as little."
          : "It takes strangers for neighbours and asks for them by ARP on its own wire, where nobody has these addresses.",
      look: [`ip addr show ${device}`, "ip route"],
      mends: [
        on(
          own.machine,
          `ip addr del ${formatCidr(own)} dev ${device}`,
          `ip addr add ${formatCidr(right)} brd + dev ${device}`,
          ...(via === undefined ? [] : [`ip route replace default via ${formatIpv4(via)}`]),
        ),
      ],
      advice: [`For good: ${formatCidr(right)} in the configuration of the machine (ip: in the topology).`],
    },
  ];
}

const POINT_TO_POINT = 31;

/** Its neighbours with the prefix length that is usual there, where it alone has another; none where all is well. */
export function otherPrefix(own: Station, stations: readonly Station[]): Station[] {
  const near = stations.filter(
    (each) =>
      each.wire === own.wire &&
      each.machine !== own.machine &&
      // A /32 says nothing of the wire: routed vifs have it.
      each.prefix < POINT_TO_POINT &&
      networkOf(own.address, Math.min(own.prefix, each.prefix)) ===
        networkOf(each.address, Math.min(own.prefix, each.prefix)),
  );
  const usual = commonest(near.map(({ prefix }) => prefix));
  return near.some(({ prefix }) => prefix === own.prefix) ? [] : near.filter(({ prefix }) => prefix === usual);
}

/** The one that it has, or, where that passes nothing on, one that does. */
function gatewayOf({ net }: Machine, own: Station, stations: readonly Station[]): Ipv4 | undefined {
  const via = net.fib.main.list().find((route) => route.prefix === 0 && route.via !== 0)?.via;
  const routers = routersFor(own, stations).map(({ address }) => address);
  return via === undefined || routers.includes(via) ? via : (routers[0] ?? via);
}

/** The number that stands there most often; null for none. */
function commonest(numbers: readonly number[]): number | null {
  const count = (number: number): number => numbers.filter((each) => each === number).length;
  return numbers.reduce<number | null>(
    (best, each) => (best === null || count(each) > count(best) ? each : best),
    null,
  );
}
