/** Reads classic pcap (draft-ietf-opsawg-pcap): micro- and nanoseconds, both byte orders, one interface. */
import type { Ending, Reading } from "./captured.ts";
import { SNAPLEN } from "./limits.ts";

const MICROSECONDS = 0xa1b2c3d4;
const NANOSECONDS = 0xa1b23c4d;
const FILE_HEADER = 24;
const RECORD_HEADER = 16;

/** The magic as it reads in big-endian: either file may have either byte order. */
const BIG_ENDIAN = [MICROSECONDS, NANOSECONDS];
const LITTLE_ENDIAN = [0xd4c3b2a1, 0x4d3cb2a1];

export const isPcapMagic = (magic: number): boolean => BIG_ENDIAN.includes(magic) || LITTLE_ENDIAN.includes(magic);

/** The first four bytes are a magic. */
export function readPcap(file: Uint8Array, reading: Reading): Ending {
  if (file.length < FILE_HEADER) return "cut";
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const little = LITTLE_ENDIAN.includes(view.getUint32(0));
  const nanosPerFraction = view.getUint32(0, little) === NANOSECONDS ? 1n : 1000n;
  // The upper half of the link type word may tell the FCS length.
  const linkType = view.getUint32(20, little) & 0xffff;
  reading.interfaces.push({
    name: "",
    description: "",
    linkType,
    snaplen: view.getUint32(16, little),
  });
  return readRecords(file, view, little, nanosPerFraction, reading);
}

function readRecords(
  file: Uint8Array,
  view: DataView,
  little: boolean,
  nanosPerFraction: bigint,
  reading: Reading,
): Ending {
  let at = FILE_HEADER;
  while (at < file.length) {
    if (file.length - at < RECORD_HEADER) return "cut";
    const seconds = BigInt(view.getUint32(at, little));
    const fraction = BigInt(view.getUint32(at + 4, little));
    const length = view.getUint32(at + 8, little);
    const data = at + RECORD_HEADER;
    if (length > SNAPLEN)
      return {
        problem: `byte ${at}: a packet of ${length} bytes is larger than ${SNAPLEN}`,
      };
    if (length > file.length - data) return "cut";
    reading.packets.push({
      interface: 0,
      nanos: seconds * 1_000_000_000n + fraction * nanosPerFraction,
      bytes: file.subarray(data, data + length),
      originalLength: view.getUint32(at + 12, little),
      flags: 0,
      dropCount: 0n,
      packetId: null,
      comments: [],
    });
    at = data + length;
  }
  return "complete";
}
