/** What a capture file says, whichever format it is in. Plain data: made by reader.ts, compared by diff.ts. */

export interface CapturedInterface {
  /** "" when the file gives none. */
  readonly name: string;
  readonly description: string;
  /** LINKTYPE_ value. */
  readonly linkType: number;
  /** Bytes; 0 is no limit. */
  readonly snaplen: number;
}

export interface CapturedPacket {
  /** Index into `Capture.interfaces`. */
  readonly interface: number;
  /** Since 1970, exact; 0 where the file has no stamp (simple packet blocks). */
  readonly nanos: bigint;
  /** A view of the file's bytes: copy it to keep it longer than those. */
  readonly bytes: Uint8Array;
  /** Bytes on the wire; more than `bytes` holds when the snap length cut it. */
  readonly originalLength: number;
  /** epb_flags; 0 when absent. */
  readonly flags: number;
  /** Packets lost on the interface since the one before. */
  readonly dropCount: bigint;
  readonly packetId: bigint | null;
  readonly comments: readonly string[];
}

export interface Capture {
  /** Null: neither of the two; `problem` says so. */
  readonly format: "pcap" | "pcapng" | null;
  readonly interfaces: readonly CapturedInterface[];
  readonly packets: readonly CapturedPacket[];
  /** The file ends inside a block or record; everything before it is here. */
  readonly cut: boolean;
  /** What is wrong and at which byte, in one line; what came before it is here. Null when nothing is. */
  readonly problem: string | null;
}

/** What a reader fills while it goes through the file. */
export interface Reading {
  readonly interfaces: CapturedInterface[];
  readonly packets: CapturedPacket[];
}

/** How a file ended: at its end, inside something, or at a byte that makes no sense. */
export type Ending = "complete" | "cut" | { readonly problem: string };
