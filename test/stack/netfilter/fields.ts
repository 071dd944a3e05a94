/** What rules ask of a packet, read byte by byte. */
import type { Frame } from "../../../src/packet/frame.ts";

export interface Fields {
  readonly linkTo: number;
  readonly mac: number;
  readonly source: number;
  readonly destination: number;
  readonly protocol: number;
  readonly isLaterFragment: boolean;
  /** The two numbers behind the IP header, and the byte where TCP has its flags; null where the packet has ended. */
  readonly first: number | null;
  readonly second: number | null;
  readonly flags: number | null;
  readonly icmp: readonly [type: number, code: number] | "cut" | "none";
}

export function dissectPorts(frame: Frame): Fields {
  const bytes = [...frame.bytes.subarray(frame.at, frame.end)];
  const number = (at: number, length: number): number | null =>
    at + length > bytes.length ? null : bytes.slice(at, at + length).reduce((sum, byte) => sum * 256 + byte, 0);
  const at = 14 + 4 * (bytes[14]! & 15);
  const isLaterFragment = (number(20, 2)! & 0x1fff) !== 0;
  return {
    linkTo: number(0, 6)!,
    mac: number(6, 6)!,
    source: number(26, 4)!,
    destination: number(30, 4)!,
    protocol: bytes[23]!,
    isLaterFragment,
    first: number(at, 2),
    second: number(at + 2, 2),
    flags: number(at + 13, 1),
    icmp: isLaterFragment ? "none" : at + 8 > bytes.length ? "cut" : [bytes[at]!, bytes[at + 1]!],
  };
}
