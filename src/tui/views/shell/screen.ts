/** One machine's screen: the last lines of its transcript, folded at the right edge, and the line being typed. */
import type { Rect } from "../../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, fitLeft, fold, type Surface } from "../../screen/surface.ts";
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

const NOT_RUNNING = "this machine is not running: its prompt comes when it is";
const NOT_OPEN_THEN =
  "no shell was open here at that moment; a line typed opens one, and makes another run from here on";

/** Returns where the cursor is; null when the end is not in sight or nothing is typed here. */
export function drawScreen(
  surface: Surface,
  transcript: Transcript | null,
  state: ShellState,
  look: Look,
): { readonly x: number; readonly y: number } | null {
  if (transcript === null) {
    surface.put(1, 0, look.behind === null ? NOT_RUNNING : NOT_OPEN_THEN, DIM);
    return null;
  }
  const { width } = surface;
  const { candidates, field } = state.line;
  const height = rowsFor(state, surface.height);
  const rows = visibleRows(transcript, state, width, height);
  rows.forEach((row, y) => {
    drawRow(surface, y, row, transcript.machine, look);
  });
  if (candidates.length > 0) surface.put(0, height, fitLeft(` ${candidates.join("  ")}`, width), DIM);
  if (state.scrolled > 0) {
    surface.putRight(width, height - 1, ` ${state.scrolled} below, G: end `, Fg.cyan);
    return null;
  }
  if (!state.typing) return null;
  const prompt = promptOf(transcript, state);
  const before = typedRows(prompt + field.text.slice(0, field.cursor), width);
  const behind = typedRows(prompt + field.text, width).length - before.length;
  return { x: cellWidth(before.at(-1)!), y: Math.max(0, rows.length - 1 - behind) };
}

/** Without the row of candidates at the foot. */
const rowsFor = ({ line }: ShellState, height: number): number => height - (line.candidates.length > 0 ? 1 : 0);

const promptOf = ({ open }: Transcript, { line: { search } }: ShellState): string =>
  search === null ? open : `(reverse-i-search)'${search}': `;

/** The rows that end `scrolled` rows above the end; fewer than `height` while there is not more. */
function visibleRows(transcript: Transcript, state: ShellState, width: number, height: number): readonly Row[] {
  const typed = typedRows(promptOf(transcript, state) + state.line.field.text, width);
  const blocks: (readonly Row[])[] = [typed.map((text) => ({ text, style: PLAIN, line: null }))];
  const { lines } = transcript;
  for (let at = lines.length, count = typed.length; at > 0 && count < height + state.scrolled; ) {
    const block = rowsOf(lines[--at]!, width);
    blocks.push(block);
    count += block.length;
  }
  const all = blocks.reverse().flat();
  const end = Math.max(Math.min(height, all.length), all.length - state.scrolled);
  return all.slice(Math.max(0, end - height), end);
}

/** Rows above the end from which the first line is on top. */
export function mostScrolled(transcript: Transcript | null, state: ShellState, width: number, height: number): number {
  if (transcript === null) return 0;
  const typed = typedRows(promptOf(transcript, state) + state.line.field.text, width).length;
  const rows = transcript.lines.reduce((sum, { text }) => sum + fold(text, width).length, typed);
  return Math.max(0, rows - rowsFor(state, height));
}

function rowsOf(line: ShellLine, width: number): readonly Row[] {
  const texts = fold(line.text, width);
  return texts.map((text, index) => ({
    text,
    style: STYLES[line.kind],
    line: index === texts.length - 1 ? line : null,
  }));
}

/** The cursor may stand behind the last character: in the next row when this one is full. */
function typedRows(text: string, width: number): readonly string[] {
  const rows = fold(text, width);
  return cellWidth(rows.at(-1)!) < width ? rows : [...rows, ""];
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
  const row = visibleRows(transcript, state, area.width, rowsFor(state, area.height))[y];
  return row?.line == null ? null : frameOf(row.line, transcript.machine, look);
}
