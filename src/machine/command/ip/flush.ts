/** What `ip -s ... flush` says of its rounds: in each it deletes what it was shown, until nothing is shown any more. */
export function roundsText(counts: number | readonly number[], what: "addresses" | "entries"): string {
  const rounds = (typeof counts === "number" ? [counts] : counts).filter((count) => count > 0);
  if (rounds.length === 0) return "Nothing to flush.\n";
  const told = rounds.map((count, i) => `\n*** Round ${i + 1}, deleting ${count} ${what} ***\n`);
  return `${told.join("")}*** Flush is complete after ${rounds.length} round${rounds.length === 1 ? "" : "s"} ***\n`;
}
