/**
 * ARP for IPv4 over Ethernet: RFC 826, RFC 5227 (probes and announcements).
 *
 *      0       2       4      5      6       8      14     18     24     28
 *     | htype | ptype | hlen | plen | oper  | sha  | spa  | tha  | tpa  |
 *
 * Other hardware and protocol types are rejected by `check`; RARP shares the layout and is only named in the views.
 */
import { get8, get16, get32, get48, put8, put16, put32, put48 } from "../base/bytes.ts";
import type { Ipv4, Mac } from "./address.ts";
import { EtherType } from "./ethernet.ts";

export const LENGTH = 28;
export const HARDWARE_ETHERNET = 1;
const HARDWARE_IEEE802 = 6;

export const Operation = { REQUEST: 1, REPLY: 2 } as const;

const PROTOCOL_TYPE = 2;
const HARDWARE_LENGTH = 4;
const PROTOCOL_LENGTH = 5;
const OPERATION = 6;
const SENDER_MAC = 8;
const SENDER_IP = 14;
const TARGET_MAC = 18;
const TARGET_IP = 24;

/** Proves the getters safe and meaningful: whole, and for IPv4 over Ethernet. */
export const check = (b: Uint8Array, at: number, end: number): boolean =>
  isForIpv4(b, at, end) && get16(b, at) === HARDWARE_ETHERNET;

/** What an Ethernet device listens to (Linux arp_rcv, arp_process): IEEE 802, too. */
export const isHeard = (b: Uint8Array, at: number, end: number): boolean =>
  isForIpv4(b, at, end) && (get16(b, at) === HARDWARE_ETHERNET || get16(b, at) === HARDWARE_IEEE802);

const isForIpv4 = (b: Uint8Array, at: number, end: number): boolean =>
  at + LENGTH <= end &&
  end <= b.length &&
  get16(b, at + PROTOCOL_TYPE) === EtherType.IPV4 &&
  get8(b, at + HARDWARE_LENGTH) === 6 &&
  get8(b, at + PROTOCOL_LENGTH) === 4;

export const operation = (b: Uint8Array, at: number): number => get16(b, at + OPERATION);
export const senderMac = (b: Uint8Array, at: number): Mac => get48(b, at + SENDER_MAC) as Mac;
export const senderIp = (b: Uint8Array, at: number): Ipv4 => get32(b, at + SENDER_IP) as Ipv4;
export const targetMac = (b: Uint8Array, at: number): Mac => get48(b, at + TARGET_MAC) as Mac;
export const targetIp = (b: Uint8Array, at: number): Ipv4 => get32(b, at + TARGET_IP) as Ipv4;

export const setOperation = (b: Uint8Array, at: number, value: number): void => put16(b, at + OPERATION, value);
export const setSenderMac = (b: Uint8Array, at: number, mac: Mac): void => put48(b, at + SENDER_MAC, mac);
export const setSenderIp = (b: Uint8Array, at: number, ip: Ipv4): void => put32(b, at + SENDER_IP, ip);
export const setTargetMac = (b: Uint8Array, at: number, mac: Mac): void => put48(b, at + TARGET_MAC, mac);
export const setTargetIp = (b: Uint8Array, at: number, ip: Ipv4): void => put32(b, at + TARGET_IP, ip);

export interface Packet {
  readonly operation: number;
  readonly senderMac: Mac;
  readonly senderIp: Ipv4;
  readonly targetMac: Mac;
  readonly targetIp: Ipv4;
}

/** Null when `check` fails. */
export function parse(b: Uint8Array, at: number, end: number): Packet | null {
  if (!check(b, at, end)) return null;
  return {
    operation: operation(b, at),
    senderMac: senderMac(b, at),
    senderIp: senderIp(b, at),
    targetMac: targetMac(b, at),
    targetIp: targetIp(b, at),
  };
}

/** Writes the packet; answers where it ends. */
export function emit(b: Uint8Array, at: number, packet: Packet): number {
  put16(b, at, HARDWARE_ETHERNET);
  put16(b, at + PROTOCOL_TYPE, EtherType.IPV4);
  put8(b, at + HARDWARE_LENGTH, 6);
  put8(b, at + PROTOCOL_LENGTH, 4);
  setOperation(b, at, packet.operation);
  setSenderMac(b, at, packet.senderMac);
  setSenderIp(b, at, packet.senderIp);
  setTargetMac(b, at, packet.targetMac);
  setTargetIp(b, at, packet.targetIp);
  return at + LENGTH;
}
