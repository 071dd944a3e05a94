/** route(8) of net-tools 2.10: the main table by ioctl. Follows route.c, lib/inet_gr.c, lib/inet_sr.c and fib_route_seq_show. */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, type Ipv4, networkOf } from "../../../packet/address.ts";
import { ERRNO_TEXT, type Refusal, refuse } from "../../../stack/errno.ts";
import { RouteType, Scope } from "../../../stack/route-table.ts";
import type { Command } from "../../command.ts";
import type { Process } from "../../process.ts";
import { type HostNames, NamedListing } from "../../program/named-listing.ts";
import { prefixOfMask } from "../ip/prefix.ts";
import { maskOfLength, readHost } from "./host.ts";
import { deviceOfLabel } from "./ioctl.ts";
import { routeHosts, routesText } from "./route-print.ts";

const USAGE = `Usage: route [-nee] [-F] [-4]                List kernel routing tables
       route {add|del} [-net|-host] Target[/prefix] [gw Gw] [metric M]
                       [netmask N] [reject] [[dev] If]

        -n, --numeric            don't resolve names
        -e, --extend             display other/more information
        -F, --fib                display Forwarding Information Base (default)
`;
const MISUSE = 3;
const LOOKUP = 6;
const SOCKET = 7;

export const route: Command = {
  name: "route",
  summary: "Show and change the IP routing table.",
  usage: "route [-nee] | route {add|del} [-net|-host] Target [gw Gw] [dev If]",
  options: [
    { flag: "-n", text: "don't resolve names" },
    { flag: "-e", text: "show other columns; twice: all of them" },
  ],
  operands: ["text", "interface"],
  words: ["add", "del", "default", "-net", "-host", "gw", "netmask", "metric", "reject", "dev"],
  misuse: MISUSE,
  start(process) {
    const words = process.argv.slice(1);
    let extension = 0;
    let isNumeric = false;
    while (words[0] !== undefined && /^-/.test(words[0]) && !/^-(net|host)$/.test(words[0])) {
      const option = words.shift()!;
      if (/^-[nveF4N]+$/.test(option)) extension += option.split("e").length - 1;
      else if (option === "--extend") extension++;
      else if (!["--numeric", "--fib", "--inet"].includes(option)) return misused(process);
      isNumeric ||= option === "--numeric" || /^-\w*n/.test(option);
    }
    if (words.length === 0) return new Table(extension, isNumeric).run(process);
    const verb = words.shift()!;
    if (verb === "add") return change(process, words, "add");
    if (verb === "del" || verb === "delete") return change(process, words, "del");
    return misused(process);
  },
};

function misused(process: Process): number {
  process.error(USAGE);
  return MISUSE;
}

class Table extends NamedListing {
  private readonly extension: number;
  private readonly isNumeric: boolean;

  constructor(extension: number, isNumeric: boolean) {
    super();
    this.extension = Math.min(extension, 2);
    this.isNumeric = isNumeric;
  }

  protected addresses({ machine }: Process): readonly Ipv4[] | null {
    return this.isNumeric ? null : routeHosts(machine);
  }

  protected print(process: Process, names: HostNames): number {
    process.print(routesText(process.machine, this.extension, names));
    return 0;
  }
}

interface Request {
  destination: Ipv4;
  isHost: boolean;
  mask: Ipv4 | null;
  via: Ipv4 | null;
  metric: number;
  reject: boolean;
  dev: string | null;
}

/** Reads the words behind add or del; a number is the exit code of a wrong line. */
function change(process: Process, words: string[], verb: "add" | "del"): number {
  if (words.length === 0) {
    process.print(USAGE);
    return 0;
  }
  const request = readTarget(process, words);
  if (typeof request === "number") return request;
  while (words.length > 0) {
    const wrong = readWord(process, request, words);
    if (wrong !== null) return wrong;
  }
  if (
    request.mask !== null &&
    networkOf(request.destination, prefixOfMask(request.mask) ?? 0) !== request.destination
  ) {
    process.error("route: netmask doesn't match route address\n");
    return misused(process);
  }
  const refusal = verb === "add" ? add(process, request) : remove(process, request);
  if (refusal === null) return 0;
  process.error(`${verb === "add" ? "SIOCADDRT" : "SIOCDELRT"}: ${ERRNO_TEXT[refusal.errno]}\n`);
  return SOCKET;
}

function readTarget(process: Process, words: string[]): Request | number {
  const kind = words[0] === "-net" || words[0] === "-host" ? words.shift()! : null;
  const target = words.shift();
  if (target === undefined) return misused(process);
  const [text = "", length] = target.split("/");
  const mask = length === undefined ? null : maskOfLength(length);
  if (length !== undefined && mask === null) return misused(process);
  const destination = readHost(text);
  if (destination === null) return unknown(process, text);
  const isNet = text === "default" || mask !== null;
  const isHost = kind === null ? !isNet : kind === "-host";
  return { destination, isHost, mask, via: null, metric: 0, reject: false, dev: null };
}

function unknown(process: Process, text: string): number {
  process.error(`${text}: Unknown host\n`);
  return LOOKUP;
}

function readWord(process: Process, request: Request, words: string[]): number | null {
  const word = words.shift()!;
  if (word === "reject") request.reject = true;
  else if (/^(mss|mtu|window|irtt|mod|dyn|reinstate)$/.test(word)) return process.fail(`${word}: not modelled`);
  else if (/^(metric|netmask|gw|gateway|dev|device)$/.test(word))
    return readValue(process, request, word, words.shift());
  else if (request.dev !== null || words.length > 0) return misused(process);
  else request.dev = word;
  return null;
}

function readValue(process: Process, request: Request, word: string, value: string | undefined): number | null {
  if (value === undefined) return misused(process);
  if (word === "dev" || word === "device") request.dev = value;
  else if (word === "metric") {
    if (!/^\d+$/.test(value)) return misused(process);
    request.metric = Number(value);
  } else {
    const address = readHost(value);
    if (address === null) return unknown(process, value);
    if (word === "netmask") {
      if (request.mask !== null || prefixOfMask(address) === null) return misused(process);
      request.mask = address;
      request.isHost = false;
    } else request.via = address;
  }
  return null;
}

/** rtentry_to_fib_config: a network without a mask is not accepted, but for the default route. */
function prefixOf({ destination, isHost, mask }: Request): number | null {
  if (isHost) return 32;
  if (mask !== null) return prefixOfMask(mask);
  return destination === ANY_IPV4 ? 0 : null;
}

function add(process: Process, request: Request): Refusal | null {
  const { machine } = process;
  const prefix = prefixOf(request);
  const device = deviceFor(process, request);
  if (prefix === null) return refuse("EINVAL");
  if (device === "missing") return refuse("ENODEV");
  const { destination, via, metric, reject } = request;
  if (reject)
    return machine.net.fib.add({ destination, prefix, type: RouteType.UNREACHABLE, scope: Scope.HOST, metric });
  return machine.net.fib.add({ destination, prefix, via: via ?? ANY_IPV4, device, metric });
}

const deviceFor = (process: Process, { dev }: Request): NetDevice | null | "missing" =>
  dev === null ? null : (deviceOfLabel(process.machine, dev) ?? "missing");

function remove(process: Process, request: Request): Refusal | null {
  const device = deviceFor(process, request);
  if (device === "missing") return refuse("ENODEV");
  const { destination, via, metric, isHost } = request;
  const match = {
    destination,
    prefix: prefixOf(request) ?? (isHost ? 32 : 0),
    ...(via === null ? {} : { via }),
    ...(metric === 0 ? {} : { metric }),
    ...(device === null ? {} : { device }),
  };
  return process.machine.net.fib.remove(match);
}
