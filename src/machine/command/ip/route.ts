/** `ip route`. Follows iproute2 6.1's ip/iproute.c. Not modelled: save, restore. `get` is in route-get.ts. */
import type { NetDevice } from "../../../device/device.ts";
import { type Ipv4, networkOf } from "../../../packet/address.ts";
import { type Route, type RouteTypeCode, TableId } from "../../../stack/route-table.ts";
import { roundsText } from "./flush.ts";
import { readProtocol, readRouteType, readScope, readTable } from "./names.ts";
import { type Prefix, readPrefix } from "./prefix.ts";
import { changeRoute } from "./route-change.ts";
import { getRoute } from "./route-get.ts";
import { routeJson, routeText } from "./route-print.ts";
import { familyOf, findDevice, type IpRun, printJson } from "./run.ts";
import { abbreviates, abbreviatesAny, Misuse, notModelled, readUnsigned, wrong } from "./words.ts";

const USAGE = `Usage: ip route { show | flush } SELECTOR
       ip route get ADDRESS [ from ADDRESS ] [ iif DEVICE ] [ oif DEVICE ] [ mark MARK ] [ fibmatch ]
       ip route { add | del | change | append | prepend | replace } ROUTE
SELECTOR := [ root PREFIX ] [ match PREFIX ] [ exact PREFIX ] [ table TABLE_ID ]
            [ dev DEVICE ] [ via ADDRESS ] [ src ADDRESS ] [ proto RTPROTO ]
            [ scope SCOPE ] [ type TYPE ] [ metric METRIC ]
ROUTE := [ TYPE ] PREFIX [ via ADDRESS ] [ dev DEVICE ] [ src ADDRESS ] [ metric METRIC ]
         [ table TABLE_ID ] [ proto RTPROTO ] [ scope SCOPE ] [ onlink ]
TYPE := { unicast | local | broadcast | multicast | unreachable | prohibit | blackhole | throw }
TABLE_ID := [ local | main | default | all | NUMBER ]
SCOPE := [ host | link | global | NUMBER ]
RTPROTO := [ kernel | boot | static | NUMBER ]`;

export function ipRoute(run: IpRun): number {
  if (!run.words.more) return show(run);
  const verb = run.words.take();
  if (abbreviates(verb, "add")) return changeRoute(run, "add", USAGE);
  if (abbreviates(verb, "change") || verb === "chg") return changeRoute(run, "change", USAGE);
  if (abbreviates(verb, "replace")) return changeRoute(run, "replace", USAGE);
  if (abbreviates(verb, "prepend")) return changeRoute(run, "prepend", USAGE);
  if (abbreviates(verb, "append")) return changeRoute(run, "append", USAGE);
  if (abbreviates(verb, "test")) throw notModelled("route test");
  if (abbreviates(verb, "delete")) return changeRoute(run, "delete", USAGE);
  if (abbreviatesAny(verb, "list", "show", "lst")) return show(run);
  if (abbreviates(verb, "get")) return getRoute(run, USAGE);
  if (abbreviates(verb, "flush")) return flush(run);
  if (abbreviatesAny(verb, "save", "restore", "showdump")) throw notModelled(`route ${verb}`);
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  throw new Misuse(`Command "${verb}" is unknown, try "ip route help".`);
}

interface Selection {
  /** 0: all tables. */
  table: number;
  device: NetDevice | null;
  protocol: number | null;
  scope: number | null;
  type: RouteTypeCode | null;
  metric: number | null;
  via: Prefix | null;
  source: Prefix | null;
  /** At least as long as this and inside of it. */
  root: Prefix | null;
  /** At most as long as this and around it. */
  match: Prefix | null;
}

function readSelection(run: IpRun): Selection {
  const selection: Selection = {
    table: TableId.MAIN,
    device: null,
    protocol: null,
    scope: null,
    type: null,
    metric: null,
    via: null,
    source: null,
    root: null,
    match: null,
  };
  while (run.words.more) readSelector(run, selection, run.words.take());
  return selection;
}

function readSelector(run: IpRun, selection: Selection, word: string): void {
  const { words, options } = run;
  const family = familyOf(options);
  if (abbreviates(word, "table")) selection.table = readWantedTable(words.take());
  else if (
    abbreviatesAny(word, "vrf", "cached", "cloned", "dsfield", "realms", "from") ||
    /^(tos|iif|mark)$/.test(word)
  ) {
    throw notModelled(`selecting by "${word}"`);
  } else if (abbreviates(word, "protocol"))
    selection.protocol = read(words.take(), readProtocol, 'invalid "protocol"\n');
  else if (abbreviates(word, "scope")) selection.scope = read(words.take(), readScope, 'invalid "scope"\n');
  else if (abbreviates(word, "type"))
    selection.type = read(words.take(), readRouteType, "node type value is invalid\n");
  else if (word === "dev" || word === "oif") selection.device = findDevice(run, words.take());
  else if (abbreviatesAny(word, "metric", "priority") || word === "preference") {
    selection.metric = read(words.take(), readUnsigned, '"metric" value is invalid\n');
  } else if (word === "via") selection.via = readPrefix(words.take(), family);
  else if (word === "src") selection.source = readPrefix(words.take(), family);
  else readDestination(run, selection, abbreviates(word, "to") ? words.take() : word);
}

function readDestination(run: IpRun, selection: Selection, word: string): void {
  const family = familyOf(run.options);
  if (abbreviates(word, "root")) selection.root = readPrefix(run.words.take(), family);
  else if (abbreviates(word, "match")) selection.match = readPrefix(run.words.take(), family);
  else {
    selection.match = readPrefix(abbreviates(word, "exact") ? run.words.take() : word, family);
    selection.root = selection.match;
  }
}

function readWantedTable(text: string): number {
  if (text === "all") return 0;
  if (text === "help") throw new Misuse(USAGE);
  if (text === "cache") throw notModelled('selecting by "table cache"');
  return read(text, readTable, "table id value is invalid\n") as number;
}

/** "all" is nothing to select by. */
function read<Value extends number>(text: string, parse: (text: string) => Value | null, reason: string): Value | null {
  const value = parse(text);
  if (value === null && text !== "all") throw wrong(text, reason);
  return value;
}

const isInside = (prefix: Prefix, address: Ipv4): boolean =>
  networkOf(address, prefix.prefix) === networkOf(prefix.address, prefix.prefix);

/** filter_nlmsg */
function selects(selection: Selection, route: Route): boolean {
  const { device, protocol, scope, type, metric, via, source, root, match } = selection;
  if (device !== null && route.device !== device) return false;
  if (protocol !== null && route.protocol !== protocol) return false;
  if (scope !== null && route.scope !== scope) return false;
  if (type !== null && route.type !== type) return false;
  if (metric !== null && route.metric !== metric) return false;
  if (via !== null && !isInside(via, route.via)) return false;
  if (source !== null && !isInside(source, route.source)) return false;
  if (root !== null && (route.prefix < root.prefix || !isInside(root, route.destination))) return false;
  if (match === null) return true;
  return route.prefix <= match.prefix && networkOf(match.address, route.prefix) === route.destination;
}

/** The routes that are wanted, table by table; null when the table is not there. */
function selected(run: IpRun, selection: Selection): Route[] | null {
  const { fib } = run.machine.net;
  if (selection.table !== 0 && fib.table(selection.table) === null) return null;
  // The kernel goes through its 256 buckets of tables.
  const ids =
    selection.table === 0 ? fib.tableIds.toSorted((a, b) => (a & 255) - (b & 255) || a - b) : [selection.table];
  return ids.flatMap((id) => fib.table(id)?.list() ?? []).filter((route) => selects(selection, route));
}

function show(run: IpRun): number {
  const { options, process } = run;
  const selection = readSelection(run);
  const routes = selected(run, selection);
  if (routes === null) {
    process.error("Error: ipv4: FIB table does not exist.\nDump terminated\n");
    return 2;
  }
  const { device, protocol, scope, source, via, metric, table } = selection;
  const isHost = (prefix: Prefix | null): boolean => prefix !== null && prefix.prefix === 32;
  const hide = {
    device: device !== null,
    table: table !== 0,
    protocol: protocol !== null,
    scope: scope !== null,
    source: isHost(source),
    via: isHost(via),
    metric: metric !== null,
  };
  if (options.json)
    return printJson(
      run,
      routes.map((route) => routeJson(route, options, hide)),
    );
  process.print(routes.map((route) => routeText(route, options, hide)).join(""));
  return 0;
}

function flush(run: IpRun): number {
  if (!run.words.more) throw new Misuse('"ip route flush" requires arguments.', 1);
  if (run.words.peek === "cache") return flushCache(run);
  const { fib } = run.machine.net;
  const routes = selected(run, readSelection(run)) ?? [];
  for (const route of routes) fib.remove(route, route.table);
  if (run.options.statistics > 0) run.process.print(roundsText(routes.length, "entries"));
  return 0;
}

function flushCache(run: IpRun): number {
  run.machine.net.pathMtus.flush();
  if (run.options.statistics > 0) run.process.print("*** IPv4 routing cache is flushed.\n");
  return 0;
}
