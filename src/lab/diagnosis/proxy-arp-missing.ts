/** A routed guest whose address the LAN asks for, and domain 0 does not answer. */
import type { HostSnapshot } from "../view/host-snapshot.ts";
import { count, type Diagnoser, type Evidence, lost } from "./finding.ts";
import { on } from "./suspect.ts";

export const proxyArpMissing: Diagnoser = {
  name: "proxy-arp-missing",
  find: (evidence) =>
    evidence.now.hosts.filter(({ mode }) => mode === "route").flatMap((host) => findingOf(evidence, host)),
};

function findingOf(evidence: Evidence, host: HostSnapshot) {
  const silent = lost(evidence, "arp-not-proxied", `${host.name}:`);
  const still = lost(evidence, "arp-proxy-not-forwarding", `${host.name}:`);
  if (silent + still === 0) return [];
  const { ipForward, proxyArp, routes } = host.routing;
  const outer = host.dom0.devices.filter(({ kind }) => kind === "nic").map(({ name }) => name);
  const wanting = outer.filter((name) => !proxyArp.includes(name));
  const nic = wanting[0] ?? outer[0] ?? "eth0";
  const sysctls = [
    ...(ipForward ? [] : ["sysctl -w net.ipv4.ip_forward=1"]),
    ...wanting.map((name) => `sysctl -w net.ipv4.conf.${name}.proxy_arp=1`),
  ];
  return [
    {
      what: `${host.name}: the LAN asks for routed guests by ARP, and domain 0 does not answer for them.`,
      evidence: [
        `${count(silent + still, "ARP request")} for a guest behind another device got no answer`,
        `ip_forward is ${ipForward ? 1 : 0}; proxy_arp is 0 on ${wanting.length > 0 ? wanting.join(", ") : "none of the NICs"}`,
        ...routes.filter(({ device }) => device?.startsWith("vif") === true).map(({ text }) => text),
      ],
      cause:
        "The guests have addresses of the LAN's own subnet, so the LAN looks for them on its wire. Somebody there must say that domain 0 is the way: network-route does so under xend; with xl nobody does. In Xen 3.1 it misses the device unless netdev= is given, in 3.0 it does not try.",
      look: [`sysctl net.ipv4.ip_forward net.ipv4.conf.${nic}.proxy_arp`, `tcpdump -n -i ${nic} arp`],
      trial: on(host.name, ...sysctls),
      cure: [
        ...sysctls,
        "And into /etc/sysctl.conf, for the next boot. Or give the LAN's router routes to the guests.",
      ],
    },
  ];
}
