/** Classic pcap files for tests: written in memory, read from fixtures. Ethernet only. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface Captured {
  readonly bytes: Uint8Array;
  /** Bytes on the wire; more than `bytes` when the capture was cut. */
  readonly wireLength: number;
}

const FILE_HEADER = 24;
const RECORD_HEADER = 16;
const ETHERNET = 1;

function pcapFile(frames: readonly Captured[]): Buffer {
  const header = Buffer.alloc(FILE_HEADER);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262_144, 16);
  header.writeUInt32LE(ETHERNET, 20);
  return Buffer.concat([header, ...frames.flatMap((frame, i) => [recordHeader(frame, i), frame.bytes])]);
}

/** The second of the time stamp is the number of the frame. */
function recordHeader(frame: Captured, number: number): Buffer {
  const header = Buffer.alloc(RECORD_HEADER);
  header.writeUInt32LE(number, 0);
  header.writeUInt32LE(frame.bytes.length, 8);
  header.writeUInt32LE(frame.wireLength, 12);
  return header;
}

/** Frames of a little-endian file, micro- or nanoseconds. */
export function readPcap(file: Buffer): Captured[] {
  const frames: Captured[] = [];
  for (let at = FILE_HEADER; at < file.length; ) {
    const length = file.readUInt32LE(at + 8);
    const start = at + RECORD_HEADER;
    frames.push({
      bytes: new Uint8Array(file.subarray(start, start + length)),
      wireLength: file.readUInt32LE(at + 12),
    });
    at = start + length;
  }
  return frames;
}

/** Runs `use` with the path of a temporary capture file. */
export function withPcap<T>(frames: readonly Captured[], use: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-"));
  try {
    const path = join(folder, "frames.pcap");
    writeFileSync(path, pcapFile(frames));
    return use(path);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

export const whole = (bytes: Uint8Array): Captured => ({ bytes, wireLength: bytes.length });
