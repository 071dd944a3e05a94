/**
 * What a look printed as lines that can be compared: of JSON the fields that both worlds must agree on, one line per
 * entry; of text the lines that matter.
 */
import type { Hits } from "./hits.ts";

type Row = Readonly<Record<string, unknown>>;

const rowsOf = (text: string): Row[] => {
  try {
    const value: unknown = JSON.parse(text.trim() === "" ? "[]" : text);
    return Array.isArray(value) ? (value as Row[]) : [];
  } catch {
    return [{ "not JSON": text }];
  }
};

/** Flags of `ip link` in one order: M-DOWN and the like are of the other end. */
const flagsOf = (row: Row): string =>
  ((row["flags"] as string[] | undefined) ?? [])
    .filter((flag) => flag !== "M-DOWN")
    .toSorted()
    .join(",");

const pick = (row: Row, names: readonly string[]): string =>
  names.flatMap((name) => (row[name] === undefined ? [] : [`${name} ${JSON.stringify(row[name])}`])).join(" ");

/** vethN of netloop is born without a MAC address, a real veth with one by chance; both wait for a script to give one. */
const isIdle = (row: Row): boolean =>
  /^(veth\d+|vif0\.\d+)$/.test(String(row["ifname"])) && !flagsOf(row).includes("UP");

export class StateNormaliser {
  private readonly hits: Hits;

  constructor(hits: Hits) {
    this.hits = hits;
  }

  /** `first`: what the same look printed after the set-up. */
  lines(look: string, text: string, first: string): string[] {
    switch (look) {
      case "ip link":
        this.hits.add("real-ifindex", rowsOf(text).length).add("qdisc", rowsOf(text).length);
        return rowsOf(text)
          .map((row) => this.link(row))
          .toSorted();
      case "ip addr":
        return rowsOf(text).flatMap(addresses).toSorted();
      case "ip route":
        return rowsOf(text)
          .map((row) => pick(row, ["type", "dst", "gateway", "dev", "prefsrc", "scope", "metric", "flags"]))
          .toSorted();
      case "ip neigh":
        return rowsOf(text)
          .map((row) => this.neighbour(row))
          .toSorted();
      case "bridge fdb":
        this.hits.add("vlan-entries", rowsOf(text).filter(({ vlan }) => vlan !== undefined).length);
        return rowsOf(text)
          .filter(isStation)
          .map((row) => pick(row, ["mac", "ifname", "master", "flags"]) + this.stayingState(row))
          .toSorted();
      case "bridge link":
        return rowsOf(text)
          .map((row) => this.port(row))
          .toSorted();
      case "iptables-save":
        return this.rules(text, first);
      default:
        return text.split("\n").filter(matters).toSorted();
    }
  }

  private link(row: Row): string {
    const flags = flagsOf(row);
    const common = `${pick(row, ["ifname"])} flags ${flags} operstate ${this.operstate(row)} ${pick(row, ["mtu", "master", "link_type", "broadcast"])}`;
    if (!isIdle(row)) return `${common} ${pick(row, ["address"])}`;
    this.hits.add("drawn-mac");
    return common;
  }

  /** netloop, and vifs of Linux 2.6.18, never say that they have a carrier: UNKNOWN, and as good as UP. */
  private operstate(row: Row): string {
    if (row["operstate"] !== "UNKNOWN") return String(row["operstate"]);
    this.hits.add("operstate");
    return flagsOf(row).includes("LOWER_UP") ? "UP" : "DOWN";
  }

  private port(row: Row): string {
    const onItsWay = /^(listening|learning|forwarding)$/.test(String(row["state"]));
    if (onItsWay) this.hits.add("port-state");
    return `${pick(row, ["ifname", "master", "mtu", "priority"])} state ${onItsWay ? "forwarding" : row["state"]}`;
  }

  /** That an entry is old, or may be while the topology changes, is a matter of seconds. */
  private stayingState({ state }: Row): string {
    if (state === "permanent" || state === "static") return ` ${state}`;
    if (state === "stale") this.hits.add("port-state");
    return "";
  }

  /** What has been counted since the set-up was done. */
  private rules(text: string, first: string): string[] {
    const before = first.split("\n").filter((line) => countersOf(line)[0] > 0).length;
    this.hits.add("counters", before);
    return rulesOf(text, first);
  }

  private neighbour(row: Row): string {
    const states = (row["state"] as string[] | undefined) ?? [];
    const known = states.some((state) => /REACHABLE|STALE|DELAY|PROBE/.test(state));
    if (known) this.hits.add("neighbour-state");
    return `${pick(row, ["dst", "dev", "lladdr"])} ${known ? "known" : states.join(",")}`;
  }
}

const COUNTERS = /\[(\d+):(\d+)\]/;
const withoutCounters = (line: string): string => line.replace(COUNTERS, "[]");

function rulesOf(text: string, first: string): string[] {
  const before = new Map<string, string[]>();
  let table = "";
  const key = (line: string): string => {
    if (line.startsWith("*")) table = line;
    return `${table} ${withoutCounters(line)}`;
  };
  for (const line of first.split("\n")) before.set(key(line), [...(before.get(key(line)) ?? []), line]);
  return text
    .split("\n")
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((line) => {
      const [packets, bytes] = countersOf(line);
      const [packetsBefore, bytesBefore] = countersOf(before.get(key(line))?.shift() ?? "");
      return line.replace(COUNTERS, `[${packets - packetsBefore}:${bytes - bytesBefore}]`);
    });
}

function countersOf(line: string): [number, number] {
  const found = COUNTERS.exec(line);
  return found === null ? [0, 0] : [Number(found[1]), Number(found[2])];
}

function addresses(row: Row): string[] {
  const inet = ((row["addr_info"] as Row[] | undefined) ?? []).filter(({ family }) => family === "inet");
  return inet.map(
    (each) =>
      `${pick(row, ["ifname"])} ${pick(each, ["local", "prefixlen", "broadcast", "scope", "label", "secondary"])}`,
  );
}

/** Groups that a device listens to are no stations. */
const isStation = (row: Row): boolean =>
  row["vlan"] === undefined && !/^(33:33|01:00:5e|01:80:c2)/.test(String(row["mac"]));

const SYSCTLS =
  /^net\.(ipv4\.ip_forward|ipv4\.conf\.\S+\.(forwarding|proxy_arp|rp_filter|arp_ignore|arp_announce|arp_filter|accept_redirects|send_redirects|accept_local|log_martians|shared_media|secure_redirects)|bridge\.bridge-nf-call-iptables) =/;
/** br_netfilter that is not loaded, and br_netfilter that is not asked, are one. */
const matters = (line: string): boolean => SYSCTLS.test(line) && !line.endsWith("bridge-nf-call-iptables = 0");
