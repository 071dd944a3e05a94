/**
 * One capture file in the making, pcapng or classic pcap: its interfaces and the bytes that wait to be taken. It only
 * grows. It holds bytes only until the outside takes them; nothing here knows of files or promises.
 */
import type { Mac } from "../../packet/address.ts";
import { cappedSnaplen, SNAPLEN } from "../../packet/capture/limits.ts";
import { PcapWriter } from "../../packet/capture/pcap.ts";
import { PcapngWriter } from "./pcapng.ts";

export type CaptureFormat = "pcapng" | "pcap";

export interface CaptureSettings {
  readonly format: CaptureFormat;
  /** The Unix time at which virtual time is 0, whole seconds. */
  readonly epoch: number;
  /** Whose frames these are: the topology's name. */
  readonly topology: string;
  /** What a classic file's head declares, in bytes; pcapng has one at each interface. */
  readonly snaplen: number;
}

/** What an interface's block says. */
export interface CaptureInterface {
  /** "xen1:vif1.0" */
  readonly name: string;
  readonly description: string;
  /** Null: none, or not known any more. */
  readonly mac: Mac | null;
  /** In the language of tcpdump; null: every frame. */
  readonly filter: string | null;
  /** Bytes kept of a frame. */
  readonly snaplen: number;
}

/** Where frames go that ended, each with its reason. */
export const DROP_INTERFACE: CaptureInterface = {
  name: "drop",
  description: "frames that ended here, with the reason as a comment",
  mac: null,
  filter: null,
  snaplen: SNAPLEN,
};

export const dropComment = (point: string, fate: string): string => `xenlab: dropped at ${point}: ${fate}`;

export class CaptureFile {
  /** Relative path, with extension. */
  readonly path: string;
  /** What a classic file can hold of a frame, in bytes. */
  readonly snaplen: number;
  private readonly writer: PcapngWriter | PcapWriter;
  /** Interface ids by everything that their block says of the frames. */
  private readonly interfaces = new Map<string, number>();
  private taken = 0;
  frames = 0;
  /** Of the frames, as long as they were. */
  bytes = 0;

  constructor(path: string, settings: CaptureSettings) {
    this.path = path;
    const { format, epoch, topology } = settings;
    this.snaplen = format === "pcap" ? cappedSnaplen(settings.snaplen) : SNAPLEN;
    if (format === "pcap") this.writer = new PcapWriter(epoch, this.snaplen);
    else {
      const application = `xenlab, topology ${topology}`;
      this.writer = new PcapngWriter(epoch);
      this.writer.section({ hardware: "emulated", os: "xenlab virtual time", application });
    }
  }

  /**
   * The id for `packet`. The same name, filter and snap length keep their interface, also when the device comes again;
   * another filter is another interface of that name, because the block says what it holds.
   */
  interfaceFor(wanted: CaptureInterface): number {
    const { name, filter, snaplen } = wanted;
    const key = JSON.stringify([name, filter, snaplen]);
    const known = this.interfaces.get(key);
    if (known !== undefined) return known;
    const id = this.writer instanceof PcapngWriter ? describe(this.writer, wanted) : 0;
    this.interfaces.set(key, id);
    return id;
  }

  /** As PcapngWriter.packet: `kept` of the frame's `length` bytes, which start at `bytes[at]`; `comment` empty: none. */
  packet(
    interfaceId: number,
    nanos: number,
    bytes: Uint8Array,
    at: number,
    kept: number,
    length: number,
    flags: number,
    lineage: number,
    comment: string,
  ): void {
    this.writer.packet(interfaceId, nanos, bytes, at, kept, length, flags, lineage, 0, comment);
    this.frames++;
    this.bytes += length;
  }

  /** Bytes to append to the file, whole blocks; empty when nothing is new. */
  take(): Uint8Array {
    const bytes = this.writer.pending.take();
    this.taken += bytes.length;
    return bytes;
  }

  /**
   * As `take`, for who passes the bytes on at once: they are good until `write` returns. A copy of each frame at five
   * points was a third of the time that a captured frame takes.
   */
  drain(write: (bytes: Uint8Array) => void): void {
    this.taken += this.pending;
    this.writer.pending.drain(write);
  }

  get pending(): number {
    return this.writer.pending.length;
  }

  /** Bytes of the file so far, with those pending. */
  get size(): number {
    return this.taken + this.pending;
  }
}

function describe(writer: PcapngWriter, { name, description, snaplen, mac, filter }: CaptureInterface): number {
  return writer.interface({
    name,
    description,
    snaplen,
    os: "Linux",
    ...(mac === null ? {} : { mac }),
    ...(filter === null ? {} : { filter }),
  });
}
