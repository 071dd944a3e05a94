/**
 * Compares two captures frame by frame, in file order, up to the first frame that differs. Interfaces are compared by
 * name, so a merged file may number them otherwise. Flags, ids, drop counts and comments are not compared.
 */
import type { Capture, CapturedPacket } from "../../packet/capture/captured.ts";

/** One side of a frame that differs. */
export interface Side {
  readonly interface: string;
  readonly packet: CapturedPacket;
}

export type Difference =
  | { readonly what: "time"; readonly a: bigint; readonly b: bigint }
  | { readonly what: "interface"; readonly a: string; readonly b: string }
  /** Bytes on the wire. */
  | { readonly what: "length"; readonly a: number; readonly b: number }
  /** Bytes kept in the file. */
  | { readonly what: "captured length"; readonly a: number; readonly b: number }
  /** Offset of the first byte that differs, within what both have. */
  | { readonly what: "bytes"; readonly at: number };

export type CaptureDiff =
  | {
      readonly kind: "changed";
      readonly index: number;
      readonly a: Side;
      readonly b: Side;
      readonly differences: Difference[];
    }
  | {
      readonly kind: "only in A" | "only in B";
      readonly index: number;
      readonly only: Side;
    };

export interface DiffOptions {
  /** Two runs of different machines: compare what was sent, not when. */
  readonly ignoreTimes?: boolean;
}

/** The first frame that differs (index from 0), or null when all frames are the same. */
export function diffCaptures(a: Capture, b: Capture, options: DiffOptions = {}): CaptureDiff | null {
  const count = Math.max(a.packets.length, b.packets.length);
  for (let index = 0; index < count; index++) {
    const left = sideOf(a, index);
    const right = sideOf(b, index);
    if (left === null) return right && { kind: "only in B", index, only: right };
    if (right === null) return { kind: "only in A", index, only: left };
    const differences = compareSides(left, right, options.ignoreTimes ?? false);
    if (differences.length > 0) return { kind: "changed", index, a: left, b: right, differences };
  }
  return null;
}

function sideOf(capture: Capture, index: number): Side | null {
  const packet = capture.packets[index];
  if (packet === undefined) return null;
  const name = capture.interfaces[packet.interface]?.name ?? "";
  return {
    interface: name === "" ? `interface ${packet.interface}` : name,
    packet,
  };
}

function compareSides(left: Side, right: Side, ignoreTimes: boolean): Difference[] {
  const { packet: a } = left;
  const { packet: b } = right;
  const differences: Difference[] = [];
  if (!ignoreTimes && a.nanos !== b.nanos) differences.push({ what: "time", a: a.nanos, b: b.nanos });
  if (left.interface !== right.interface) {
    differences.push({
      what: "interface",
      a: left.interface,
      b: right.interface,
    });
  }
  if (a.originalLength !== b.originalLength) {
    differences.push({
      what: "length",
      a: a.originalLength,
      b: b.originalLength,
    });
  }
  if (a.bytes.length !== b.bytes.length) {
    differences.push({
      what: "captured length",
      a: a.bytes.length,
      b: b.bytes.length,
    });
  }
  const at = firstDifference(a.bytes, b.bytes);
  if (at !== -1) differences.push({ what: "bytes", at });
  return differences;
}

/** Within the length both have; -1 when equal there. */
function firstDifference(a: Uint8Array, b: Uint8Array): number {
  const shared = Math.min(a.length, b.length);
  for (let at = 0; at < shared; at++) if (a[at] !== b[at]) return at;
  return -1;
}
