/** What each option of dnsmasq means, once its value is there (option.c, one_opt). */
import { fromText } from "../../../base/bytes.ts";
import { parseIpv4 } from "../../../packet/address.ts";
import { isName, PORT, Type } from "../../../packet/dns.ts";
import { parseHost, parseOption, parseRange } from "./dhcp-words.ts";
import { WITHOUT_EFFECT } from "./option-names.ts";
import type { Settings } from "./settings.ts";

/** Null, or the sentence; "" is the one that fits all. */
type Applied = string | null;

/** Flags that are modelled; those without any effect here are in WITHOUT_EFFECT. */
const FLAGS: ReadonlySet<string> = new Set([
  ...["no-hosts", "no-daemon", "bogus-priv", "strict-order", "no-resolv", "expand-hosts", "no-negcache", "test"],
  ...["domain-needed", "bind-interfaces", "bind-dynamic", "keep-in-foreground", "dhcp-authoritative", "no-ping"],
  ...["leasefile-ro", "log-dhcp", "log-queries", "all-servers", "dhcp-fqdn", "quiet-dhcp", "dhcp-sequential-ip"],
  ...["dhcp-ignore-clid", "dhcp-rapid-commit", "filterwin2k", "version"],
]);

/** Sets what an option says. `value` is null when none was given. */
export function applyOption(settings: Settings, name: string, value: string | null): Applied {
  if (WITHOUT_EFFECT.has(name)) return null;
  if (FLAGS.has(name)) {
    settings.flags.add(name);
    return null;
  }
  const setter = SETTERS[name];
  return setter === undefined ? `the option ${name} is not modelled` : setter(settings, value ?? "");
}

const words = (text: string): string[] => text.split(",").map((word) => word.trim());

function eachWord(list: string[], text: string): null {
  list.push(...words(text).filter((word) => word !== ""));
  return null;
}

function number(text: string, most: number, set: (value: number) => void): Applied {
  if (!/^\d+$/.test(text) || Number(text) > most) return "";
  set(Number(text));
  return null;
}

/** INT_MAX */
const MOST = 2_147_483_647;

const SETTERS: Readonly<Record<string, (settings: Settings, value: string) => Applied>> = {
  interface: (s, text) => eachWord(s.interfaces, text),
  "except-interface": (s, text) => eachWord(s.exceptInterfaces, text),
  "no-dhcp-interface": (s, text) => eachWord(s.noDhcpInterfaces, text),
  "no-dhcpv4-interface": (s, text) => eachWord(s.noDhcpInterfaces, text),
  "listen-address": (s, text) => {
    const addresses = words(text).filter((word) => !word.includes(":"));
    for (const word of addresses) {
      const address = parseIpv4(word);
      if (address === null) return "";
      s.listenAddresses.push(address);
    }
    return null;
  },
  port: (s, text) => number(text, 65_535, (value) => (s.port = value)),
  "cache-size": (s, text) => number(text, MOST, (value) => (s.cacheSize = value)),
  "local-ttl": (s, text) => number(text, MOST, (value) => (s.localTtl = value)),
  "neg-ttl": (s, text) => number(text, MOST, (value) => (s.negativeTtl = value)),
  "max-ttl": (s, text) => number(text, MOST, (value) => (s.maxTtl = value)),
  "dhcp-lease-max": (s, text) => number(text, MOST, (value) => (s.leaseMax = value)),
  "dhcp-range": (s, text) => {
    const range = parseRange(text);
    if (typeof range === "string") return range;
    if (range !== null) s.ranges.push(range);
    return null;
  },
  "dhcp-host": (s, text) => {
    const host = parseHost(text);
    if (typeof host === "string") return host;
    s.hosts.push(host);
    return null;
  },
  "dhcp-option": (s, text) => option(s, text, false),
  "dhcp-option-force": (s, text) => option(s, text, true),
  "dhcp-hostsfile": (s, text) => eachWord(s.hostsFiles, text),
  "dhcp-leasefile": (s, text) => path(text, (value) => (s.leaseFile = value)),
  "dhcp-lease": (s, text) => path(text, (value) => (s.leaseFile = value)),
  "dhcp-script": (s, text) => path(text, (value) => (s.script = value)),
  "addn-hosts": (s, text) => eachWord(s.addedHosts, text),
  "pid-file": (s, text) => {
    s.pidFile = text === "" ? null : text;
    return null;
  },
  "resolv-file": (s, text) => path(text, (value) => (s.resolvFile = value)),
  "log-facility": (s, text) => {
    s.logFile = text === "-" || text.includes("/") ? text : null;
    return null;
  },
  domain,
  "domain-suffix": domain,
  server: (s, text) => server(s, text),
  local: (s, text) => server(s, text),
  address: (s, text) => address(s, text),
  "host-record": (s, text) => hostRecord(s, text),
  cname: (s, text) => cname(s, text),
  "txt-record": (s, text) => {
    const [name = "", ...texts] = words(text);
    s.records.push({ name, type: Type.TXT, data: { kind: "text", texts: texts.map((each) => fromText(each)) } });
    return null;
  },
  "ptr-record": (s, text) => {
    const [name = "", target = ""] = words(text);
    if (!isName(name) || !isName(target)) return "bad PTR record";
    s.records.push({ name, type: Type.PTR, data: { kind: "name", name: target } });
    return null;
  },
  "mx-host": (s, text) => {
    const [name = "", target = name, preference = "1"] = words(text);
    if (!/^\d+$/.test(preference)) return "bad preference";
    s.records.push({ name, type: Type.MX, data: { kind: "mx", preference: Number(preference), name: target } });
    return null;
  },
  "srv-host": (s, text) => srvHost(s, text),
};

function path(text: string, set: (value: string) => void): Applied {
  if (text !== "") set(text);
  return null;
}

function option(settings: Settings, text: string, isForced: boolean): Applied {
  const parsed = parseOption(text, isForced);
  if (typeof parsed === "string") return parsed;
  if (parsed !== null) settings.options.push(parsed);
  return null;
}

function domain(settings: Settings, text: string): Applied {
  const [name = "", ...subnets] = words(text);
  if (!isName(name)) return "";
  if (subnets.length > 0) return "a domain for some addresses only is not modelled";
  settings.domain = name;
  return null;
}

/** "/a/b/rest" is rest for the domains a and b; "rest" alone is for all. */
function domainsOf(text: string): { domains: string[]; rest: string } {
  if (!text.startsWith("/")) return { domains: [""], rest: text };
  const parts = text.slice(1).split("/");
  const rest = parts.pop() ?? "";
  return { domains: parts.map((part) => (part === "#" ? "" : part.replace(/^[.*]+/, ""))), rest };
}

/** Nobody: the domain is ours alone. "#": whoever is asked for everything else. */
function server(settings: Settings, text: string): Applied {
  const { domains, rest } = domainsOf(text);
  if (domains.some((name) => !isName(name))) return "";
  if (rest === "" || rest === "#") {
    const port = rest === "#" ? -1 : PORT;
    settings.servers.push(...domains.map((each) => ({ domain: each, address: null, port })));
    return null;
  }
  const [host = "", portWord = String(PORT)] = rest.replace(/@.*$/, "").split("#");
  if (!/^\d+$/.test(portWord) || Number(portWord) > 65_535) return "bad port";
  if (host.includes(":")) return null;
  const ip = parseIpv4(host);
  if (ip === null) return "bad address";
  settings.servers.push(...domains.map((each) => ({ domain: each, address: ip, port: Number(portWord) })));
  return null;
}

function address(settings: Settings, text: string): Applied {
  const { domains, rest } = domainsOf(text);
  const ip = rest === "" ? null : parseIpv4(rest === "#" ? "0.0.0.0" : rest);
  const isWrong = rest !== "" && !rest.includes(":") && ip === null;
  if (!text.startsWith("/") || isWrong) return "Bad address in --address";
  if (!rest.includes(":")) settings.literals.push(...domains.map((each) => ({ domain: each, address: ip })));
  return null;
}

function hostRecord(settings: Settings, text: string): Applied {
  const names: string[] = [];
  let ip = null;
  let ttl: number | null = null;
  let hasAddress = false;
  for (const word of words(text)) {
    const found = parseIpv4(word);
    if (found !== null) ip = found;
    if (found !== null || word.includes(":")) hasAddress = true;
    else if (/^\d+$/.test(word)) ttl = Number(word);
    else if (isName(word) && word !== "") names.push(word);
    else return "Bad name in host-record";
  }
  if (names.length === 0 || !hasAddress) return "Bad host-record";
  settings.hostRecords.push({ names, address: ip, ttl });
  return null;
}

function cname(settings: Settings, text: string): Applied {
  const given = words(text);
  const ttl = /^\d+$/.test(given.at(-1)!) ? Number(given.pop()) : null;
  const target = given.pop();
  if (target === undefined || given.length === 0 || ![target, ...given].every((each) => isName(each)))
    return "bad CNAME";
  for (const name of given) settings.aliases.push({ name, target, ttl });
  return null;
}

function srvHost(settings: Settings, text: string): Applied {
  const [name = "", target = "", ...rest] = words(text);
  if (!isName(name)) return "bad SRV record";
  if (!isName(target)) return "bad SRV target";
  if (rest.some((each) => !/^\d+$/.test(each))) return "invalid port number";
  const [port = 1, priority = 0, weight = 0] = rest.map(Number);
  settings.records.push({ name, type: Type.SRV, data: { kind: "srv", priority, weight, port, name: target } });
  return null;
}
