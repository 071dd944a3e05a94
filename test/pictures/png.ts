/**
 * PNG with a palette (colour type 3): a screen has few colours, and takes a third of what true colours take. The rarest
 * shades of smoothed letters give way to the nearest one that is kept.
 */
import { crc32, deflateSync } from "node:zlib";

const SIGNATURE = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const COLOURS = 256;

/** `rgba`: four bytes a pixel, opaque. */
export function paletteOfRgba(width: number, height: number, rgba: Uint8Array): Uint8Array {
  const colours = coloursOf(rgba);
  const kept = [...colours]
    .sort(([, a], [, b]) => b - a)
    .slice(0, COLOURS)
    .map(([colour]) => colour);
  const places = new Map([...colours.keys()].map((colour) => [colour, nearest(colour, kept)]));
  const lines = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) lines[y * (width + 1) + 1 + x] = places.get(colourAt(rgba, (y * width + x) * 4))!;
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 3], 8);
  return Buffer.concat([
    SIGNATURE,
    chunk("IHDR", head),
    chunk("PLTE", Uint8Array.from(kept.flatMap(parts))),
    chunk("IDAT", deflateSync(lines, { level: 9 })),
    chunk("IEND", new Uint8Array(0)),
  ]);
}

const colourAt = (rgba: Uint8Array, at: number): number => (rgba[at]! << 16) | (rgba[at + 1]! << 8) | rgba[at + 2]!;

const parts = (colour: number): number[] => [colour >> 16, (colour >> 8) & 255, colour & 255];

/** Each colour, and how many pixels have it. */
function coloursOf(rgba: Uint8Array): Map<number, number> {
  const counts = new Map<number, number>();
  for (let at = 0; at < rgba.length; at += 4) {
    const colour = colourAt(rgba, at);
    counts.set(colour, (counts.get(colour) ?? 0) + 1);
  }
  return counts;
}

function nearest(colour: number, kept: readonly number[]): number {
  const own = parts(colour);
  const distances = kept.map((other) => parts(other).reduce((sum, part, i) => sum + (part - own[i]!) ** 2, 0));
  return distances.indexOf(Math.min(...distances));
}

/** Length, type, data, and the sum over type and data. */
function chunk(type: string, data: Uint8Array): Uint8Array {
  const body = Buffer.concat([Buffer.from(type, "latin1"), data]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  const sum = Buffer.alloc(4);
  sum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, sum]);
}
