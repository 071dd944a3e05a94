/** A table as virsh prints it: tools/vsh-table.c of libvirt 9.0. */

/** With `head`: its line, a line of dashes, then the rows. */
export function table(head: readonly string[] | null, rows: readonly (readonly string[])[]): string {
  const all = head === null ? rows : [head, ...rows];
  const widths = (all[0] ?? []).map((_, column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (row: readonly string[]): string =>
    `${row.map((cell, i) => ` ${i < row.length - 1 ? cell.padEnd(widths[i]! + 2) : cell}`).join("")}\n`;
  const dashes = "-".repeat(widths.reduce((sum, width) => sum + width + 3, 0));
  return head === null ? rows.map(line).join("") : `${line(head)}${dashes}\n${rows.map(line).join("")}`;
}
