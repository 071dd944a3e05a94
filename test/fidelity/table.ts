/** The table of README between its two comments, and where the marks of the tests stand. */
import { readdirSync, readFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { AGAINST, ROWS, type Row } from "./rows.ts";

export const ROOT = resolve(import.meta.dirname, "../..");
const [BEGIN, END] = ["<!-- fidelity: written by `npm run fidelity` -->", "<!-- end of fidelity -->"];
const KERNEL = /held against Linux ([\d.]+)/;

/** Major and minor: what a kernel does is not a matter of its patches. */
export const shortKernel = (release: string): string => release.split(".").slice(0, 2).join(".");

export function table(kernel: string): string {
  const lines = ROWS.map((row) => `| ${row.feature} | ${againstOf(row)} | ${row.verdict} | ${row.how} |`);
  const counts = (["equal", "simplified", "absent"] as const).map(
    (verdict) => `${ROWS.filter((row) => row.verdict === verdict).length} ${verdict}`,
  );
  return [
    BEGIN,
    `${ROWS.length} features, ${counts.join(", ")}; where it says Linux, held against Linux ${kernel}, with its tools.`,
    "",
    "| | against | | |",
    "|---|---|---|---|",
    ...lines,
    END,
  ].join("\n");
}

const againstOf = ({ against }: Row): string => AGAINST[against];

export const readme = (): string => readFileSync(join(ROOT, "README.md"), "utf8");

/** What stands in README now, and the kernel that it names. */
export function standing(text: string): { readonly table: string; readonly kernel: string } {
  const found = text.slice(text.indexOf(BEGIN), text.indexOf(END) + END.length);
  return { table: found, kernel: KERNEL.exec(found)?.[1] ?? "" };
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
