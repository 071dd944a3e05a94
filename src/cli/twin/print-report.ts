/** The report of a twin as a table: equal, or the first difference with both sides decoded. */
import type { TwinReport, TwinRow } from "../../lab/index.ts";
import { paint } from "../style.ts";

const print = (line = ""): void => {
  process.stdout.write(`${line}\n`);
};

export function printReport(
  { topology, equal, rows, normalisations, noTwin, leftOut }: TwinReport,
  all: boolean,
): void {
  const width = Math.max(...rows.map(({ place }) => place.length));
  const wide = Math.max(...rows.map(({ what }) => what.length));
  const shown = rows.filter(({ counts, difference }) => all || difference !== null || counts[0] + counts[1] > 0);
  print(paint("bold", `${topology}: the emulator and the kernel of this machine`));
  for (const row of shown) {
    const { place, what, counts, difference } = row;
    const verdict = difference === null ? paint("green", `equal (${counts[0]})`) : paint("red", verdictOf(row));
    print(`  ${place.padEnd(width)}  ${what.padEnd(wide)}  ${verdict}`);
    if (difference === null) continue;
    for (const line of difference.emulator) print(`      ${paint("dim", "emulator")}  ${line}`);
    for (const line of difference.kernel) print(`      ${paint("dim", "kernel  ")}  ${line}`);
  }
  print("\nnot compared, as both worlds may differ in it; how many frames and lines of looks that applied to");
  for (const [name, { hits, reason }] of Object.entries(normalisations))
    print(`  ${name.padEnd(17)} ${String(hits ?? "all").padStart(6)}  ${paint("dim", reason)}`);
  print("\nwithout a twin");
  for (const line of noTwin) print(`  ${paint("dim", line)}`);
  if (leftOut.length > 0) print("\nlines of the scenario that neither world played");
  for (const line of leftOut) print(`  ${paint("dim", line)}`);
  const different = rows.filter(({ difference }) => difference !== null).length;
  print(
    `\n${equal ? paint("green", `equal: all ${rows.length} comparisons`) : paint("red", `${different} of ${rows.length} comparisons differ`)}`,
  );
}

const verdictOf = ({ counts, difference }: TwinRow): string =>
  `DIFFERS: ${difference!.summary} (emulator ${counts[0]}, kernel ${counts[1]})`;
