/** Packets of guests that the FORWARD policy of domain 0 drops: bridged ones that only br_netfilter shows it, or routed ones. */
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { ChainSnapshot } from "../view/netfilter-snapshot.ts";
import { count, type Diagnoser, type Evidence, type ForwardRule, lost } from "./finding.ts";
import { on } from "./suspect.ts";

const POINT = "filter.FORWARD";

/** The chain, where its policy is what eats packets. */
function eatingPolicy(evidence: Evidence, host: HostSnapshot): ChainSnapshot | null {
  if (lost(evidence, "netfilter-policy", `${host.name}:${POINT}`) === 0) return null;
  const table = host.routing.tables.find(({ name }) => name === "filter");
  return table?.chains.find(({ name }) => name === "FORWARD") ?? null;
}

const CALL_OFF = "sysctl -w net.bridge.bridge-nf-call-iptables=0";

const dropsOf = (evidence: Evidence, host: HostSnapshot): string =>
  `${count(lost(evidence, "netfilter-policy", `${host.name}:${POINT}`))} dropped by the policy of FORWARD`;

const rulesOf = ({ forward }: Evidence, { name }: HostSnapshot): readonly ForwardRule[] => forward.get(name) ?? [];
const told = ({ text, packets }: ForwardRule): string => `${text}: ${count(packets, "packet")}`;

export const forwardDrop: Diagnoser = {
  name: "forward-drop",
  find: (evidence) =>
    evidence.now.hosts
      .filter((host) => host.mode === "bridge" && host.routing.bridgeCallsIptables === true)
      .filter((host) => eatingPolicy(evidence, host) !== null)
      .map((host) => ({
        what: `${host.name}: the FORWARD policy drops what the bridge passes on.`,
        evidence: [
          dropsOf(evidence, host),
          "net.bridge.bridge-nf-call-iptables is 1: bridged IPv4 packets go through iptables",
          ...rulesOf(evidence, host).map(told),
        ],
        cause:
          "br_netfilter is loaded, by a rule with -m physdev, by libvirt or by docker, and since then bridged packets pass FORWARD like routed ones; its policy is DROP and no rule accepts them. ARP does not pass there, so addresses still resolve.",
        look: [
          "iptables -nvL FORWARD",
          "sysctl net.bridge.bridge-nf-call-iptables",
          "lsmod | grep br_netfilter",
          "brctl showmacs xenbr0",
        ],
        trial: on(host.name, CALL_OFF),
        cure: [
          CALL_OFF,
          "Or let all pass that is bridged: iptables -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT",
        ],
      })),
};

export const routedForwardDrop: Diagnoser = {
  name: "routed-forward-drop",
  find: (evidence) =>
    evidence.now.hosts
      .filter((host) => host.mode !== "bridge" && eatingPolicy(evidence, host) !== null)
      .map((host) => {
        const dead = rulesOf(evidence, host).filter(
          ({ text, packets }) => text.includes("--physdev-") && packets === 0,
        );
        const accept = guestSides(host).flatMap((name) => [
          `iptables -I FORWARD -i ${name} -j ACCEPT`,
          `iptables -I FORWARD -o ${name} -j ACCEPT`,
        ]);
        return {
          what: `${host.name}: the FORWARD policy drops what domain 0 routes for its guests.`,
          evidence: [dropsOf(evidence, host), ...dead.map(told)],
          cause:
            dead.length > 0
              ? "The rules of the vif script ask for the port of a bridge (-m physdev). A routed packet has come in by none, so they never hold, and the policy is DROP."
              : "Nothing accepts what is routed for the guests, and the policy is DROP.",
          look: ["iptables -nvL FORWARD", "iptables -S FORWARD"],
          trial: on(host.name, ...accept),
          cure: accept,
        };
      }),
};

/** By which devices routed packets of guests come and go: the bridge for a vif that is a port of one, else the vifs. */
export function guestSides({ dom0, guests }: HostSnapshot): string[] {
  const vifs = guests.flatMap(({ vifs }) => vifs.map(({ name }) => name));
  const masters = dom0.devices.filter(({ name }) => vifs.includes(name)).map(({ master }) => master ?? "vif+");
  return [...new Set(masters)];
}
