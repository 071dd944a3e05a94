/** nc(1), OpenBSD's as Debian ships it, for UDP: the words. What it does stands in program/netcat.ts. */
import { ANY_IPV4, type Ipv4, parseIpv4 } from "../../packet/address.ts";
import type { Command } from "../command.ts";
import { type Options, readOptions } from "../options.ts";
import type { Process, Program } from "../process.ts";
import { Netcat, type NetcatSettings } from "../program/netcat.ts";
import { addressOf, failureOf } from "../program/resolve.ts";
import { serviceName, servicePort } from "./iptables/names.ts";

const MOST_SECONDS = 2_147_483;

export const nc: Command = {
  name: "nc",
  summary: "Send lines as UDP datagrams and print what comes; with -z only look whether a port refuses.",
  usage:
    "nc -u [-bnvz] [-p port] [-q seconds] [-s address] [-w seconds] host port[-port] | nc -u -l [-bknv] [-q seconds] [-w seconds] [-p] port",
  options: [
    { flag: "-u", text: "UDP mode; TCP is not modelled" },
    { flag: "-b", text: "allow broadcast" },
    { flag: "-k", text: "listen to everybody, not only to who spoke first" },
    { flag: "-l", text: "listen" },
    { flag: "-n", text: "no names of hosts and ports" },
    { flag: "-p <port>", text: "local port" },
    { flag: "-q <seconds>", text: "quit this long after the end of input" },
    { flag: "-s <address>", text: "local address" },
    { flag: "-v", text: "tell who is connected; tries the port first, with datagrams of one X" },
    { flag: "-w <seconds>", text: "quit after this long without traffic" },
    { flag: "-z", text: "send nothing of the input; only -v makes it try the port" },
  ],
  operands: ["machine", "text"],
  start(process) {
    const options = readOptions(process, nc);
    if (typeof options === "number") return options;
    try {
      return netcat(process, options);
    } catch (error) {
      if (error instanceof Wrong) return process.fail(error.message);
      throw error;
    }
  },
};

class Wrong extends Error {}

function netcat(process: Process, options: Options): Program | number {
  const times = { idle: seconds(options, "w", "timeout"), linger: seconds(options, "q", "quit timer") };
  if (options.has("l") && options.has("z")) throw new Wrong("cannot use -z and -l");
  if (!options.has("l") && options.has("k")) throw new Wrong("must use -l with -k");
  if (!options.has("u")) throw new Wrong("TCP is not modelled yet; use -u");
  const common = {
    ...times,
    localAddress: options.has("s") ? sourceAddress(process, options.value("s")!) : ANY_IPV4,
    broadcast: options.has("b"),
    verbose: options.has("v"),
    numeric: options.has("n"),
  };
  return options.has("l") ? listen(options, common) : talk(process, options, common);
}

type Common = Omit<NetcatSettings, "peer" | "localPort" | "keep" | "zero">;

function listen(options: Options, common: Common): Program {
  const word = options.value("p") ?? options.operands.at(-1);
  if (word === undefined) throw new Wrong("missing port number");
  const [localPort] = portOf(word, common.numeric);
  return new Netcat({ ...common, peer: null, localPort, keep: options.has("k"), zero: false });
}

function talk(process: Process, options: Options, common: Common): Program | number {
  const [host, portWord, more] = options.operands;
  if (host === undefined || more !== undefined) {
    process.error(`usage: ${nc.usage}\n`);
    return 1;
  }
  if (portWord === undefined) throw new Wrong("missing port number");
  const [first, last] = portOf(portWord, common.numeric);
  if (first !== last && !options.has("z")) throw new Wrong("a range of ports is modelled with -z only");
  const address = parseIpv4(host) ?? addressOf(process.machine, host)?.address ?? null;
  if (address === null) {
    throw new Wrong(`getaddrinfo for host "${host}" port ${portWord}: ${failureOf(process.machine, host)}`);
  }
  const local = options.value("p");
  const [localPort] = local === null ? [0] : portOf(local, common.numeric);
  const names = new Map<number, string>();
  for (let port = first; port <= last && !common.numeric; port++) {
    const name = serviceName(port, "udp");
    if (name !== null) names.set(port, name);
  }
  const peer = { host, address, first, last, names };
  return new Netcat({ ...common, peer, localPort, keep: false, zero: options.has("z") });
}

function seconds(options: Options, letter: string, what: string): number | null {
  const word = options.value(letter);
  if (word === null) return null;
  if (!/^\s*[+-]?\d+$/.test(word)) throw new Wrong(`${what} invalid: ${word}`);
  const value = Number(word);
  if (value > MOST_SECONDS) throw new Wrong(`${what} too large: ${word}`);
  // A quit timer below nothing: never.
  if (value < 0 && letter === "q") return null;
  if (value < 0) throw new Wrong(`${what} too small: ${word}`);
  return value;
}

function sourceAddress(process: Process, word: string): Ipv4 {
  const address = parseIpv4(word) ?? addressOf(process.machine, word)?.address;
  if (address === undefined) throw new Wrong(`getaddrinfo: ${failureOf(process.machine, word)}`);
  return address;
}

/** One port, or a range in either order. */
function portOf(word: string, numeric: boolean): readonly [number, number] {
  const named = numeric ? null : servicePort(word, "udp");
  if (named !== null) return [named, named];
  const [low, high] = /^\d+-\d+$/.test(word) ? word.split("-") : [word, word];
  const [first, last] = [onePort(low!), onePort(high!)].sort((one, other) => one - other) as [number, number];
  return [first, last];
}

function onePort(word: string): number {
  if (!/^\d+$/.test(word)) throw new Wrong(`port number invalid: ${word}`);
  const port = Number(word);
  if (port < 1) throw new Wrong(`port number too small: ${word}`);
  if (port > 65_535) throw new Wrong(`port number too large: ${word}`);
  return port;
}
