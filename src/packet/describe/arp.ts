/**
 * ARP and RARP as tcpdump prints them, for any lengths of addresses (its print-arp.c).
 * Not modelled: the own layouts of ATM and frame relay.
 */
import { get8, get16, get32, toHex } from "../../base/bytes.ts";
import { formatIpv4, type Ipv4 } from "../address.ts";
import { EtherType } from "../ethernet.ts";
import { ETHER_TYPE_NAMES } from "./names.ts";
import { cut, dump, has, type Printout, print, printColumn } from "./printout.ts";

const FIXED_PART = 8;
const TRAILER_ENCAPSULATION = 0x1000;

const HARDWARE_NAMES: Readonly<Record<number, string>> = {
  1: "Ethernet",
  6: "TokenRing",
  7: "ArcNet",
  15: "FrameRelay",
  19: "ATM",
  23: "Strip",
  24: "IEEE 1394",
  32: "InfiniBand",
};
const OPERATION_NAMES: Readonly<Record<number, string>> = {
  1: "Request",
  2: "Reply",
  3: "Reverse Request",
  4: "Reverse Reply",
  8: "Inverse Request",
  9: "Inverse Reply",
  10: "NACK Reply",
};

/** `length` is that of the packet on the wire, Ethernet padding included. */
export function describeArp(out: Printout, at: number, length: number): void {
  const b = out.bytes;
  if (!has(out, at, FIXED_PART)) {
    cut(out, "arp");
    return;
  }
  const hardwareLength = get8(b, at + 4);
  const protocolLength = get8(b, at + 5);
  if (!has(out, at, FIXED_PART + 2 * (hardwareLength + protocolLength))) {
    cut(out, "arp");
    return;
  }
  if (!out.link) printColumn(out, "ARP, ");
  const known = isIpv4(get16(b, at + 2)) && protocolLength === 4 && hardwareLength !== 0;
  if (out.verbose || !known) print(out, formats(b, at));
  if (out.verbose || known) {
    const operation = get16(b, at + 6);
    print(out, `${out.verbose ? ", " : ""}${OPERATION_NAMES[operation] ?? `Unknown (${operation})`} `);
    const sentence = SENTENCES[operation];
    if (sentence === undefined) {
      dump(out, at, out.end);
      return;
    }
    print(out, sentence(addresses(b, at)));
  }
  print(out, `, length ${length}`);
}

const isIpv4 = (type: number): boolean => type === EtherType.IPV4 || type === TRAILER_ENCAPSULATION;

function formats(b: Uint8Array, at: number): string {
  const hardware = get16(b, at);
  const protocol = get16(b, at + 2);
  const hardwareName = HARDWARE_NAMES[hardware] ?? `Unknown Hardware (${hardware})`;
  const protocolName = ETHER_TYPE_NAMES[protocol] ?? `Unknown Protocol (0x${toHex(b, at + 2, at + 4)})`;
  return `${hardwareName} (len ${get8(b, at + 4)}), ${protocolName} (len ${get8(b, at + 5)})`;
}

interface Addresses {
  readonly senderHardware: string;
  readonly sender: string;
  readonly targetHardware: string;
  readonly target: string;
  readonly targetKnown: boolean;
}

function addresses(b: Uint8Array, at: number): Addresses {
  const hardwareLength = get8(b, at + 4);
  const protocolLength = get8(b, at + 5);
  const senderAt = at + FIXED_PART;
  const targetAt = senderAt + hardwareLength + protocolLength;
  const protocol = (place: number): string => {
    if (!isIpv4(get16(b, at + 2))) return "<wrong proto type>";
    return protocolLength === 4 ? formatIpv4(get32(b, place) as Ipv4) : "<wrong len>";
  };
  return {
    senderHardware: hardware(b, senderAt, hardwareLength),
    sender: protocol(senderAt + hardwareLength),
    targetHardware: hardware(b, targetAt, hardwareLength),
    target: protocol(targetAt + hardwareLength),
    targetKnown: b.subarray(targetAt, targetAt + hardwareLength).some((byte) => byte !== 0),
  };
}

const hardware = (b: Uint8Array, at: number, length: number): string =>
  length === 0 ? "<empty>" : (toHex(b, at, at + length).match(/../g) ?? []).join(":");

const SENTENCES: Readonly<Record<number, (a: Addresses) => string>> = {
  1: (a) => `who-has ${a.target}${a.targetKnown ? ` (${a.targetHardware})` : ""} tell ${a.sender}`,
  2: (a) => `${a.sender} is-at ${a.senderHardware}`,
  3: (a) => `who-is ${a.targetHardware} tell ${a.senderHardware}`,
  4: (a) => `${a.targetHardware} at ${a.target}`,
  8: (a) => `who-is ${a.targetHardware} tell ${a.senderHardware}`,
  9: (a) => `${a.senderHardware} at ${a.sender}`,
};
