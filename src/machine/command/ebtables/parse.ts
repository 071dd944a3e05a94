/**
 * The words behind `ebtables`. Follows nft_eb's do_commandeb (xtables-eb.c, iptables 1.8.9): one command, then a rule.
 */
import { type EbLog, type EbMatch, type EbSpec, MATCH_ORDER } from "../../../stack/netfilter/ebtables/rule.ts";
import * as words from "./words.ts";

/** xtables_error: the sentence, and where help is when the words themselves are wrong. */
export class EbProblem extends Error {
  readonly code: number;

  constructor(sentence: string, code = 2) {
    super(sentence);
    this.code = code;
  }
}

export interface EbRequest {
  /** "A", "I", "D", "F", "L", "N", "X", "P", "Z", "E", "V", "h" */
  readonly command: string;
  readonly chain: string | null;
  /** The rule's number of -I and -D, from 1; of -D a range. */
  readonly from: number | null;
  readonly to: number | null;
  /** Of -P, and of -N with -P, the policy; of -E the other name. */
  readonly word: string;
  readonly table: string;
  readonly spec: EbSpec;
  readonly counters: boolean;
  readonly numbers: boolean;
}

const COMMANDS: Readonly<Record<string, string>> = {
  "--append": "A",
  "--insert": "I",
  "--delete": "D",
  "--flush": "F",
  "--list": "L",
  "--new-chain": "N",
  "--delete-chain": "X",
  "--policy": "P",
  "--zero": "Z",
  "--rename-chain": "E",
  "--version": "V",
  "--help": "h",
};
const NEEDS_CHAIN = "AIDNPE";

const KINDS: Readonly<Record<string, EbMatch["kind"]>> = {
  "-p": "proto",
  "--proto": "proto",
  "--protocol": "proto",
  "-s": "source",
  "--src": "source",
  "--source": "source",
  "-d": "destination",
  "--dst": "destination",
  "--destination": "destination",
  "-i": "in",
  "--in-if": "in",
  "--in-interface": "in",
  "-o": "out",
  "--out-if": "out",
  "--out-interface": "out",
  "--logical-in": "logical-in",
  "--logical-out": "logical-out",
  "--ip-src": "ip-src",
  "--ip-source": "ip-src",
  "--ip-dst": "ip-dst",
  "--ip-destination": "ip-dst",
  "--ip-proto": "ip-proto",
  "--ip-protocol": "ip-proto",
  "--ip-sport": "ip-sport",
  "--ip-source-port": "ip-sport",
  "--ip-dport": "ip-dport",
  "--ip-destination-port": "ip-dport",
  "--arp-op": "arp-op",
  "--arp-opcode": "arp-op",
  "--arp-ip-src": "arp-ip-src",
  "--arp-ip-dst": "arp-ip-dst",
  "--arp-mac-src": "arp-mac-src",
  "--arp-mac-dst": "arp-mac-dst",
  "--pkttype-type": "pkttype",
};

const NOT_MODELLED =
  /^--(ip6?-|arp-|vlan-|stp-|among-|limit|mark|802_3-|nflog|ulog|to-|snat-|dnat-|redirect-|set-|atomic|Lmac2)/;

export function parseWords(all: readonly string[]): EbRequest {
  return new Reader(all).read();
}

class Reader {
  private readonly left: string[];
  private command = "";
  private chain: string | null = null;
  private from: number | null = null;
  private to: number | null = null;
  private word = "";
  private table = "filter";
  private counters = false;
  private numbers = false;
  private negated = false;
  private target = "CONTINUE";
  private log: EbLog | null = null;
  private readonly matches: EbMatch[] = [];

  constructor(all: readonly string[]) {
    this.left = [...all];
  }

  read(): EbRequest {
    for (let word = this.left.shift(); word !== undefined; word = this.left.shift()) this.take(word);
    const { command, chain, from, to, word, table, target, log, counters, numbers } = this;
    if (command === "") throw new EbProblem("No command specified");
    const matches = MATCH_ORDER.flatMap((kind) => this.matches.filter((match) => match.kind === kind));
    return { command, chain, from, to, word, table, spec: { matches, log, target }, counters, numbers };
  }

  private take(word: string): void {
    const command = COMMANDS[word] ?? /^-([AIDFLNXPZEVh])/.exec(word)?.[1];
    const kind = KINDS[word];
    if (command !== undefined) {
      if (!word.startsWith("--") && word.length > 2) this.left.unshift(word.slice(2));
      this.startCommand(command);
    } else if (word === "!") this.negated = true;
    else if (kind !== undefined) this.takeMatch(kind);
    else this.takeOther(word);
  }

  private takeOther(word: string): void {
    if (word === "-j" || word === "--jump") this.target = this.value();
    else if (word === "-t" || word === "--table") this.table = this.value();
    else if (word === "--Lc") this.counters = true;
    else if (word === "--Ln") this.numbers = true;
    else if (word === "--Lx" || word === "--concurrent") return;
    else if (word.startsWith("--log")) this.takeLog(word);
    else if (NOT_MODELLED.test(word)) throw new EbProblem(`${word} is not modelled`);
    else if (word.startsWith("-")) throw new EbProblem(`Unknown argument: '${this.left[0] ?? word}'`);
    else throw new EbProblem(`Bad argument : '${word}'`);
  }

  private startCommand(command: string): void {
    // -N takes a policy along.
    if (command === "P" && this.command === "N" && this.word === "") {
      this.word = this.value();
      return;
    }
    if (this.command !== "") throw new EbProblem("Multiple commands are not allowed");
    this.command = command;
    const next = this.left[0];
    if (NEEDS_CHAIN.includes(command)) this.chain = this.value();
    else if (next !== undefined && !next.startsWith("-") && next !== "!") this.chain = this.left.shift()!;
    if (command === "P" || command === "E") this.word = this.value();
    if ((command === "I" || command === "D") && /^\d/.test(this.left[0] ?? "")) this.takeNumbers(this.left.shift()!);
  }

  private takeNumbers(word: string): void {
    const found = /^(\d+)(?::(\d+))?$/.exec(word);
    const from = Number(found?.[1] ?? 0);
    if (from === 0) throw new EbProblem(`Problem with the specified rule number(s) '${word}'`);
    this.from = from;
    this.to = Number(found?.[2] ?? from);
  }

  private value(): string {
    const word = this.left.shift();
    if (word === undefined) throw new EbProblem("Unknown argument: '(null)'");
    return word;
  }

  private takeMatch(kind: EbMatch["kind"]): void {
    let word = this.value();
    const not = this.negated || word === "!";
    if (word === "!") word = this.value();
    this.negated = false;
    this.matches.push(readMatch(kind, word, not));
  }

  private takeLog(word: string): void {
    const log = this.log ?? { level: 5, prefix: "", ip: false, arp: false };
    if (word === "--log") this.log = log;
    else if (word === "--log-ip") this.log = { ...log, ip: true };
    else if (word === "--log-arp") this.log = { ...log, arp: true };
    else if (word === "--log-prefix") this.log = { ...log, prefix: this.value() };
    else if (word === "--log-level") this.log = { ...log, level: readLevel(this.value()) };
    else throw new EbProblem(`${word} is not modelled`);
  }
}

function readLevel(word: string): number {
  const level = /^[0-7]$/.test(word) ? Number(word) : words.LOG_LEVELS.indexOf(word.toLowerCase());
  if (level < 0) throw new EbProblem("Problem with the log-level");
  return level;
}

const orFail = <T>(value: T | null, sentence: string): T => {
  if (value === null) throw new EbProblem(sentence);
  return value;
};

function readMatch(kind: EbMatch["kind"], word: string, not: boolean): EbMatch {
  switch (kind) {
    case "proto": {
      const sentence = `Problem with the specified Ethernet protocol '${word}', perhaps /etc/ethertypes is missing`;
      return { kind, not, value: orFail(words.readEtherType(word), sentence) };
    }
    case "source":
    case "destination": {
      const sentence = `Problem with specified ${kind} mac '${word}'`;
      return { kind, not, ...orFail(words.readMacAndMask(word), sentence) };
    }
    case "arp-mac-src":
    case "arp-mac-dst":
      return { kind, not, ...orFail(words.readMacAndMask(word), "Problem with ARP MAC address argument") };
    case "in":
    case "out":
    case "logical-in":
    case "logical-out":
      return { kind, not, name: word };
    case "ip-src":
    case "ip-dst":
    case "arp-ip-src":
    case "arp-ip-dst":
      return { kind, not, ...orFail(words.readAddressAndMask(word), `host/network \`${word}' not found`) };
    case "ip-proto":
      return { kind, not, value: orFail(words.readIpProtocol(word), `Unknown specified IP protocol - ${word}`) };
    case "ip-sport":
    case "ip-dport":
      return { kind, not, ...orFail(words.readPorts(word), `invalid port/service \`${word}' specified`) };
    case "arp-op":
      return { kind, not, value: orFail(words.readArpOperation(word), "Problem with specified ARP opcode") };
    case "pkttype":
      return { kind, not, value: orFail(words.readPacketType(word), `Could not parse class '${word}'`) };
  }
}
