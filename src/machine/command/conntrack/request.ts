/** What one command line of conntrack asks for: the option loop of conntrack.c, 1.4.7. */
import { maskOf, parseIpv4 } from "../../../packet/address.ts";
import { Status } from "../../../stack/netfilter/conntrack/flow.ts";
import { stateNames } from "../../../stack/netfilter/conntrack/tcp-flow.ts";
import { type FlowTests, type NatTest, type Network, newTests } from "./flow-filter.ts";
import { protocolNumber } from "./print-flow.ts";
import { notModelled, Problem } from "./problem.ts";

export type CommandLetter = "L" | "D" | "E" | "F" | "C" | "S" | "V" | "h";

export interface Request {
  command: CommandLetter;
  table: string;
  readonly tests: FlowTests;
  readonly outputs: Set<string>;
  readonly events: Set<string>;
  zeroes: boolean;
}

/** Long names by letter, the first of each as error sentences have it. */
const OPTIONS: readonly (readonly [letter: string, value: "none" | "must" | "may", ...names: string[]])[] = [
  ["s", "must", "src", "orig-src"],
  ["d", "must", "dst", "orig-dst"],
  ["r", "must", "reply-src"],
  ["q", "must", "reply-dst"],
  ["p", "must", "protonum", "proto"],
  ["t", "must", "timeout"],
  ["u", "must", "status"],
  ["z", "none", "zero"],
  ["e", "must", "event-mask"],
  ["m", "must", "mark"],
  ["f", "must", "family"],
  ["n", "may", "src-nat"],
  ["g", "may", "dst-nat"],
  ["o", "must", "output"],
  ["b", "must", "buffer-size"],
  ["j", "may", "any-nat"],
  ["w", "must", "zone"],
  ["L", "may", "dump"],
  ["D", "may", "delete"],
  ["E", "may", "event"],
  ["F", "may", "flush"],
  ["C", "may", "count"],
  ["S", "may", "stats"],
  ["V", "none", "version"],
  ["h", "none", "help"],
  ["G", "may", "get"],
  ["I", "may", "create"],
  ["A", "may", "add"],
  ["U", "may", "update"],
];

/** Which options each command may have; of the rest the first in this order is complained of. */
const ORDER = "sdrqptuzemfngobjw";
const ALLOWED: Readonly<Record<CommandLetter, string>> = {
  L: "sdrqpuzmfngojw",
  D: "sdrqptumfngow",
  E: "sdrqpemngobjwf",
  F: "f",
  C: "f",
  S: "f",
  V: "",
  h: "p",
};

/** Of a transport, brought by -p. */
const PORTS: Readonly<Record<string, keyof FlowTests>> = {
  sport: "originSourcePort",
  "orig-port-src": "originSourcePort",
  dport: "originDestinationPort",
  "orig-port-dst": "originDestinationPort",
  "reply-port-src": "replySourcePort",
  "reply-port-dst": "replyDestinationPort",
};
const WITH_PORTS = [6, 17, 33, 132, 136];

const STATUSES: Readonly<Record<string, number>> = {
  ASSURED: Status.ASSURED,
  SEEN_REPLY: Status.SEEN_REPLY,
  UNSET: 0,
  EXPECTED: Status.EXPECTED,
  UNREPLIED: 0,
};
const EVENTS = ["ALL", "NEW", "UPDATES", "DESTROY"];
const OUTPUTS = ["xml", "extended", "timestamp", "id", "ktimestamp", "labels", "userspace", "save"];
const OTHER_OUTPUTS = ["xml", "save"];
const TABLES = ["conntrack", "expect", "dying", "unconfirmed"];

export function readRequest(words: readonly string[]): Request {
  return new Reader(words).run();
}

class Reader {
  private readonly words: readonly string[];
  private at = 0;
  private command: CommandLetter | null = null;
  private table = "conntrack";
  private zeroes = false;
  private readonly given = new Set<string>();
  private readonly tests = newTests();
  private readonly outputs = new Set<string>();
  private readonly events = new Set<string>();

  constructor(words: readonly string[]) {
    this.words = words;
  }

  run(): Request {
    for (let word = this.next(); word !== null; word = this.next()) this.word(word);
    // The kernel sees no sense in asking for no status at all.
    if (this.given.has("u") && this.tests.statuses === 0 && !this.tests.isUnreplied)
      throw new Problem("Operation failed: invalid parameters", 1);
    const { table, tests, outputs, events, zeroes } = this;
    const command = this.command ?? "h";
    const illegal = [...ORDER].find((letter) => this.given.has(letter) && !ALLOWED[command].includes(letter));
    if (illegal !== undefined) throw new Problem(`Illegal option \`--${nameOf(illegal)}' with this command`);
    return { command, table, tests, outputs, events, zeroes };
  }

  private next(): string | null {
    return this.words[this.at++] ?? null;
  }

  private word(word: string): void {
    if (word.startsWith("--")) this.long(word);
    else if (word.startsWith("-") && word.length > 1) this.short(word.slice(1));
    // What is no option belongs to a command, which has taken its table.
  }

  private long(word: string): void {
    const [name = "", ...rest] = word.slice(2).split("=");
    const attached = rest.length > 0 ? rest.join("=") : null;
    const option = OPTIONS.find(([, , ...names]) => names.includes(name));
    if (option !== undefined) return this.option(option[0], this.value(option[1], attached, word));
    if (!this.transport(name, attached)) throw new Problem(`unknown option \`${word}'`);
  }

  private short(letters: string): void {
    for (let i = 0; i < letters.length; i++) {
      const letter = letters.charAt(i);
      const option = OPTIONS.find(([each]) => each === letter);
      if (option === undefined) throw new Problem(`unknown option \`-${letters}'`);
      if (option[1] === "none") this.option(letter, "");
      else return this.option(letter, this.value(option[1], letters.slice(i + 1) || null, `-${letters}`));
    }
  }

  /** "" where one may be missing, and is. */
  private value(need: "none" | "must" | "may", attached: string | null, word: string): string {
    if (attached !== null || need === "none") return attached ?? "";
    const next = this.words[this.at];
    if (need === "may" && (next === undefined || next.startsWith("-"))) return "";
    if (next === undefined) throw new Problem(`option \`${word}' requires an argument`);
    this.at++;
    return next;
  }

  private option(letter: string, value: string): void {
    if ("LDEFCSVh".includes(letter)) this.choose(letter as CommandLetter, value);
    else if ("GIAU".includes(letter)) throw notModelled(`command -${letter}`);
    else {
      this.given.add(letter);
      this.test(letter, value);
    }
  }

  private choose(letter: CommandLetter, table: string): void {
    if (this.command !== null) throw new Problem("Invalid commands combination");
    this.command = letter;
    if (table === "") return;
    if (!TABLES.includes(table)) throw new Problem(`unknown type \`${table}'`);
    this.table = table;
  }

  private test(letter: string, value: string): void {
    const { tests } = this;
    switch (letter) {
      case "s":
        tests.originSource = readNetwork(value);
        return;
      case "d":
        tests.originDestination = readNetwork(value);
        return;
      case "r":
        tests.replySource = readNetwork(value);
        return;
      case "q":
        tests.replyDestination = readNetwork(value);
        return;
      case "p":
        tests.protocol = readProtocol(value);
        return;
      case "n":
        tests.sourceNat = readNat(value);
        return;
      case "g":
        tests.destinationNat = readNat(value);
        return;
      case "j":
        tests.anyNat = true;
        tests.sourceNat = readNat(value);
        tests.destinationNat = tests.sourceNat;
        return;
      case "m":
        tests.mark = readMark(value);
        return;
      default:
        return this.manner(letter, value);
    }
  }

  private manner(letter: string, value: string): void {
    switch (letter) {
      case "u":
        for (const name of readNames(value, Object.keys(STATUSES))) {
          this.tests.statuses |= STATUSES[name]!;
          this.tests.isUnreplied ||= name === "UNREPLIED";
        }
        return;
      case "e":
        for (const name of readNames(value, EVENTS)) this.events.add(name);
        return;
      case "o":
        for (const name of readNames(value, OUTPUTS)) {
          if (OTHER_OUTPUTS.includes(name)) throw notModelled(`output ${name}`);
          this.outputs.add(name);
        }
        return;
      case "f":
        if (!value.startsWith("ipv4") && !value.startsWith("ipv6"))
          throw new Problem(`\`${value}' unsupported protocol`);
        this.tests.isIpv6 = value.startsWith("ipv6");
        return;
      case "z":
        this.zeroes = true;
        return;
      case "t":
      case "w":
        throw notModelled(`option --${nameOf(letter)}`);
      default:
        return;
    }
  }

  /** False: no option of this transport. */
  private transport(name: string, attached: string | null): boolean {
    const { tests } = this;
    const { protocol } = tests;
    const port = WITH_PORTS.includes(protocol ?? 0) ? PORTS[name] : undefined;
    if (port !== undefined) Object.assign(tests, { [port]: this.number(name, attached) });
    else if (protocol === 6 && name === "state") tests.tcpState = readState(this.value("must", attached, `--${name}`));
    else if (protocol === 1 && name === "icmp-type") tests.icmpType = this.number(name, attached);
    else if (protocol === 1 && name === "icmp-code") tests.icmpCode = this.number(name, attached);
    else if (protocol === 1 && name === "icmp-id") tests.originSourcePort = this.number(name, attached);
    else return false;
    return true;
  }

  private number(name: string, attached: string | null): number {
    return (Number.parseInt(this.value("must", attached, `--${name}`), 10) || 0) & 0xffff;
  }
}

const nameOf = (letter: string): string => OPTIONS.find(([each]) => each === letter)![2]!;

function readNetwork(text: string): Network {
  const [host = "", bits] = text.split("/");
  const address = parseIpv4(host);
  if (address === null) throw new Problem(`Invalid IP address \`${text}'`);
  if (bits === undefined) return { address, mask: maskOf(32) };
  const mask = /^\d{1,2}$/.test(bits) && Number(bits) <= 32 ? maskOf(Number(bits)) : parseIpv4(bits);
  if (mask === null) throw new Problem(`Invalid netmask \`${bits}'`);
  return { address, mask };
}

const readNat = (text: string): NatTest => (text === "" ? "any" : readNetwork(text));

function readProtocol(text: string): number {
  const number = protocolNumber(text) ?? (/^\d{1,3}$/.test(text) ? Number(text) : null);
  if (number === null || number > 255) throw new Problem(`\`${text}' unsupported protocol`);
  return number;
}

function readMark(text: string): { value: number; mask: number } {
  const [value = "", mask] = text.split("/");
  return { value: Number(value) || 0, mask: mask === undefined ? 0xffff_ffff : Number(mask) || 0 };
}

function readState(text: string): number {
  const at = (stateNames as readonly string[]).indexOf(text.toUpperCase());
  if (at < 0) throw new Problem(`unknown TCP state \`${text}'`);
  return at;
}

/** parse_parameter: beginnings of names, whatever their case. */
function readNames(text: string, names: readonly string[]): string[] {
  const words = text.split(",");
  return words.map((word, i) => {
    const found = names.find((name) => name.toLowerCase().startsWith(word.toLowerCase()));
    if (word === "" || found === undefined) throw new Problem(`Bad parameter \`${words.slice(i).join(",")}'`);
    return found;
  });
}
