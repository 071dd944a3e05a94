/** The mark of a test file that judges how true xenlab is: which rows of README's table stand on it, and how much of it. */
import { beforeAll, type TaskMeta } from "vitest";
import { ROWS } from "../fidelity/rows.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Keys of rows. */
    judges?: readonly string[];
    /** Of such a row: how many of what were the same. */
    counts?: Record<string, Record<string, number>>;
  }
}

let meta: TaskMeta;

export function judges(...keys: readonly string[]): void {
  const unknown = keys.filter((key) => !ROWS.some((row) => row.key === key && row.says === undefined));
  if (unknown.length > 0) throw new Error(`no row of test/fidelity/rows.ts has the key ${unknown.join(", ")}`);
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads from it that no fixture is wanted
  beforeAll(({}, file) => {
    ({ meta } = file);
    meta.judges = keys;
  });
}

/** Some more of what stands in braces in a row: `{texts}`. Said where it has been found to be the same. */
export function counted(key: string, what: string, more = 1): void {
  meta.counts ??= {};
  meta.counts[key] = { ...meta.counts[key], [what]: (meta.counts[key]?.[what] ?? 0) + more };
}
