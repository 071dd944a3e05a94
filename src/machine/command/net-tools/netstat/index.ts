/**
 * netstat(8) of net-tools 2.10: routes, interfaces, counters and the sockets of UDP and of ping. Follows main of netstat.c
 * and af.c. Not modelled: -c, -g, Bluetooth, names of networks; of IPv6 there is nothing to show.
 */

import type { Command } from "../../../command.ts";
import { type Given, getopt } from "../../../getopt.ts";
import type { Process, Program } from "../../../process.ts";
import { Quit, untilQuit } from "../../../program/quit.ts";
import { allShown, longText, shortText } from "../ifconfig-print.ts";
import { type Missing, noSupport, Routes, Sockets } from "./listings.ts";
import type { SocketList, SocketSettings } from "./sockets.ts";
import { type Protocol, statisticsText } from "./statistics.ts";
import { USAGE, VERSION } from "./words.ts";

const LETTERS = "A:CFMacdeghilnNoprsStuUvVWw2fx64?Z";
/** Families have long options too; letters of their own stand for what has no short name. */
const LONGS: Readonly<Record<string, string>> = {
  ...{ version: "V", interfaces: "i", help: "h", route: "r", masquerade: "M", protocol: "A", tcp: "t", sctp: "S" },
  ...{ udp: "u", udplite: "U", raw: "w", unix: "x", l2cap: "2", rfcomm: "f", listening: "l", all: "a", timers: "o" },
  ...{ continuous: "c", extend: "e", programs: "p", verbose: "v", statistics: "s", wide: "W", numeric: "n" },
  ...{ "numeric-hosts": "hosts", "numeric-ports": "ports", "numeric-users": "users", symbolic: "N", cache: "C" },
  ...{ fib: "F", groups: "g", context: "Z", inet: "4", ip: "4", tcpip: "4", inet6: "6", ip6: "6" },
  ...{ ipx: "ipx", ax25: "ax25", netrom: "netrom", x25: "x25", rose: "rose" },
};
const FAMILIES: Readonly<Record<string, string>> = {
  ...{ inet: "inet", ip: "inet", tcpip: "inet", inet6: "inet6", ip6: "inet6", unix: "unix" },
  ...{ ipx: "ipx", ax25: "ax25", netrom: "netrom", x25: "x25", rose: "rose" },
};
/** Those that a kernel of today has nothing of, as -v tells about them. */
const GONE: readonly (readonly [family: string, name: string])[] = [
  ["ipx", "AF IPX"],
  ["ax25", "AF AX25"],
  ["x25", "AF X25"],
  ["netrom", "AF NETROM"],
  ["rose", "AF ROSE"],
];
const SCTP = "AF INET (sctp)";
/** Wider than that of ifconfig -s, whose lines these are. */
const INTERFACE_HEAD = "Iface             MTU    RX-OK RX-ERR RX-DRP RX-OVR    TX-OK TX-ERR TX-DRP TX-OVR Flg\n";
const NOT_MODELLED = "cg2f";
const MISUSE = 3;

export const netstat: Command = {
  name: "netstat",
  summary: "Show sockets, routes, interfaces and counters of the network stack.",
  usage: "netstat [-vWnNaeolp] [-tuwx] | -r [-en] | -i [-ae] | -s [-tuw]",
  options: [
    { flag: "-r, --route", text: "display routing table" },
    { flag: "-i, --interfaces", text: "display interface table" },
    { flag: "-s, --statistics", text: "display networking statistics (like SNMP)" },
    { flag: "-t, --tcp", text: "sockets of TCP" },
    { flag: "-u, --udp", text: "sockets of UDP" },
    { flag: "-w, --raw", text: "raw sockets" },
    { flag: "-x, --unix", text: "sockets of Unix domains" },
    { flag: "-a, --all", text: "display all sockets (default: connected)" },
    { flag: "-l, --listening", text: "display listening server sockets" },
    { flag: "-n, --numeric", text: "don't resolve names" },
    { flag: "--numeric-hosts", text: "don't resolve host names" },
    { flag: "--numeric-ports", text: "don't resolve port names" },
    { flag: "--numeric-users", text: "don't resolve user names" },
    { flag: "-e, --extend", text: "display other/more information" },
    { flag: "-p, --programs", text: "display PID/Program name for sockets" },
    { flag: "-o, --timers", text: "display timers" },
    { flag: "-v, --verbose", text: "be verbose" },
    { flag: "-W, --wide", text: "don't truncate IP addresses" },
    { flag: "-A, --protocol=AF", text: "family: inet, unix" },
    { flag: "-4, --inet", text: "-A inet" },
    { flag: "-6, --inet6", text: "-A inet6: nothing is there" },
    { flag: "-V, --version", text: "display version" },
  ],
  misuse: MISUSE,
  start: (process) => untilQuit(process, () => new Line(process).run()),
};

/** A command line of netstat. */
class Line {
  private readonly process: Process;
  private readonly counts = new Map<string, number>();
  private readonly families: string[] = [];

  constructor(process: Process) {
    this.process = process;
    const { given, unknown } = getopt(process.argv.slice(1), LETTERS, LONGS);
    for (const each of given) this.take(each);
    const [fault] = unknown;
    if (fault !== undefined) this.misused(`netstat: ${fault.sentence}\n`);
  }

  run(): Program | number {
    const modes = [..."irMs"].flatMap((letter) => new Array<string>(this.count(letter)).fill(letter));
    if (modes.length > 1) this.misused("");
    const [mode] = modes;
    if (mode === "M") this.refuse(noSupport("ip_masquerade"));
    if (mode === "s") return this.statistics();
    if (mode === "r") return this.routes();
    return mode === "i" ? this.interfaces() : this.sockets();
  }

  private count(letter: string): number {
    return this.counts.get(letter) ?? 0;
  }

  private has(...letters: string[]): boolean {
    return letters.some((letter) => this.count(letter) > 0);
  }

  private take({ letter, value }: Given): void {
    if (NOT_MODELLED.includes(letter)) this.refuse(`netstat: -${letter} is not modelled\n`);
    if (letter === "Z") this.refuse("SELinux is not enabled on this machine.\n");
    if (letter === "h" || letter === "V") {
      this.process.print(letter === "h" ? USAGE : VERSION);
      throw new Quit("", 0);
    }
    if (letter === "?") this.misused("");
    this.counts.set(letter, this.count(letter) + 1);
    const family = letter === "A" ? value : ({ "4": "inet", "6": "inet6", x: "unix" }[letter] ?? letter);
    if (letter === "A") for (const word of family.split(",")) this.family(word);
    else if (Object.hasOwn(FAMILIES, family)) this.families.push(FAMILIES[family]!);
  }

  private family(word: string): void {
    if (!Object.hasOwn(FAMILIES, word)) {
      this.refuse(`Unknown address family \`${word}'.\n`);
    }
    this.families.push(FAMILIES[word]!);
  }

  private misused(sentence: string): never {
    this.process.error(sentence + USAGE);
    throw new Quit("", MISUSE);
  }

  private refuse(sentence: string): never {
    this.process.error(sentence);
    throw new Quit("", 1);
  }

  /** -A inet and its like ask for every kind that the family has. */
  private get isInetOnly(): boolean {
    return (this.families.includes("inet") || this.families.includes("inet6")) && !this.has(..."tSuUw");
  }

  private statistics(): number {
    const family = this.families.join(",") || "inet";
    if (family === "inet6") {
      this.process.error("cannot open /proc/net/snmp6: No such file or directory\n");
      return 0;
    }
    if (family !== "inet") {
      this.process.print(`netstat: No statistics support for specified address family: ${family}\n`);
      return 1;
    }
    const named: Readonly<Record<string, Protocol>> = { w: "raw", t: "tcp", u: "udp" };
    const all = !this.has(..."tSuUw");
    const wanted = Object.keys(named).filter((letter) => all || this.has(letter));
    this.process.print(statisticsText(this.process.machine, new Set(wanted.map((letter) => named[letter]!))));
    return 0;
  }

  /** What route prints with -e comes here without, and the other way round. */
  private routes(): Program | number {
    if (this.families.length > 0 && this.families.some((family) => family !== "inet")) {
      this.process.error("/proc/net/ipv6_route: No such file or directory\n");
      this.process.print("INET6 (IPv6) not configured in this system.\n");
      return 1;
    }
    const extension = [1, 0, 2][Math.min(this.count("e"), 2)]!;
    const hasFib = this.has("F") || !this.has("C");
    const isNumeric = this.has("n", "hosts");
    return new Routes({ extension, isNumeric, hasFib, hasCache: this.has("C") }).run(this.process);
  }

  private interfaces(): number {
    const shown = allShown(this.process.machine).filter(({ device }) => device.up || this.has("a"));
    const text = this.has("e") ? shown.map(longText) : [INTERFACE_HEAD, ...shown.map(shortText)];
    this.process.print(`Kernel Interface table\n${text.join("")}`);
    return 0;
  }

  private sockets(): Program | number {
    const lists = this.lists();
    const isInet = !this.families.includes("inet6") || this.families.includes("inet");
    const settings: SocketSettings = {
      ...{ lists, inet: isInet, all: this.has("a"), listening: this.has("l"), wide: this.has("W") },
      ...{ numericPorts: this.has("n", "ports"), numericUsers: this.has("n", "users") },
      ...{ extended: this.has("e"), timers: this.has("o"), programs: this.has("p") },
    };
    return new Sockets(settings, this.has("n", "hosts"), this.missing(lists === null)).run(this.process);
  }

  /** Null: nothing was named, so that everything is meant. SCTP, of which a kernel knows nothing, ends the list. */
  private lists(): SocketSettings["lists"] {
    if (this.has("S")) return new Set(["other"]);
    const every = this.isInetOnly;
    const named = new Set<SocketList>();
    if (every || this.has("t")) named.add("tcp");
    if (every || this.has("u")) named.add("udp");
    if (every || this.has("w")) named.add("raw");
    if (every || this.has("U")) named.add("other");
    if (this.families.includes("unix")) named.add("unix");
    return named.size === 0 && !GONE.some(([family]) => this.families.includes(family)) ? null : named;
  }

  /** What a kernel of today has no list of. */
  private missing(isEverything: boolean): Missing {
    const gone = GONE.filter(([family]) => isEverything || this.families.includes(family)).map(([, name]) => name);
    if (!isEverything)
      return { names: this.has("S") ? [SCTP] : gone.slice(0, 1), isError: this.has("S") || gone.length > 0 };
    const sctp = this.has("a") ? [SCTP, SCTP] : [SCTP];
    return { names: this.has("v") ? [...sctp, ...gone] : [], isError: false };
  }
}
