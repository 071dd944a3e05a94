/** A goal that asks by name, on a machine that knows no name server, or one that is none. */
import type { Ipv4 } from "../../../packet/address.ts";
import { formatIpv4 } from "../../../packet/address.ts";
import { type Clues, machinesOf, on, type Suspect } from "../suspect.ts";

const DNS = 53;

export const nameServer: Suspect = {
  name: "name-server",
  find: (clues) => {
    const { lab, goal } = clues;
    const machine = lab.find(goal.check.on);
    // Whoever names an address in the goal does not ask for one.
    if (machine === null || !/name resolution|not known|not found|no servers/i.test(clues.said)) return [];
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

/** Where something listens for DNS: whether it can be reached, and knows the name, the trial shows. */
function serversOf(clues: Clues): string[] {
  const found = machinesOf(clues).flatMap(({ net, table }) => {
    if (!net.udp.list().some(({ localPort }) => localPort === DNS)) return [];
    const own = table.devices.filter(({ name }) => name !== "lo");
    return own.flatMap((device) => net.addresses.of(device).map(({ address }): Ipv4 => address));
  });
  return [...new Set(found.map(formatIpv4))];
}
