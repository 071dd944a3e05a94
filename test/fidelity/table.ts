/** The table of README between its two comments, and where the marks of the tests stand. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import type { Counts } from "./reporter.ts";
import { AGAINST, ROWS, type Row } from "./rows.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
const [BEGIN, END] = ["<!-- fidelity: written by `npm run fidelity` -->", "<!-- end of fidelity -->"];
const KERNEL = /held against Linux ([\d.]+)/;

/** Major and minor: what a kernel does is not a matter of its patches. */
export const shortKernel = (release: string): string => release.split(".").slice(0, 2).join(".");

/** What a row leaves to its tests to count. */
const COUNT = /\{(\w+)\}/g;

/** Rows whose tests have not counted what the row tells, with what is missing. */
export const uncounted = (counts: Counts): { readonly feature: string; readonly what: string }[] =>
  ROWS.flatMap(({ key, feature, how }) =>
    [...how.matchAll(COUNT)].flatMap(([, what]) =>
      counts[key]?.[what!] === undefined ? [{ feature, what: what! }] : [],
    ),
  );

const line = (row: Row, numberOf: (what: string) => string): string =>
  `| ${row.feature} | ${AGAINST[row.against]} | ${row.verdict} | ${row.how.replaceAll(COUNT, (_, what) => numberOf(what))} |`;

export function table(kernel: string, counts: Counts): string {
  const lines = ROWS.map((row) => line(row, (what) => String(counts[row.key]?.[what])));
  const verdicts = (["equal", "simplified", "absent"] as const).map(
    (verdict) => `${ROWS.filter((row) => row.verdict === verdict).length} ${verdict}`,
  );
  return [
    BEGIN,
    `${ROWS.length} features, ${verdicts.join(", ")}; where it says Linux, held against Linux ${kernel}, with its tools.`,
    "",
    "| | against | | |",
    "|---|---|---|---|",
    ...lines,
    END,
  ].join("\n");
}

export const readme = (): string => readFileSync(join(ROOT, "README.md"), "utf8");

/** What stands in README now, the kernel that it names, and the counts: right or wrong, they are where a row has its own. */
export function standing(text: string): { readonly table: string; readonly kernel: string; readonly counts: Counts } {
  const found = text.slice(text.indexOf(BEGIN), text.indexOf(END) + END.length);
  const escaped = (row: Row): string => line(row, (what) => `{${what}}`).replaceAll(/[^\w\s{}]/g, "\\$&");
  const counts = ROWS.map((row) => {
    const numbers = new RegExp(escaped(row).replaceAll(COUNT, "(?<$1>\\d+)")).exec(found)?.groups ?? {};
    return [row.key, Object.fromEntries(Object.entries(numbers).map(([what, count]) => [what, Number(count)]))];
  });
  return { table: found, kernel: KERNEL.exec(found)?.[1] ?? "", counts: Object.fromEntries(counts) };
}

export const replaced = (text: string, made: string): string => text.replace(standing(text).table, () => made);

/** Of every test file with a mark: the keys of the rows that it judges. */
export function marks(): Map<string, string[]> {
  const files = readdirSync(join(ROOT, "test"), { recursive: true, encoding: "utf8" });
  const tests = files.filter((name) => name.endsWith(".test.ts")).map((name) => join(ROOT, "test", name));
  const found = new Map<string, string[]>();
  for (const file of tests.toSorted()) {
    const mark = /^judges\(([^)]*)\);$/m.exec(readFileSync(file, "utf8"));
    if (mark !== null)
      found.set(
        relative(ROOT, file),
        [...mark[1]!.matchAll(/"([^"]+)"/g)].map((each) => each[1]!),
      );
  }
  return found;
}
