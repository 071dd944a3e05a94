/**
 * IPv4 header options, read only: RFC 791 3.1, RFC 2113 (router alert). Enough for the views and for programs that
 * look at a recorded route; Linux's rewriting of options on the way is not modelled.
 */
import { get8, get16, get32 } from "../base/bytes.ts";
import type { Ipv4 } from "./address.ts";

/** The type byte: copy flag, class and number together. */
export const OptionType = {
  END: 0,
  NO_OPERATION: 1,
  RECORD_ROUTE: 7,
  TIMESTAMP: 68,
  SECURITY: 130,
  LOOSE_SOURCE_ROUTE: 131,
  STRICT_SOURCE_ROUTE: 137,
  ROUTER_ALERT: 148,
} as const;

/** Low half of a timestamp option's fourth byte. */
export const TimestampFlag = { ONLY: 0, WITH_ADDRESS: 1, PRESPECIFIED: 3 } as const;

/** Each option knows its bytes [from, to), counted as the caller counts. */
interface Range {
  readonly from: number;
  readonly to: number;
}
export interface Hop {
  readonly address: Ipv4 | null;
  /** Milliseconds since midnight UT. */
  readonly time: number;
}
export type Ipv4Option = Range &
  (
    | { readonly kind: "end" | "no-operation" }
    | {
        readonly kind: "route";
        readonly type: number;
        readonly pointer: number;
        readonly addresses: readonly Ipv4[];
      }
    | {
        readonly kind: "timestamp";
        readonly pointer: number;
        readonly overflow: number;
        readonly flag: number;
        readonly hops: readonly Hop[];
      }
    | { readonly kind: "router-alert"; readonly value: number }
    | { readonly kind: "other"; readonly type: number }
    | { readonly kind: "malformed"; readonly type: number }
  );

export const isRoute = (type: number): boolean =>
  type === OptionType.RECORD_ROUTE || type === OptionType.LOOSE_SOURCE_ROUTE || type === OptionType.STRICT_SOURCE_ROUTE;

/** All options in [from, to), up to and with the end mark; a malformed one is the last. */
export function parse(b: Uint8Array, from: number, to: number): Ipv4Option[] {
  const options: Ipv4Option[] = [];
  let at = from;
  while (at < to) {
    const option = parseOne(b, at, to);
    options.push(option);
    if (option.kind === "end" || option.kind === "malformed") break;
    at = option.to;
  }
  return options;
}

function parseOne(b: Uint8Array, at: number, end: number): Ipv4Option {
  const type = get8(b, at);
  if (type === OptionType.END) return { kind: "end", from: at, to: at + 1 };
  if (type === OptionType.NO_OPERATION) return { kind: "no-operation", from: at, to: at + 1 };
  const to = at + 1 < end ? at + get8(b, at + 1) : at;
  if (to < at + 2 || to > end) return { kind: "malformed", type, from: at, to: end };
  if (isRoute(type) && to >= at + 3) return route(b, type, at, to);
  if (type === OptionType.TIMESTAMP && to >= at + 4) return timestamp(b, at, to);
  if (type === OptionType.ROUTER_ALERT && to === at + 4) {
    return { kind: "router-alert", value: get16(b, at + 2), from: at, to };
  }
  return { kind: "other", type, from: at, to };
}

function route(b: Uint8Array, type: number, from: number, to: number): Ipv4Option {
  const addresses: Ipv4[] = [];
  for (let at = from + 3; at + 4 <= to; at += 4) addresses.push(get32(b, at) as Ipv4);
  return { kind: "route", type, pointer: get8(b, from + 2), addresses, from, to };
}

function timestamp(b: Uint8Array, from: number, to: number): Ipv4Option {
  const flag = get8(b, from + 3) & 15;
  const addressLength = flag === TimestampFlag.ONLY ? 0 : 4;
  const hops: Hop[] = [];
  for (let at = from + 4; at + addressLength + 4 <= to; at += addressLength + 4) {
    hops.push({ address: addressLength === 0 ? null : (get32(b, at) as Ipv4), time: get32(b, at + addressLength) });
  }
  return { kind: "timestamp", pointer: get8(b, from + 2), overflow: get8(b, from + 3) >>> 4, flag, hops, from, to };
}
