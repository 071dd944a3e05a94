/**
 * Where things stand in the text of a topology: from a path in the tree ("hosts", "xen1", "seed") to line and column.
 * Columns count UTF-16 code units from 1; a byte order mark at the start counts for nothing.
 */
import { type Document, isAlias, isMap, isScalar, isSeq, type Node, type Pair, Scalar } from "yaml";
import { formatPath, type Path, type Span } from "./diagnostic.ts";

/** A pair's key and value, or a list's item, found on the way along a path. */
interface Place {
  readonly key: Node | null;
  readonly value: Node | null;
}

/** Says that what resolve calls `long` was written as `short` (the short form of a topology). */
export interface Rewrite {
  readonly long: Path;
  readonly short: Path;
}

export class Source {
  readonly text: string;
  private readonly lineStarts: number[] = [0];
  private readonly pairs = new Map<Node, Map<string, Pair>>();
  private document: Document | null = null;
  /** by the long path */
  private rewrites: ReadonlyMap<string, Path> = new Map();
  private readonly removedItems = new Map<string, number[]>();

  constructor(text: string) {
    this.text = text;
    for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) this.lineStarts.push(at + 1);
  }

  attach(document: Document): void {
    this.document = document;
  }

  rewrite(rewrites: readonly Rewrite[]): void {
    this.rewrites = new Map(rewrites.map(({ long, short }) => [formatPath(long), short]));
  }

  /** An item was taken out of the list at a path: the later ones keep their places in the text. */
  removeItem(list: Path, index: number): void {
    const name = formatPath(list);
    const removed = this.removedItems.get(name) ?? [];
    this.removedItems.set(
      name,
      [...removed, originalIndex(removed, index)].sort((a, b) => a - b),
    );
  }

  /** The part of `from`..`to` that stands on the line of `from`. */
  span(from: number, to: number): Span {
    const line = this.lineOf(from);
    const start = this.lineStarts[line]!;
    const nextLine = this.lineStarts[line + 1] ?? this.text.length + 1;
    const end = Math.max(from, Math.min(to, nextLine - 1));
    const blank = end > from && this.text[end - 1] === "\r" ? 1 : 0;
    return {
      line: line + 1,
      column: from - start + 1,
      endColumn: Math.max(from + 1, end - blank) - start + 1,
    };
  }

  /** The value at a path; when the path goes on where the text does not, the last thing that is there. */
  value(path: Path): Span {
    const place = this.find(path);
    return this.nodeSpan(place.value ?? place.key);
  }

  /** The key that ends a path. */
  key(path: Path): Span {
    const place = this.find(path);
    return this.nodeSpan(place.key ?? place.value);
  }

  /** A piece of the text at a path: `at` and `length` count in the text as it is read, without quotes. */
  piece(path: Path, at: number, length: number): Span {
    const node = this.find(path).value;
    if (!isScalar(node) || !node.range || typeof node.value !== "string") return this.nodeSpan(node);
    const from = node.range[0] + (node.type === Scalar.PLAIN ? 0 : 1);
    const asWritten = this.text.slice(from, from + node.value.length) === node.value;
    return asWritten ? this.span(from + at, from + at + length) : this.nodeSpan(node);
  }

  /** A number as it was written: 3.0 is not 3. Null when there is no scalar. */
  literal(path: Path): string | null {
    const node = this.find(path).value;
    return isScalar(node) ? (node.source ?? null) : null;
  }

  /** The keys of the mapping at a path, also those whose values are wrong. */
  keys(path: Path): string[] {
    const node = this.walk(this.written(path), true)?.value ?? null;
    return isMap(node) ? node.items.map((pair) => keyText(pair.key)) : [];
  }

  /** Whether the text has anything at this path. */
  has(path: Path): boolean {
    return this.walk(this.written(path), true) !== null;
  }

  nodeSpan(node: Node | null): Span {
    const range = node?.range;
    return range ? this.span(range[0], range[1]) : this.span(0, 1);
  }

  private find(path: Path): Place {
    return (
      this.walk(this.written(path), false) ?? {
        key: null,
        value: this.document?.contents ?? null,
      }
    );
  }

  private written(path: Path): Path {
    const short = this.unexpanded(path);
    if (this.removedItems.size === 0) return short;
    return short.map((part, i) => {
      const removed = typeof part === "number" ? this.removedItems.get(formatPath(short.slice(0, i))) : undefined;
      return removed === undefined ? part : originalIndex(removed, Number(part));
    });
  }

  /** The longest beginning of the path that was rewritten decides. */
  private unexpanded(path: Path): Path {
    for (let length = this.rewrites.size === 0 ? 0 : path.length; length > 0; length--) {
      const short = this.rewrites.get(formatPath(path.slice(0, length)));
      if (short !== undefined) return [...short, ...path.slice(length)];
    }
    return path;
  }

  private walk(path: Path, exactly: boolean): Place | null {
    let place: Place = {
      key: null,
      value: this.followed(this.document?.contents ?? null),
    };
    for (const part of path) {
      const next = this.step(place.value, part);
      if (next === null) return exactly ? null : place;
      place = { key: next.key, value: this.followed(next.value) };
    }
    return place;
  }

  private step(node: Node | null, part: string | number): Place | null {
    if (isSeq(node)) {
      const item = node.items[Number(part)];
      return item === undefined ? null : { key: null, value: item as Node };
    }
    if (!isMap(node)) return null;
    const pair = this.pairsOf(node).get(String(part));
    return pair === undefined ? null : { key: pair.key as Node, value: pair.value as Node | null };
  }

  private pairsOf(node: Node & { items: Pair[] }): Map<string, Pair> {
    let known = this.pairs.get(node);
    if (known === undefined) {
      known = new Map();
      for (const pair of node.items) if (!known.has(keyText(pair.key))) known.set(keyText(pair.key), pair);
      this.pairs.set(node, known);
    }
    return known;
  }

  private followed(node: Node | null): Node | null {
    return isAlias(node) && this.document !== null ? (node.resolve(this.document) ?? null) : node;
  }

  private lineOf(offset: number): number {
    let low = 0;
    let high = this.lineStarts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if (this.lineStarts[middle]! <= offset) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}

export const keyText = (key: unknown): string => (isScalar(key) ? String(key.value) : String(key));

/** Where the item stood before those of `removed` (ascending) were taken out. */
function originalIndex(removed: readonly number[], index: number): number {
  let original = index;
  for (const gone of removed) if (gone <= original) original++;
  return original;
}
