/** What `ip -s ... flush` says of its rounds: one is always enough here. */
export function roundsText(count: number, what: "addresses" | "entries"): string {
  if (count === 0) return "Nothing to flush.\n";
  return `\n*** Round 1, deleting ${count} ${what} ***\n*** Flush is complete after 1 round ***\n`;
}
