/** A goal that asks by name, on a machine that knows no name server, or one that is none. */
import type { Machine } from "../../../machine/machine.ts";
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { type Clues, machinesOf, on, type Suspect } from "../suspect.ts";

const DNS = 53;

export const nameServer: Suspect = {
  name: "name-server",
  find: (clues) => {
    const { lab, goal } = clues;
    const machine = lab.find(goal.check.on);
    if (machine === null || !UNRESOLVED.test(clues.said)) return [];
    const text = machine.files.read("/etc/resolv.conf");
    const known =
      typeof text === "string" ? [...text.matchAll(/^nameserver +(\S+)/gm)].map(([, server]) => server!) : [];
    const servers = serversOf(clues);
    if (known.some((server) => servers.includes(server))) return [];
    return [
      {
        at: machine.name,
        what: known.length === 0 ? "it has no name server." : `its name server, ${known.join(", ")}, is none.`,
        evidence: [
          known.length === 0 ? "/etc/resolv.conf names none" : `/etc/resolv.conf: nameserver ${known.join(", ")}`,
          ...servers.map((server) => `${server} answers DNS`),
        ],
        cause:
          "Names are asked of the servers in /etc/resolv.conf, which a DHCP lease or the configuration writes. By address all may work.",
        look: ["cat /etc/resolv.conf", "dig NAME @SERVER"],
        mends: servers.map((server) => on(machine.name, `echo nameserver ${server} > /etc/resolv.conf`)),
        advice: ["For good: dns: of that device in the topology, dns-nameservers in /etc/network/interfaces."],
      },
    ];
  },
};

/** As ping, dig and getent's library say it. */
const UNRESOLVED = /name resolution|not known|no servers could be reached|bad address/i;

const addressesOf = ({ table, net }: Machine): Ipv4[] =>
  table.devices
    .filter(({ name }) => name !== "lo")
    .flatMap((device) => net.addresses.of(device).map(({ address }) => address));

/** Where something listens for DNS: whether it can be reached, and knows the name, the trial shows. */
function serversOf(clues: Clues): string[] {
  const found = machinesOf(clues).flatMap((machine) => {
    return machine.net.udp.list().some(({ localPort }) => localPort === DNS) ? addressesOf(machine) : [];
  });
  return [...new Set(found.map(formatIpv4))];
}
