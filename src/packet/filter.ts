/**
 * Capture filters: the everyday part of pcap-filter(7), with libpcap 1.10's meaning on Ethernet.
 * A compiled filter is plain data (it can be copied with the lab), evaluated without allocation.
 *
 * As in libpcap, a test that reaches past the end of the frame rejects the whole frame, whatever `not` stands before it,
 * and `vlan` moves every later test of the text behind the tag.
 * Not modelled: proto[expr:size] arithmetic, IPv6 addresses, protochain, gateway, host names, live-capture qualifiers.
 */
import { get8, get16, get32 } from "../base/bytes.ts";
import { parseFilter } from "./filter/grammar.ts";
import type { Comparison, Filter, Relation } from "./filter/tree.ts";

export type { Filter } from "./filter/tree.ts";

export type Compiled =
  | { readonly ok: true; readonly filter: Filter }
  | { readonly ok: false /** One sentence. */; readonly message: string /** From 1. */; readonly column: number };

/** An empty text matches everything, as tcpdump without an expression does. */
export const compileFilter = (text: string): Compiled => parseFilter(text);

const NO = 0;
const YES = 1;
/** A test read past the end: BPF gives up on the frame. */
const OUTSIDE = 2;
type Verdict = typeof NO | typeof YES | typeof OUTSIDE;

/** Does the frame in [at, end) match? */
export const matches = (filter: Filter, bytes: Uint8Array, at: number, end: number): boolean =>
  evaluate(filter, bytes, at, end) === YES;

function evaluate(filter: Filter, b: Uint8Array, at: number, end: number): Verdict {
  switch (filter.test) {
    case "any":
      return YES;
    case "and": {
      const left = evaluate(filter.left, b, at, end);
      return left === YES ? evaluate(filter.right, b, at, end) : left;
    }
    case "or": {
      const left = evaluate(filter.left, b, at, end);
      return left === NO ? evaluate(filter.right, b, at, end) : left;
    }
    case "not": {
      const operand = evaluate(filter.operand, b, at, end);
      return operand === OUTSIDE ? OUTSIDE : operand === YES ? NO : YES;
    }
    case "length":
      return holds(end - at, filter.relation, filter.value) ? YES : NO;
    case "bytes":
      return compare(filter, b, at, end);
  }
}

function compare(test: Comparison, b: Uint8Array, at: number, end: number): Verdict {
  let place = at + test.offset;
  if (test.afterIpHeader >= 0) {
    if (at + test.afterIpHeader >= end) return OUTSIDE;
    place += (get8(b, at + test.afterIpHeader) & 15) * 4;
  }
  if (place + test.size > end) return OUTSIDE;
  const value = test.size === 1 ? get8(b, place) : test.size === 2 ? get16(b, place) : get32(b, place);
  return holds((value & test.mask) >>> 0, test.relation, test.value) ? YES : NO;
}

function holds(value: number, relation: Relation, limit: number): boolean {
  if (relation === "=") return value === limit;
  return relation === ">=" ? value >= limit : value <= limit;
}
