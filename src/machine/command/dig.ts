/** dig(1) of BIND 9.18: one question. What it prints stands in program/dig.ts. Not modelled: TCP, transfers, traces, -f, IPv6. */
import { type Ipv4, parseIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { Dig, type DigSettings } from "../program/dig.ts";
import { resolverFile } from "../program/dns-exchange.ts";
import { addressOf } from "../program/resolve.ts";

export const dig: Command = {
  name: "dig",
  summary: "DNS lookup utility.",
  usage: "dig [@server] [-p port] [-t type] [-x addr] [name] [type] [class] [+option]...",
  options: [
    { flag: "-p <port>", text: "port of the server" },
    { flag: "-t <type>", text: "kind of record" },
    { flag: "-c <class>", text: "class of the question" },
    { flag: "-x <address>", text: "the name of an address" },
    { flag: "-q <name>", text: "the name to ask for" },
    { flag: "-4", text: "IPv4 only" },
  ],
  operands: ["text"],
  start(process) {
    const reader = new Reader(process);
    const wrong = reader.read(process.argv.slice(1));
    if (wrong !== null) return wrong;
    return new Dig(reader.settings());
  },
};

type Shown = keyof DigSettings["shows"];

class Reader {
  private readonly process: Process;
  private serverWord: string | null = null;
  private serverAddress: Ipv4 | null = null;
  private port = dns.PORT;
  private name: string | null = null;
  private type: number | null = null;
  private kind = dns.CLASS_IN;
  private timeout = 5;
  private tries = 3;
  private readonly on = new Set<string>(["edns", "recurse", "adflag"]);
  private readonly shown: Record<Shown, boolean> = {
    ...{ cmd: true, comments: true, question: true, answer: true, authority: true, additional: true, stats: true },
  };

  constructor(process: Process) {
    this.process = process;
  }

  /** Null, or the exit code. */
  read(argv: readonly string[]): number | null {
    const left = [...argv];
    for (let word = left.shift(); word !== undefined; word = left.shift()) {
      const wrong = word.startsWith("@")
        ? this.server(word.slice(1))
        : word.startsWith("+")
          ? this.plus(word.slice(1))
          : word.startsWith("-") && word.length > 1
            ? this.dash(word, left)
            : this.plain(word);
      if (wrong !== null) return wrong;
    }
    return null;
  }

  settings(): DigSettings {
    const { machine } = this.process;
    const [first] = resolverFile(machine).servers;
    const isRoot = this.name === null;
    const question = {
      name: (this.name ?? "").replace(/\.$/, ""),
      type: this.type ?? (isRoot ? dns.Type.NS : dns.Type.A),
      class: this.kind,
    };
    return {
      server: { address: this.serverAddress ?? first!.address, port: this.port },
      serverWord: this.serverWord,
      question,
      timeout: this.timeout,
      tries: this.tries,
      isShort: this.on.has("short"),
      hasEdns: this.on.has("edns") || this.on.has("dnssec"),
      wantsDnssec: this.on.has("dnssec"),
      recurses: this.on.has("recurse"),
      checkingDisabled: this.on.has("cdflag"),
      wantsAd: this.on.has("adflag"),
      shows: this.shown,
    };
  }

  private server(word: string): number | null {
    this.serverWord = word;
    this.serverAddress = parseIpv4(word) ?? addressOf(this.process.machine, word)?.address ?? null;
    if (this.serverAddress !== null) return null;
    this.process.error(`dig: couldn't get address for '${word}': not found\n`);
    return 10;
  }

  private dash(word: string, left: string[]): number | null {
    const letter = word.charAt(1);
    if (letter === "4") return null;
    if (!"ptcxq".includes(letter)) return this.invalid(`Invalid option: ${word}`);
    const value = word.length > 2 ? word.slice(2) : left.shift();
    if (value === undefined) return this.invalid(`Invalid option: ${word}`);
    if (letter === "q") this.name = value;
    if (letter === "c") return this.setClass(value);
    if (letter === "t") return this.setType(value) ? null : this.warn(value);
    if (letter === "x") return this.reverse(value);
    if (letter === "p") {
      const port = Number(value);
      if (!/^\d+$/.test(value) || port > 65_535) return this.invalid(`Couldn't parse port number '${value}'`);
      this.port = port;
    }
    return null;
  }

  private invalid(sentence: string): number {
    this.process.error(
      `${sentence}\nUsage:  dig [@global-server] [domain] [q-type] [q-class] {q-opt}\n            {global-d-opt} host [@local-server] {local-d-opt}\n            [ host [@local-server] {local-d-opt} [...]]\n\nUse "dig -h" (or "dig -h | more") for complete list of options\n`,
    );
    return 1;
  }

  private warn(word: string): null {
    this.process.print(`;; Warning, ignoring invalid type ${word}\n`);
    return null;
  }

  private reverse(word: string): number | null {
    const address = parseIpv4(word);
    if (address === null) {
      this.process.error(`Invalid IP address ${word}\n`);
      return 1;
    }
    this.name = dns.reverseName(address);
    this.type ??= dns.Type.PTR;
    return null;
  }

  private setType(word: string): boolean {
    const type = dns.typeOfName(word);
    if (type !== null) this.type = type;
    return type !== null;
  }

  private setClass(word: string): number | null {
    const upper = word.toUpperCase();
    if (upper === "IN" || upper === "CH") this.kind = upper === "IN" ? dns.CLASS_IN : 3;
    else this.process.print(`;; Warning, ignoring invalid class ${word}\n`);
    return null;
  }

  /** A class, a type, or the name. */
  private plain(word: string): number | null {
    const upper = word.toUpperCase();
    if (upper === "IN" || upper === "CH") return this.setClass(word);
    if (this.name !== null && this.setType(word)) return null;
    if (this.name === null && this.type === null && dns.typeOfName(word) !== null) {
      this.setType(word);
      return null;
    }
    if (this.name !== null) {
      this.process.error("dig: more than one question is not modelled\n");
      return 1;
    }
    this.name = word;
    return null;
  }

  private plus(text: string): number | null {
    const [word = "", value] = text.split("=");
    const isOff = word.startsWith("no");
    const name = isOff ? word.slice(2) : word;
    if (name === "time" || name === "timeout" || name === "tries" || name === "retry") return this.number(name, value);
    if (name === "all") for (const key of Object.keys(this.shown)) this.shown[key as Shown] = !isOff;
    if (name === "all") return null;
    if (name in this.shown) {
      this.shown[name as Shown] = !isOff;
      return null;
    }
    const known = ALIASES[name] ?? name;
    if (!SWITCHES.has(known)) return this.invalid(`Invalid option: +${text}`);
    if (isOff) this.on.delete(known);
    else this.on.add(known);
    return null;
  }

  private number(name: string, value: string | undefined): number | null {
    if (value === undefined || !/^\d+$/.test(value)) return this.invalid(`Invalid option: +${name}`);
    const count = Math.max(1, Number(value));
    if (name === "time" || name === "timeout") this.timeout = count;
    else this.tries = name === "retry" ? Number(value) + 1 : count;
    return null;
  }
}

const ALIASES: Readonly<Record<string, string>> = { rec: "recurse", rdflag: "recurse", cd: "cdflag", ad: "adflag" };
/** Those without an effect here are those that are never otherwise: UDP, one server, no search list. */
const SWITCHES: ReadonlySet<string> = new Set([
  ...["short", "edns", "dnssec", "recurse", "cdflag", "adflag", "search", "ignore"],
]);
