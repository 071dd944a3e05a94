/**
 * What lies in front of the views until it is closed: help, the palette, a question. A dialog takes every key while it
 * is there; esc always closes it.
 */
import type { ReactNode } from "react";
import type { KeyEvent } from "../keys/key-event.ts";
import type { Rect } from "../screen/rect.ts";

/** One state of a dialog, ready to be drawn. */
export interface DialogView {
  render(area: Rect): ReactNode;
}

export interface Dialog extends DialogView {
  /** Where it lies on a screen of that size. */
  area(columns: number, rows: number): Rect;
  /** What it is after a key: another state of itself, or null when it closes. `area`: where it lies now. */
  key(event: KeyEvent, area: Rect): Dialog | null;
  /** A click inside it, from its corner. One beside it is an esc. */
  click(x: number, y: number): Dialog | null;
  /** ^C is for what it shows; without this twice of it leaves the program, as everywhere. */
  readonly takesInterrupt?: boolean;
  /** Grows when what it shows has changed by itself. */
  version?(): number;
  /** Where the cursor of its text field is on the screen. */
  cursor?(area: Rect): { readonly x: number; readonly y: number };
}
