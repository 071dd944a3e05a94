/**
 * Targets: the standard ones, LOG and REJECT as libxt_LOG and libipt_REJECT of iptables 1.8.9 read them, and chains.
 */
import { LogFlag, type Target } from "../../../stack/netfilter/rule.ts";
import { Draft, flag, option } from "./extension.ts";
import { notModelled, wrong } from "./problem.ts";
import { readNumber } from "./values.ts";

const DEFAULT_LEVEL = 4;
/** By number; syslog(3). */
const LEVELS: readonly (readonly [name: string, level: number])[] = [
  ["emerg", 0],
  ["alert", 1],
  ["crit", 2],
  ["error", 3],
  ["warn", 4],
  ["notice", 5],
  ["info", 6],
  ["debug", 7],
  ["panic", 0],
  ["warning", 4],
];
/** As they are printed, by number. */
const LEVEL_NAMES = ["emerg", "alert", "crit", "err", "warn", "notice", "info", "debug"];
export const levelName = (level: number): string => LEVEL_NAMES[level]!;
/** Bytes of the prefix that the kernel keeps. */
const MAX_PREFIX = 29;

/** In the order of printing. */
export const LOG_FLAGS: readonly (readonly [name: string, bit: number])[] = [
  ["tcp-sequence", LogFlag.TCP_SEQUENCE],
  ["tcp-options", LogFlag.TCP_OPTIONS],
  ["ip-options", LogFlag.IP_OPTIONS],
  ["uid", LogFlag.UID],
  ["macdecode", LogFlag.MAC_DECODE],
];

class LogDraft extends Draft<Target> {
  readonly name = "LOG";
  readonly options = [option("log-level"), option("log-prefix"), ...LOG_FLAGS.map(([name]) => flag(`log-${name}`))];
  private prefix = "";
  private level = DEFAULT_LEVEL;
  private flags = 0;

  take(key: string, value: string, inverted: boolean): void {
    this.upright(key, inverted);
    this.once(key);
    if (key === "log-prefix") this.prefix = readPrefix(value);
    else if (key === "log-level") this.level = readLevel(value);
    else this.flags |= LOG_FLAGS.find(([name]) => `log-${name}` === key)![1];
  }

  finish(): Target {
    return { kind: "log", prefix: this.prefix, level: this.level, flags: this.flags };
  }
}

function readPrefix(text: string): string {
  if (text === "") throw wrong("Argument must have a minimum length of 1 characters\n");
  if (text.includes("\n")) throw wrong("Newlines not allowed in --log-prefix");
  return text.slice(0, MAX_PREFIX);
}

function readLevel(text: string): number {
  const number = readNumber(text, 7);
  if (number !== null) return number;
  const named = LEVELS.find(([name]) => name === text);
  if (named === undefined) throw wrong(`log level "${text}" unknown\n`);
  return named[1];
}

interface RejectType {
  readonly name: string;
  readonly alias: string;
  /** Of ICMP destination unreachable. */
  readonly code: number;
}

const REJECT_TYPES: readonly RejectType[] = [
  { name: "icmp-net-unreachable", alias: "net-unreach", code: 0 },
  { name: "icmp-host-unreachable", alias: "host-unreach", code: 1 },
  { name: "icmp-port-unreachable", alias: "port-unreach", code: 3 },
  { name: "icmp-proto-unreachable", alias: "proto-unreach", code: 2 },
  { name: "icmp-net-prohibited", alias: "net-prohib", code: 9 },
  { name: "icmp-host-prohibited", alias: "host-prohib", code: 10 },
  { name: "icmp-admin-prohibited", alias: "admin-prohib", code: 13 },
];
export const rejectName = (code: number): string => REJECT_TYPES.find((each) => each.code === code)!.name;

class RejectDraft extends Draft<Target> {
  readonly name = "REJECT";
  readonly options = [option("reject-with")];
  private code = 3;

  take(key: string, value: string, inverted: boolean): void {
    this.upright(key, inverted);
    this.once(key);
    if (value !== "" && ("tcp-reset".startsWith(value) || "tcp-rst".startsWith(value)))
      throw notModelled("REJECT --reject-with tcp-reset");
    const found = REJECT_TYPES.find((each) => each.name.startsWith(value) || each.alias.startsWith(value));
    if (found === undefined) throw wrong(`unknown reject type "${value}"`);
    this.code = found.code;
  }

  finish(): Target {
    return { kind: "reject", code: this.code };
  }
}

/** Null: no target with options. */
export function newTarget(name: string): Draft<Target> | null {
  if (name === "LOG") return new LogDraft();
  return name === "REJECT" ? new RejectDraft() : null;
}

export function standardTarget(name: string): Target | null {
  switch (name) {
    case "ACCEPT":
      return { kind: "accept" };
    case "DROP":
      return { kind: "drop" };
    case "RETURN":
      return { kind: "return" };
    default:
      return null;
  }
}

/** Those of Debian 12 that are not modelled. */
export const OTHER_TARGETS: readonly string[] =
  "AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DSCP ECN HMARK IDLETIMER LED MARK MASQUERADE NETMAP NFLOG NFQUEUE NOTRACK QUEUE RATEEST REDIRECT SECMARK SET SNAT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG".split(
    " ",
  );

/** No chain may be called so. */
export const isTargetName = (name: string): boolean =>
  standardTarget(name) !== null || newTarget(name) !== null || OTHER_TARGETS.includes(name);
