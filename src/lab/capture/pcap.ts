/**
 * Writes classic pcap with nanosecond stamps (draft-ietf-opsawg-pcap, magic 0xA1B23C4D), little-endian, Ethernet.
 * The format holds one interface without a name, no flags, ids or comments, and seconds until 2106.
 */
import { invariant } from "../../base/invariant.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { cappedSnaplen, checkEpoch, SNAPLEN } from "./limits.ts";
import { LINKTYPE_ETHERNET } from "./pcapng-format.ts";

const NANOSECOND_MAGIC = 0xa1b23c4d;
const NANOS_PER_SECOND = 1_000_000_000;

export class PcapWriter {
  /** What the outside has not taken yet: the header, then whole records. */
  readonly pending = new ByteBuffer();
  private readonly epochSeconds: number;
  private readonly snaplen: number;

  /** `epochSeconds`: the Unix time at which virtual time is 0, whole seconds. The file's header is pending at once. */
  constructor(epochSeconds: number, snaplen = SNAPLEN, linkType = LINKTYPE_ETHERNET) {
    checkEpoch(epochSeconds);
    this.epochSeconds = epochSeconds;
    this.snaplen = cappedSnaplen(snaplen);
    this.pending.append32(NANOSECOND_MAGIC);
    this.pending.append16(2);
    this.pending.append16(4);
    this.pending.append32(0);
    this.pending.append32(0);
    this.pending.append32(this.snaplen);
    this.pending.append32(linkType);
  }

  /** As PcapngWriter.packet; what the format cannot hold is left out: all frames are on its one interface. */
  packet(
    _interfaceId: number,
    nanos: number,
    bytes: Uint8Array,
    at: number,
    length: number,
    originalLength: number,
    _flags = 0,
    _packetId = 0,
    _dropCount = 0,
    _comment = "",
  ): void {
    invariant(nanos >= 0, "a stamp before virtual time began");
    invariant(originalLength >= length, "a packet longer than it ever was");
    const kept = Math.min(length, this.snaplen);
    const seconds = Math.floor(nanos / NANOS_PER_SECOND);
    this.pending.append32(this.epochSeconds + seconds);
    this.pending.append32(nanos - seconds * NANOS_PER_SECOND);
    this.pending.append32(kept);
    this.pending.append32(originalLength);
    this.pending.appendBytes(bytes, at, at + kept);
  }
}
