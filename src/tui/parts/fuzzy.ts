/** Fuzzy matching for the palette: the letters of the query in order, better when they stand together or begin words. */

/** Higher is better; null when it does not match. An empty query matches everything alike. */
export function fuzzyScore(query: string, text: string): number | null {
  if (query.trim() === "") return 0;
  const wanted = query.toLowerCase().replaceAll(/\s+/g, "");
  if (wanted === "") return 0;
  const lower = text.toLowerCase();
  const direct = lower.indexOf(query.toLowerCase().trim());
  if (direct >= 0) return 1000 - direct - text.length / 1000;
  let score = 0;
  let at = -1;
  for (const letter of wanted) {
    const found = lower.indexOf(letter, at + 1);
    if (found < 0) return null;
    const beginsWord = found === 0 || /[\s:./-]/.test(lower[found - 1]!);
    score += found === at + 1 ? 8 : beginsWord ? 6 : 1;
    at = found;
  }
  return score - text.length / 1000;
}

/** The items that match, best first; equals stay in their order. */
export function fuzzyFilter<Item>(query: string, items: readonly Item[], textOf: (item: Item) => string): Item[] {
  return items
    .map((item, order) => ({ item, order, score: fuzzyScore(query, textOf(item)) }))
    .filter((each): each is typeof each & { score: number } => each.score !== null)
    .sort((a, b) => b.score - a.score || a.order - b.order)
    .map(({ item }) => item);
}
