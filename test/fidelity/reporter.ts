/**
 * Notes which rows of the fidelity table were judged in a run, in the file that XENLAB_FIDELITY names: a row has passed when
 * tests of every file that judges it ran, and none of them failed. A file whose tests were all skipped has judged nothing.
 */
import { writeFileSync } from "node:fs";
import { release } from "node:os";
import type { Reporter, TestModule } from "vitest/node";

/** Key of a row to how many of what its tests found to be the same. */
export type Counts = Readonly<Record<string, Readonly<Record<string, number>>>>;

export interface Judged {
  /** Of the machine that judged. */
  readonly kernel: string;
  /** Key of a row to the files that judged it, each with how many tests passed; false: it failed, or nothing of it ran. */
  readonly rows: Record<string, Record<string, number | false>>;
  readonly counts: Counts;
}

export class FidelityReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const path = process.env["XENLAB_FIDELITY"];
    if (path === undefined || path === "") return;
    const rows: Judged["rows"] = {};
    const counts: Record<string, Record<string, number>> = {};
    for (const module of modules) {
      Object.assign(counts, module.meta().counts);
      const passed = [...module.children.allTests("passed")].length;
      const failed = !module.ok() || [...module.children.allTests("failed")].length > 0;
      for (const key of module.meta().judges ?? []) {
        rows[key] ??= {};
        rows[key][module.relativeModuleId] = failed || passed === 0 ? false : passed;
      }
    }
    const judged: Judged = { kernel: release(), rows, counts };
    writeFileSync(path, `${JSON.stringify(judged, null, 2)}\n`);
  }
}
