/** Where everything is, as a pure function of the size: it sizes what is drawn and tells what was clicked. */
import { type Rect, rect } from "./screen/rect.ts";
import { cellWidth } from "./screen/surface.ts";

/** Below this there is one sentence, asking for room. */
export const SMALLEST = { columns: 60, rows: 16 } as const;
/** Below this many columns tabs are short, and lists leave columns out. */
export const WIDE = 100;

export interface Layout {
  readonly tooSmall: boolean;
  readonly title: Rect;
  readonly body: Rect;
  readonly footer: Rect;
}

export function layout(columns: number, rows: number): Layout {
  return {
    tooSmall: columns < SMALLEST.columns || rows < SMALLEST.rows,
    title: rect(0, 0, columns, 1),
    body: rect(0, 1, columns, rows - 2),
    footer: rect(0, rows - 1, columns, 1),
  };
}

/** A piece of a one-line bar that can be clicked. */
export interface Segment {
  readonly x: number;
  readonly width: number;
  /** What a click does. */
  readonly action: string;
  readonly key: string;
  readonly text: string;
}

/** The tabs in the title: " 1 Map ", the active one in brackets of its own. */
export function tabSegments(
  tabs: readonly { readonly id: string; readonly key: string; readonly title: string; readonly short: string }[],
  columns: number,
): Segment[] {
  let x = 0;
  return tabs.map(({ id, key, title, short }) => {
    const text = columns < WIDE ? short : title;
    const segment = { x, width: key.length + cellWidth(text) + 3, action: `view:${id}`, key, text };
    x += segment.width + (columns < WIDE ? 0 : 1);
    return segment;
  });
}

/** Hints as many as fit, from the left; the last one is always help, at the right end. */
export function hintSegments(
  hints: readonly { readonly key: string; readonly text: string; readonly action: string }[],
  columns: number,
): Segment[] {
  const width = ({ key, text }: { key: string; text: string }): number => cellWidth(key) + 1 + cellWidth(text);
  const last = hints.at(-1);
  if (last === undefined) return [];
  const help = { ...last, x: columns - width(last) - 1, width: width(last) };
  const segments: Segment[] = [];
  let x = 1;
  for (const hint of hints.slice(0, -1)) {
    if (x + width(hint) + 2 > help.x) break;
    segments.push({ ...hint, x, width: width(hint) });
    x += width(hint) + 2;
  }
  return [...segments, help];
}
