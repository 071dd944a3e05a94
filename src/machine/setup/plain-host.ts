/** The set-up of a plain Linux box: addresses on its NICs, a default route, sysctls. */
import { type Cidr, formatCidr, formatIpv4, type Ipv4 } from "../../packet/address.ts";
import type { Step } from "./step.ts";

export interface NicSetup {
  readonly name: string;
  readonly addresses: readonly Cidr[];
  readonly gateway: Ipv4 | null;
  readonly mtu: number | null;
  /** Ask a DHCP server, in this name. */
  readonly dhcp?: string | null;
  readonly dns?: readonly Ipv4[];
}

const DEFAULT_MTU = 1500;

export function nicSteps(nic: NicSetup): Step[] {
  const { name, addresses, gateway, mtu, dhcp = null, dns = [] } = nic;
  return [
    ...(mtu === null || mtu === DEFAULT_MTU
      ? []
      : [{ run: `ip link set dev ${name} mtu ${mtu}`, why: "The largest packet this NIC sends." }]),
    ...addresses.map((address) => ({
      run: `ip addr add ${formatCidr(address)} brd + dev ${name}`,
      why: "Its address.",
    })),
    { run: `ip link set dev ${name} up`, why: "From here on it sends and receives." },
    ...(gateway === null
      ? []
      : [{ run: `ip route add default via ${formatIpv4(gateway)} dev ${name}`, why: "The way out of the LAN." }]),
    ...dns.map((server) => ({
      run: `echo nameserver ${formatIpv4(server)} >> /etc/resolv.conf`,
      why: "Who is asked for names.",
    })),
    ...(dhcp === null
      ? []
      : [
          {
            run: `udhcpc -b -t 10 -i ${name} -x hostname:${dhcp}`,
            why: "Address, gateway and name servers come from a DHCP server; ten tries outlast a spanning tree.",
          },
        ]),
  ];
}

export const sysctlSteps = (settings: readonly { readonly name: string; readonly value: string }[]): Step[] =>
  settings.map(({ name, value }): Step => {
    const run = `sysctl -q -w ${name}=${value}`;
    if (name === "net.ipv4.ip_forward")
      return { run, why: "Whether packets for others are passed on.", heading: "forwarding" };
    return { run, why: name.endsWith(".proxy_arp") ? "Whether ARP is answered for others." : "As the topology says." };
  });
