/** `ip addr add|change|replace|del`. Follows ipaddr_modify of iproute2 6.1's ip/ipaddress.c. */
import type { NetDevice } from "../../../device/device.ts";
import { MAX_NAME } from "../../../device/device-table.ts";
import { ANY_IPV4, broadcastOf, type Cidr, type Ipv4, isLoopback, networkOf } from "../../../packet/address.ts";
import type { IfAddress } from "../../../stack/addresses.ts";
import { type Refusal, refuse } from "../../../stack/errno.ts";
import { Scope } from "../../../stack/route-table.ts";
import { readScope } from "./names.ts";
import { type Family, type Prefix, readAddress, readPrefix } from "./prefix.ts";
import { familyOf, findDevice, type IpRun, netlinkAnswer } from "./run.ts";
import { abbreviates, abbreviatesAny, duplicate, garbage, Misuse, notModelled, wrong } from "./words.ts";

export type AddressVerb = "add" | "change" | "replace" | "delete";

interface Request {
  family: Family;
  local: Prefix | null;
  /** As it was written. */
  text: string;
  /** "+" and "-": the last or first address of the subnet. */
  broadcast: Ipv4 | "+" | "-" | null;
  scope: number | null;
  dev: string | null;
  label: string | null;
}

export function changeAddress(run: IpRun, verb: AddressVerb, usage: string): number {
  const { words } = run;
  const request: Request = {
    family: familyOf(run.options),
    local: null,
    text: "",
    broadcast: null,
    scope: null,
    dev: null,
    label: null,
  };
  while (words.more) readWord(run, request, words.take(), usage);
  if (request.dev === null) throw new Misuse('Not enough information: "dev" argument is required.', 1);
  if (verb === "delete" && request.local?.hasLength === false) warnOfWildcard(run, request.text);
  const device = findDevice(run, request.dev);
  const { addresses } = run.machine.net;
  const known = addresses.of(device);
  const refusal =
    verb === "delete"
      ? removeOne(run, known, request)
      : request.local === null
        ? refuse("EOPNOTSUPP")
        : (replaced(known, request.local, verb) ?? add(run, device, request, request.local));
  return netlinkAnswer(run, refusal);
}

function readWord(run: IpRun, request: Request, word: string, usage: string): void {
  const { words } = run;
  if (word === "broadcast" || word === "brd" || abbreviates(word, "broadcast")) readBroadcast(request, words.take());
  else if (word === "scope") {
    const text = words.take();
    request.scope = readScope(text);
    if (request.scope === null) throw wrong(text, "invalid scope value.");
  } else if (word === "dev") request.dev = words.take();
  else if (word === "label") request.label = words.take();
  else if (isBeyond(word)) throw notModelled(`address ${word}`);
  else {
    const text = words.behind("local", word);
    if (abbreviates(text, "help")) throw new Misuse(usage);
    if (request.local !== null) throw garbage("local", text);
    request.local = readPrefix(text, request.family);
    request.family = "inet";
    request.text = text;
  }
}

const isBeyond = (word: string): boolean =>
  /^(peer|remote|anycast|nodad|home|mngtmpaddr|noprefixroute|autojoin|optimistic|secondary|temporary)$/.test(word) ||
  abbreviatesAny(word, "metric", "priority", "preference", "valid_lft", "preferred_lft");

function readBroadcast(request: Request, text: string): void {
  if (request.broadcast !== null) throw duplicate("broadcast", text);
  request.broadcast = text === "+" || text === "-" ? text : readAddress(text, request.family);
  request.family = "inet";
}

function warnOfWildcard(run: IpRun, text: string): void {
  run.process.error(
    `Warning: Executing wildcard deletion to stay compatible with old scripts.
         Explicitly specify the prefix length (${text}/32) to avoid this warning.
         This special behaviour is likely to disappear in further releases,
         fix your scripts!\n`,
  );
}

/** __inet_insert_ifa: 0.0.0.0 is taken without a word and forgotten. */
function add(run: IpRun, device: NetDevice, request: Request, local: Prefix): Refusal | null {
  if ((request.label?.length ?? 0) > MAX_NAME) return refuse("ERANGE", "Attribute failed policy validation");
  return local.address === ANY_IPV4 ? null : run.machine.net.addresses.add(device, asked(request, local));
}

/** inet_rtm_deladdr: what was not said fits everything. */
function removeOne(run: IpRun, known: readonly IfAddress[], request: Request): Refusal | null {
  const { local, label } = request;
  const found = known.find((each) => {
    if (local !== null && local.address !== each.address) return false;
    if (local?.hasLength === true && local.prefix !== each.prefix) return false;
    return label === null || label === each.label;
  });
  return found === undefined ? refuse("EADDRNOTAVAIL") : run.machine.net.addresses.remove(found.device, found);
}

/** `change` and `replace` touch only lifetimes and metrics, which nothing here has: an address that is there stays. */
function replaced(known: readonly IfAddress[], local: Prefix, verb: AddressVerb): Refusal | null {
  const isKnown = known.some((each) => each.address === local.address && each.prefix === local.prefix);
  if (verb === "add") return null;
  if (isKnown) throw notModelled(`${verb} of an address that is there`);
  return verb === "change" ? refuse("ENODEV") : null;
}

function asked({ broadcast, scope, label }: Request, local: Prefix) {
  return {
    address: local.address,
    prefix: local.prefix,
    broadcast: typeof broadcast === "string" ? edgeOf(local, broadcast) : broadcast,
    scope: scope ?? (isLoopback(local.address) ? Scope.HOST : Scope.UNIVERSE),
    ...(label === null ? {} : { label }),
  };
}

/** None where the subnet has no room for one (RFC 3021). */
function edgeOf({ address, prefix }: Cidr, edge: "+" | "-"): Ipv4 | null {
  if (prefix > 30) return null;
  return edge === "+" ? broadcastOf(address, prefix) : networkOf(address, prefix);
}
