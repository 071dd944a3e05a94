/**
 * ip(8) of iproute2 6.1: devices, addresses, routes, policy rules, neighbours and a monitor of them. Follows ip/ip.c.
 * Not modelled: IPv6 and the objects that are named below, batches, other namespaces, colours, host names.
 */
import type { Command } from "../../command.ts";
import type { Process, Program } from "../../process.ts";
import { ipAddress } from "./addr.ts";
import { ipLink } from "./link.ts";
import { ipMonitor } from "./monitor.ts";
import { ipNeighbour } from "./neigh.ts";
import { ipRoute } from "./route.ts";
import { ipRule } from "./rule.ts";
import { type IpOptions, type IpRun, PLAIN_OPTIONS } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled, Words, wrong } from "./words.ts";

const USAGE = `Usage: ip [ OPTIONS ] OBJECT { COMMAND | help }
where  OBJECT := { address | link | monitor | neighbour | route | rule }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -j[son] | -p[retty] |
                    -f[amily] { inet | link } | -4 | -0 | -br[ief] | -o[neline] |
                    -t[imestamp] | -ts[hort] }`;

const OBJECTS: readonly (readonly [name: string, start: (run: IpRun) => Program | number])[] = [
  ["address", ipAddress],
  ["route", ipRoute],
  ["rule", ipRule],
  ["neighbor", ipNeighbour],
  ["neighbour", ipNeighbour],
  ["link", ipLink],
  ["monitor", ipMonitor],
];

/** In the order of ip's own table, in which the first that fits an abbreviation wins. */
const ORDER =
  "address addrlabel maddress route rule neighbor neighbour ntable ntbl link l2tp fou ila macsec tunnel tunl tuntap tap token tcpmetrics tcp_metrics monitor xfrm mroute mrule netns netconf vrf sr nexthop mptcp ioam help stats".split(
    " ",
  );

export const ip: Command = {
  name: "ip",
  summary: "Show and change devices, addresses, routes and neighbours.",
  usage: "ip [ OPTIONS ] OBJECT { COMMAND | help }",
  options: [
    { flag: "-s", text: "print counters; twice: more of them" },
    { flag: "-d", text: "print details" },
    { flag: "-br", text: "print one short line each" },
    { flag: "-o", text: "print one line each" },
    { flag: "-j", text: "print JSON" },
    { flag: "-p", text: "indent JSON" },
    { flag: "-4", text: "only IPv4" },
    { flag: "-t", text: "print times in monitor" },
    { flag: "-V", text: "print the version" },
  ],
  words: [
    "address",
    "link",
    "monitor",
    "neighbour",
    "route",
    "rule",
    "show",
    "add",
    "del",
    "set",
    "flush",
    "get",
    "dev",
    "up",
    "down",
  ],
  operands: ["text", "interface"],
  misuse: 255,
  start(process) {
    try {
      return begin(process);
    } catch (problem) {
      if (!(problem instanceof Misuse)) throw problem;
      if (problem.message !== "") process.error(`${problem.message}\n`);
      return problem.code;
    }
  },
};

function begin(process: Process): Program | number {
  const options: IpOptions = { ...PLAIN_OPTIONS };
  const words = new Words(process.argv.slice(1));
  while (words.peek.startsWith("-") && words.more) {
    const word = words.take();
    if (word === "--") break;
    if (isVersion(word)) {
      process.print("ip utility, iproute2-6.1.0, libbpf 1.1.2\n");
      return 0;
    }
    readOption(options, word, words);
  }
  if (!words.more) throw new Misuse(USAGE);
  return chosen(words.take())({ process, machine: process.machine, options, words });
}

const dashless = (word: string): string => word.replace(/^--?/, "");
const isVersion = (word: string): boolean => abbreviates(dashless(word), "Version");

/** The first that fits wins: "-s" is -statistics, "-t" -timestamp. */
function readOption(options: IpOptions, word: string, words: Words): void {
  const name = dashless(word);
  if (abbreviates(name, "family")) {
    if (!words.more) throw new Misuse(USAGE);
    setFamily(options, words.take());
  } else if (name === "4") options.family = "inet";
  else if (name === "0") options.family = "link";
  else if (name === "6") throw notModelled("IPv6");
  else if (abbreviatesAny(name, "stats", "statistics")) options.statistics++;
  else if (abbreviates(name, "details")) options.details = true;
  else if (abbreviates(name, "oneline")) options.oneLine = true;
  else if (abbreviates(name, "timestamp")) options.timestamps = "long";
  else if (abbreviates(name, "tshort")) options.timestamps = "short";
  else if (name !== "b" && abbreviates(name, "brief")) options.brief = true;
  else if (abbreviates(name, "json")) options.json = true;
  else if (abbreviates(name, "pretty")) options.pretty = true;
  else if (/^c(olor?)?=(auto|never)$/.test(name)) return;
  else if (isBeyond(name)) throw notModelled(`option "${word}"`);
  else if (abbreviates(name, "help")) throw new Misuse(USAGE);
  else throw new Misuse(`Option "${word.replace(/^--/, "-")}" is unknown, try "ip -help".`);
}

const isBeyond = (name: string): boolean =>
  /^(M|B|echo|c(olor?)?(=.*)?)$/.test(name) ||
  abbreviatesAny(
    name,
    "loops",
    "human-readable",
    "iec",
    "resolve",
    "force",
    "batch",
    "rcvbuf",
    "netns",
    "Numeric",
    "all",
  );

function setFamily(options: IpOptions, name: string): void {
  if (name === "inet" || name === "link") options.family = name;
  else if (name === "help") throw new Misuse(USAGE);
  else if (/^(inet6|mpls|bridge)$/.test(name)) throw notModelled(`family ${name}`);
  else throw wrong(name, "invalid protocol family");
}

function chosen(word: string): (run: IpRun) => Program | number {
  const name = ORDER.find((each) => abbreviates(word, each));
  if (name === undefined) throw new Misuse(`Object "${word}" is unknown, try "ip help".`, 1);
  if (name === "help") throw new Misuse(USAGE);
  const object = OBJECTS.find(([each]) => each === name);
  if (object === undefined) throw notModelled(`object "${name}"`);
  return object[1];
}
