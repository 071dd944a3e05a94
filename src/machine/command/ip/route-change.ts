/** `ip route add|change|replace|append|prepend|del`. Follows iproute_modify of iproute2 6.1's ip/iproute.c. */
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, type Ipv4 } from "../../../packet/address.ts";
import type { Refusal } from "../../../stack/errno.ts";
import {
  type InsertMode,
  type RouteMatch,
  RouteProtocol,
  RouteType,
  type RouteTypeCode,
  Scope,
  TableId,
} from "../../../stack/route-table.ts";
import { readProtocol, readRouteType, readScope, readTable } from "./names.ts";
import { type Family, type Prefix, readAddress, readPrefix } from "./prefix.ts";
import { familyOf, findDevice, type IpRun, netlinkAnswer } from "./run.ts";
import { abbreviates, abbreviatesAny, garbage, Misuse, notModelled, readUnsigned, wrong } from "./words.ts";

export type RouteVerb = InsertMode | "delete";

interface Request {
  family: Family;
  destination: Prefix | null;
  type: RouteTypeCode | null;
  via: Ipv4 | null;
  source: Ipv4 | null;
  metric: number | null;
  scope: number | null;
  protocol: number | null;
  table: number | null;
  dev: string | null;
  onlink: boolean;
}

export function changeRoute(run: IpRun, verb: RouteVerb, usage: string): number {
  const request: Request = {
    family: familyOf(run.options),
    destination: null,
    type: null,
    via: null,
    source: null,
    metric: null,
    scope: null,
    protocol: null,
    table: null,
    dev: null,
    onlink: false,
  };
  while (run.words.more) readWord(run, request, run.words.take(), usage);
  const { destination, dev } = request;
  if (destination === null) throw new Misuse(usage);
  const device = dev === null ? null : findDevice(run, dev);
  const refusal =
    verb === "delete" ? remove(run, request, destination, device) : add(run, request, destination, device, verb);
  return netlinkAnswer(run, refusal);
}

function readWord(run: IpRun, request: Request, word: string, usage: string): void {
  const { words } = run;
  if (word === "src") request.source = readNextAddress(request, words.take());
  else if (word === "via") {
    if (request.via !== null) throw wrong(word, "use nexthop syntax to specify multiple via\n");
    const text = words.take();
    request.via = readNextAddress(request, text === "inet" ? words.take() : text);
  } else if (abbreviatesAny(word, "metric", "priority") || word === "preference") {
    request.metric = number(words.take(), readUnsigned, '"metric" value is invalid\n');
  } else if (word === "scope") request.scope = number(words.take(), readScope, 'invalid "scope" value\n');
  else if (word === "onlink") request.onlink = true;
  else if (isBeyond(word)) throw notModelled(`route ${word}`);
  else if (abbreviates(word, "protocol"))
    request.protocol = number(words.take(), readProtocol, '"protocol" value is invalid\n');
  else if (abbreviates(word, "table")) request.table = number(words.take(), readTable, '"table" value is invalid\n');
  else if (word === "dev" || word === "oif") request.dev = words.take();
  else readDestination(run, request, words.behind("to", word), usage);
}

/** Path metrics, tunnels, several next hops, rules: what the routing table here has no place for. */
const isBeyond = (word: string): boolean =>
  /^(as|from|tos|expires|mtu|hoplimit|advmss|rtt|rto_min|nexthop|nhid|encap|ttl-propagate)$/.test(word) ||
  abbreviatesAny(
    word,
    "dsfield",
    "reordering",
    "window",
    "cwnd",
    "initcwnd",
    "initrwnd",
    "features",
    "quickack",
    "congctl",
  ) ||
  abbreviatesAny(word, "rttvar", "ssthresh", "realms", "vrf", "fastopen_no_cookie");

function readNextAddress(request: Request, text: string): Ipv4 {
  const address = readAddress(text, request.family);
  request.family = "inet";
  return address;
}

function number(text: string, read: (text: string) => number | null, reason: string): number {
  const value = read(text);
  if (value === null) throw wrong(text, reason);
  return value;
}

function readDestination(run: IpRun, request: Request, word: string, usage: string): void {
  const type = /^\d/.test(word) ? null : readRouteType(word);
  if (type === null && (word === "nat" || abbreviatesAny(word, "anycast", "xresolve", "throw"))) {
    throw notModelled(`route ${word} ${run.words.take()}`);
  }
  if (type !== null) request.type = type;
  const text = type === null ? word : run.words.take();
  if (abbreviates(text, "help")) throw new Misuse(usage);
  if (request.destination !== null) throw garbage("to", text);
  request.destination = readPrefix(text, request.family);
  if (!request.destination.isAny) request.family = "inet";
}

/** Our own addresses' types live in the local table. */
const tableOf = ({ table, type }: Request): number =>
  table ?? (type === RouteType.LOCAL || type === RouteType.BROADCAST ? TableId.LOCAL : TableId.MAIN);

function add(
  run: IpRun,
  request: Request,
  destination: Prefix,
  device: NetDevice | null,
  mode: InsertMode,
): Refusal | null {
  return run.machine.net.fib.add(
    {
      destination: destination.address,
      prefix: destination.prefix,
      table: tableOf(request),
      type: request.type ?? RouteType.UNICAST,
      device,
      via: request.via ?? ANY_IPV4,
      source: request.source ?? ANY_IPV4,
      metric: request.metric ?? 0,
      protocol: request.protocol ?? RouteProtocol.BOOT,
      onlink: request.onlink,
      ...(request.scope === null ? {} : { scope: request.scope }),
    },
    mode,
  );
}

/** What was not said fits everything; a scope only when said (iproute2 asks for RT_SCOPE_NOWHERE). */
function remove(run: IpRun, request: Request, destination: Prefix, device: NetDevice | null): Refusal | null {
  const { type, scope, protocol, source, via, metric } = request;
  const match: RouteMatch = {
    destination: destination.address,
    prefix: destination.prefix,
    ...(type === null ? {} : { type }),
    ...(scope === null || scope === Scope.NOWHERE ? {} : { scope }),
    ...(protocol === null ? {} : { protocol }),
    ...(source === null ? {} : { source }),
    ...(via === null ? {} : { via }),
    ...(metric === null ? {} : { metric }),
    ...(device === null ? {} : { device }),
  };
  return run.machine.net.fib.remove(match, tableOf(request));
}
