// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the braces are the shell's
/**
 * NAT mode as articles tell it, as a list that runs: a virtual LAN behind masquerading. Xen's own vif-nat knows no such LAN, each
 * vif is a net of its own; libvirt's network is near to it, with a rule for each protocol and STP on.
 */
import { type Cidr, formatCidr, formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { forwarding } from "./network-route.ts";
import type { Script } from "./script.ts";
import type { Step } from "./step.ts";
import { connected, online } from "./vif-common.ts";

export interface TextbookNat {
  /** The NIC that leads out. */
  readonly nic: string;
  /** What the virtual LAN is called: virbr0 in the articles. */
  readonly bridge: string;
  /** Of domain 0 on the virtual LAN: what the guests take for their gateway. */
  readonly addresses: readonly Cidr[];
  /** Addresses for guests that ask for one. */
  readonly leases: { readonly start: Ipv4; readonly end: Ipv4 } | null;
}

const LAN = "virbr0";

export function natBook({ nic, bridge, addresses, leases }: TextbookNat): Step[] {
  return [
    {
      heading: "virtual-lan",
      run: `brctl addbr ${bridge}`,
      why: "A switch that has no cable: nothing but guests is on it.",
    },
    ...addresses.map(
      (address): Step => ({
        heading: "virtual-lan",
        run: `ip addr add ${formatCidr(address)} brd + dev ${bridge}`,
        why: "Domain 0 is the router of this LAN.",
      }),
    ),
    { heading: "virtual-lan", run: `ip link set ${bridge} up`, why: "Ports forward only while the bridge is up." },
    ...(leases === null
      ? []
      : [
          {
            heading: "virtual-lan",
            run: `(dnsmasq --interface=${bridge} --bind-interfaces --dhcp-range=${formatIpv4(leases.start)},${formatIpv4(leases.end)} &)`,
            why: "Guests get address, gateway and name server from it.",
          } as const,
        ]),
    { heading: "forwarding", run: forwarding.run, why: "Domain 0 passes on what is not for itself." },
    {
      heading: "masquerade",
      run: `iptables -t nat -A POSTROUTING -o ${nic} -j MASQUERADE`,
      why: "What leaves gets domain 0's own address, as nobody outside knows the way to the virtual LAN.",
    },
  ];
}

export const vifNatTextbook: Script = {
  id: "vif-nat textbook",
  path: "/etc/xen/scripts/vif-nat",
  summary: "vif-nat as the textbook tells it: attach the vif to the virtual LAN, bring it up.",
  kind: "hotplug",
  steps: [
    {
      run: `brctl addif ${LAN} $dev`,
      why: "The vif becomes a port of the virtual LAN.",
      heading: "attach-lan",
      when: online,
      failure: { fatal: `brctl addif ${LAN} $dev failed` },
    },
    { run: "ip link set $dev up", why: "The port may forward.", heading: "bring-up-vif", when: online },
    { ...connected, why: "Left out by the articles: the toolstack waits for this word." } as Script["steps"][number],
  ],
};
