/** A list that scrolls: where it stands, and what moving does to it. */

export interface ListState {
  /** Index of the selected row; 0 in an empty list. */
  readonly selected: number;
  /** Index of the row on top. */
  readonly top: number;
}

export const LIST_START: ListState = { selected: 0, top: 0 };

/** The list with row `index` selected and in sight. */
export function select(state: ListState, index: number, count: number, height: number): ListState {
  const selected = Math.min(Math.max(0, index), Math.max(0, count - 1));
  return { selected, top: inSight(state.top, selected, count, height) };
}

function inSight(top: number, selected: number, count: number, height: number): number {
  const rows = Math.max(1, height);
  const highest = Math.max(0, count - rows);
  const wanted = selected < top ? selected : selected >= top + rows ? selected - rows + 1 : top;
  return Math.min(Math.max(0, wanted), highest);
}

/** What the moving actions do (down, up, first, last, half and whole pages); null for other actions. */
export function move(state: ListState, action: string, count: number, height: number): ListState | null {
  const step = stepOf(action, height);
  if (step === null) return null;
  return select(state, step === "first" ? 0 : step === "last" ? count - 1 : state.selected + step, count, height);
}

function stepOf(action: string, height: number): number | "first" | "last" | null {
  const half = Math.max(1, Math.floor(height / 2));
  switch (action) {
    case "down":
      return 1;
    case "up":
      return -1;
    case "half-down":
      return half;
    case "half-up":
      return -half;
    case "page-down":
      return Math.max(1, height - 1);
    case "page-up":
      return -Math.max(1, height - 1);
    case "first":
      return "first";
    case "last":
      return "last";
    default:
      return null;
  }
}

/** Scrolls without a word about the selection, which follows when it would leave the window. */
export function scroll(state: ListState, by: number, count: number, height: number): ListState {
  const top = Math.min(Math.max(0, state.top + by), Math.max(0, count - height));
  return { top, selected: Math.min(Math.max(state.selected, top), Math.max(top, Math.min(count, top + height) - 1)) };
}

/** Where the thumb of a scrollbar of `height` rows stands; null when everything is in sight. */
export function thumb(
  top: number,
  count: number,
  height: number,
): { readonly from: number; readonly length: number } | null {
  if (count <= height || height < 2) return null;
  const length = Math.max(1, Math.round((height * height) / count));
  return { from: Math.round((top / (count - height)) * (height - length)), length };
}
