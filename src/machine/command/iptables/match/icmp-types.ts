/** ICMP types by name: extensions/libxt_icmp.h of iptables 1.8.9. Prefixes are allowed while they are not ambiguous. */
import { wrong } from "../problem.ts";
import { readNumber } from "../values.ts";

interface IcmpName {
  readonly name: string;
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

const all = (name: string, type: number): IcmpName => ({ name, type, from: 0, to: 255 });
const one = (name: string, type: number, code: number): IcmpName => ({ name, type, from: code, to: code });

export const ANY_TYPE = 255;

const NAMES: readonly IcmpName[] = [
  all("any", ANY_TYPE),
  all("echo-reply", 0),
  all("pong", 0),
  all("destination-unreachable", 3),
  one("network-unreachable", 3, 0),
  one("host-unreachable", 3, 1),
  one("protocol-unreachable", 3, 2),
  one("port-unreachable", 3, 3),
  one("fragmentation-needed", 3, 4),
  one("source-route-failed", 3, 5),
  one("network-unknown", 3, 6),
  one("host-unknown", 3, 7),
  one("network-prohibited", 3, 9),
  one("host-prohibited", 3, 10),
  one("TOS-network-unreachable", 3, 11),
  one("TOS-host-unreachable", 3, 12),
  one("communication-prohibited", 3, 13),
  one("host-precedence-violation", 3, 14),
  one("precedence-cutoff", 3, 15),
  all("source-quench", 4),
  all("redirect", 5),
  one("network-redirect", 5, 0),
  one("host-redirect", 5, 1),
  one("TOS-network-redirect", 5, 2),
  one("TOS-host-redirect", 5, 3),
  all("echo-request", 8),
  all("ping", 8),
  all("router-advertisement", 9),
  all("router-solicitation", 10),
  all("time-exceeded", 11),
  all("ttl-exceeded", 11),
  one("ttl-zero-during-transit", 11, 0),
  one("ttl-zero-during-reassembly", 11, 1),
  all("parameter-problem", 12),
  one("ip-header-bad", 12, 0),
  one("required-option-missing", 12, 1),
  all("timestamp-request", 13),
  all("timestamp-reply", 14),
  all("address-mask-request", 17),
  all("address-mask-reply", 18),
];

export interface IcmpTypes {
  readonly type: number;
  readonly from: number;
  readonly to: number;
}

export function readIcmpType(text: string): IcmpTypes {
  const lower = text.toLowerCase();
  const fitting = NAMES.filter(({ name }) => name.toLowerCase().startsWith(lower));
  const exact = fitting.find(({ name }) => name.toLowerCase() === lower);
  if (exact === undefined && fitting.length > 1)
    throw wrong(`Ambiguous ICMP type \`${text}': \`${fitting[0]!.name}' or \`${fitting[1]!.name}'?`);
  const found = exact ?? fitting[0];
  if (found !== undefined) return { type: found.type, from: found.from, to: found.to };
  return readNumbers(text);
}

function readNumbers(text: string): IcmpTypes {
  const [first = "", second] = text.split("/");
  const type = readNumber(first, 255);
  if (type === null) throw wrong(`Unknown ICMP type \`${text}'`);
  if (second === undefined) return { type, from: 0, to: 255 };
  const code = readNumber(second, 255);
  if (code !== null) return { type, from: code, to: code };
  const stray = /[^\d]/.exec(second)?.[0];
  throw wrong(stray === undefined ? `Unknown ICMP code \`${text}'` : `unknown character ${stray}`);
}

export const icmpName = ({ type, from, to }: IcmpTypes): string | null =>
  NAMES.find((each) => each.type === type && each.from === from && each.to === to)?.name ?? null;

/** A line for each, its codes indented below, other names of the same in brackets. */
export function icmpTypeList(): string {
  const lines: string[] = [];
  for (const [i, { name, type, from, to }] of NAMES.entries()) {
    const before = NAMES[i - 1];
    if (before !== undefined && before.type === type && before.from === from && before.to === to)
      lines.push(`${lines.pop()} (${name})`);
    else lines.push(`${from === to ? "   " : ""}${name}`);
  }
  return lines.map((line) => `${line}\n`).join("");
}
