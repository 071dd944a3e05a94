/**
 * Where the kernel would not answer twice the same. A mask blanks a field in what both worlds said; an excuse takes a whole
 * difference. Each names the kernel source that makes it so, and is counted only where it was needed.
 */
import { fromHex, get16, toHex } from "../../../src/base/bytes.ts";
import { HEADER_LENGTH as LINK } from "../../../src/packet/ethernet.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import { type Case, isShot } from "./case.ts";

export interface Predicate {
  readonly name: string;
  /** File and function. */
  readonly source: string;
  readonly why: string;
}

export interface Mask extends Predicate {
  /** `frame` is hexadecimal; what it was if there is nothing to blank. */
  blank(frame: string, of: Known): string;
}

export interface Excuse extends Predicate {
  takes(one: Case, difference: Difference): boolean;
}

/** What left an interface in one step, or what a line answered. */
export interface Difference {
  /** Which step brought it. */
  readonly step: number;
  /** An interface, or "answer" where a line failed in one world only. */
  readonly where: string;
  readonly emulator: readonly string[];
  readonly kernel: readonly string[];
}

/** What the masks may ask about a case. */
export interface Known {
  /** IP identifications that its frames carry. */
  readonly identifications: ReadonlySet<number>;
}

export function known({ steps }: Case): Known {
  const frames = steps.filter(isShot).map(({ frame }) => fromHex(frame));
  return { identifications: new Set(frames.flatMap(identificationsIn)) };
}

/** Behind the link header, and behind one or two tags. */
const identificationsIn = (frame: Uint8Array): number[] =>
  [LINK, LINK + 4, LINK + 8].filter((at) => frame.length >= at + 6).map((at) => get16(frame, at + 4));

export const MASKS: readonly Mask[] = [
  {
    name: "ip-identification",
    source: "net/ipv4/route.c __ip_select_ident, net/ipv4/ip_output.c ip_select_ident_segs",
    why: "packets that the machine itself makes are numbered from a secret",
    blank(hex, { identifications }) {
      const frame = fromHex(hex);
      const isIp = frame.length >= LINK + ipv4.MIN_HEADER_LENGTH && get16(frame, 12) === 0x0800;
      if (!isIp || identifications.has(ipv4.id(frame, LINK))) return hex;
      if (!ipv4.verifyChecksum(frame, LINK)) return hex;
      ipv4.setId(frame, LINK, 0);
      ipv4.fillChecksum(frame, LINK);
      return toHex(frame);
    },
  },
];

export const EXCUSES: readonly Excuse[] = [];
