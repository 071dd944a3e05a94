/** FORWARD that refuses: what it does to bridged guests, and to routed ones behind physdev rules. */
import { acceptsBridged, acceptsRouted, callsIptables, forwardRefusal, loadedBy, type Refusal } from "./forwarding.ts";
import { usesPhysdev } from "./saved-rules.ts";
import { bridgedVifs, type HostFacts, routedNetworks, routedVifs } from "./scene.ts";
import { type Found, listed, type TrapFinder } from "./trap.ts";

export const routedForwardDrop: TrapFinder = {
  name: "routed-forward-drop",
  find: (host) => {
    const refusal = forwardRefusal(host);
    if (refusal === null) return [];
    const blocked = routedVifs(host).filter(({ device }) => !acceptsRouted(host, device!.name));
    if (blocked.length === 0) return libvirtForwardDrop(host, refusal);
    const hasPhysdev = host.rules.reached("filter", "FORWARD").some(usesPhysdev);
    const dead =
      "The rules that the vif script puts there ask -m physdev, which never holds for a routed packet: they stay at 0 packets.";
    return [
      {
        what: `${refusal.how}, and nothing accepts what is routed for ${listed(blocked.map(({ title }) => title))}.`,
        step: refusal.step,
        why: hasPhysdev ? dead : "Routed guests need rules of their own; the vif script has put none there.",
        mend: acceptBy("vif+"),
      },
      ...libvirtForwardDrop(host, refusal),
    ];
  },
};

const acceptBy = (device: string): string[] => [
  `iptables -I FORWARD -i ${device} -j ACCEPT`,
  `iptables -I FORWARD -o ${device} -j ACCEPT`,
];

const libvirtForwardDrop = (host: HostFacts, refusal: Refusal): Found[] =>
  routedNetworks(host)
    .filter(({ bridge }) => !acceptsRouted(host, bridge))
    .map(({ bridge, vifs }) => ({
      what: `${refusal.how}, and nothing before it accepts what is routed for ${bridge}, with ${listed(vifs.map(({ title }) => title))}.`,
      step: refusal.step,
      why: "libvirt's own rules accept it, where they are: they have been flushed, or come behind a rule that refuses all. The packets come in by the bridge, not by the vif: -i vif+ never holds for them.",
      mend: acceptBy(bridge),
    }));

export const bridgedForwardDrop: TrapFinder = {
  name: "bridged-forward-drop",
  find: (host) => {
    const refusal = forwardRefusal(host);
    if (refusal === null || !callsIptables(host)) return [];
    const blocked = bridgedVifs(host).filter(({ device }) => !acceptsBridged(host, device!.name, device!.master!));
    if (blocked.length === 0) return [];
    const found: Found = {
      what: `${refusal.how}, and bridged frames go through it too: nothing passes for ${listed(blocked.map(({ title }) => title))}.`,
      step: refusal.step,
      why: `br_netfilter hands bridged IPv4 to iptables (net.bridge.bridge-nf-call-iptables = 1)${broughtBy(loadedBy(host))}.${ofDebian(host.plan.distro)}`,
      mend: [
        "sysctl -w net.bridge.bridge-nf-call-iptables=0",
        "or: iptables -I FORWARD -m physdev --physdev-is-bridged -j ACCEPT",
      ],
    };
    return [found];
  },
};

const broughtBy = (step: string | null): string => (step === null ? "" : `; the module was loaded by "${step}"`);

const ofDebian = (distro: string): string =>
  distro === "debian"
    ? " Debian's vif scripts return before they have put an ACCEPT for the vif there, as upstream's would."
    : "";
