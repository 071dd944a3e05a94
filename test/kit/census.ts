/**
 * How many objects of each class a graph holds, how many entries its maps and sets, how many bytes its typed arrays:
 * what leaks, grows.
 * Walks what `copyGraph` copies, but for what is named as bounded by itself (logs).
 */
export type Census = ReadonlyMap<string, number>;

export function censusOf(root: object, bounded: readonly object[] = []): Census {
  const counts = new Map<string, number>();
  const seen = new Set<object>([root, ...bounded]);
  const pending: object[] = [root];
  const add = (name: string, count: number) => counts.set(name, (counts.get(name) ?? 0) + count);
  const visit = (value: unknown) => {
    if (typeof value !== "object" || value === null || seen.has(value)) return;
    seen.add(value);
    pending.push(value);
  };
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    add(next.constructor?.name ?? "object", 1);
    if (ArrayBuffer.isView(next)) {
      add("bytes", next.byteLength);
      continue;
    }
    if (next instanceof Map) {
      add("Map entries", next.size);
      for (const [key, value] of next) {
        visit(key);
        visit(value);
      }
    } else if (next instanceof Set) {
      add("Set entries", next.size);
      for (const value of next) visit(value);
    } else for (const value of Object.values(next)) visit(value);
  }
  return counts;
}

/** What `after` has more of than `before`. */
export function growth(before: Census, after: Census): Record<string, number> {
  const grown: Record<string, number> = {};
  for (const [name, count] of after) {
    const more = count - (before.get(name) ?? 0);
    if (more > 0) grown[name] = more;
  }
  return grown;
}
