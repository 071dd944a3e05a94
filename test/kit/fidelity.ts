/** The mark of a test file that judges how true xenlab is: which rows of README's table stand on it. */
import { beforeAll } from "vitest";
import { ROWS } from "../fidelity/rows.ts";

declare module "vitest" {
  interface TaskMeta {
    /** Keys of rows. */
    judges?: readonly string[];
  }
}

export function judges(...keys: readonly string[]): void {
  const unknown = keys.filter((key) => !ROWS.some((row) => row.key === key && row.says === undefined));
  if (unknown.length > 0) throw new Error(`no row of test/fidelity/rows.ts has the key ${unknown.join(", ")}`);
  // biome-ignore lint/correctness/noEmptyPattern: the runner reads from it that no fixture is wanted
  beforeAll(({}, file) => {
    file.meta.judges = keys;
  });
}
