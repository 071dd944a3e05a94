/**
 * `npm run fidelity`: runs the tests that judge how true xenlab is, and writes README's table from what they judged.
 *
 *   -- --check        writes nothing: says whether every row stands
 *   -- --from FILE    goes by an earlier run of the tests, with XENLAB_FIDELITY=FILE
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import type { Judged } from "./reporter.ts";
import { ROWS } from "./rows.ts";
import { marks, ROOT, readme, replaced, shortKernel, standing, table, uncounted } from "./table.ts";

const { values } = parseArgs({
  options: { check: { type: "boolean", default: false }, from: { type: "string" } },
});

const judged = values.from === undefined ? judge() : (JSON.parse(readFileSync(values.from, "utf8")) as Judged);
const unjudged = ROWS.filter(({ says }) => says === undefined).flatMap(({ key, feature }) => {
  const by = Object.entries(judged.rows[key] ?? {});
  if (by.length === 0) return [`${feature}: no test that ran judges it`];
  return by.flatMap(([file, passed]) => (passed === false ? [`${feature}: ${file} failed, or nothing of it ran`] : []));
});
const unproved = [
  ...unjudged,
  ...uncounted(judged.counts).map(({ feature, what }) => `${feature}: its tests have counted no ${what}`),
];
for (const line of unproved) console.error(line);
if (unproved.length > 0) process.exit(1);

const text = readme();
if (values.check) {
  // What the tests counted must stand there. The kernel is the one of whoever wrote it: another machine's is no mistake of it.
  const { table: found, kernel } = standing(text);
  const made = table(kernel, judged.counts);
  const lines = new Set(found.split("\n"));
  for (const line of made.split("\n")) if (!lines.has(line)) console.error(`README's table lacks: ${line}`);
  if (found !== made) console.error("README's table is another: npm run fidelity");
  if (kernel !== shortKernel(judged.kernel)) console.log(`README's table was held against Linux ${kernel}.`);
  process.exitCode = found === made ? 0 : 1;
} else {
  writeFileSync(join(ROOT, "README.md"), replaced(text, table(shortKernel(judged.kernel), judged.counts)));
}
console.log(
  `${ROWS.length} rows, ${Object.keys(judged.rows).length} of them judged by tests on Linux ${judged.kernel}`,
);

function judge(): Judged {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-fidelity-"));
  const file = join(folder, "judged.json");
  const args = ["run", "--config", "test/vitest.config.ts", ...marks().keys()];
  try {
    spawnSync(join(ROOT, "node_modules/.bin/vitest"), args, {
      cwd: ROOT,
      stdio: "inherit",
      env: { ...process.env, XENLAB_FIDELITY: file },
    });
    return JSON.parse(readFileSync(file, "utf8")) as Judged;
  } finally {
    rmSync(folder, { recursive: true });
  }
}
