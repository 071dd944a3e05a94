/** IP packets, as they should be and otherwise. */
import { put8, put16 } from "../../../../src/base/bytes.ts";
import type { Ipv4 } from "../../../../src/packet/address.ts";
import * as ipv4 from "../../../../src/packet/ipv4.ts";
import type { Chance } from "./chance.ts";

export interface Wanted {
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly protocol: number;
  readonly payload: Uint8Array;
  readonly id: number;
}

/** As it should be, but for what a sender may choose. */
export function packet(chance: Chance, { source, destination, protocol, payload, id }: Wanted): Uint8Array {
  const options = chance.maybe(0.05) ? chance.pick(OPTIONS)(chance) : ipv4.NO_OPTIONS;
  const header = {
    tos: chance.maybe(0.1) ? chance.below(256) : 0,
    dontFragment: chance.maybe(0.5),
    moreFragments: false,
    fragmentOffset: 0,
    ttl: chance.pick([64, 64, 64, 64, 64, 128, 255, 2, 1, 0]),
    ...{ id, protocol, source, destination, options, payloadLength: payload.length },
  };
  const bytes = new Uint8Array(ipv4.length(header) + payload.length);
  bytes.set(payload, ipv4.emit(bytes, 0, header));
  return bytes;
}

const option = (...bytes: readonly number[]): Uint8Array => Uint8Array.from(bytes);

const OPTIONS: readonly ((chance: Chance) => Uint8Array)[] = [
  // Padding, end of list with something behind it.
  () => option(1, 1, 1, 0),
  () => option(0, 1, 7, 3),
  () => option(1, 0, 0, 9),
  // Router alert, security, one that nobody knows.
  () => option(0x94, 4, 0, 0),
  () => option(0x82, 3, 0, 0),
  () => option(0x9e, 4, 1, 2),
  // Lengths that cannot be.
  () => option(0x9e, 0, 0, 0),
  () => option(0x9e, 1, 0, 0),
  () => option(0x9e, 40, 4, 0),
  () => option(1, 1, 1, 7),
  // Loose and strict source routes.
  (chance) => option(chance.pick([0x83, 0x89]), 7, chance.pick([4, 8]), 192, 168, 1, chance.pick([1, 10, 101]), 0),
];

/** Faults of the header: what a receiver has to see. The checksum is filled in again where it is not the fault itself. */
export function spoilHeader(chance: Chance, bytes: Uint8Array): void {
  const total = ipv4.totalLength(bytes, 0);
  switch (chance.below(9)) {
    case 0:
      return put8(bytes, 0, chance.pick([0x44, 0x40, 0x65, 0x05, 0x4f, 0x46]));
    case 1:
      return void put16(bytes, 10, chance.below(65_536));
    case 2:
      ipv4.setTotalLength(bytes, 0, chance.pick([total - 1, total - 8, total + 1, 0, 19, 20, 65_535]) & 0xffff);
      break;
    case 3:
      put8(bytes, 0, chance.pick([0x44, 0x40, 0x65, 0x05, 0x4f, 0x46]));
      break;
    case 4:
      // The reserved flag, alone or with others.
      put16(bytes, 6, chance.pick([0x8000, 0xe000, 0xa000]));
      break;
    case 5:
      put16(bytes, 6, chance.pick([0x2000, 0x1fff, 0x0001, 0x6000, 0x4001, 0x3fff]));
      break;
    case 6:
      ipv4.setTtl(bytes, 0, chance.pick([0, 1]));
      break;
    case 7:
      ipv4.setProtocol(bytes, 0, chance.pick([1, 2, 6, 17, 89, 200, 253, 255, 0]));
      break;
    default:
      ipv4.setTos(bytes, 0, 0xff);
  }
  fill(bytes);
}

/** As far as the header says that it goes; it may say anything. */
function fill(bytes: Uint8Array): void {
  const length = ipv4.headerLength(bytes, 0);
  if (length >= ipv4.MIN_HEADER_LENGTH && length <= bytes.length) ipv4.fillChecksum(bytes, 0);
}

/** Cut into pieces of so many bytes, and what may become of them on the way. */
export function fragments(chance: Chance, whole: Uint8Array): Uint8Array[] {
  const header = ipv4.headerLength(whole, 0);
  const size = Math.max(8, chance.pick([8, 16, 64, 256, 512, 1024]) & ~7);
  const pieces: Uint8Array[] = [];
  for (let at = header; at < whole.length && pieces.length < 8; at += size) {
    const isLast = at + size >= whole.length || pieces.length === 7;
    const end = isLast ? whole.length : at + size;
    pieces.push(piece(whole, header, at, end, isLast));
  }
  switch (chance.below(6)) {
    case 0:
      return chance.shuffled(pieces);
    case 1:
      return pieces.filter(() => chance.maybe(0.8));
    case 2:
      return [...pieces, chance.pick(pieces)];
    case 3:
      return [...pieces.slice(0, 1), overlapping(chance, whole, header, size), ...pieces.slice(1)];
    case 4:
      return pieces.toReversed();
    default:
      return pieces;
  }
}

function piece(whole: Uint8Array, header: number, from: number, to: number, isLast: boolean): Uint8Array {
  const bytes = new Uint8Array(header + to - from);
  bytes.set(whole.subarray(0, header));
  bytes.set(whole.subarray(from, to), header);
  ipv4.setTotalLength(bytes, 0, bytes.length);
  ipv4.setFragment(bytes, 0, from - header, !isLast, ipv4.dontFragment(whole, 0));
  fill(bytes);
  return bytes;
}

function overlapping(chance: Chance, whole: Uint8Array, header: number, size: number): Uint8Array {
  const from = header + (chance.below(Math.min(size, whole.length - header)) & ~7);
  return piece(whole, header, from, Math.min(whole.length, from + size), chance.maybe(0.3));
}
