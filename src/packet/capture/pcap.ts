/**
 * Writes classic pcap (draft-ietf-opsawg-pcap), little-endian.
 * The format holds one interface without a name, no flags, ids or comments, and seconds until 2106.
 */
import { invariant } from "../../base/invariant.ts";
import { ByteBuffer } from "./byte-buffer.ts";
import { cappedSnaplen, checkEpoch, LINKTYPE_ETHERNET, SNAPLEN } from "./limits.ts";

/** How fine the stamps are: tcpdump writes microseconds unless told otherwise. */
export type StampResolution = "nanoseconds" | "microseconds";

const MAGIC = { nanoseconds: 0xa1b23c4d, microseconds: 0xa1b2c3d4 } as const;
const NANOS_PER_UNIT = { nanoseconds: 1, microseconds: 1000 } as const;
const NANOS_PER_SECOND = 1_000_000_000;

export class PcapWriter {
  /** What the outside has not taken yet: the header, then whole records. */
  readonly pending = new ByteBuffer();
  private readonly epochSeconds: number;
  private readonly snaplen: number;
  private readonly nanosPerUnit: number;

  /** `epochSeconds`: the Unix time at which virtual time is 0, whole seconds. The file's header is pending at once. */
  constructor(
    epochSeconds: number,
    snaplen = SNAPLEN,
    linkType = LINKTYPE_ETHERNET,
    resolution: StampResolution = "nanoseconds",
  ) {
    checkEpoch(epochSeconds);
    this.epochSeconds = epochSeconds;
    this.snaplen = cappedSnaplen(snaplen);
    this.nanosPerUnit = NANOS_PER_UNIT[resolution];
    this.pending.append32(MAGIC[resolution]);
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
    this.pending.append32(Math.floor((nanos - seconds * NANOS_PER_SECOND) / this.nanosPerUnit));
    this.pending.append32(kept);
    this.pending.append32(originalLength);
    this.pending.appendBytes(bytes, at, at + kept);
  }
}
