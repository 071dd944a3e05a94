/** One machine's screen: the last lines of its transcript, folded at the right edge, and the line being typed. */
import type { Rect } from "../../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, fitLeft, type Surface } from "../../screen/surface.ts";
import type { ShellLine, Transcript } from "../../session/shells.ts";
import type { Look } from "../view.ts";
import type { ShellState } from "./state.ts";

/** Lines looked at for links of pings: more than any screen has. */
export const screenHeight = 200;

interface Row {
  readonly text: string;
  readonly style: Style;
  /** The line it belongs to, on its last row only; null for the line being typed. */
  readonly line: ShellLine | null;
}

const STYLES: Readonly<Record<ShellLine["kind"], Style>> = {
  output: PLAIN,
  error: Fg.yellow,
  input: BOLD,
  note: DIM,
};

/** Returns where the cursor is; null when the end is not in sight or nothing is typed here. */
export function drawScreen(
  surface: Surface,
  transcript: Transcript | null,
  state: ShellState,
  look: Look,
): { readonly x: number; readonly y: number } | null {
  const { candidates, search, field } = state.line;
  const foot = candidates.length > 0 ? fitLeft(` ${candidates.join("  ")}`, surface.width) : "";
  const height = surface.height - (foot === "" ? 0 : 1);
  if (transcript === null) {
    surface.put(1, 0, "this machine is not running: its prompt comes when it is", DIM);
    return null;
  }
  const prompt = search === null ? transcript.open : `(reverse-i-search)'${search}': `;
  const rows = visibleRows(transcript, prompt + field.text, state.scrolled, surface.width, height);
  rows.forEach((row, y) => {
    drawRow(surface, y, row, transcript.machine, look);
  });
  if (foot !== "") surface.put(0, height, foot, DIM);
  if (state.scrolled > 0) {
    surface.putRight(surface.width, height - 1, ` ${state.scrolled} below, G: end `, Fg.cyan);
    return null;
  }
  if (!state.typing) return null;
  const column = cellWidth(prompt + field.text.slice(0, field.cursor));
  const lines = Math.floor(cellWidth(prompt + field.text) / surface.width);
  return { x: column % surface.width, y: Math.max(0, rows.length - 1 - lines + Math.floor(column / surface.width)) };
}

/** The rows that end `scrolled` rows above the end; fewer than `height` while there is not more. */
function visibleRows(
  transcript: Transcript,
  typed: string,
  scrolled: number,
  width: number,
  height: number,
): readonly Row[] {
  const rows: Row[] = [...foldedRow(typed, width, PLAIN, null, true)];
  const wanted = height + scrolled;
  const { lines } = transcript;
  let at = lines.length;
  const blocks: Row[][] = [rows];
  for (let count = rows.length; at > 0 && count < wanted; ) {
    const line = lines[--at]!;
    const block = foldedRow(line.text, width, STYLES[line.kind], line, false);
    blocks.push(block);
    count += block.length;
  }
  const all = blocks.reverse().flat();
  const end = Math.max(0, all.length - scrolled);
  return all.slice(Math.max(0, end - height), end);
}

/** A text as rows of `width`; `open`: the cursor may stand behind its last character. */
function foldedRow(text: string, width: number, style: Style, line: ShellLine | null, open: boolean): Row[] {
  const rows: Row[] = [];
  for (let at = 0; at < text.length || rows.length === 0; at += width) {
    rows.push({ text: text.slice(at, at + width), style, line: null });
  }
  if (open && text.length > 0 && text.length % width === 0) rows.push({ text: "", style, line: null });
  rows[rows.length - 1] = { ...rows.at(-1)!, line };
  return rows;
}

function drawRow(surface: Surface, y: number, { text, style, line }: Row, machine: string, look: Look): void {
  surface.put(0, y, text, style);
  const frame = line === null ? null : frameOf(line, machine, look);
  if (frame === null) return;
  const link = `↳ ${frame}`;
  if (cellWidth(text) + link.length + 2 <= surface.width) surface.putRight(surface.width - 1, y, link, Fg.cyan);
}

const frameOf = (line: ShellLine, machine: string, look: Look): number | null =>
  look.frames.ofPingLine(machine, line.text, line.time);

/** The frame that the line at row `y` of the area speaks of. */
export function linkAt(
  y: number,
  area: Rect,
  transcript: Transcript | null,
  state: ShellState,
  look: Look,
): number | null {
  if (transcript === null) return null;
  const typed = transcript.open + state.line.field.text;
  const row = visibleRows(transcript, typed, state.scrolled, area.width, area.height)[y];
  return row?.line == null ? null : frameOf(row.line, transcript.machine, look);
}
