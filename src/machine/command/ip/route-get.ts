/**
 * `ip route get`: the way of a packet of our own, or (with iif) of one that comes in. Follows iproute_get of iproute2 6.1's
 * ip/iproute.c and inet_rtm_getroute of Linux 6.1. Not modelled: TOS, ports, protocols, user ids, connected, notify.
 */
import { Fate, type FateCode } from "../../../base/fate.ts";
import type { NetDevice } from "../../../device/device.ts";
import { ANY_IPV4, formatIpv4, type Ipv4, isMulticast } from "../../../packet/address.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";
import { LOOPBACK_INDEX } from "../../../stack/fib.ts";
import type { Namespace } from "../../../stack/namespace.ts";
import { multicastFate, routeInput } from "../../../stack/route-input.ts";
import { type OutputRoute, routeOutput } from "../../../stack/route-output.ts";
import { type Route, RouteType, type RouteTypeCode, Scope, TableId } from "../../../stack/route-table.ts";
import { type Prefix, readPrefix } from "./prefix.ts";
import { HIDE_NOTHING, type Lookup, lookupJson, lookupText, routeJson, routeText } from "./route-print.ts";
import { familyOf, findDevice, type IpRun, netlinkAnswer, printJson } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled, readUnsigned, wrong } from "./words.ts";

interface Question {
  destination: Prefix | null;
  from: Prefix | null;
  iif: NetDevice | null;
  oif: NetDevice | null;
  mark: number;
  fibMatch: boolean;
}

export function getRoute(run: IpRun, usage: string): number {
  const question = readQuestion(run, usage);
  const { destination } = question;
  if (destination === null) throw new Misuse("need at least a destination address", 1);
  if (destination.prefix !== 32) {
    run.process.error(`Warning: /${destination.prefix} as prefix is invalid, only /32 (or none) is supported.\n`);
  }
  const target = destination.address;
  if (question.fibMatch) return matched(run, target, question);
  const lookup = question.iif === null ? ofOurs(run, target, question) : ofOthers(run, target, question, question.iif);
  if ("errno" in lookup) return netlinkAnswer(run, lookup);
  if (run.options.json) return printJson(run, [lookupJson(lookup, run.options)]);
  run.process.print(lookupText(lookup, run.options));
  return 0;
}

function readQuestion(run: IpRun, usage: string): Question {
  const { words, options } = run;
  const question: Question = { destination: null, from: null, iif: null, oif: null, mark: 0, fibMatch: false };
  while (words.more) {
    const word = words.take();
    if (abbreviates(word, "from")) question.from = readPrefix(words.take(), familyOf(options));
    else if (abbreviates(word, "iif")) question.iif = findDevice(run, words.take());
    else if (abbreviates(word, "mark")) question.mark = readMark(words.take());
    else if (abbreviates(word, "oif") || word === "dev") question.oif = findDevice(run, words.take());
    else if (abbreviates(word, "fibmatch")) question.fibMatch = true;
    else if (isBeyond(word)) throw notModelled(`route get ${word}`);
    else {
      const text = words.behind("to", word);
      if (abbreviates(text, "help")) throw new Misuse(usage);
      question.destination = readPrefix(text, familyOf(options));
    }
  }
  return question;
}

const isBeyond = (word: string): boolean =>
  /^(tos|as)$/.test(word) ||
  abbreviatesAny(word, "dsfield", "notify", "connected", "vrf", "uid", "sport", "dport", "ipproto");

function readMark(text: string): number {
  const mark = readUnsigned(text);
  if (mark === null) throw wrong(text, "fwmark value is invalid\n");
  return mark;
}

/** fibmatch: the route itself instead of the packet's way. */
function matched(run: IpRun, target: Ipv4, { from, iif, oif, mark }: Question): number {
  const { options, machine } = run;
  const source = from?.address ?? ANY_IPV4;
  const { fib } = machine.net;
  const route = fib.lookup(target, oif?.index ?? 0, Scope.UNIVERSE, source, iif?.index ?? LOOPBACK_INDEX, mark);
  if (route === null) return netlinkAnswer(run, refuse("ENETUNREACH"));
  if (options.json) return printJson(run, [routeJson(route, options, HIDE_NOTHING)]);
  run.process.print(routeText(route, options));
  return 0;
}

function ofOurs(run: IpRun, target: Ipv4, { from, oif, mark }: Question): Lookup | Refusal {
  const { net } = run.machine;
  const way = routeOutput(net, target, from?.address, oif, mark);
  if ("errno" in way) return way;
  const isRedirected = way.route !== null && net.pathMtus.gateway(way.destination, way.route) !== ANY_IPV4;
  return {
    ...way,
    table: tableOf(net, way.route),
    marks: [...groupMarks(net, way), ...(isRedirected ? ["redirected"] : [])],
    from: from === null ? null : formatIpv4(from.address),
    mark,
    iif: null,
    learned: learnedOf(net, way.destination),
  };
}

function groupMarks(net: Namespace, { type, destination }: OutputRoute): string[] {
  const isGroup = isMulticast(destination);
  const isOwn = type === RouteType.LOCAL || type === RouteType.BROADCAST || (isGroup && net.groups.has(destination));
  return [...(isOwn ? ["local"] : []), ...(isGroup ? ["mc"] : []), ...(type === RouteType.BROADCAST ? ["brd"] : [])];
}

/** While there are only the default rules, local and main are one structure that calls itself main. */
function tableOf(net: Namespace, route: Route | null): number {
  if (route === null) return 0;
  return route.table === TableId.LOCAL && net.fib.rules.isDefault ? TableId.MAIN : route.table;
}

function learnedOf(net: Namespace, destination: Ipv4): Lookup["learned"] {
  const known = net.pathMtus.find(destination);
  if (known === null) return null;
  return { mtu: known.mtu, locked: known.locked, seconds: Math.floor((known.expires - net.now) / 1e9) };
}

function ofOthers(run: IpRun, target: Ipv4, { from, mark }: Question, iif: NetDevice): Lookup | Refusal {
  const { net } = run.machine;
  const source = from?.address ?? ANY_IPV4;
  const said = { destination: target, from: from === null ? null : formatIpv4(source), source, mark, iif: iif.name };
  const lo = net.loopback;
  if (lo === null) return refuse("ENETUNREACH");
  if (isMulticast(target))
    return (
      toGroup(net, target, source, iif, mark) ?? {
        ...said,
        ...ending(lo, target, RouteType.MULTICAST, ["local", "mc"]),
      }
    );
  const { fate, type, route, isDetour } = routeInput(net, null, target, source, iif, mark);
  if (fate !== Fate.NONE) return refusalOf(fate);
  const table = tableOf(net, route);
  if (type === RouteType.LOCAL) return { ...said, ...ending(lo, target, type, ["local"]), table };
  if (type === RouteType.BROADCAST && (route === null || !net.settings.both(iif.index, "bc_forwarding")))
    return { ...said, ...ending(lo, target, type, ["local", "brd"]), table: broadcastTable(net, target) };
  if (type === RouteType.UNREACHABLE || route === null) return unreachable(net, route, iif);
  const nextHop = (net.pathMtus.gateway(target, route) || route.via || target) as Ipv4;
  const marks = isDetour ? ["redirect"] : [];
  return { ...said, type: route.type, device: route.device!, nextHop, table, marks, learned: null };
}

const ending = (device: NetDevice, target: Ipv4, type: RouteTypeCode, marks: string[]) => ({
  type,
  device,
  nextHop: target,
  table: TableId.MAIN as number,
  marks,
  learned: null,
});

const broadcastTable = (net: Namespace, target: Ipv4): number => tableOf(net, net.fib.lookup(target));

function toGroup(net: Namespace, target: Ipv4, source: Ipv4, iif: NetDevice, mark: number): Refusal | null {
  if (!net.groups.has(target)) return refuse("EINVAL");
  const fate = multicastFate(net, target, source, iif, mark);
  return fate === Fate.NONE ? null : refusalOf(fate);
}

const refusalOf = (fate: FateCode): Refusal => refuse(fate === Fate.REVERSE_PATH ? "EXDEV" : "EINVAL");

/** What ip_error would say. */
function unreachable(net: Namespace, route: Route | null, iif: NetDevice): Refusal {
  if (!net.settings.forwards(iif.index)) return refuse("EHOSTUNREACH");
  switch (route?.type) {
    case undefined:
      return refuse("ENETUNREACH");
    case RouteType.PROHIBIT:
      return refuse("EACCES");
    case RouteType.BLACKHOLE:
      return refuse("EINVAL");
    default:
      return refuse("EHOSTUNREACH");
  }
}
