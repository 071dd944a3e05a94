/** What conntrack reads from a TCP segment: one object, filled for each. Follows nf_conntrack_proto_tcp.c. */
import { get8, get16, get32 } from "../../../base/bytes.ts";
import * as tcp from "../../../packet/tcp.ts";
import { type Side, SideFlag } from "./tcp-flow.ts";

/** enum tcp_bit_set: which of its flags speaks. */
export const Kind = { SYN: 0, SYNACK: 1, FIN: 2, ACK: 3, RST: 4, NONE: 5 } as const;

const MAX_SCALE = 14;
const SACK_BLOCK = 8;
const OPTION_HEAD = 2;

export class Segment {
  private bytes!: Uint8Array;
  private at = 0;
  kind: number = Kind.NONE;
  isSyn = false;
  isAck = false;
  isRst = false;
  sequence = 0;
  /** Behind its last byte; SYN and FIN count for one. */
  end = 0;
  ack = 0;
  /** The highest right edge of what it acknowledges. */
  sack = 0;
  window = 0;

  read(bytes: Uint8Array, at: number, end: number): void {
    const flags = tcp.flags(bytes, at);
    this.bytes = bytes;
    this.at = at;
    this.isSyn = (flags & tcp.Flag.SYN) !== 0;
    this.isAck = (flags & tcp.Flag.ACK) !== 0;
    this.isRst = (flags & tcp.Flag.RST) !== 0;
    const isFin = (flags & tcp.Flag.FIN) !== 0;
    this.kind = kindOf(this.isSyn, this.isAck, this.isRst, isFin);
    this.sequence = get32(bytes, at + 4) | 0;
    this.end = (this.sequence + end - tcp.payloadAt(bytes, at) + Number(this.isSyn) + Number(isFin)) | 0;
    this.ack = get32(bytes, at + 8) | 0;
    this.sack = this.ack;
    this.window = get16(bytes, at + 14);
  }

  /** tcp_sack */
  readSack(): void {
    const limit = tcp.payloadAt(this.bytes, this.at);
    for (let at = tcp.optionsAt(this.at); at < limit; at += this.optionSize(at, limit)) {
      if (get8(this.bytes, at) === tcp.OptionKind.END) return;
      if (get8(this.bytes, at) === tcp.OptionKind.SACK) return this.readBlocks(at, this.optionSize(at, limit));
    }
  }

  /** tcp_options: what only a SYN says. */
  readOptions(side: Side): void {
    const { bytes } = this;
    const limit = tcp.payloadAt(bytes, this.at);
    const first = tcp.optionsAt(this.at);
    if (first >= limit) return;
    side.scale = 0;
    side.flags = 0;
    for (let at = first; at < limit; at += this.optionSize(at, limit)) {
      const kind = get8(bytes, at);
      const size = this.optionSize(at, limit);
      if (kind === tcp.OptionKind.END) return;
      if (kind === tcp.OptionKind.SACK_PERMITTED && size === 2) side.flags |= SideFlag.SACK_PERM;
      if (kind !== tcp.OptionKind.WINDOW_SCALE || size !== 3) continue;
      side.scale = Math.min(get8(bytes, at + OPTION_HEAD), MAX_SCALE);
      side.flags |= SideFlag.WINDOW_SCALE;
    }
  }

  private readBlocks(at: number, size: number): void {
    if (size < OPTION_HEAD + SACK_BLOCK || (size - OPTION_HEAD) % SACK_BLOCK !== 0) return;
    for (let block = at + OPTION_HEAD; block < at + size; block += SACK_BLOCK) {
      const edge = get32(this.bytes, block + 4) | 0;
      if (after(edge, this.sack)) this.sack = edge;
    }
  }

  /** What cannot be an option ends them all. */
  private optionSize(at: number, limit: number): number {
    if (get8(this.bytes, at) === tcp.OptionKind.NO_OPERATION) return 1;
    const size = at + 1 < limit ? get8(this.bytes, at + 1) : 0;
    return size < OPTION_HEAD || at + size > limit ? limit - at : size;
  }
}

function kindOf(isSyn: boolean, isAck: boolean, isRst: boolean, isFin: boolean): number {
  if (isRst) return Kind.RST;
  if (isSyn) return isAck ? Kind.SYNACK : Kind.SYN;
  if (isFin) return Kind.FIN;
  return isAck ? Kind.ACK : Kind.NONE;
}

export const after = (a: number, b: number): boolean => ((b - a) | 0) < 0;
export const before = (a: number, b: number): boolean => ((a - b) | 0) < 0;
