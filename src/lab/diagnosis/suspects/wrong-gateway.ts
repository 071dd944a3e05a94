/** A machine of the goal that has no way out, or one that leads to nobody who would pass its packets on. */
import type { Machine } from "../../../machine/machine.ts";
import { formatCidr, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { routersFor, type Station, stationsOf } from "../stations.ts";
import { type Clues, on, type Suspect, type Suspicion } from "../suspect.ts";

export const wrongGateway: Suspect = {
  name: "wrong-gateway",
  find: (clues) => {
    const stations = stationsOf(clues.now);
    return clues.goal.machines.flatMap((name) => {
      const machine = clues.lab.find(name);
      return machine === null ? [] : suspicions(clues, machine, stations);
    });
  },
};

function suspicions({ lab, goal }: Clues, machine: Machine, stations: readonly Station[]): Suspicion[] {
  const { fib } = machine.net;
  const own = stations.filter((each) => each.machine === machine.name);
  const strangers = stations
    .filter((each) => each.machine !== machine.name && goal.machines.includes(each.machine))
    .map(({ address }) => address);
  const astray = [...goal.targets, ...strangers].filter((address) => !own.some((each) => each.address === address));
  const failed = astray.map((address) => ({ address, route: fib.lookup(address) }));
  const none = failed.find(({ route }) => route === null);
  const wrong = failed.find(({ route }) => route !== null && route.via !== 0 && !isRouter(route.via, stations));
  const found: Suspicion[] = [];
  if (none !== undefined) found.push(noRoute(machine, none.address, own, stations));
  if (wrong !== undefined) {
    const { via } = wrong.route!;
    const owner = stations.find(({ address }) => address === via) ?? null;
    // A name server of the topology may tell, or a box outside may really stand there: only nobody and a guest are wrong.
    found.push(deadEnd(machine, via, owner, own, stations, lab.now));
  }
  return found;
}

const isRouter = (address: Ipv4, stations: readonly Station[]): boolean =>
  stations.some((each) => each.address === address && each.forwards);

const choices = (own: readonly Station[], stations: readonly Station[], but: Ipv4 | null): Station[] =>
  own.flatMap((each) => routersFor(each, stations)).filter(({ address }) => address !== but);

function noRoute(machine: Machine, address: Ipv4, own: readonly Station[], stations: readonly Station[]): Suspicion {
  return {
    at: machine.name,
    what: `it has no route to ${formatIpv4(address)}: no default route.`,
    evidence: [
      `ip route get ${formatIpv4(address)}: Network is unreachable`,
      ...own.map((each) => `${each.device} has ${formatCidr(each)}`),
    ],
    cause:
      "Without a default route a machine reaches its own subnet only, and answers nobody else: a ping from outside arrives and gets no reply.",
    look: ["ip route", `ip route get ${formatIpv4(address)}`],
    mends: choices(own, stations, null).map((router) =>
      on(machine.name, `ip route add default via ${formatIpv4(router.address)}`),
    ),
    advice: ["For good: gateway= of that device, in the guest's own configuration (gateway: in the topology)."],
  };
}

function deadEnd(
  machine: Machine,
  via: Ipv4,
  owner: Station | null,
  own: readonly Station[],
  stations: readonly Station[],
  _now: number,
): Suspicion {
  const gateway = formatIpv4(via);
  const who = owner === null ? "an address that nobody has" : `${owner.machine}, which does not forward`;
  return {
    at: machine.name,
    what: `its gateway is wrong: ${gateway} is ${who}.`,
    evidence: [
      `default via ${gateway}`,
      ...choices(own, stations, via).map((each) => `${formatIpv4(each.address)} is ${each.machine}, which forwards`),
    ],
    cause:
      owner === null
        ? "Neighbours are reached and everything beyond is not: nobody answers ARP for the gateway, and packets for it wait three seconds and are dropped."
        : "Neighbours are reached and everything beyond is not: the packets go to a machine that passes nothing on.",
    look: ["ip route", `arping -c 1 ${gateway}`, `ip neigh show ${gateway}`],
    mends: choices(own, stations, via).map((router) =>
      on(machine.name, `ip route replace default via ${formatIpv4(router.address)}`),
    ),
    advice: ["For good: gateway= of that device, in the guest's own configuration (gateway: in the topology)."],
  };
}
