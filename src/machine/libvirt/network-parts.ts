/**
 * The parts of a network's description that dnsmasq and the routes are made of: <ip> with <dhcp>, <dns>, <route>.
 * Follows virNetworkIPDefParseXML, virNetworkDHCPDefParseXML and virNetDevIPRouteCreate of libvirt 9.0.
 */
import { formatIpv4, type Ipv4, maskOf, networkOf, parseIpv4, parseMac } from "../../packet/address.ts";
import type { DhcpHost, Dns, NetworkIp, NetworkRoute, Range } from "./network.ts";
import { type Reader, Refused } from "./network-element.ts";
import type { XmlElement } from "./xml.ts";

export function readIp(reader: Reader, element: XmlElement, network: string): NetworkIp {
  reader.attributes(element, ["address", "family", "netmask", "prefix", "localPtr"]);
  reader.children(element, ["dhcp"], ["tftp"]);
  const family = reader.get(element, "family") ?? "ipv4";
  if (family !== "ipv4") throw new Refused(element, `an <ip> of family '${family}' is not modelled`);
  if (reader.get(element, "localPtr") !== null)
    throw new Refused(element, "the attribute localPtr of <ip> is not modelled");
  const text = reader.get(element, "address");
  if (text === null)
    throw new Refused(element, `XML error: Missing required address attribute in network '${network}'`);
  const address = parseIpv4(text);
  if (address === null) throw new Refused(element, `XML error: Invalid address '${text}' in network '${network}'`);
  const size = readSize(reader, element, network, address);
  const dhcp = reader.one(element, "dhcp");
  if (dhcp !== null) {
    reader.attributes(dhcp, []);
    reader.children(dhcp, ["range", "host"], ["bootp"]);
  }
  return {
    address,
    ...size,
    ranges:
      dhcp === null ? [] : reader.all(dhcp, "range").map((each) => readRange(reader, each, network, address, size)),
    hosts: dhcp === null ? [] : reader.all(dhcp, "host").map((each) => readHost(reader, each, network)),
    hasDhcp: dhcp !== null,
  };
}

function readSize(
  reader: Reader,
  element: XmlElement,
  network: string,
  address: Ipv4,
): Pick<NetworkIp, "written" | "prefix"> {
  const netmask = reader.get(element, "netmask");
  const prefix = reader.get(element, "prefix");
  if (netmask !== null && prefix !== null)
    throw new Refused(
      element,
      `unsupported configuration: Network '${network}' IP address cannot have both a prefix and a netmask`,
    );
  if (prefix !== null) {
    if (!/^\d+$/.test(prefix) || Number(prefix) > 32)
      throw new Refused(element, `unsupported configuration: Invalid IPv4 prefix '${prefix}' in network '${network}'`);
    return { written: "prefix", prefix: Number(prefix) };
  }
  if (netmask === null) return { written: "class", prefix: classPrefix(address) };
  const length = prefixOf(netmask);
  if (length === null)
    throw new Refused(
      element,
      `unsupported configuration: Invalid netmask '${netmask}' for address '${formatIpv4(address)}' in network '${network}' (must be IPv4)`,
    );
  return { written: "netmask", prefix: length };
}

/** Null also for a mask with holes, which libvirt takes and no route has. */
function prefixOf(netmask: string): number | null {
  const mask = parseIpv4(netmask);
  const prefix = Array.from({ length: 33 }, (_, i) => i).find((each) => maskOf(each) === mask);
  return mask === null ? null : (prefix ?? null);
}

/** virSocketAddrGetIPPrefix: without mask and prefix, the class of the time before CIDR. */
function classPrefix(address: Ipv4): number {
  const first = address >>> 24;
  if (first < 128) return 8;
  if (first < 192) return 16;
  return first < 224 ? 24 : 0;
}

function readRange(
  reader: Reader,
  element: XmlElement,
  network: string,
  address: Ipv4,
  { prefix }: Pick<NetworkIp, "prefix">,
): Range<Ipv4> {
  reader.attributes(element, ["start", "end"]);
  reader.children(element, [], ["lease"]);
  const [start, end] = (["start", "end"] as const).map((key) => {
    const text = reader.get(element, key);
    if (text === null)
      throw new Refused(element, `XML error: Missing '${key}' attribute in dhcp range for network '${network}'`);
    const found = parseIpv4(text);
    if (found === null)
      throw new Refused(element, `XML error: Invalid dhcp range ${key} address '${text}' in network '${network}'`);
    return found;
  }) as [Ipv4, Ipv4];
  const shown = `range ${formatIpv4(start)} - ${formatIpv4(end)}`;
  if (end < start) throw new Refused(element, `internal error: ${shown} is reversed `);
  if (networkOf(start, prefix) !== networkOf(address, prefix) || networkOf(end, prefix) !== networkOf(address, prefix))
    throw new Refused(
      element,
      `internal error: ${shown} is not entirely within network ${formatIpv4(address)}/${prefix}`,
    );
  return { start, end };
}

function readHost(reader: Reader, element: XmlElement, network: string): DhcpHost {
  reader.attributes(element, ["mac", "name", "ip"]);
  if (reader.get(element, "id") !== null) throw new Refused(element, "the attribute id of <host> is not modelled");
  reader.children(element, [], ["lease"]);
  const macText = reader.get(element, "mac");
  const mac = macText === null ? null : parseMac(macText);
  if (macText !== null && mac === null)
    throw new Refused(element, `XML error: Cannot parse MAC address '${macText}' in network '${network}'`);
  const ip = reader.get(element, "ip");
  if (ip === null)
    throw new Refused(element, `XML error: Missing IP address in static host definition for network '${network}'`);
  const address = parseIpv4(ip);
  if (address === null)
    throw new Refused(element, `XML error: Invalid IP address in static host definition for network '${network}'`);
  return { mac, name: reader.get(element, "name"), address };
}

export function readDns(reader: Reader, element: XmlElement, network: string): Dns {
  reader.attributes(element, ["enable", "forwardPlainNames"]);
  reader.children(element, ["forwarder", "txt", "host"], ["srv"]);
  if (reader.get(element, "forwardPlainNames") !== null)
    throw new Refused(element, "the attribute forwardPlainNames of <dns> is not modelled");
  return {
    enabled: reader.get(element, "enable") !== "no",
    forwarders: reader.all(element, "forwarder").map((each) => ({
      domain: reader.get(each, "domain"),
      address: reader.get(each, "addr"),
    })),
    texts: reader.all(element, "txt").map((each) => ({
      name: reader.get(each, "name") ?? "",
      value: reader.get(each, "value") ?? "",
    })),
    hosts: reader.all(element, "host").map((each) => {
      const address = parseIpv4(reader.get(each, "ip") ?? "");
      if (address === null)
        throw new Refused(each, `XML error: Invalid IP address in network '${network}' DNS HOST record`);
      return { address, names: reader.all(each, "hostname").map(({ text }) => text) };
    }),
  };
}

export function readRoute(reader: Reader, element: XmlElement, network: string): NetworkRoute {
  reader.attributes(element, ["family", "address", "netmask", "prefix", "gateway", "metric"]);
  const bad = (what: string) => new Refused(element, `XML error: ${network}: ${what}`);
  if ((reader.get(element, "family") ?? "ipv4") !== "ipv4")
    throw new Refused(element, "a <route> of family 'ipv6' is not modelled");
  const given = (key: "address" | "gateway"): Ipv4 => {
    const text = reader.get(element, key);
    if (text === null) throw bad(`Missing required ${key} attribute in route definition`);
    const found = parseIpv4(text);
    if (found === null) throw bad(`Bad network ${key} '${text}' in route definition`);
    return found;
  };
  const address = given("address");
  const gateway = given("gateway");
  const metric = reader.get(element, "metric");
  if (metric !== null && Number(metric) === 0)
    throw new Refused(
      element,
      "XML error: Invalid value for attribute 'metric' in element 'route': Zero is not permitted",
    );
  const { written, prefix } = readSize(reader, element, network, address);
  if (networkOf(address, prefix) !== address)
    throw bad(`Address '${formatIpv4(address)}' in route definition is not a network address`);
  return {
    address,
    gateway,
    prefix,
    written: written === "class" ? "prefix" : written,
    metric: metric === null ? null : Number(metric),
  };
}
