/** README's table of what is true is the one that the tests make: every row has its judge, or the words of a file of the source. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ROWS } from "./rows.ts";
import { marks, ROOT, readme, replaced, standing, table, uncounted } from "./table.ts";

const words = (text: string): string => text.replaceAll(/\n \* ?/g, " ").replaceAll(/\s+/g, " ");

describe("the fidelity table", () => {
  it("stands in README as it is made", () => {
    const { table: found, kernel, counts } = standing(readme());
    expect(kernel).toMatch(/^\d+\.\d+$/);
    expect(uncounted(counts)).toEqual([]);
    expect(found, "npm run fidelity writes it").toBe(table(kernel, counts));
  });

  it("has a judge for every row that says equal, and no mark without a row", () => {
    const judged = new Set([...marks().values()].flat());
    const rows = ROWS.filter(({ says }) => says === undefined).map(({ key }) => key);
    expect([...judged].toSorted()).toEqual(rows.toSorted());
    expect(new Set(ROWS.map(({ key }) => key)).size, "no key twice").toBe(ROWS.length);
  });

  it("calls nothing equal that no test judges", () => {
    expect(ROWS.filter(({ says, verdict }) => says !== undefined && verdict === "equal")).toEqual([]);
  });

  it.each(ROWS.flatMap((row) => (row.says === undefined ? [] : [[row.feature, ...row.says] as const])))(
    "%s: %s says so",
    (_, file, quoted) => {
      expect(words(readFileSync(join(ROOT, file), "utf8"))).toContain(quoted);
    },
  );

  it("replaces its own lines in README and no others", () => {
    const text = readme();
    const { table: found, counts } = standing(text);
    const made = replaced(text, table("9.9", { ...counts, dnsmasq: { frames: 9999 } }));
    expect(replaced(made, found)).toBe(text);
    expect(made).toContain("held against Linux 9.9");
    expect(made).toContain("| 9999 frames beside the real one |");
  });
});
