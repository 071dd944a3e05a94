/**
 * ICMP: RFC 792, RFC 1122 3.2.2, RFC 1191 (the MTU in "fragmentation needed"), RFC 1812 (codes 13 to 15).
 *
 *      0      1      2        4                            8
 *     | type | code | cksum  | id and seq, MTU, gateway .. | data, or the IP header and 8 bytes or more of the culprit
 *
 * Not modelled: multi-part extensions (RFC 4884). Timestamp, mask and router messages are carried as "other".
 */
import { get8, get16, get32, put8, put16, put32 } from "../base/bytes.ts";
import type { Ipv4 } from "./address.ts";
import { checksum } from "./checksum.ts";

export const HEADER_LENGTH = 8;

export const Type = {
  ECHO_REPLY: 0,
  UNREACHABLE: 3,
  SOURCE_QUENCH: 4,
  REDIRECT: 5,
  ECHO_REQUEST: 8,
  TIME_EXCEEDED: 11,
  PARAMETER_PROBLEM: 12,
  TIMESTAMP: 13,
  TIMESTAMP_REPLY: 14,
  INFORMATION: 15,
  INFORMATION_REPLY: 16,
  MASK: 17,
  MASK_REPLY: 18,
} as const;

/** Codes of UNREACHABLE. */
export const Unreachable = {
  NET: 0,
  HOST: 1,
  PROTOCOL: 2,
  PORT: 3,
  FRAGMENTATION_NEEDED: 4,
  SOURCE_ROUTE_FAILED: 5,
  NET_UNKNOWN: 6,
  HOST_UNKNOWN: 7,
  HOST_ISOLATED: 8,
  NET_PROHIBITED: 9,
  HOST_PROHIBITED: 10,
  NET_TOS: 11,
  HOST_TOS: 12,
  FILTERED: 13,
  PRECEDENCE_VIOLATION: 14,
  PRECEDENCE_CUTOFF: 15,
} as const;
export const Redirect = { NET: 0, HOST: 1, NET_TOS: 2, HOST_TOS: 3 } as const;
export const TimeExceeded = { IN_TRANSIT: 0, REASSEMBLY: 1 } as const;

const CHECKSUM = 2;
const IDENTIFIER = 4;
const SEQUENCE = 6;
const MTU = 6;
const REST = 4;

/** Proves the getters safe. */
export const check = (b: Uint8Array, at: number, end: number): boolean => at + HEADER_LENGTH <= end && end <= b.length;

export const type = (b: Uint8Array, at: number): number => get8(b, at);
export const code = (b: Uint8Array, at: number): number => get8(b, at + 1);
export const checksumField = (b: Uint8Array, at: number): number => get16(b, at + CHECKSUM);
export const identifier = (b: Uint8Array, at: number): number => get16(b, at + IDENTIFIER);
export const sequence = (b: Uint8Array, at: number): number => get16(b, at + SEQUENCE);
/** Of FRAGMENTATION_NEEDED; 0 when the router predates RFC 1191. */
export const mtu = (b: Uint8Array, at: number): number => get16(b, at + MTU);
export const gateway = (b: Uint8Array, at: number): Ipv4 => get32(b, at + REST) as Ipv4;
/** Of PARAMETER_PROBLEM: the byte of the quoted header that is at fault. */
export const pointer = (b: Uint8Array, at: number): number => get8(b, at + REST);
export const dataAt = (at: number): number => at + HEADER_LENGTH;

export const setType = (b: Uint8Array, at: number, value: number): void => put8(b, at, value);
export const setCode = (b: Uint8Array, at: number, value: number): void => put8(b, at + 1, value);
export const setChecksumField = (b: Uint8Array, at: number, value: number): void => put16(b, at + CHECKSUM, value);

/** An error quotes the packet it is about and must never be answered by another error (RFC 1122 3.2.2). */
export const isError = (kind: number): boolean =>
  kind === Type.UNREACHABLE ||
  kind === Type.SOURCE_QUENCH ||
  kind === Type.REDIRECT ||
  kind === Type.TIME_EXCEEDED ||
  kind === Type.PARAMETER_PROBLEM;

export const verifyChecksum = (b: Uint8Array, at: number, end: number): boolean => checksum(b, at, end) === 0;

export function fillChecksum(b: Uint8Array, at: number, end: number): void {
  setChecksumField(b, at, 0);
  setChecksumField(b, at, checksum(b, at, end));
}

/** `quoted` is the start of the packet that is complained about, from its IP header on. */
export type Message =
  | {
      readonly kind: "echo-request" | "echo-reply";
      readonly identifier: number;
      readonly sequence: number;
      readonly data: Uint8Array;
    }
  | { readonly kind: "unreachable"; readonly code: number; readonly mtu: number; readonly quoted: Uint8Array }
  | { readonly kind: "time-exceeded"; readonly code: number; readonly quoted: Uint8Array }
  | { readonly kind: "redirect"; readonly code: number; readonly gateway: Ipv4; readonly quoted: Uint8Array }
  | {
      readonly kind: "parameter-problem";
      readonly code: number;
      readonly pointer: number;
      readonly quoted: Uint8Array;
    }
  | {
      readonly kind: "other";
      readonly type: number;
      readonly code: number;
      /** The four bytes after the checksum. */
      readonly rest: number;
      readonly data: Uint8Array;
    };

/** Null when the header is cut. The checksum is for the caller to judge. Data and quote are views of `b`. */
export function parse(b: Uint8Array, at: number, end: number): Message | null {
  if (!check(b, at, end)) return null;
  const data = b.subarray(dataAt(at), end);
  switch (type(b, at)) {
    case Type.ECHO_REQUEST:
      return { kind: "echo-request", identifier: identifier(b, at), sequence: sequence(b, at), data };
    case Type.ECHO_REPLY:
      return { kind: "echo-reply", identifier: identifier(b, at), sequence: sequence(b, at), data };
    case Type.UNREACHABLE:
      return { kind: "unreachable", code: code(b, at), mtu: mtu(b, at), quoted: data };
    case Type.TIME_EXCEEDED:
      return { kind: "time-exceeded", code: code(b, at), quoted: data };
    case Type.REDIRECT:
      return { kind: "redirect", code: code(b, at), gateway: gateway(b, at), quoted: data };
    case Type.PARAMETER_PROBLEM:
      return { kind: "parameter-problem", code: code(b, at), pointer: pointer(b, at), quoted: data };
    default:
      return { kind: "other", type: type(b, at), code: code(b, at), rest: get32(b, at + REST), data };
  }
}

const body = (message: Message): Uint8Array => ("quoted" in message ? message.quoted : message.data);

export const length = (message: Message): number => HEADER_LENGTH + body(message).length;

/** Writes the message with its checksum; answers where it ends. */
export function emit(b: Uint8Array, at: number, message: Message): number {
  const end = at + length(message);
  setType(b, at, typeOf(message));
  setCode(b, at, "code" in message ? message.code : 0);
  put32(b, at + REST, restOf(message));
  b.set(body(message), dataAt(at));
  fillChecksum(b, at, end);
  return end;
}

const TYPE_OF_KIND = {
  "echo-request": Type.ECHO_REQUEST,
  "echo-reply": Type.ECHO_REPLY,
  unreachable: Type.UNREACHABLE,
  "time-exceeded": Type.TIME_EXCEEDED,
  redirect: Type.REDIRECT,
  "parameter-problem": Type.PARAMETER_PROBLEM,
} as const;

const typeOf = (message: Message): number => (message.kind === "other" ? message.type : TYPE_OF_KIND[message.kind]);

function restOf(message: Message): number {
  switch (message.kind) {
    case "echo-request":
    case "echo-reply":
      return message.identifier * 0x1_0000 + message.sequence;
    case "unreachable":
      return message.mtu;
    case "redirect":
      return message.gateway;
    case "parameter-problem":
      return message.pointer * 0x100_0000;
    case "time-exceeded":
      return 0;
    case "other":
      return message.rest;
  }
}
