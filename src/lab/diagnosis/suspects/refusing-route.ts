/** A route that refuses: blackhole, unreachable, prohibit, on whichever machine it stands in the way. */
import { routeText } from "../../../machine/command/ip/route-print.ts";
import { PLAIN_OPTIONS } from "../../../machine/command/ip/run.ts";
import { RouteType } from "../../../stack/route-table.ts";
import { goalAddresses, stationsOf } from "../stations.ts";
import { distinct, machinesOf, on, type Suspect } from "../suspect.ts";

const REFUSES: readonly number[] = [RouteType.BLACKHOLE, RouteType.UNREACHABLE, RouteType.PROHIBIT];

export const refusingRoute: Suspect = {
  name: "refusing-route",
  find: (clues) => {
    const addresses = goalAddresses(clues, stationsOf(clues.now));
    return distinct(
      machinesOf(clues).flatMap(({ name, net }) =>
        addresses.flatMap((address) => {
          const route = net.fib.lookup(address);
          // Table 0 is none: a rule of the policy refuses, no route.
          if (route === null || route.table === 0 || !REFUSES.includes(route.type)) return [];
          const text = routeText(route, PLAIN_OPTIONS).trim();
          return [
            {
              at: name,
              what: `a route refuses what is for the other side: ${text}.`,
              evidence: [text],
              cause:
                "Such a route drops what it leads to: blackhole without a word, unreachable and prohibit with an ICMP error.",
              look: ["ip route", "ip rule"],
              mends: [on(name, `ip route del ${text}`)],
            },
          ];
        }),
      ),
    );
  },
};
