/** host(1) of BIND 9.18: its options. What it says stands in program/host.ts. Not modelled: TCP, transfers, -C, IPv6. */
import { parseIpv4 } from "../../packet/address.ts";
import * as dns from "../../packet/dns.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { resolverFile } from "../program/dns-exchange.ts";
import { Host, type HostSettings } from "../program/host.ts";
import { candidates } from "../program/name-first.ts";
import { addressOf } from "../program/resolve.ts";
import { readShortOptions } from "../short-options.ts";

const USAGE = `Usage: host [-aCdilrTvVw] [-c class] [-N ndots] [-t type] [-W time]
            [-R number] [-m flag] [-p port] hostname [server]
       -a is equivalent to -v -t ANY
       -A is like -a but omits RRSIG, NSEC, NSEC3
       -c specifies query class for non-IN data
       -C compares SOA records on authoritative nameservers
       -d is equivalent to -v
       -l lists all hosts in a domain, using AXFR
       -m set memory debugging flag (trace|record|usage)
       -N changes the number of dots allowed before root lookup is done
       -p specifies the port on the server to query
       -r disables recursive processing
       -R specifies number of retries for UDP packets
       -s a SERVFAIL response should stop query
       -t specifies the query type
       -T enables TCP/IP mode
       -U enables UDP mode
       -v enables verbose output
       -V print version number and exit
       -w specifies to wait forever for a reply
       -W specifies how long to wait for a reply
       -4 use IPv4 query transport only
       -6 use IPv6 query transport only
`;
/** As long as nobody interrupts it. */
const FOR_EVER = 1_000_000;

export const host: Command = {
  name: "host",
  summary: "DNS lookup utility.",
  usage: "host [-adrvVw] [-N ndots] [-t type] [-W time] [-R number] [-p port] hostname [server]",
  options: [
    { flag: "-a", text: "equivalent to -v -t ANY" },
    { flag: "-N <ndots>", text: "dots from which a name is tried as it is first" },
    { flag: "-p <port>", text: "port of the server" },
    { flag: "-r", text: "no recursion" },
    { flag: "-R <number>", text: "retries" },
    { flag: "-t <type>", text: "kind of record" },
    { flag: "-v", text: "verbose" },
    { flag: "-V", text: "print version number" },
    { flag: "-w", text: "wait for ever" },
    { flag: "-W <time>", text: "how long to wait for a reply" },
    { flag: "-4", text: "IPv4 only" },
  ],
  operands: ["text"],
  start(process) {
    const settings = read(process);
    return typeof settings === "number" ? settings : new Host(settings);
  },
};

/** The options, the last of each, and the operands; else the exit code. */
function readWords(process: Process) {
  const { given, operands, problem } = readShortOptions(process.argv.slice(1), "aACdilrsTUvVwc:m:N:p:R:t:W:46");
  if (problem !== null)
    return usage(process, `host: ${problem.replace("invalid option -- ", "illegal option -- ").replace(/'/g, "")}\n`);
  const unmodelled = given.find(({ letter }) => "ACilTcm6".includes(letter));
  if (unmodelled !== undefined) return process.fail(`-${unmodelled.letter} is not modelled`);
  const last = new Map(given.map(({ letter, value }) => [letter, value]));
  if (last.has("V")) {
    process.error("host 9.18.49-1~deb12u3-Debian\n");
    return 0;
  }
  return { last, operands };
}

function read(process: Process): HostSettings | number {
  const words = readWords(process);
  if (typeof words === "number") return words;
  const { last } = words;
  const [word, server] = words.operands;
  if (word === undefined) return usage(process, "");
  const typeWord = last.get("t");
  const type = typeWord === undefined ? null : dns.typeOfName(typeWord);
  if (typeWord !== undefined && type === null) return complain(process, `host: invalid type: ${typeWord}\n\n`, 2);
  const file = resolverFile(process.machine);
  const address = server === undefined ? null : (parseIpv4(server) ?? addressOf(process.machine, server)?.address);
  if (address === undefined) return complain(process, `host: couldn't get address for '${server}': not found\n`, 1);
  const number = (letter: string, otherwise: number): number =>
    /^\d+$/.test(last.get(letter) ?? "") ? Number(last.get(letter)) : otherwise;
  const port = number("p", dns.PORT);
  const reverse = parseIpv4(word);
  return {
    servers: address === null ? file.servers.map((each) => ({ ...each, port })) : [{ address, port }],
    serverWord: server ?? null,
    names: reverse === null ? candidates(word, file.search, number("N", file.ndots)) : [dns.reverseName(reverse)],
    word: reverse === null ? word : dns.reverseName(reverse),
    type: type ?? (last.has("a") ? dns.Type.ANY : reverse === null ? null : dns.Type.PTR),
    isVerbose: last.has("v") || last.has("d") || last.has("a"),
    recurses: !last.has("r"),
    timeout: last.has("w") ? FOR_EVER : Math.max(1, number("W", 5)),
    tries: number("R", 1) + 1,
  };
}

function complain(process: Process, text: string, code: number): number {
  process.error(text);
  return code;
}

const usage = (process: Process, before: string): number => complain(process, before + USAGE, 1);
