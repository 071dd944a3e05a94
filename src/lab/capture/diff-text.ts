/** Renders what diff.ts found: what differs, the decoded fields of both sides, a hexdump with the bytes marked. */
import { hex8 } from "../../base/bytes.ts";
import { unreachable } from "../../base/invariant.ts";
import type { CaptureDiff, Difference, Side } from "./diff.ts";

/** Decoded fields of a frame, one per line. */
export type Describe = (bytes: Uint8Array) => readonly string[];

const PER_ROW = 16;
/** Rows where both sides agree that are shown around a difference. */
const CONTEXT = 1;
const MARGIN_BOTH = "   ";
const MARGIN_A = " A ";
const MARGIN_B = " B ";

/** Lines without line ends. "A" and "B" in the margin tell whose line it is; without, both have it. */
export function renderDiff(diff: CaptureDiff, describe: Describe): string[] {
  if (diff.kind !== "changed") return renderLone(diff.kind, diff.index, diff.only, describe);
  const { a, b } = diff;
  return [
    `frame ${diff.index + 1} differs`,
    ...diff.differences.map((difference) => `  ${sentence(difference)}`),
    "",
    ...renderFields([place(a), ...describe(a.packet.bytes)], [place(b), ...describe(b.packet.bytes)]),
    "",
    ...renderBytes(a.packet.bytes, b.packet.bytes),
  ];
}

function renderLone(kind: string, index: number, only: Side, describe: Describe): string[] {
  const bytes = only.packet.bytes;
  const rows = rowStarts(bytes.length).map((at) => MARGIN_BOTH + row(bytes, at));
  const fields = [place(only), ...describe(bytes)].map((line) => MARGIN_BOTH + line);
  return [`frame ${index + 1} is ${kind}`, "", ...fields, "", ...rows];
}

function sentence(difference: Difference): string {
  switch (difference.what) {
    case "time":
      return `time: A ${seconds(difference.a)}, B ${seconds(difference.b)} (${interval(difference.b - difference.a)})`;
    case "interface":
      return `interface: A ${difference.a}, B ${difference.b}`;
    case "length":
    case "captured length":
      return `${difference.what}: A ${difference.a}, B ${difference.b}`;
    case "bytes":
      return `bytes: first at offset ${difference.at} (0x${offset(difference.at)})`;
    default:
      return unreachable(difference);
  }
}

const place = (side: Side): string => `${seconds(side.packet.nanos)} ${side.interface}`;

/** Seconds with all nine decimals. */
function seconds(nanos: bigint): string {
  const digits = (nanos < 0n ? -nanos : nanos).toString().padStart(10, "0");
  return `${nanos < 0n ? "-" : ""}${digits.slice(0, -9)}.${digits.slice(-9)}`;
}

const interval = (nanos: bigint): string =>
  `B is ${seconds(nanos < 0n ? -nanos : nanos)} s ${nanos < 0n ? "earlier" : "later"}`;

/** Line by line: equal lines once, others as a pair. */
function renderFields(a: readonly string[], b: readonly string[]): string[] {
  const lines: string[] = [];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const left = a[i];
    const right = b[i];
    if (left === right && left !== undefined) lines.push(MARGIN_BOTH + left);
    else {
      if (left !== undefined) lines.push(MARGIN_A + left);
      if (right !== undefined) lines.push(MARGIN_B + right);
    }
  }
  return lines;
}

function renderBytes(a: Uint8Array, b: Uint8Array): string[] {
  const starts = rowStarts(Math.max(a.length, b.length));
  const changed = starts.map((at) => marks(a, b, at) !== "");
  const lines: string[] = [];
  let skipping = false;
  starts.forEach((at, index) => {
    const near = changed.slice(Math.max(0, index - CONTEXT), index + CONTEXT + 1).includes(true);
    if (near) lines.push(...renderRow(a, b, at));
    else if (!skipping) lines.push(`${MARGIN_BOTH}*`);
    skipping = !near;
  });
  return lines;
}

function renderRow(a: Uint8Array, b: Uint8Array, at: number): string[] {
  const under = marks(a, b, at);
  if (under === "") return [MARGIN_BOTH + row(a, at)];
  return [MARGIN_A + row(a, at), MARGIN_B + row(b, at), MARGIN_BOTH + under];
}

const rowStarts = (length: number): number[] =>
  Array.from({ length: Math.ceil(length / PER_ROW) }, (_, i) => i * PER_ROW);

const columns = (at: number): number[] => Array.from({ length: PER_ROW }, (_, i) => at + i);

/** "0010  08 00 45 00 ...  ..E." with blanks where the frame has ended. */
function row(bytes: Uint8Array, at: number): string {
  const cells = columns(at).map((i) => cell(bytes[i]));
  const characters = columns(at).map((i) => character(bytes[i]));
  return `${offset(at)}  ${cells.join(" ")}  ${characters.join("")}`.trimEnd();
}

const offset = (at: number): string => at.toString(16).padStart(4, "0");

const cell = (byte: number | undefined): string => (byte === undefined ? "  " : hex8(byte));

function character(byte: number | undefined): string {
  if (byte === undefined) return "";
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}

/** "^^" under every byte of the row that differs or that one side lacks; "" when none does. */
function marks(a: Uint8Array, b: Uint8Array, at: number): string {
  const cells = columns(at).map((i) => (a[i] === b[i] ? "  " : "^^"));
  return `      ${cells.join(" ")}`.trimEnd();
}
