/**
 * DHCP: RFC 2131 (messages), RFC 2132 (options), RFC 3396 (long options); what RFC 951 calls BOOTP underneath.
 *
 *      0    1       2      3      4     8      10      12       16       20       24       28       44      108    236
 *     | op | htype | hlen | hops | xid | secs | flags | ciaddr | yiaddr | siaddr | giaddr | chaddr | sname | file | options
 *
 * Ethernet only: `check` refuses other hardware. Options are a magic cookie, then code, length, data; 0 pads, 255 ends.
 */
import { fromText, get8, get16, get32, get48, put8, put16, put32, put48, toText } from "../base/bytes.ts";
import type { Ipv4, Mac } from "./address.ts";

export const SERVER_PORT = 67;
export const CLIENT_PORT = 68;

/** What stands before the options, without the cookie. */
export const FIXED_LENGTH = 236;
/** RFC 951: the least a message may have, of which old servers and relays depend. */
export const MIN_LENGTH = 300;
export const COOKIE = 0x6382_5363;
const HARDWARE_ETHERNET = 1;
const HARDWARE_LENGTH = 6;

export const Operation = { REQUEST: 1, REPLY: 2 } as const;

/** The client wants its answers as broadcasts. */
export const BROADCAST_FLAG = 0x8000;

const HARDWARE_TYPE = 1;
const HARDWARE_LENGTH_AT = 2;
const HOPS = 3;
const TRANSACTION_ID = 4;
const SECONDS = 8;
const FLAGS = 10;
const CLIENT = 12;
const YOUR = 16;
const SERVER = 20;
const RELAY = 24;
const HARDWARE_ADDRESS = 28;
const SERVER_NAME = 44;
const BOOT_FILE = 108;

export const MessageType = {
  DISCOVER: 1,
  OFFER: 2,
  REQUEST: 3,
  DECLINE: 4,
  ACK: 5,
  NAK: 6,
  RELEASE: 7,
  INFORM: 8,
} as const;

/** RFC 2132 and what came after it, by IANA's numbers. */
export const OptionCode = {
  PAD: 0,
  SUBNET_MASK: 1,
  ROUTER: 3,
  DNS_SERVER: 6,
  HOST_NAME: 12,
  DOMAIN_NAME: 15,
  MTU: 26,
  BROADCAST: 28,
  NTP_SERVER: 42,
  REQUESTED_ADDRESS: 50,
  LEASE_TIME: 51,
  OVERLOAD: 52,
  MESSAGE_TYPE: 53,
  SERVER_ID: 54,
  PARAMETERS: 55,
  MESSAGE: 56,
  MAX_SIZE: 57,
  RENEWAL_TIME: 58,
  REBINDING_TIME: 59,
  VENDOR_CLASS: 60,
  CLIENT_ID: 61,
  CLIENT_FQDN: 81,
  END: 255,
} as const;

/** Proves the getters safe and the message one about Ethernet. */
export const check = (b: Uint8Array, at: number, end: number): boolean =>
  at + FIXED_LENGTH <= end &&
  end <= b.length &&
  get8(b, at + HARDWARE_TYPE) === HARDWARE_ETHERNET &&
  get8(b, at + HARDWARE_LENGTH_AT) === HARDWARE_LENGTH;

export const operation = (b: Uint8Array, at: number): number => get8(b, at);
export const transactionId = (b: Uint8Array, at: number): number => get32(b, at + TRANSACTION_ID);
export const flags = (b: Uint8Array, at: number): number => get16(b, at + FLAGS);
export const clientMac = (b: Uint8Array, at: number): Mac => get48(b, at + HARDWARE_ADDRESS) as Mac;
export const optionsAt = (at: number): number => at + FIXED_LENGTH + 4;

export interface Option {
  readonly code: number;
  readonly data: Uint8Array;
}

/** An option where it stands; `from` is its code, the data lie in [data, to). */
export interface PlacedOption {
  readonly code: number;
  readonly from: number;
  readonly data: number;
  readonly to: number;
}

/** What stands behind the cookie, in order, up to the end option, which is told too. Pads are passed over. */
export function placedOptions(b: Uint8Array, from: number, end: number): { options: PlacedOption[]; whole: boolean } {
  const options: PlacedOption[] = [];
  let at = from;
  while (at < end) {
    const code = get8(b, at);
    if (code === OptionCode.PAD) {
      at++;
      continue;
    }
    if (code === OptionCode.END) {
      options.push({ code, from: at, data: at + 1, to: at + 1 });
      return { options, whole: true };
    }
    const to = at + 1 < end ? at + 2 + get8(b, at + 1) : end + 1;
    if (to > end) return { options, whole: false };
    options.push({ code, from: at, data: at + 2, to });
    at = to;
  }
  return { options, whole: true };
}

export interface Message {
  readonly operation: number;
  readonly hops: number;
  readonly transactionId: number;
  readonly seconds: number;
  readonly flags: number;
  /** ciaddr: what the client has and answers for. */
  readonly clientAddress: Ipv4;
  /** yiaddr: what it gets. */
  readonly yourAddress: Ipv4;
  /** siaddr */
  readonly serverAddress: Ipv4;
  /** giaddr */
  readonly relayAddress: Ipv4;
  readonly clientMac: Mac;
  readonly serverName: string;
  readonly bootFile: string;
  /** In order; a long one that came in pieces stands where its first piece stood. */
  readonly options: readonly Option[];
}

/** Null when `check` fails or an option is cut. Without a cookie there are no options: plain BOOTP. */
export function parse(b: Uint8Array, at: number, end: number): Message | null {
  if (!check(b, at, end)) return null;
  const options = readOptions(b, at, end);
  if (options === null) return null;
  const overload = options.find(({ code }) => code === OptionCode.OVERLOAD)?.data[0] ?? 0;
  const spare = [
    ...((overload & 1) === 0 ? [] : placedData(b, at + BOOT_FILE, at + FIXED_LENGTH)),
    ...((overload & 2) === 0 ? [] : placedData(b, at + SERVER_NAME, at + BOOT_FILE)),
  ];
  return {
    operation: operation(b, at),
    hops: get8(b, at + HOPS),
    transactionId: transactionId(b, at),
    seconds: get16(b, at + SECONDS),
    flags: flags(b, at),
    clientAddress: get32(b, at + CLIENT) as Ipv4,
    yourAddress: get32(b, at + YOUR) as Ipv4,
    serverAddress: get32(b, at + SERVER) as Ipv4,
    relayAddress: get32(b, at + RELAY) as Ipv4,
    clientMac: clientMac(b, at),
    serverName: (overload & 2) === 0 ? readText(b, at + SERVER_NAME, at + BOOT_FILE) : "",
    bootFile: (overload & 1) === 0 ? readText(b, at + BOOT_FILE, at + FIXED_LENGTH) : "",
    options: joined([...options, ...spare]),
  };
}

export const hasCookie = (b: Uint8Array, at: number, end: number): boolean =>
  optionsAt(at) <= end && get32(b, at + FIXED_LENGTH) === COOKIE;

function readOptions(b: Uint8Array, at: number, end: number): Option[] | null {
  if (!hasCookie(b, at, end)) return [];
  const { options, whole } = placedOptions(b, optionsAt(at), end);
  return whole ? dataOf(b, options) : null;
}

const placedData = (b: Uint8Array, from: number, to: number): Option[] => dataOf(b, placedOptions(b, from, to).options);

const dataOf = (b: Uint8Array, options: readonly PlacedOption[]): Option[] =>
  options
    .filter(({ code }) => code !== OptionCode.END)
    .map(({ code, data, to }) => ({ code, data: b.slice(data, to) }));

/** RFC 3396: what comes in pieces is one value. */
function joined(pieces: readonly Option[]): Option[] {
  const whole: Option[] = [];
  for (const piece of pieces) {
    const index = whole.findIndex(({ code }) => code === piece.code);
    if (index < 0) whole.push(piece);
    else whole[index] = { code: piece.code, data: Uint8Array.of(...whole[index]!.data, ...piece.data) };
  }
  return whole;
}

function readText(b: Uint8Array, from: number, to: number): string {
  let end = from;
  while (end < to && get8(b, end) !== 0) end++;
  return toText(b.subarray(from, end));
}

const LONGEST = 255;

const pieces = (size: number): number => Math.max(1, Math.ceil(size / LONGEST));

/** Bytes of the message with the end option; never less than `MIN_LENGTH`. */
export function length({ options }: Message): number {
  const size = options.reduce((sum, { data }) => sum + data.length + 2 * pieces(data.length), 0);
  return Math.max(MIN_LENGTH, FIXED_LENGTH + 4 + size + 1);
}

/** Writes the message; answers where it ends. Everything in [at, end) is written. */
export function emit(b: Uint8Array, at: number, message: Message): number {
  const end = at + length(message);
  b.fill(0, at, end);
  put8(b, at, message.operation);
  put8(b, at + HARDWARE_TYPE, HARDWARE_ETHERNET);
  put8(b, at + HARDWARE_LENGTH_AT, HARDWARE_LENGTH);
  put8(b, at + HOPS, message.hops);
  put32(b, at + TRANSACTION_ID, message.transactionId);
  put16(b, at + SECONDS, message.seconds);
  put16(b, at + FLAGS, message.flags);
  put32(b, at + CLIENT, message.clientAddress);
  put32(b, at + YOUR, message.yourAddress);
  put32(b, at + SERVER, message.serverAddress);
  put32(b, at + RELAY, message.relayAddress);
  put48(b, at + HARDWARE_ADDRESS, message.clientMac);
  b.set(fromText(message.serverName).subarray(0, BOOT_FILE - SERVER_NAME), at + SERVER_NAME);
  b.set(fromText(message.bootFile).subarray(0, FIXED_LENGTH - BOOT_FILE), at + BOOT_FILE);
  put32(b, at + FIXED_LENGTH, COOKIE);
  emitOptions(b, optionsAt(at), message.options);
  return end;
}

function emitOptions(b: Uint8Array, from: number, options: readonly Option[]): void {
  let at = from;
  for (const { code, data } of options) {
    for (let piece = 0; piece < pieces(data.length); piece++) {
      const part = data.subarray(piece * LONGEST, (piece + 1) * LONGEST);
      put8(b, at, code);
      put8(b, at + 1, part.length);
      b.set(part, at + 2);
      at += 2 + part.length;
    }
  }
  put8(b, at, OptionCode.END);
}

/** The message as bytes of its own. */
export function encode(message: Message): Uint8Array {
  const bytes = new Uint8Array(length(message));
  emit(bytes, 0, message);
  return bytes;
}

export const option = ({ options }: Message, code: number): Uint8Array | null =>
  options.find((each) => each.code === code)?.data ?? null;

/** Null without the option, or when it is shorter than a number. */
export function number32Of(message: Message, code: number): number | null {
  const data = option(message, code);
  return data === null || data.length < 4 ? null : get32(data, 0);
}

export const addressOf = (message: Message, code: number): Ipv4 | null => number32Of(message, code) as Ipv4 | null;

export function addressesOf(message: Message, code: number): Ipv4[] {
  const data = option(message, code) ?? new Uint8Array(0);
  return Array.from({ length: Math.floor(data.length / 4) }, (_, i) => get32(data, 4 * i) as Ipv4);
}

/** Some clients end texts with a zero byte. */
export function textOf(message: Message, code: number): string | null {
  const data = option(message, code);
  return data === null ? null : toText(data).replace(/\0+$/, "");
}

/** 0: a BOOTP request, which has no type. */
export const typeOf = (message: Message): number => option(message, OptionCode.MESSAGE_TYPE)?.[0] ?? 0;

export const byteOption = (code: number, value: number): Option => ({ code, data: Uint8Array.of(value) });
export function numberOption(code: number, ...values: readonly number[]): Option {
  const data = new Uint8Array(4 * values.length);
  for (const [i, value] of values.entries()) put32(data, 4 * i, value);
  return { code, data };
}
export const textOption = (code: number, text: string): Option => ({ code, data: fromText(text) });
