/** A machine that sends from an address to which nobody there knows a way: `src` of a route, or SNAT to a stranger. */
import { routeText } from "../../../machine/command/ip/route-print.ts";
import { PLAIN_OPTIONS } from "../../../machine/command/ip/run.ts";
import type { Machine } from "../../../machine/machine.ts";
import { ANY_IPV4, formatIpv4, type Ipv4, parseIpv4 } from "../../../packet/address.ts";
import { natRules } from "../../view/netfilter-snapshot.ts";
import { goalAddresses, isNear, type Station, stationsOf } from "../stations.ts";
import { distinct, machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";

export const wrongSource: Suspect = {
  name: "wrong-source",
  find: (clues) => {
    const stations = stationsOf(clues.now);
    const addresses = goalAddresses(clues, stations);
    return distinct(
      machinesOf(clues).flatMap((machine) =>
        addresses.flatMap((address) => preferred(machine, address, stations)).concat(translated(machine, stations)),
      ),
    );
  },
};

/** Another address of the device lies where the route leads. */
function preferred({ name, net }: Machine, to: Ipv4, stations: readonly Station[]): Suspicion[] {
  const route = net.fib.lookup(to);
  if (route === null || route.source === ANY_IPV4 || route.device === null) return [];
  const towards = route.via === ANY_IPV4 ? to : route.via;
  const own = stations.filter(({ machine, device }) => machine === name && device === route.device!.name);
  const better = own.find((each) => isNear(each, { address: towards, prefix: each.prefix }));
  if (better === undefined || better.address === route.source || better.address === to) return [];
  const text = routeText(route, PLAIN_OPTIONS).trim();
  const source = formatIpv4(route.source);
  return [
    {
      at: name,
      what: `it sends from ${source}, to which those it asks have no way: the route says src ${source}.`,
      evidence: [text, `its address there is ${formatIpv4(better.address)}`],
      cause:
        "The request arrives, and the answer goes to its source: who has no route to that never makes one. Nothing is lost that could be seen.",
      look: [`ip route get ${formatIpv4(to)}`, `tcpdump -n icmp   (requests from ${source}, and no replies)`],
      mends: [on(name, `ip route replace ${text.replace(/src \S+/, `src ${formatIpv4(better.address)}`)}`)],
    },
  ];
}

function translated({ name, net }: Machine, stations: readonly Station[]): Suspicion[] {
  return natRules(net.netfilter)
    .filter(({ kind }) => kind === "snat")
    .flatMap(({ text, packets }) => {
      const word = /--to-source ([\d.]+)/.exec(text)?.[1];
      const source = word === undefined ? null : parseIpv4(word);
      if (source === null || stations.some(({ address }) => address === source)) return [];
      const rest = text.replace(/^-A /, "");
      const deleted = `iptables -t nat -D ${rest}`;
      const [chain, ...tests] = rest.replace(/ -j SNAT .*/, "").split(" ");
      return [
        {
          at: name,
          what: `SNAT gives packets the source ${word}, an address that nobody has.`,
          evidence: [text, `${packets} connections have met it`],
          cause:
            "The answers go to that address: on its own wire nobody answers ARP for it, and from elsewhere no route leads to it.",
          look: ["iptables -t nat -nvL POSTROUTING", "conntrack -L", `arping -c 1 ${word}`],
          mends: [
            on(name, deleted),
            on(name, deleted, `iptables -t nat -I ${[chain, ...tests].join(" ")} -j MASQUERADE`),
          ],
        },
      ];
    });
}
