/**
 * ss(8) of iproute2 6.1: the sockets of UDP, of ping and of those who capture. Follows main of misc/ss.c.
 *
 * There are no sockets of TCP, Unix domains, SCTP, DCCP, MPTCP, vsock, TIPC and XDP here, and none of IPv6: of those ss
 * prints the header alone. Not modelled: netlink sockets, which a real `ss -a` lists too; -b, -D, -E, -F, -K, -N; names
 * of hosts in a filter that only the domain name system knows.
 */

import type { Command } from "../../command.ts";
import { type Given, getopt } from "../../getopt.ts";
import type { Process, Program } from "../../process.ts";
import { Quit, untilQuit } from "../../program/quit.ts";
import { type Filter, FilterReader, SyntaxFault } from "./filter.ts";
import { HostReader, Unreadable } from "./host-condition.ts";
import { Listing } from "./listing.ts";
import type { SsSettings } from "./settings.ts";
import { summaryText } from "./summary.ts";
import { isFamily, Selection, States, statesOf } from "./tables.ts";
import { USAGE } from "./usage.ts";

const LETTERS = "dhaletuwxnro460spTbEf:mMiA:D:F:vVzZN:KHSO";
/** Letters of their own stand for what has only a long name. */
const LONGS: Readonly<Record<string, string>> = {
  ...{ numeric: "n", resolve: "r", options: "o", extended: "e", memory: "m", info: "i", processes: "p", threads: "T" },
  ...{ bpf: "b", events: "E", dccp: "d", tcp: "t", sctp: "S", udp: "u", raw: "w", unix: "x", tipc: "tipc" },
  ...{ vsock: "vsock", all: "a", listening: "l", ipv4: "4", ipv6: "6", packet: "0", family: "f", socket: "A" },
  ...{
    query: "A",
    summary: "s",
    diag: "D",
    filter: "F",
    version: "V",
    help: "h",
    context: "Z",
    contexts: "z",
    net: "N",
  },
  ...{ tipcinfo: "tipcinfo", tos: "tos", cgroup: "cgroup", kill: "K", "no-header": "H", xdp: "xdp", mptcp: "M" },
  ...{ oneline: "O", "inet-sockopt": "sockopt" },
};
const NOT_MODELLED = "bDEFKN";
const MISUSE = 255;

export const ss: Command = {
  name: "ss",
  summary: "Show the sockets that are open, and whose they are.",
  usage: "ss [ OPTIONS ] [ state STATE-FILTER ] [ EXPRESSION ]",
  options: [
    { flag: "-n, --numeric", text: "don't resolve service names" },
    { flag: "-r, --resolve", text: "resolve host names" },
    { flag: "-a, --all", text: "display all sockets" },
    { flag: "-l, --listening", text: "display listening sockets" },
    { flag: "-o, --options", text: "show timer information" },
    { flag: "-e, --extended", text: "show detailed socket information" },
    { flag: "-m, --memory", text: "show socket memory usage" },
    { flag: "-p, --processes", text: "show process using socket" },
    { flag: "-T, --threads", text: "show thread using socket" },
    { flag: "-i, --info", text: "show internal TCP information" },
    { flag: "-s, --summary", text: "show socket usage summary" },
    { flag: "--tos", text: "show tos and priority information" },
    { flag: "--cgroup", text: "show cgroup information" },
    { flag: "--inet-sockopt", text: "show various inet socket options" },
    { flag: "-4, --ipv4", text: "display only IP version 4 sockets" },
    { flag: "-6, --ipv6", text: "display only IP version 6 sockets" },
    { flag: "-0, --packet", text: "display PACKET sockets" },
    { flag: "-t, --tcp", text: "display only TCP sockets" },
    { flag: "-u, --udp", text: "display only UDP sockets" },
    { flag: "-w, --raw", text: "display only RAW sockets" },
    { flag: "-x, --unix", text: "display only Unix domain sockets" },
    { flag: "-f, --family=FAMILY", text: "display sockets of type FAMILY" },
    { flag: "-A, --query=QUERY", text: "display sockets of these tables" },
    { flag: "-H, --no-header", text: "suppress header line" },
    { flag: "-O, --oneline", text: "socket's data printed on a single line" },
    { flag: "-V, --version", text: "output version information" },
  ],
  operands: ["text"],
  words: [
    ...["state", "exclude", "established", "connected", "listening", "closed", "all"],
    ...["src", "dst", "sport", "dport", "dev", "and", "or", "not", "autobound"],
  ],
  misuse: MISUSE,
  start: (process) => untilQuit(process, () => new Line(process).run()),
};

/** A command line of ss. */
class Line {
  private readonly process: Process;
  private readonly selection = new Selection();
  /** States that were asked for; 0: those of the tables. */
  private states = 0;
  private readonly letters = new Set<string>();
  private readonly operands: string[];

  constructor(process: Process) {
    const { given, operands, unknown } = getopt(process.argv.slice(1), LETTERS, LONGS);
    this.process = process;
    this.operands = [...operands];
    for (const each of given) this.take(each);
    const [fault] = unknown;
    if (fault !== undefined) this.misused(`ss: ${fault.sentence}\n`);
  }

  run(): Program | number {
    const { process, selection, letters } = this;
    if (letters.has("s")) {
      process.print(summaryText(process.machine));
      if (selection.isDefault && this.operands.length === 0) return 0;
    }
    this.readStates();
    if (selection.isDefault && this.states === 0) this.states = States.CONNECTED;
    selection.complete(this.states);
    if (selection.tables.size === 0) return this.nothing("socket tables");
    if (selection.families.size === 0) return this.nothing("families");
    if (selection.states === 0) return this.nothing("socket states");
    return new Listing(this.settings(), selection, this.filter()).run(process);
  }

  private nothing(what: string): number {
    this.process.error(`ss: no ${what} to show with such filter.\n`);
    return 0;
  }

  private misused(sentence: string): never {
    this.process.error(sentence + USAGE);
    throw new Quit("", MISUSE);
  }

  private refused(sentence: string, code = 1): never {
    this.process.error(sentence);
    throw new Quit("", code);
  }

  private take({ letter, value }: Given): void {
    const { selection } = this;
    if (NOT_MODELLED.includes(letter)) this.refused(`ss: -${letter} is not modelled\n`);
    this.letters.add(letter);
    switch (letter) {
      case "a":
        this.states = States.ALL;
        return;
      case "l":
        this.states = States.LISTENING;
        return;
      case "f":
        return this.family(value);
      case "A":
        return this.query(value);
      case "v":
      case "V":
        this.process.print("ss utility, iproute2-6.1.0\n");
        throw new Quit("", 0);
      case "h":
        this.process.print(USAGE);
        throw new Quit("", 0);
      case "z":
      case "Z":
        return this.refused("ss: SELinux is not enabled.\n");
      default:
        if (Object.hasOwn(TABLE_LETTERS, letter)) selection.addTable(TABLE_LETTERS[letter]!);
        if (Object.hasOwn(FAMILY_LETTERS, letter)) selection.addFamily(FAMILY_LETTERS[letter]!);
    }
  }

  private family(word: string): void {
    if (word === "help") {
      this.process.print(USAGE);
      throw new Quit("", 0);
    }
    if (!isFamily(word)) this.misused(`ss: "${word}" is invalid family\n`);
    if (word === "netlink") this.refused("ss: netlink sockets are not modelled\n");
    this.selection.addFamily(word);
  }

  private query(words: string): void {
    if (this.states === 0) this.states = States.CONNECTED;
    const wrong = this.selection.query(words);
    if (wrong !== null) this.misused(`ss: "${wrong}" is illegal socket table id\n`);
    if (words.split(",").includes("netlink")) this.refused("ss: netlink sockets are not modelled\n");
  }

  /** "state established", "exclude closed". */
  private readStates(): void {
    const { operands } = this;
    let isFirst = true;
    while (operands[0] === "state" || operands[0] === "exclude" || operands[0] === "excl") {
      const isState = operands.shift() === "state";
      const word = operands.shift();
      if (word === undefined) this.refused('Command line is not complete. Try option "help"\n', MISUSE);
      const states = statesOf(word);
      if (states === null) this.refused(`ss: wrong state name: ${word}\n`, MISUSE);
      if (isFirst) this.states = isState ? 0 : States.ALL;
      isFirst = false;
      this.states = isState ? this.states | states : this.states & ~states;
    }
  }

  private filter(): Filter | null {
    const hosts = new HostReader(this.process.machine, this.selection);
    try {
      return new FilterReader(this.operands, hosts).read();
    } catch (error) {
      if (error instanceof Unreadable) this.refused(error.message);
      if (!(error instanceof SyntaxFault)) throw error;
      return this.misused('ss: bison bellows (while parsing filter): "syntax error!" Sorry.\n');
    }
  }

  private settings(): SsSettings {
    const has = (letter: string): boolean => this.letters.has(letter);
    return {
      ...{ numeric: has("n"), resolve: has("r"), details: has("e"), memory: has("m"), info: has("i") },
      ...{ processes: has("p"), threads: has("T"), tos: has("tos"), cgroup: has("cgroup"), sockopt: has("sockopt") },
      ...{ oneline: has("O"), header: !has("H") },
    };
  }
}

const TABLE_LETTERS: Readonly<Record<string, "dccp" | "tcp" | "sctp" | "udp" | "raw" | "mptcp">> = {
  ...{ d: "dccp", t: "tcp", S: "sctp", u: "udp", w: "raw", M: "mptcp" },
} as const;
const FAMILY_LETTERS: Readonly<Record<string, "unix" | "vsock" | "tipc" | "inet" | "inet6" | "link" | "xdp">> = {
  ...{ x: "unix", vsock: "vsock", tipc: "tipc", "4": "inet", "6": "inet6", "0": "link", xdp: "xdp" },
} as const;
