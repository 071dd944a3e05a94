/**
 * Reads pcapng (draft-ietf-opsawg-pcapng): any number of sections, each in its own byte order; interface
 * descriptions anywhere before their first packet; enhanced and simple packet blocks. Other blocks are skipped, among
 * them the obsolete packet block (type 2); so are unknown options and options of the wrong length.
 * Reading stops at the first block that makes no sense.
 */
import { toText } from "../../base/bytes.ts";
import type { Ending, Reading } from "../../packet/capture/captured.ts";
import * as format from "./pcapng-format.ts";

/** Type and length before the body, length again after it. */
const FRAMING = 12;
const SMALLEST_SECTION_HEADER = 28;
const NANOS_PER_SECOND = 1_000_000_000n;
/** if_tsresol when absent: microseconds. */
const DEFAULT_RESOLUTION = 6;

/** How one interface counts time. */
interface Clock {
  readonly unitsPerSecond: bigint;
  readonly offset: bigint;
}

/** One section while it is read; interface ids count from its own first interface. */
interface Section {
  readonly file: Uint8Array;
  readonly view: DataView;
  readonly little: boolean;
  readonly firstInterface: number;
  readonly clocks: Clock[];
}

/** The bytes of a block's body or of an option's value: `file[from..to)`. */
interface Span {
  readonly from: number;
  readonly to: number;
}

interface Option extends Span {
  readonly code: number;
}

/** The first four bytes are a section header's type. */
export function readPcapng(file: Uint8Array, reading: Reading): Ending {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  let section: Section | null = null;
  let at = 0;
  while (at < file.length) {
    if (file.length - at < FRAMING) return "cut";
    // The type of a section header reads the same in both byte orders.
    const isHeader = view.getUint32(at) === format.SECTION_HEADER;
    if (isHeader) section = openSection(file, view, at, reading);
    if (section === null)
      return {
        problem: `byte ${at}: a section header without its byte order magic`,
      };
    const length = view.getUint32(at + 4, section.little);
    const framing = checkFraming(section, at, length, isHeader);
    if (framing !== null) return framing;
    const body = { from: at + 8, to: at + length - 4 };
    const problem = readBlock(section, view.getUint32(at, section.little), body, reading);
    if (problem !== null) return { problem: `byte ${at}: ${problem}` };
    at += length;
  }
  return "complete";
}

function openSection(file: Uint8Array, view: DataView, at: number, reading: Reading): Section | null {
  const little = view.getUint32(at + 8, true) === format.BYTE_ORDER_MAGIC;
  if (!little && view.getUint32(at + 8) !== format.BYTE_ORDER_MAGIC) return null;
  return {
    file,
    view,
    little,
    firstInterface: reading.interfaces.length,
    clocks: [],
  };
}

function checkFraming(section: Section, at: number, length: number, isHeader: boolean): Ending | null {
  const smallest = isHeader ? SMALLEST_SECTION_HEADER : FRAMING;
  if (length < smallest || length % 4 !== 0) return { problem: `byte ${at}: a block cannot have length ${length}` };
  if (length > section.file.length - at) return "cut";
  const second = section.view.getUint32(at + length - 4, section.little);
  if (second === length) return null;
  return {
    problem: `byte ${at}: the block's two lengths differ: ${length} and ${second}`,
  };
}

/** Null, or what is wrong with the block. */
function readBlock(section: Section, type: number, body: Span, reading: Reading): string | null {
  switch (type) {
    case format.INTERFACE_DESCRIPTION:
      return readInterface(section, body, reading);
    case format.ENHANCED_PACKET:
      return readEnhancedPacket(section, body, reading);
    case format.SIMPLE_PACKET:
      return readSimplePacket(section, body, reading);
    default:
      return null;
  }
}

function readInterface(section: Section, body: Span, reading: Reading): string | null {
  const { view, little } = section;
  if (body.to - body.from < 8) return "an interface description is too short";
  const options = readOptions(section, body.from + 8, body.to);
  if (typeof options === "string") return options;
  reading.interfaces.push({
    name: textOf(section, options, format.IF_NAME),
    description: textOf(section, options, format.IF_DESCRIPTION),
    linkType: view.getUint16(body.from, little),
    snaplen: view.getUint32(body.from + 4, little),
  });
  section.clocks.push(clockOf(section, options));
  return null;
}

function clockOf(section: Section, options: readonly Option[]): Clock {
  const { view, little } = section;
  const resolution = find(options, format.IF_TSRESOL, 1);
  const offset = find(options, format.IF_TSOFFSET, 8);
  const exponent = resolution === undefined ? DEFAULT_RESOLUTION : view.getUint8(resolution.from);
  return {
    // The top bit says: a power of two instead of ten.
    unitsPerSecond: exponent >= 128 ? 1n << BigInt(exponent - 128) : 10n ** BigInt(exponent),
    offset: offset === undefined ? 0n : view.getBigInt64(offset.from, little) * NANOS_PER_SECOND,
  };
}

function readEnhancedPacket(section: Section, body: Span, reading: Reading): string | null {
  const { view, little } = section;
  if (body.to - body.from < 20) return "a packet block is too short";
  const id = view.getUint32(body.from, little);
  const clock = section.clocks[id];
  if (clock === undefined) return `a packet of interface ${id}, which is not described`;
  const length = view.getUint32(body.from + 12, little);
  const data = body.from + 20;
  if (length > body.to - data) return `a packet of ${length} bytes is larger than its block`;
  const options = readOptions(section, data + padded(length), body.to);
  if (typeof options === "string") return options;
  const flags = find(options, format.EPB_FLAGS, 4);
  reading.packets.push({
    interface: section.firstInterface + id,
    nanos: readTime(section, body.from + 4, clock),
    bytes: section.file.subarray(data, data + length),
    originalLength: view.getUint32(body.from + 16, little),
    flags: flags === undefined ? 0 : view.getUint32(flags.from, little),
    dropCount: numberOf(section, options, format.EPB_DROPCOUNT) ?? 0n,
    packetId: numberOf(section, options, format.EPB_PACKETID),
    comments: options.filter((option) => option.code === format.COMMENT).map((option) => text(section, option)),
  });
  return null;
}

/** Two words, the high one first in either byte order. */
function readTime(section: Section, at: number, clock: Clock): bigint {
  const high = BigInt(section.view.getUint32(at, section.little));
  const low = BigInt(section.view.getUint32(at + 4, section.little));
  return (((high << 32n) | low) * NANOS_PER_SECOND) / clock.unitsPerSecond + clock.offset;
}

/** Belongs to the section's first interface, whose snap length is the only witness of how much was kept. */
function readSimplePacket(section: Section, body: Span, reading: Reading): string | null {
  if (body.to - body.from < 4) return "a simple packet block is too short";
  const owner = section.clocks.length === 0 ? undefined : reading.interfaces[section.firstInterface];
  if (owner === undefined) return "a simple packet before any interface is described";
  const originalLength = section.view.getUint32(body.from, section.little);
  const data = body.from + 4;
  const length = owner.snaplen === 0 ? originalLength : Math.min(originalLength, owner.snaplen);
  if (length > body.to - data) return `a packet of ${length} bytes is larger than its block`;
  reading.packets.push({
    interface: section.firstInterface,
    nanos: 0n,
    bytes: section.file.subarray(data, data + length),
    originalLength,
    flags: 0,
    dropCount: 0n,
    packetId: null,
    comments: [],
  });
  return null;
}

/** The options in `file[at..end)`, or what is wrong with them. The end marker may be missing. */
function readOptions(section: Section, at: number, end: number): Option[] | string {
  const options: Option[] = [];
  let next = at;
  while (next < end) {
    if (end - next < 4) return "an option is larger than its block";
    const code = section.view.getUint16(next, section.little);
    const length = section.view.getUint16(next + 2, section.little);
    if (code === format.END_OF_OPTIONS) break;
    const from = next + 4;
    if (length > end - from) return "an option is larger than its block";
    options.push({ code, from, to: from + length });
    next = from + padded(length);
  }
  return options;
}

const padded = (length: number): number => length + (-length & 3);

const find = (options: readonly Option[], code: number, length: number): Option | undefined =>
  options.find((option) => option.code === code && option.to - option.from === length);

function numberOf(section: Section, options: readonly Option[], code: number): bigint | null {
  const option = find(options, code, 8);
  return option === undefined ? null : section.view.getBigUint64(option.from, section.little);
}

function textOf(section: Section, options: readonly Option[], code: number): string {
  const option = options.find((candidate) => candidate.code === code);
  return option === undefined ? "" : text(section, option);
}

const text = (section: Section, span: Span): string => toText(section.file.subarray(span.from, span.to));
