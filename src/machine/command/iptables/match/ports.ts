/** What tcp and udp have in common: --sport and --dport. */
import type { Match, PortTest } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { serviceName } from "../names.ts";
import { not } from "../print-words.ts";

const source = { key: "source-port", invertible: true };
const destination = { key: "destination-port", invertible: true };
export const PORT_OPTIONS = [
  option("source-port", source),
  option("sport", source),
  option("destination-port", destination),
  option("dport", destination),
];

const MAX_PORT = 65_535;

/** As it comes back from nft: all ports are no question, and "all but the first 1000" is a range of its own. */
function simplest(from: number, to: number, inverted: boolean): PortTest | null {
  const isAll = from === 0 && to === MAX_PORT;
  if (isAll && !inverted) return null;
  if (inverted && from === 0 && to < MAX_PORT && to > 0) return { from: to + 1, to: MAX_PORT, inverted: false };
  return { from, to, inverted };
}

export abstract class PortDraft extends Draft<Match> {
  abstract override readonly name: "tcp" | "udp";
  protected source: PortTest | null = null;
  protected destination: PortTest | null = null;

  protected takePorts(key: string, { from, to }: { from: number; to: number }, inverted: boolean): void {
    const test = simplest(from, to, inverted);
    if (key === "source-port") this.source = test;
    else this.destination = test;
  }
}

interface Ports {
  readonly source: PortTest | null;
  readonly destination: PortTest | null;
}

export const savePorts = (ports: Ports): string => save("--sport", ports.source) + save("--dport", ports.destination);

function save(name: string, test: PortTest | null): string {
  if (test === null) return "";
  return ` ${not(test.inverted)}${name} ${test.from === test.to ? test.from : `${test.from}:${test.to}`}`;
}

export const listPorts = (ports: Ports, protocol: string, numeric: boolean): string =>
  list("spt", ports.source, protocol, numeric) + list("dpt", ports.destination, protocol, numeric);

function list(name: string, test: PortTest | null, protocol: string, numeric: boolean): string {
  if (test === null) return "";
  const [from, to] = [test.from, test.to].map((port) => (numeric ? null : serviceName(port, protocol)) ?? String(port));
  const inverted = test.inverted ? "!" : "";
  return test.from === test.to ? ` ${name}:${inverted}${from}` : ` ${name}s:${inverted}${from}:${to}`;
}
