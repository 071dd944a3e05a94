/** -j LOG: libxt_LOG of iptables 1.8.9. */
import { LogFlag, type LogTarget, type Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, flag, option } from "../extension.ts";
import { quoted } from "../print-words.ts";
import { wrong } from "../problem.ts";
import { readNumber } from "../values.ts";
import { targetFamily } from "./family.ts";

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
/** Bytes of the prefix that the kernel keeps. */
const MAX_PREFIX = 29;

/** In the order of printing. */
const FLAGS: readonly (readonly [name: string, bit: number])[] = [
  ["tcp-sequence", LogFlag.TCP_SEQUENCE],
  ["tcp-options", LogFlag.TCP_OPTIONS],
  ["ip-options", LogFlag.IP_OPTIONS],
  ["uid", LogFlag.UID],
  ["macdecode", LogFlag.MAC_DECODE],
];

class LogDraft extends Draft<Target> {
  readonly name = "LOG";
  readonly options = [option("log-level"), option("log-prefix"), ...FLAGS.map(([name]) => flag(`log-${name}`))];
  private prefix = "";
  private level = DEFAULT_LEVEL;
  private flags = 0;

  protected accept(key: string, value: string): void {
    if (key === "log-prefix") this.prefix = readPrefix(value);
    else if (key === "log-level") this.level = readLevel(value);
    else this.flags |= FLAGS.find(([name]) => `log-${name}` === key)![1];
  }

  protected result(): Target {
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

const flagNames = (flags: number): string[] => FLAGS.filter(([, bit]) => (flags & bit) !== 0).map(([name]) => name);

function save({ prefix, level, flags }: LogTarget): string {
  const words = [
    prefix === "" ? "" : ` --log-prefix ${quoted(prefix)}`,
    level === DEFAULT_LEVEL ? "" : ` --log-level ${level}`,
    ...flagNames(flags).map((name) => ` --log-${name}`),
  ];
  return words.join("");
}

function list({ prefix, level, flags }: LogTarget, numeric: boolean): string {
  const names = flagNames(flags).map((name) => ` ${name}`);
  const about = numeric ? ` flags ${flags} level ${level}` : ` level ${LEVEL_NAMES[level]}${names.join("")}`;
  return ` LOG${about}${prefix === "" ? "" : ` prefix "${prefix}"`}`;
}

export const log = targetFamily({
  kinds: ["log"],
  draft: (name) => (name === "LOG" ? new LogDraft() : null),
  save,
  list: (target, { numeric }) => list(target, numeric),
});
