/** A machine whose gateway lies outside its own network: nobody of its neighbours, or a /32 without a route to the gateway. */
import { formatCidr, formatIpv4, type Ipv4, networkOf } from "../../../packet/address.ts";
import { freeAddress, isNear, type Station, stationsOf } from "../stations.ts";
import { type Clues, on, type Suspect, type Suspicion } from "../suspect.ts";
import { planOf } from "./plan-of.ts";

/** As vif-route's guests often have it. */
const ALONE = 31;

export const wrongNetwork: Suspect = {
  name: "wrong-network",
  find: (clues) => {
    const stations = stationsOf(clues.now);
    return stations
      .filter(({ machine }) => clues.goal.machines.includes(machine))
      .flatMap((own) => suspicions(clues, own, stations));
  },
};

function suspicions({ lab }: Clues, own: Station, stations: readonly Station[]): Suspicion[] {
  const gateway = planOf(lab.plan, own.machine, own.device)?.gateway ?? null;
  const mine = stations.filter((each) => each.machine === own.machine && each.device === own.device);
  if (gateway === null || mine.some((each) => isNear(each, { address: gateway, prefix: each.prefix }))) return [];
  const renumbered = own.prefix < ALONE ? renumber(own, gateway, stations) : [];
  const { machine: at, device } = own;
  const text = formatIpv4(gateway);
  const direct = on(at, `ip route replace ${text} dev ${device}`, `ip route replace default via ${text}`);
  return [
    {
      at,
      what: `its gateway ${text} is outside the network of ${device}, ${formatCidr(own)}.`,
      evidence: [
        `ip route add default via ${text}: Nexthop has invalid gateway`,
        ...stations
          .filter(({ wire, machine }) => wire === own.wire && machine !== at)
          .slice(0, 4)
          .map((each) => `${each.machine} has ${formatCidr(each)}`),
      ],
      cause:
        own.prefix < ALONE
          ? "A digit of its address is wrong, or it was moved here from another network: it has no neighbours, and the kernel refuses the default route."
          : "With a /32 nobody is a neighbour: the kernel takes a gateway only once a route says by which device it is reached.",
      look: ["ip route", `ip addr show ${device}`],
      mends: [...renumbered, direct],
      advice: ["For good: in the machine's own configuration (ip: and gateway: in the topology)."],
    },
  ];
}

/** An address among those of the gateway's network on this wire. */
function renumber(own: Station, gateway: Ipv4, stations: readonly Station[]) {
  const peers = stations.filter(
    ({ wire, machine, prefix }) => wire === own.wire && machine !== own.machine && prefix < ALONE,
  );
  const peer = peers.find((each) => isNear(each, { address: gateway, prefix: each.prefix }));
  if (peer === undefined) return [];
  const number = (own.address - networkOf(own.address, own.prefix)) >>> 0;
  const address = formatCidr(freeAddress(peer, stations, number));
  return [
    on(
      own.machine,
      `ip addr del ${formatCidr(own)} dev ${own.device}`,
      `ip addr add ${address} brd + dev ${own.device}`,
      `ip route replace default via ${formatIpv4(gateway)}`,
    ),
  ];
}
