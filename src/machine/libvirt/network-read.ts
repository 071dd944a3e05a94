/**
 * Reads a network's description: the XML of `virsh net-define`, with libvirt's own sentences about what is wrong
 * (virNetworkDefParseXML of src/conf/network_conf.c and networkValidate of src/network/bridge_driver.c, libvirt 9.0).
 *
 * An element that libvirt does not know is ignored, as libvirt does, and remarked on. One that libvirt knows and this does
 * not is refused.
 */
import { formatIpv4, type Ipv4, isGroup, type Mac, networkOf, parseIpv4, parseMac } from "../../packet/address.ts";
import type { ForwardMode, NetworkDefinition } from "./network.ts";
import { Reader, Refused, type Remark } from "./network-element.ts";
import { readDns, readIp, readRoute } from "./network-parts.ts";
import { parseXml, type XmlElement } from "./xml.ts";

export interface Mistake {
  /** As virsh prints it behind "error: ". */
  readonly sentence: string;
  readonly line: number;
  readonly column: number;
}

export type NetworkResult =
  | { readonly network: NetworkDefinition; readonly remarks: readonly Remark[]; readonly mistake: null }
  | { readonly network: null; readonly remarks: readonly Remark[]; readonly mistake: Mistake };

export function readNetwork(text: string): NetworkResult {
  const { root, mistake } = parseXml(text);
  if (mistake !== null) {
    const { line, column, message } = mistake;
    const sentence = `(network_definition):${line}: ${message}\n${pointer(text, line, column)}`;
    return { network: null, remarks: [], mistake: { line, column, sentence } };
  }
  const reader = new Reader();
  try {
    return { network: definition(reader, root), remarks: reader.remarks, mistake: null };
  } catch (refused) {
    if (!(refused instanceof Refused)) throw refused;
    const { sentence, element } = refused;
    return { network: null, remarks: [], mistake: { sentence, line: element.line, column: element.column } };
  }
}

/** The line, and an arrow below the place. */
function pointer(text: string, line: number, column: number): string {
  const shown = text.split("\n")[line - 1] ?? "";
  return `${shown === "" ? "(null)" : shown}\n${"-".repeat(shown === "" ? 0 : column - 1)}^`;
}

const MODES: readonly string[] = ["none", "nat", "route", "open"];
const BORROWING: readonly string[] = ["bridge", "private", "vepa", "passthrough", "hostdev"];
const NOT_MODELLED: readonly string[] = [
  "bandwidth",
  "metadata",
  "virtualport",
  "portgroup",
  "vlan",
  "port",
  "description",
];

function definition(reader: Reader, root: XmlElement): NetworkDefinition {
  if (root.name !== "network")
    throw new Refused(root, `XML error: expecting root element of 'network', not '${root.name}'`);
  const known = ["name", "uuid", "title", "forward", "bridge", "mtu", "mac", "domain", "dns", "ip", "route"];
  reader.attributes(root, ["ipv6", "trustGuestRxFilters", "connections"]);
  reader.children(root, known, NOT_MODELLED);
  for (const key of ["ipv6", "trustGuestRxFilters"])
    if (reader.get(root, key) !== null) throw new Refused(root, `the attribute ${key} of <network> is not modelled`);
  const name = readName(reader, root);
  const dns = reader.one(root, "dns");
  const found: NetworkDefinition = {
    name,
    uuid: readUuid(reader, root),
    title: reader.one(root, "title")?.text ?? null,
    forward: readForward(reader, root, name),
    bridge: readBridge(reader, root, name),
    mtu: readMtu(reader, root),
    mac: readBridgeMac(reader, root, name),
    domain: readDomain(reader, root),
    dns: dns === null ? null : readDns(reader, dns, name),
    ips: reader.all(root, "ip").map((ip) => readIp(reader, ip, name)),
    routes: reader.all(root, "route").map((route) => readRoute(reader, route, name)),
  };
  validate(root, found);
  return found;
}

function readName(reader: Reader, root: XmlElement): string {
  const element = reader.one(root, "name");
  const name = element?.text ?? "";
  if (name === "") throw new Refused(element ?? root, "missing name information");
  if (name.includes("/")) throw new Refused(element!, "invalid char in name: /");
  if (name.includes("\n")) throw new Refused(element!, "invalid char in name: \n");
  return name;
}

function readUuid(reader: Reader, root: XmlElement): string | null {
  const element = reader.one(root, "uuid");
  if (element === null) return null;
  const digits = element.text.replace(/[\s-]/g, "").toLowerCase();
  if (!/^[0-9a-f]{32}$/.test(digits)) throw new Refused(element, "internal error: malformed uuid element");
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

function readForward(reader: Reader, root: XmlElement, network: string): NetworkDefinition["forward"] {
  const element = reader.one(root, "forward");
  const nothing = { device: null, addresses: null, ports: null };
  if (element === null) return { mode: "none", ...nothing };
  reader.attributes(element, ["mode", "dev", "managed", "driver"]);
  reader.children(element, ["nat", "interface"], ["pf", "address", "driver"]);
  const mode = reader.get(element, "mode") ?? "nat";
  if (BORROWING.includes(mode)) throw new Refused(element, `forward mode='${mode}' is not modelled`);
  if (!MODES.includes(mode)) throw new Refused(element, `unsupported configuration: unknown forwarding type '${mode}'`);
  const device = readForwardDevice(reader, element);
  if (mode === "open" && device !== null)
    throw new Refused(element, `XML error: forward dev not allowed for network '${network}' with forward mode='open'`);
  const nat = reader.one(element, "nat");
  if (nat === null) return { mode: mode as ForwardMode, ...nothing, device };
  if (mode !== "nat")
    throw new Refused(
      nat,
      `XML error: The <nat> element can only be used when <forward> 'mode' is 'nat' in network ${network}`,
    );
  return { mode, device, ...readNat(reader, nat, network) };
}

/** `dev=` and one <interface dev=> say the same. */
function readForwardDevice(reader: Reader, element: XmlElement): string | null {
  const named = reader.get(element, "dev");
  const interfaces = reader.all(element, "interface");
  for (const each of interfaces) reader.attributes(each, ["dev", "connections"]);
  const devices = new Set(interfaces.map((each) => reader.get(each, "dev") ?? ""));
  if (named !== null) devices.add(named);
  if (devices.size > 1) throw new Refused(element, "several outgoing devices of <forward> are not modelled");
  return [...devices][0] ?? null;
}

function readNat(reader: Reader, nat: XmlElement, network: string) {
  reader.attributes(nat, ["ipv6"]);
  reader.children(nat, ["address", "port"]);
  if (reader.get(nat, "ipv6") === "yes") throw new Refused(nat, "the attribute ipv6 of <nat> is not modelled");
  const addresses = reader.one(nat, "address");
  const ports = reader.one(nat, "port");
  const where = `in <nat> in <forward> in network`;
  const address = (element: XmlElement, key: "start" | "end"): Ipv4 => {
    const text = reader.get(element, key);
    const found = parseIpv4(text ?? "");
    if (found !== null) return found;
    if (text === null && key === "end") return address(element, "start");
    const sentence =
      text === null
        ? `XML error: missing 'start' attribute in <address> element ${where} ${network}`
        : `XML error: Bad ipv4 ${key} address '${text}' ${where} '${network}'`;
    throw new Refused(element, sentence);
  };
  const port = (element: XmlElement, key: "start" | "end", least: number): number => {
    const text = reader.get(element, key) ?? "";
    const number = Number(text);
    if (/^\d{1,5}$/.test(text) && number >= least && number <= 65_535) return number;
    throw new Refused(element, `Missing or invalid '${key}' attribute in <port> ${where} ${network}`);
  };
  return {
    addresses: addresses === null ? null : { start: address(addresses, "start"), end: address(addresses, "end") },
    ports: ports === null ? null : { start: port(ports, "start", 1), end: port(ports, "end", port(ports, "start", 1)) },
  };
}

function readBridge(reader: Reader, root: XmlElement, network: string): NetworkDefinition["bridge"] {
  const element = reader.one(root, "bridge");
  if (element === null) return { name: null, stp: true, delay: 0 };
  reader.attributes(element, ["name", "stp", "delay", "zone", "macTableManager"]);
  for (const key of ["zone", "macTableManager"])
    if (reader.get(element, key) !== null)
      throw new Refused(element, `the attribute ${key} of <bridge> is not modelled`);
  const delay = reader.get(element, "delay") ?? "0";
  if (!/^\d{1,9}$/.test(delay)) throw new Refused(element, `XML error: Invalid delay value in network '${network}'`);
  const name = reader.get(element, "name");
  if (name !== null && name.replace("%d", "0").length > 15)
    throw new Refused(element, `the name '${name}' of the bridge is longer than 15 letters`);
  return { name, stp: reader.get(element, "stp") !== "off", delay: Number(delay) };
}

function readMtu(reader: Reader, root: XmlElement): number | null {
  const element = reader.one(root, "mtu");
  if (element === null) return null;
  reader.attributes(element, ["size"]);
  const size = reader.get(element, "size") ?? "";
  if (!/^\d{1,5}$/.test(size)) throw new Refused(element, "XML error: malformed mtu size attribute");
  return Number(size);
}

function readBridgeMac(reader: Reader, root: XmlElement, network: string): Mac | null {
  const element = reader.one(root, "mac");
  const text = element === null ? null : reader.get(element, "address");
  if (element === null || text === null) return null;
  reader.attributes(element, ["address"]);
  const mac = parseMac(text);
  if (mac === null)
    throw new Refused(element, `XML error: Invalid bridge mac address '${text}' in network '${network}'`);
  if (isGroup(mac))
    throw new Refused(element, `XML error: Invalid multicast bridge mac address '${text}' in network '${network}'`);
  return mac;
}

function readDomain(reader: Reader, root: XmlElement): NetworkDefinition["domain"] {
  const element = reader.one(root, "domain");
  const name = element === null ? null : reader.get(element, "name");
  if (element === null || name === null) return null;
  reader.attributes(element, ["name", "localOnly"]);
  const local = reader.get(element, "localOnly");
  if (local !== null && local !== "yes" && local !== "no")
    throw new Refused(element, `XML error: Invalid value for attribute 'localOnly' in element 'domain': '${local}'.`);
  return { name, localOnly: local === null ? null : local === "yes" };
}

function validate(root: XmlElement, { name, forward, ips, routes }: NetworkDefinition): void {
  if ((forward.mode === "nat" || forward.mode === "route") && ips.length === 0)
    throw new Refused(
      root,
      `XML error: ${forward.mode} forwarding requested, but no IP address provided for network '${name}'`,
    );
  if (ips.filter(({ hasDhcp }) => hasDhcp).length > 1)
    throw new Refused(
      root,
      "unsupported configuration: Multiple IPv4 dhcp sections found -- dhcp is supported only for a single IPv4 address on each network",
    );
  for (const { gateway } of routes)
    if (!ips.some(({ address, prefix }) => networkOf(address, prefix) === networkOf(gateway, prefix)))
      throw new Refused(
        root,
        `unsupported configuration: unreachable static route gateway '${formatIpv4(gateway)}' specified for network '${name}'`,
      );
}
