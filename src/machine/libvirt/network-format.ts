/** A network as `virsh net-dumpxml` shows it: virNetworkDefFormat of libvirt 9.0, line for line. */
import { formatIpv4, formatMac, maskOf } from "../../packet/address.ts";
import type { Dns, Network, NetworkIp, NetworkRoute } from "./network.ts";

const ESCAPES: readonly (readonly [letter: RegExp, text: string])[] = [
  [/&/g, "&amp;"],
  [/</g, "&lt;"],
  [/>/g, "&gt;"],
  [/'/g, "&apos;"],
  [/"/g, "&quot;"],
];
const escaped = (text: string): string => ESCAPES.reduce((sum, [letter, by]) => sum.replace(letter, by), text);

/** ` name='value'`, or nothing where there is no value. */
const attribute = (name: string, value: string | number | null): string =>
  value === null ? "" : ` ${name}='${escaped(String(value))}'`;

/** An element around its children, or empty. */
function element(indent: string, head: string, children: readonly string[], always = false): string[] {
  if (children.length === 0 && !always) return [`${indent}<${head}/>`];
  return [`${indent}<${head}>`, ...children, `${indent}</${head.split(" ", 1)[0]}>`];
}

export function formatNetwork(network: Network): string {
  const { name, uuid, title, bridge, mtu, mac, domain, dns, ips, routes } = network;
  const stp = `stp='${bridge.stp ? "on" : "off"}' delay='${bridge.delay}'`;
  const lines = [
    "<network>",
    `  <name>${escaped(name)}</name>`,
    `  <uuid>${uuid}</uuid>`,
    ...(title === null ? [] : [`  <title>${escaped(title)}</title>`]),
    ...forwardLines(network),
    `  <bridge${attribute("name", bridge.name)} ${stp}/>`,
    ...(mtu === null ? [] : [`  <mtu${attribute("size", mtu)}/>`]),
    `  <mac address='${formatMac(mac)}'/>`,
    ...(domain === null ? [] : [`  <domain${attribute("name", domain.name)}${localOnly(domain.localOnly)}/>`]),
    ...(dns === null ? [] : dnsLines(dns)),
    ...ips.flatMap(ipLines),
    ...routes.map(routeLine),
    "</network>",
  ];
  return `${lines.join("\n")}\n`;
}

const localOnly = (value: boolean | null): string =>
  value === null ? "" : attribute("localOnly", value ? "yes" : "no");

function forwardLines({ forward }: Network): string[] {
  if (forward.mode === "none") return [];
  const { mode, device, addresses, ports } = forward;
  const nat = [
    ...(addresses === null
      ? []
      : [`      <address start='${formatIpv4(addresses.start)}' end='${formatIpv4(addresses.end)}'/>`]),
    ...(ports === null ? [] : [`      <port start='${ports.start}' end='${ports.end}'/>`]),
  ];
  const children = [
    ...(nat.length === 0 ? [] : element("    ", "nat", nat)),
    ...(device === null ? [] : [`    <interface${attribute("dev", device)}/>`]),
  ];
  return element("  ", `forward${attribute("dev", device)} mode='${mode}'`, children);
}

function dnsLines({ enabled, forwarders, texts, hosts }: Dns): string[] {
  const children = [
    ...forwarders.map(
      ({ domain, address }) => `    <forwarder${attribute("domain", domain)}${attribute("addr", address)}/>`,
    ),
    ...texts.map(({ name, value }) => `    <txt${attribute("name", name)}${attribute("value", value)}/>`),
    ...hosts.flatMap(({ address, names }) =>
      element(
        "    ",
        `host ip='${formatIpv4(address)}'`,
        names.map((name) => `      <hostname>${escaped(name)}</hostname>`),
        true,
      ),
    ),
  ];
  return enabled && children.length === 0 ? [] : element("  ", `dns${enabled ? "" : " enable='no'"}`, children);
}

function ipLines({ address, written, prefix, ranges, hosts, hasDhcp }: NetworkIp): string[] {
  const size =
    written === "class"
      ? ""
      : written === "prefix"
        ? ` prefix='${prefix}'`
        : ` netmask='${formatIpv4(maskOf(prefix))}'`;
  const dhcp = [
    ...ranges.map(({ start, end }) => `      <range start='${formatIpv4(start)}' end='${formatIpv4(end)}'/>`),
    ...hosts.map((host) => {
      const mac = attribute("mac", host.mac === null ? null : formatMac(host.mac));
      return `      <host${mac}${attribute("name", host.name)} ip='${formatIpv4(host.address)}'/>`;
    }),
  ];
  const children = hasDhcp && dhcp.length > 0 ? element("    ", "dhcp", dhcp) : [];
  return element("  ", `ip address='${formatIpv4(address)}'${size}`, children, true);
}

function routeLine({ address, written, prefix, gateway, metric }: NetworkRoute): string {
  const size = written === "prefix" ? ` prefix='${prefix}'` : ` netmask='${formatIpv4(maskOf(prefix))}'`;
  return `  <route address='${formatIpv4(address)}'${size} gateway='${formatIpv4(gateway)}'${attribute("metric", metric)}/>`;
}
