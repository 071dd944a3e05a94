/**
 * The documented normalisation of what tools print before ours is compared with the recorded classic host's: the same
 * for both sides. Taken out: IPv6, which is not modelled; the fair queueing that Debian has as its default; ages, CPU
 * times, timers, UUIDs and grants, which are a run's own; counters, which are full of IPv6; the random address of a
 * bridge without ports; how many listen to a device while the recorder's tcpdump runs.
 */
import { normalise as ofOneRun } from "../machine/xen-dom0.ts";

type Rule = readonly [pattern: RegExp, by: string];

const QDISC: Rule = [/qdisc fq_codel/g, "qdisc pfifo"];
const INET6: Rule = [/ {4}inet6 .*\n.*valid_lft.*\n/g, ""];
const TIMER: Rule = [/gc[_ ]timer[\t ]+[\d.]+/g, "gc timer T"];
/** With its heading, numbers and all. */
const COUNTERS: Rule = [/ {4}[RT]X: .*\n.*\n/g, ""];
const LISTENERS: Rule = [/promiscuity \d/g, "promiscuity N"];
const XENSTORE_OF_OTHERS: Rule = [/^(?!\/local\/domain\/.*\/(vif|name|domid)\b).*\n/gm, ""];

const RULES: Readonly<Record<string, readonly Rule[]>> = {
  "ip -d -s link": [QDISC, COUNTERS, TIMER],
  "ip addr": [QDISC, INET6],
  "bridge fdb show": [[/^33:33:.*\n/gm, ""]],
  "brctl showmacs/showstp": [[/^# xenbr0\n/g, ""], [/(no\t\t) +[\d.]+$/gm, "$1 AGE"], TIMER],
  "xl list": [[/ +[\d.]+$/gm, " T"]],
  "xenstore-ls -f (vif frontends and backends)": [XENSTORE_OF_OTHERS],
};

/** `listened`: dumps of an hour in which tcpdump ran in the recorded dom0. */
export function normaliseDump(section: string, text: string, listened: boolean): string {
  const rules = [...(RULES[section] ?? []), ...(listened ? [LISTENERS] : [])];
  if (section === "sysctl") return settings(text);
  return ofOneRun(rules.reduce((result, [pattern, by]) => result.replaceAll(pattern, by), text)).trimEnd();
}

/** The recorder listed files of /proc/sys, ours come from `sysctl -a`, which turns dots and slashes around. */
function settings(text: string): string {
  const turned = (name: string): string =>
    name.startsWith("net.") ? name.replaceAll(/[./]/g, (each) => (each === "." ? "/" : ".")) : name;
  const lines = text.split("\n").filter((line) => line !== "" && !line.includes("ipv6"));
  return lines
    .map((line) => line.replace("/proc/sys/", "").split(" = "))
    .map(([name, value]) => `${turned(name!)} = ${value}`)
    .sort()
    .join("\n");
}

/** The address of a bridge that has adopted none of its ports' yet; null once it has, and where there is none. */
export const randomAddress = (brief: string): string | null => /^xenbr0 +UNKNOWN +(\S+)/m.exec(brief)?.[1] ?? null;
