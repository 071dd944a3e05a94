/**
 * What a rule that holds does, as the one number that a step record has for it (engine/recorder.ts) and as words:
 * the rule's number in its chain, its target, and what the target says of its own (an address, a mark, a chain).
 */
import { formatIpv4, type Ipv4 } from "../../packet/address.ts";
import type { Program } from "./program.ts";
import { type Target, TCP_RESET } from "./rule.ts";

type Kind = Target["kind"];
/** Their places are the numbers in records. */
const KINDS: readonly Kind[] = [
  ...([
    "none",
    "accept",
    "drop",
    "return",
    "jump",
    "goto",
    "reject",
    "log",
    "mark",
    "connmark",
    "snat",
    "dnat",
  ] as const),
  ...(["masquerade", "redirect", "netmap", "checksum", "tcpmss", "notrack", "ttl"] as const),
];
/** So that number, kind and 32 bits are together a whole number that a double holds: 16 + 5 + 32 bits. */
const KIND_COUNT = 32;
const VALUES = 2 ** 32;

const MODES = ["set", "save", "restore", "decrease", "increase"];
/** --reject-with, by code of ICMP destination unreachable. */
const REJECTIONS: Readonly<Record<number, string>> = {
  ...{ 0: "icmp-net-unreachable", 1: "icmp-host-unreachable", 2: "icmp-proto-unreachable", 3: "icmp-port-unreachable" },
  ...{ 9: "icmp-net-prohibited", 10: "icmp-host-prohibited", 13: "icmp-admin-prohibited" },
};
const RESET = VALUES - 1;

export const ruleStep = (number: number, kind: Kind, value = 0): number =>
  (number * KIND_COUNT + KINDS.indexOf(kind)) * VALUES + value;

/** Of the rule in this row. */
export const stepOfRow = (program: Program, row: number): number =>
  ruleStep(program.numbers[row]!, program.target(row).kind, valueOf(program.target(row), program, row));

function valueOf(target: Target, program: Program, row: number): number {
  switch (target.kind) {
    case "jump":
    case "goto":
      return program.chains[program.operands[row]!]!.point!.id;
    case "reject":
      return target.code === TCP_RESET ? RESET : target.code;
    case "mark":
      return target.mark >>> 0;
    case "connmark":
      return MODES.indexOf(target.mode);
    case "snat":
    case "dnat":
      return target.range.from;
    case "netmap":
      return target.address;
    case "tcpmss":
      return target.mss ?? 0;
    case "ttl":
      return MODES.indexOf(target.mode) * 256 + target.value;
    default:
      return 0;
  }
}

/** `owner` names a chain by its point. */
export function sayRule(step: number, chain: number, owner: (point: number) => string): string {
  const value = step % VALUES;
  const head = Math.floor(step / VALUES);
  const kind = KINDS[head % KIND_COUNT]!;
  return `${owner(chain)}: rule ${Math.floor(head / KIND_COUNT)} holds: ${words(kind, value, owner)}`;
}

function words(kind: Kind, value: number, owner: (point: number) => string): string {
  switch (kind) {
    case "none":
      return "counts it, and on to the next";
    case "log":
      return "LOG, and on to the next";
    case "return":
      return "RETURN, back to where it came from";
    case "jump":
      return `goes through ${owner(value)}`;
    case "goto":
      return `goes to ${owner(value)}, not to come back`;
    case "reject":
      return `REJECT with ${value === RESET ? "tcp-reset" : (REJECTIONS[value] ?? `ICMP code ${value}`)}`;
    case "snat":
    case "dnat":
      return kind.toUpperCase() + (value === 0 ? ", another port" : ` to ${formatIpv4(value as Ipv4)}`);
    default:
      return changeWords(kind, value);
  }
}

function changeWords(kind: Kind, value: number): string {
  switch (kind) {
    case "mark":
      return `MARK 0x${value.toString(16)}`;
    case "connmark":
      return `CONNMARK, ${["sets the connection's mark", "saves the mark in the connection", "restores the mark from the connection"][value]}`;
    case "netmap":
      return `NETMAP to the network of ${formatIpv4(value as Ipv4)}`;
    case "checksum":
      return "CHECKSUM, fills it in";
    case "tcpmss":
      return value === 0 ? "TCPMSS, clamps it to the path's MTU" : `TCPMSS, sets it to ${value}`;
    case "notrack":
      return "CT, not to be tracked";
    case "ttl":
      return `TTL, ${MODES[Math.floor(value / 256)]}s it ${value < 256 ? "to" : "by"} ${value % 256}`;
    default:
      return kind.toUpperCase();
  }
}

/** Of the rule in its chain, from 1. */
export const numberOfRule = (step: number): number => Math.floor(step / VALUES / KIND_COUNT);
