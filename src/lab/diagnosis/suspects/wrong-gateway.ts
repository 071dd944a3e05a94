/** A machine of the goal that has no way out, or one that leads to nobody who would pass its packets on. */
import { destinationText } from "../../../machine/command/ip/route-print.ts";
import type { Machine } from "../../../machine/machine.ts";
import { formatCidr, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import type { Route } from "../../../stack/route-table.ts";
import { isNear, routersFor, type Station, stationsOf } from "../stations.ts";
import { type Clues, involved, machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";
import { planOf } from "./plan-of.ts";

export const wrongGateway: Suspect = {
  name: "wrong-gateway",
  find: (clues) => {
    const stations = stationsOf(clues.now);
    return involved(clues).flatMap((machine) => suspicions(clues, machine, stations));
  },
};

function suspicions(clues: Clues, machine: Machine, stations: readonly Station[]): Suspicion[] {
  const { goal } = clues;
  const { fib } = machine.net;
  const own = stations.filter((each) => each.machine === machine.name);
  const strangers = stations
    .filter((each) => each.machine !== machine.name && goal.machines.includes(each.machine))
    .map(({ address }) => address);
  const astray = [...goal.targets, ...strangers].filter((address) => !own.some((each) => each.address === address));
  const ways = astray.map((address) => ({ address, route: fib.lookup(address) }));
  const none = ways.find(({ route }) => route === null);
  const wrong = ways.find(({ route }) => route !== null && route.via !== 0 && !isRouter(route.via, stations));
  const found: Suspicion[] = [];
  if (none !== undefined) found.push(noRoute(machine, none.address, own, choices(clues, own, stations, null)));
  const via = wrong?.route?.via ?? null;
  const owner = stations.find(({ address }) => address === via) ?? null;
  if (wrong !== undefined) found.push(deadEnd(machine, wrong.route!, owner, choices(clues, own, stations, via)));
  return found;
}

const isRouter = (address: Ipv4, stations: readonly Station[]): boolean =>
  stations.some((each) => each.address === address && each.forwards);

/** Who passes packets on; behind them those that others have for their gateway, though they do not at this moment. */
function choices(clues: Clues, own: readonly Station[], stations: readonly Station[], but: Ipv4 | null): Station[] {
  const others = machinesOf(clues).flatMap(({ net }) =>
    net.fib.main.list().flatMap((route) => (route.prefix === 0 ? route.via : [])),
  );
  const planned = own.flatMap(({ machine, device }) => planOf(clues.lab.plan, machine, device)?.gateway ?? []);
  const used = stations.filter(
    (each) =>
      [...planned, ...others].includes(each.address) &&
      own.some((from) => from.wire === each.wire && isNear(from, each)),
  );
  const found = [...own.flatMap((each) => routersFor(each, stations)), ...used];
  return found.filter((each, i) => each.address !== but && found.indexOf(each) === i && !own.includes(each));
}

function noRoute(machine: Machine, address: Ipv4, own: readonly Station[], routers: readonly Station[]): Suspicion {
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
    mends: routers.map((router) => on(machine.name, `ip route add default via ${formatIpv4(router.address)}`)),
    advice: ["For good: gateway= of that device, in the guest's own configuration (gateway: in the topology)."],
  };
}

function deadEnd(machine: Machine, route: Route, owner: Station | null, routers: readonly Station[]): Suspicion {
  const gateway = formatIpv4(route.via);
  const to = destinationText(route);
  const who = owner === null ? "an address that nobody has" : `${owner.machine}, which does not forward`;
  return {
    at: machine.name,
    what: `its gateway${to === "default" ? "" : ` to ${to}`} is wrong: ${gateway} is ${who}.`,
    evidence: [
      `${to} via ${gateway}`,
      ...routers.map(
        (each) =>
          `${formatIpv4(each.address)} is ${each.machine}${each.forwards ? ", which forwards" : ", the gateway of others"}`,
      ),
    ],
    cause:
      owner === null
        ? "Neighbours are reached and everything beyond is not: nobody answers ARP for the gateway, and packets for it wait three seconds and are dropped."
        : "Neighbours are reached and everything beyond is not: the packets go to a machine that passes nothing on.",
    look: ["ip route", `arping -c 1 ${gateway}`, `ip neigh show ${gateway}`],
    mends: routers.map((router) => on(machine.name, `ip route replace ${to} via ${formatIpv4(router.address)}`)),
    advice: ["For good: gateway= of that device, in the guest's own configuration (gateway: in the topology)."],
  };
}
