/** A machine, on the way or at its end, that has no route where somebody on its wire knows one. */
import { Fate } from "../../../base/fate.ts";
import { formatCidr, formatIpv4, type Ipv4, networkOf, parseCidr } from "../../../packet/address.ts";
import { isNear, type Station, stationsOf } from "../stations.ts";
import { type Clues, distinct, lostBy, on, type Suspect, type Suspicion } from "../suspect.ts";

export const missingRoute: Suspect = {
  name: "missing-route",
  find: (clues) => {
    const stations = stationsOf(clues.now);
    const lost = lostBy(clues, Fate.NO_ROUTE, Fate.NO_ROUTE_TO_SEND).flatMap(({ frame, machine }) =>
      frame.packet === null ? [] : suspicions(machine.name, frame.packet.destination, stations),
    );
    return distinct([...lost, ...silent(clues, stations), ...toGuests(clues)]);
  },
};

/** A routed guest that domain 0 looks for behind another device than its vif. */
const toGuests = ({ now, lab }: Clues): Suspicion[] =>
  now.hosts.flatMap((host) =>
    host.guests.flatMap((guest) =>
      guest.vifs.flatMap(({ name: vif, addresses }) => {
        const device = host.dom0.devices.find(({ name }) => name === vif);
        if (device === undefined || device.master !== null || !device.up) return [];
        const { fib } = lab.machine(host.name).net;
        return addresses
          .map((text) => parseCidr(text)!.address)
          .filter((address) => fib.lookup(address)?.device?.name !== vif)
          .map((address) => ({
            at: host.name,
            what: `the route to ${guest.name} does not lead through ${vif}.`,
            evidence: [`ip route get ${formatIpv4(address)}: not by ${vif}`],
            cause:
              "The vif script makes that route when the vif comes up. Without it domain 0 looks for the guest on another wire.",
            look: ["ip route", `ip route get ${formatIpv4(address)}`],
            mends: [on(host.name, `ip route replace ${formatIpv4(address)} dev ${vif}`)],
          }));
      }),
    ),
  );

/** Who cannot answer sends no frame that could be lost. */
const silent = ({ lab, goal }: Clues, stations: readonly Station[]): Suspicion[] =>
  goal.machines.flatMap((name) => {
    const machine = lab.find(name);
    const others = stations.filter((each) => each.machine !== name && goal.machines.includes(each.machine));
    return machine === null
      ? []
      : others
          .filter(({ address }) => machine.net.fib.lookup(address) === null)
          .flatMap(({ address }) => suspicions(name, address, stations));
  });

function suspicions(at: string, to: Ipv4, stations: readonly Station[]): Suspicion[] {
  const own = stations.filter(({ machine }) => machine === at);
  const there = stations.find(({ address }) => address === to);
  if (there === undefined) return [];
  const subnet = formatCidr({ address: networkOf(to, there.prefix), prefix: there.prefix });
  // Forwarders with a foot in each of the two.
  const between = stations.filter(
    (near) =>
      near.forwards &&
      own.some((each) => each.wire === near.wire && isNear(each, near)) &&
      stations.some((far) => far.machine === near.machine && far.wire === there.wire && isNear(far, there)),
  );
  return between.map((router) => ({
    at,
    what: `it has no route to ${subnet}.`,
    evidence: [
      `ip route get ${formatIpv4(to)}: Network is unreachable`,
      `${router.machine} (${formatIpv4(router.address)}) knows the way`,
    ],
    cause:
      "What cannot be sent is dropped, and who sent it may hear: Destination Net Unreachable. An answer that has no route is never even made.",
    look: ["ip route", `ip route get ${formatIpv4(to)}`],
    mends: [on(at, `ip route add ${subnet} via ${formatIpv4(router.address)}`)],
  }));
}
