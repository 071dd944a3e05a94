/** "10.0.0.1-10.0.0.5:1024-2048": parse_to, parse_ports and sprint_range of libxt_NAT, iptables 1.8.9. */
import { formatIpv4, type Ipv4, parseIpv4 } from "../../../../packet/address.ts";
import type { NatRange, RuleSpec } from "../../../../stack/netfilter/rule.ts";
import { anyServicePort } from "../names.ts";
import { notModelled, wrong } from "../problem.ts";
import { readNumber } from "../values.ts";

export type Addresses = Pick<NatRange, "from" | "to">;
export type Ports = Pick<NatRange, "fromPort" | "toPort">;

const ANY: Ipv4 = 0 as Ipv4;
export const EMPTY_RANGE: NatRange = {
  from: ANY,
  to: ANY,
  fromPort: 0,
  toPort: 0,
  random: false,
  fullyRandom: false,
  persistent: false,
};

/** TCP, UDP, SCTP, DCCP, and the identifier of ICMP. */
const WITH_PORTS = [6, 17, 132, 33, 1];
const MAX_PORT = 65_535;

export function readTo(text: string, protocol: RuleSpec["protocol"]): Addresses & Ports {
  if (text.includes("[")) throw wrong("Invalid address format");
  const colons = text.split(":").length - 1;
  const colon = colons === 1 ? text.indexOf(":") : -1;
  const ports = colon < 0 ? { fromPort: 0, toPort: 0 } : readNatPorts(text.slice(colon + 1), protocol);
  if (colon === 0) return { from: ANY, to: ANY, ...ports };
  const addresses = colon < 0 ? text : text.slice(0, colon);
  const dash = addresses.indexOf("-");
  const from = readAddress(dash < 0 ? addresses : addresses.slice(0, dash));
  return { from, to: dash < 0 ? from : readAddress(addresses.slice(dash + 1)), ...ports };
}

function readAddress(text: string): Ipv4 {
  const isQuad = /^(0|[1-9]\d{0,2})(\.(0|[1-9]\d{0,2})){3}$/.test(text);
  const address = isQuad ? parseIpv4(text) : null;
  if (address === null) throw wrong(`Bad IP address "${text}"`);
  return address;
}

/** "1024", "1024-2048", "http". */
export function readNatPorts(text: string, protocol: RuleSpec["protocol"]): Ports {
  if (!WITH_PORTS.includes(protocol?.number ?? 0)) throw wrong("Need TCP, UDP, SCTP or DCCP with port specification");
  const digits = leadingDigits(text);
  const fromPort = readNumber(digits, MAX_PORT);
  const behind = text.slice(digits.length);
  if (fromPort === null) return single(servicePort(text));
  if (behind === "") return single(fromPort);
  if (behind.startsWith(":")) throw wrong("Invalid port:port syntax - use dash");
  if (!behind.startsWith("-")) throw wrong(`Garbage after port value: \`${behind}'`);
  return { fromPort, toPort: readLast(behind.slice(1), fromPort) };
}

function readLast(text: string, fromPort: number): number {
  const digits = leadingDigits(text);
  const port = readNumber(digits, MAX_PORT);
  const behind = text.slice(digits.length);
  if (port === null) throw wrong(`Port \`${text}' not valid`);
  if (port < fromPort) throw wrong(`Port range \`${text}' funky`);
  if (behind.startsWith("/")) throw notModelled("a base port behind the port range");
  if (behind !== "") throw wrong(`Garbage after port range: \`${behind}'`);
  return port;
}

/** As far as strtoul reads. */
const leadingDigits = (text: string): string => /^\+?(0x[0-9a-f]+|\d+)/i.exec(text)?.[0] ?? "";

function servicePort(text: string): number {
  const port = anyServicePort(text);
  if (port === null) throw wrong(`Port \`${text}' not valid`);
  return port;
}

function single(port: number): Ports {
  if (port === 0) throw notModelled("port 0");
  return { fromPort: port, toPort: port };
}

export function rangeText({ from, to, fromPort, toPort }: NatRange): string {
  const address = from === 0 && to === 0 ? "" : formatIpv4(from) + (from === to ? "" : `-${formatIpv4(to)}`);
  return address + (toPort === 0 ? "" : `:${portsText({ fromPort, toPort })}`);
}

export const portsText = ({ fromPort, toPort }: Ports): string =>
  fromPort === toPort ? String(fromPort) : `${fromPort}-${toPort}`;

/** `dashes` is "--" for a command line. */
export const mannerText = ({ random, fullyRandom, persistent }: NatRange, dashes: string): string =>
  [random ? "random" : "", fullyRandom ? "random-fully" : "", persistent ? "persistent" : ""]
    .filter((word) => word !== "")
    .map((word) => ` ${dashes}${word}`)
    .join("");
