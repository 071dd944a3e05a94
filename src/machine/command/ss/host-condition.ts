/**
 * The values in a filter of ss: "10.0.0.0/8:53", ":domain", "*:5001", "link:eth0", a device, a mark. Follows
 * parse_hostcond, parse_devcond and parse_markmask of misc/ss.c. Names of hosts are those of /etc/hosts; an address of
 * IPv6 fits nothing. Not modelled: addresses of sockets that there are none of, protocols of packet sockets.
 */
import { type Ipv4, maskOf } from "../../../packet/address.ts";
import type { ProcessHost } from "../../process.ts";
import { addressOf } from "../../program/resolve.ts";
import { type Prefix, readPrefix } from "../ip/prefix.ts";
import { servicePort } from "../iptables/names.ts";
import type { Family, Selection } from "./tables.ts";

/** The sentences for a value that is none. */
export class Unreadable extends Error {}

const ANY_PORT = -1;
const CANNOT = "Cannot parse dst/src address.\n";

export class Condition {
  readonly port: number;
  /** Null: any address. */
  private readonly prefix: Prefix | null;
  private readonly isForeign: boolean;

  constructor(port: number, prefix: Prefix | null, isForeign = false) {
    this.port = port;
    this.prefix = prefix;
    this.isForeign = isForeign;
  }

  matches(address: Ipv4, port: number): boolean {
    if (this.port !== ANY_PORT && this.port !== port) return false;
    if (this.isForeign) return false;
    if (this.prefix === null || this.prefix.prefix === 0) return true;
    return ((address ^ this.prefix.address) & maskOf(this.prefix.prefix)) === 0;
  }
}

export class HostReader {
  private readonly machine: ProcessHost;
  private readonly selection: Selection;

  constructor(machine: ProcessHost, selection: Selection) {
    this.machine = machine;
    this.selection = selection;
  }

  device(word: string): number {
    const index = this.machine.table.find(word)?.index ?? (isNumber(word) ? Number(word) : 0);
    if (index === 0 && !isNumber(word)) throw new Unreadable("Cannot parse device.\n");
    return index;
  }

  /** What is masked of it; no socket has one. */
  mark(word: string): number {
    const [mark = "", mask = "0xffffffff"] = word.split("/");
    if (!isNumber(mark) || !isNumber(mask)) throw new Unreadable(`Cannot parse mark ${word}.\n`);
    return (Number(mark) & Number(mask)) >>> 0;
  }

  host(word: string, isPort: boolean): Condition {
    const [, family = null, rest = ""] = /^(?:(unix|link|netlink|vsock|inet6?):)?(.*)$/.exec(word) ?? [];
    const preferred = (family as Family | null) ?? this.selection.preferred;
    const condition = this.condition(rest, isPort, preferred);
    if (preferred !== null) this.selection.narrow(preferred);
    return condition;
  }

  private condition(word: string, isPort: boolean, family: Family | null): Condition {
    if (family === "link")
      return new Condition(this.linkPort(isPort ? word : word.split(":").slice(1).join(":")), null);
    if (family !== null && family !== "inet" && family !== "inet6") return new Condition(ANY_PORT, null, true);
    if (isPort) return new Condition(this.port(word), null);
    const bracketed = /^\[([^\]]*)\](?::(.*))?$/.exec(word);
    if (bracketed !== null) return new Condition(this.port(bracketed[2] ?? ""), null, true);
    const [, host = "", port = ""] = word.startsWith("*")
      ? ["", "", word.slice(1)]
      : (/^([^/]*(?:\/[^:]*)?):([^:]*)$/.exec(word) ?? ["", word]);
    const number = this.port(port);
    return new Condition(number, host === "" || host === "*" ? null : this.prefix(host), family === "inet6");
  }

  private prefix(host: string): Prefix {
    try {
      return readPrefix(host, "inet");
    } catch {
      const found = addressOf(this.machine, host);
      if (found !== null) return { address: found.address, prefix: 32, hasLength: false, isAny: false };
    }
    throw new Unreadable(`Error: an inet prefix is expected rather than "${host}".\n${CANNOT}`);
  }

  private port(text: string): number {
    const word = text.replace(/^:/, "");
    if (word === "" || word.startsWith("*")) return ANY_PORT;
    if (isNumber(word)) return Number(word);
    const { tables } = this.selection;
    const udp = tables.has("udp") ? servicePort(word, "udp") : null;
    const tcp = tables.has("tcp") ? servicePort(word, "tcp") : null;
    if (udp !== null && tcp !== null && udp !== tcp)
      throw new Unreadable(`Error: ambiguous port "${word}".\n${CANNOT}`);
    const port = udp ?? tcp;
    if (port === null) throw new Unreadable(`Error: "${word}" does not look like a port.\n${CANNOT}`);
    return port;
  }

  private linkPort(text: string): number {
    const word = text.replace(/^:/, "");
    if (word === "" || word === "*") return ANY_PORT;
    const index = isNumber(word) ? Number(word) : (this.machine.table.find(word)?.index ?? 0);
    if (index === 0) throw new Unreadable(CANNOT);
    return index;
  }
}

const isNumber = (word: string): boolean => /^(0x[0-9a-f]+|\d+)$/i.test(word);
