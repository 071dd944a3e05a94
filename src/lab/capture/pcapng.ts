/**
 * Writes pcapng: one little-endian section, nanosecond stamps, packets with direction, lineage id and comments.
 * Follows draft-ietf-opsawg-pcapng. Does not write: epb_verdict (Wireshark 4.0 corrupts it on save), epb_hash,
 * epb_queue, IPv6 names, custom blocks.
 */
import { fromText, put32, put48 } from "../../base/bytes.ts";
import { invariant } from "../../base/invariant.ts";
import type { Ipv4, Mac } from "../../packet/address.ts";
import { ByteBuffer } from "../../packet/capture/byte-buffer.ts";
import {
  cappedSnaplen,
  checkEpoch,
  LINKTYPE_ETHERNET,
  MAX_OPTION,
  optionText,
  SNAPLEN,
} from "../../packet/capture/limits.ts";
import * as format from "./pcapng-format.ts";

export interface SectionInfo {
  readonly hardware: string;
  readonly os: string;
  readonly application: string;
  readonly comment?: string;
}

export interface InterfaceInfo {
  readonly name: string;
  readonly description: string;
  /** LINKTYPE_ value; Ethernet when absent. */
  readonly linkType?: number;
  /** Bytes kept of each packet; 262,144 when absent, and at most. */
  readonly snaplen?: number;
  /** bit/s */
  readonly speed?: number;
  readonly mac?: Mac;
  /** The capture filter in pcap-filter(7) syntax. */
  readonly filter?: string;
  readonly os?: string;
  readonly hardware?: string;
}

export interface NameRecord {
  readonly address: Ipv4;
  /** At least one. Wireshark 4.0 shows the last. */
  readonly names: readonly string[];
}

const NANOS_PER_SECOND = 1_000_000_000n;
const TWO_32 = 0x1_0000_0000;
const TWO_NEGATIVE_32 = 1 / TWO_32;

/** if_tsresol: stamps count 10^-9 s. */
const NANOSECONDS = 9;
/** if_filter: what follows is text for libpcap. */
const FILTER_TEXT = 0;
/** Name resolution record type nrb_record_ipv4. */
const NAME_IPV4 = 1;
/** Section length -1: unknown, because the section is still being written. */
const UNKNOWN_HALF = 0xffff_ffff;

/** Option code and length as one word. */
const FLAGS_HEADER = (4 << 16) | format.EPB_FLAGS;
const PACKETID_HEADER = (8 << 16) | format.EPB_PACKETID;

export class PcapngWriter {
  /** What the outside has not taken yet: always whole blocks. */
  readonly pending = new ByteBuffer();
  /** Snap length of each interface; the index is the interface id. */
  private readonly snaplens: number[] = [];
  private sectionWritten = false;
  private readonly epochHigh: number;
  private readonly epochLow: number;

  /** `epochSeconds`: the Unix time at which virtual time is 0, whole seconds. */
  constructor(epochSeconds: number) {
    checkEpoch(epochSeconds);
    const epoch = BigInt(epochSeconds) * NANOS_PER_SECOND;
    this.epochHigh = Number(epoch >> 32n);
    this.epochLow = Number(epoch & 0xffff_ffffn);
  }

  /** Comes first, and once: through a live pipe Wireshark 4.0 mixes up the interfaces of a second section. */
  section(info: SectionInfo): void {
    invariant(!this.sectionWritten, "a capture has one section");
    this.sectionWritten = true;
    const start = this.begin(format.SECTION_HEADER);
    this.pending.append32(format.BYTE_ORDER_MAGIC);
    this.pending.append16(1);
    this.pending.append16(0);
    this.pending.append32(UNKNOWN_HALF);
    this.pending.append32(UNKNOWN_HALF);
    this.textOption(format.COMMENT, info.comment);
    this.textOption(format.SHB_HARDWARE, info.hardware);
    this.textOption(format.SHB_OS, info.os);
    this.textOption(format.SHB_APPLICATION, info.application);
    this.endOptions();
    this.end(start);
  }

  /** Returns the interface id. May come late: a vif plugged in while packets already flow. */
  interface(info: InterfaceInfo): number {
    invariant(this.sectionWritten, "an interface before the section");
    const snaplen = cappedSnaplen(info.snaplen ?? SNAPLEN);
    const start = this.begin(format.INTERFACE_DESCRIPTION);
    this.pending.append16(info.linkType ?? LINKTYPE_ETHERNET);
    this.pending.append16(0);
    this.pending.append32(snaplen);
    this.textOption(format.IF_NAME, info.name);
    this.textOption(format.IF_DESCRIPTION, info.description);
    if (info.mac !== undefined) this.option(format.IF_MAC, macBytes(info.mac));
    if (info.speed !== undefined) this.numberOption(format.IF_SPEED, info.speed);
    this.option(format.IF_TSRESOL, Uint8Array.of(NANOSECONDS));
    if (info.filter !== undefined) this.option(format.IF_FILTER, filterBytes(info.filter));
    this.textOption(format.IF_OS, info.os);
    this.textOption(format.IF_HARDWARE, info.hardware);
    this.endOptions();
    this.end(start);
    return this.snaplens.push(snaplen) - 1;
  }

  /**
   * One frame, `bytes[at..at+length)`, of which at most the interface's snap length is kept.
   * `nanos`: since virtual start, 0 to 2^53. `originalLength`: bytes on the wire, `length` or more.
   * `flags`: of pcapng-format.ts. `packetId`: the frame's lineage id, 0 to 2^53.
   * `dropCount`: packets lost here since the one before. Empty `comment`: none.
   */
  packet(
    interfaceId: number,
    nanos: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    originalLength: number,
    flags: number,
    packetId: number,
    dropCount = 0,
    comment = "",
  ): void {
    const snaplen = this.snaplens[interfaceId];
    invariant(snaplen !== undefined, "a packet on an interface that was never described");
    invariant(originalLength >= length, "a packet longer than it ever was");
    const kept = Math.min(length, snaplen);
    const start = this.packetHead(interfaceId, nanos, kept, originalLength);
    this.pending.appendBytes(bytes, at, at + kept);
    this.pending.pad4();
    if (comment !== "") this.textOption(format.COMMENT, comment);
    if (dropCount > 0) this.numberOption(format.EPB_DROPCOUNT, dropCount);
    this.packetTail(start, flags, packetId);
  }

  /** What an interface has counted up to `nanos`: packets received, and of these lost before the capture. */
  statistics(interfaceId: number, nanos: number, received: number, dropped: number): void {
    invariant(interfaceId < this.snaplens.length, "statistics of an interface that was never described");
    const start = this.begin(format.INTERFACE_STATISTICS);
    this.pending.append32(interfaceId);
    this.timestamp(this.pending.advance(8), nanos);
    this.numberOption(format.ISB_RECEIVED, received);
    this.numberOption(format.ISB_DROPPED, dropped);
    this.endOptions();
    this.end(start);
  }

  /** Names for addresses. Wireshark uses them only for frames that come after: write them right after the interfaces. */
  names(records: readonly NameRecord[]): void {
    invariant(this.sectionWritten, "names before the section");
    const start = this.begin(format.NAME_RESOLUTION);
    for (const record of records) this.option(NAME_IPV4, nameBytes(record));
    this.endOptions();
    this.end(start);
  }

  /** Head and tail make room once for all their words: with a check at each word a 60-byte packet took 204 ns, not 166. */
  private packetHead(interfaceId: number, nanos: number, kept: number, originalLength: number): number {
    const out = this.pending;
    const start = out.advance(28);
    out.store32(start, format.ENHANCED_PACKET);
    out.store32(start + 8, interfaceId);
    this.timestamp(start + 12, nanos);
    out.store32(start + 20, kept);
    out.store32(start + 24, originalLength);
    return start;
  }

  /** The options that every packet has, their end, and the block's length on both sides. */
  private packetTail(start: number, flags: number, packetId: number): void {
    const out = this.pending;
    const at = out.advance(28);
    const idHigh = Math.floor(packetId * TWO_NEGATIVE_32);
    out.store32(at, FLAGS_HEADER);
    out.store32(at + 4, flags);
    out.store32(at + 8, PACKETID_HEADER);
    out.store32(at + 12, packetId - idHigh * TWO_32);
    out.store32(at + 16, idHigh);
    out.store32(at + 20, format.END_OF_OPTIONS);
    out.store32(at + 24, out.length - start);
    out.store32(start + 4, out.length - start);
  }

  /** Two words, the high one first, each little-endian: unlike every other 64-bit number of the format. */
  private timestamp(at: number, nanos: number): void {
    invariant(nanos >= 0, "a stamp before virtual time began");
    const nanosHigh = Math.floor(nanos * TWO_NEGATIVE_32);
    const low = this.epochLow + (nanos - nanosHigh * TWO_32);
    const carry = low >= TWO_32 ? 1 : 0;
    this.pending.store32(at, this.epochHigh + nanosHigh + carry);
    this.pending.store32(at + 4, low);
  }

  private begin(type: number): number {
    const start = this.pending.length;
    this.pending.append32(type);
    this.pending.append32(0);
    return start;
  }

  private end(start: number): void {
    const total = this.pending.length - start + 4;
    this.pending.store32(start + 4, total);
    this.pending.append32(total);
  }

  private optionHeader(code: number, length: number): void {
    this.pending.append32((length << 16) | code);
  }

  private option(code: number, value: Uint8Array): void {
    invariant(value.length <= MAX_OPTION, "an option larger than its 16-bit length");
    this.optionHeader(code, value.length);
    this.pending.appendBytes(value);
    this.pending.pad4();
  }

  private textOption(code: number, text: string | undefined): void {
    if (text !== undefined) this.option(code, optionText(text));
  }

  private numberOption(code: number, value: number): void {
    this.optionHeader(code, 8);
    this.pending.append64(value);
  }

  private endOptions(): void {
    this.optionHeader(format.END_OF_OPTIONS, 0);
  }
}

function macBytes(mac: Mac): Uint8Array {
  const bytes = new Uint8Array(6);
  put48(bytes, 0, mac);
  return bytes;
}

const filterBytes = (filter: string): Uint8Array => Uint8Array.of(FILTER_TEXT, ...optionText(filter, MAX_OPTION - 1));

/** The address in network order, then each name with a zero after it. */
function nameBytes(record: NameRecord): Uint8Array {
  const value = new Uint8Array([0, 0, 0, 0, ...fromText(record.names.map((name) => `${name}\0`).join(""))]);
  put32(value, 0, record.address);
  return value;
}
