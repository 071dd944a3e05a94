/**
 * /etc/dnsmasq.conf of an outside box that the topology asks for `services: [dhcp, dns]`: a sane small network, and under it
 * whatever lines the topology adds.
 */
import { type Cidr, formatIpv4, type Ipv4, maskOf, networkOf } from "../../packet/address.ts";

export interface DnsmasqWishes {
  readonly services: readonly string[];
  readonly nics: readonly { readonly addresses: readonly Cidr[]; readonly gateway: Ipv4 | null }[];
  /** Lines of its own, verbatim. */
  readonly dnsmasq?: readonly string[];
}

/** Where the range starts and ends in a net that is large enough: the usual .100 to .200. */
const FIRST = 100;
const LAST = 200;

export function dnsmasqConf({ services, nics, dnsmasq = [] }: DnsmasqWishes): string {
  const says = (option: string): boolean => dnsmasq.some((line) => line.trim().startsWith(`${option}=`));
  const lines = ["bind-dynamic", "dhcp-authoritative"];
  if (!services.includes("dns") && services.includes("dhcp") && !says("port")) lines.push("port=0");
  if (services.includes("dhcp") && !says("dhcp-range")) lines.push(...nics.flatMap(rangesOf));
  return `${[...lines, ...dnsmasq].join("\n")}\n`;
}

/** A range in each subnet, and the way out when it is not this box. */
function rangesOf({ addresses, gateway }: DnsmasqWishes["nics"][number]): string[] {
  return addresses.flatMap(({ address, prefix }) => {
    const net = networkOf(address, prefix);
    const hosts = 2 ** (32 - prefix) - 2;
    if (hosts < 2) return [];
    const [first, last] = hosts > LAST ? [FIRST, LAST] : [1, hosts];
    const range = [first, last].map((host) => formatIpv4((net + host) as Ipv4)).join(",");
    const router = gateway === null || gateway === address ? [] : [`dhcp-option=3,${formatIpv4(gateway)}`];
    return [`dhcp-range=${range},${formatIpv4(maskOf(prefix))},1h`, ...router];
  });
}
