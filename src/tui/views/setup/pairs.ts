/** Two texts side by side, line by line: what stayed stands in one row, what differs is marked. */

export interface Pair {
  readonly before: string;
  readonly after: string;
  readonly changed: boolean;
}

export const pairOf = (before: string, after: string): Pair => ({ before, after, changed: before !== after });

/** Lines as a tool printed them, tabs as a terminal shows them. */
export const linesOf = (text: string): string[] =>
  text
    .split("\n")
    .map((line) => expandTabs(line).trimEnd())
    .filter((line) => line !== "");

const TAB = 8;

const expandTabs = (line: string): string =>
  line.split("\t").reduce((sum, piece) => sum.padEnd(sum.length + TAB - (sum.length % TAB)) + piece);

/** Between lines that stayed, those that went stand beside those that came. */
export function pairLines(before: readonly string[], after: readonly string[]): Pair[] {
  const pairs: Pair[] = [];
  let from = 0;
  let to = 0;
  for (const [left, right] of [...common(before, after), [before.length, after.length] as const]) {
    pairs.push(...zip(before.slice(from, left), after.slice(to, right)));
    if (left < before.length && right < after.length) pairs.push(pairOf(before[left]!, after[right]!));
    from = left + 1;
    to = right + 1;
  }
  return pairs;
}

/** Rows beside each other; the shorter side ends with empty ones. */
export function zip(before: readonly string[], after: readonly string[]): Pair[] {
  const rows = Math.max(before.length, after.length);
  return Array.from({ length: rows }, (_, row) => pairOf(before[row] ?? "", after[row] ?? ""));
}

/** The longest common subsequence, as places in both. */
function common(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const longest = before.map(() => after.map(() => 0));
  const at = (i: number, j: number): number => longest[i]?.[j] ?? 0;
  for (let i = before.length - 1; i >= 0; i--)
    for (let j = after.length - 1; j >= 0; j--)
      longest[i]![j] = before[i] === after[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  const places: (readonly [number, number])[] = [];
  for (let i = 0, j = 0; i < before.length && j < after.length; ) {
    if (before[i] === after[j]) places.push([i++, j++]);
    else if (at(i + 1, j) >= at(i, j + 1)) i++;
    else j++;
  }
  return places;
}
