/** A route typed by somebody that leads to a wire on which its destination is not. */
import { destinationText, routeText } from "../../../machine/command/ip/route-print.ts";
import { PLAIN_OPTIONS } from "../../../machine/command/ip/run.ts";
import { ANY_IPV4, formatIpv4 } from "../../../packet/address.ts";
import { RouteProtocol, RouteType, TableId } from "../../../stack/route-table.ts";
import { stationsOf } from "../stations.ts";
import { distinct, machinesOf, on, type Suspect } from "../suspect.ts";
import { Wires } from "../wires.ts";

export const astrayRoute: Suspect = {
  name: "astray-route",
  find: (clues) => {
    const { goal, now } = clues;
    const wires = new Wires(now);
    const ends = stationsOf(now).filter(
      ({ machine, address }) => goal.machines.includes(machine) || goal.targets.includes(address),
    );
    return distinct(
      machinesOf(clues).flatMap(({ name: at, net }) =>
        ends.flatMap((end) => {
          const route = net.fib.lookup(end.address);
          const device = route?.device?.name;
          if (route === null || device === undefined || end.machine === at) return [];
          const isTyped = route.table === TableId.MAIN && route.protocol !== RouteProtocol.KERNEL;
          const isDirect = route.type === RouteType.UNICAST && route.via === ANY_IPV4;
          if (!isTyped || !isDirect || wires.of(at, device) === end.wire) return [];
          const text = routeText(route, PLAIN_OPTIONS).trim();
          return [
            {
              at,
              what: `its route to ${destinationText(route)} leads out of ${device}, and ${end.machine} (${formatIpv4(end.address)}) is not there.`,
              evidence: [text],
              cause:
                "The longer prefix wins, whoever made it. Packets for it go out of the wrong device, and with rp_filter what comes from there is dropped too, ARP as well.",
              look: [`ip route get ${formatIpv4(end.address)}`, "ip route"],
              mends: [on(at, `ip route del ${text}`)],
            },
          ];
        }),
      ),
    );
  },
};
