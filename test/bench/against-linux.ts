/**
 * The emulator beside the kernel of this machine, in one run: frames delivered per second on the same path, the two in
 * turn. The kernel's guests are namespaces and its cables veth pairs: it copies no frame and has no rings.
 *
 * Medians of processes, not of rounds in one: what V8 inlines into what is settled once for each process, and makes 20 %.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { median } from "./calibrate.ts";
import type { Contest, Result } from "./linux/contest.ts";

/** With the ratio that is wanted, and the least. */
const CONTESTS: readonly (Contest & { readonly goal: string })[] = [
  { kind: "bridge", length: 60, flows: 1, goal: "5 (4)" },
  { kind: "bridge", length: 1514, flows: 1, goal: "5 (4)" },
  { kind: "MASQUERADE", length: 60, flows: 10_000, goal: "3 (2)" },
];
const PROCESSES = 5;

export function benchAgainstLinux(): void {
  const kernel = spawnSync("uname", ["-r"], { encoding: "utf8" }).stdout.trim();
  console.log(
    `\nfrom guest to guest and from guest through MASQUERADE, beside Linux ${kernel}; medians of ${PROCESSES} processes`,
  );
  console.log("path        bytes   flows  emulator M/s  kernel M/s  ratio  range      goal (floor)");
  for (const contest of CONTESTS) console.log(row(contest, contest.goal));
}

function row(contest: Contest, goal: string): string {
  const results: Result[] = [];
  while (results.length < PROCESSES) {
    if (process.stderr.isTTY)
      process.stderr.write(`\r${contest.kind} ${contest.length}: ${results.length} of ${PROCESSES}`);
    results.push(compete(contest));
  }
  if (process.stderr.isTTY) process.stderr.write("\r\x1b[K");
  const ratios = results.map(({ ours, theirs }) => ours / theirs);
  const million = (numbers: readonly number[]): string => (median(numbers) / 1e6).toFixed(2);
  return [
    contest.kind.padEnd(10),
    String(contest.length).padStart(6),
    String(contest.flows).padStart(7),
    million(results.map(({ ours }) => ours)).padStart(13),
    million(results.map(({ theirs }) => theirs)).padStart(11),
    median(ratios).toFixed(2).padStart(6),
    ` ${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`.padEnd(11),
    goal,
  ].join(" ");
}

function compete(contest: Contest): Result {
  const file = join(import.meta.dirname, "linux", "contest.ts");
  const { status, stdout } = spawnSync(process.execPath, [...process.execArgv, file, JSON.stringify(contest)], {
    stdio: ["ignore", "pipe", "inherit"],
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${contest.kind}: it could not be measured`);
  return JSON.parse(stdout) as Result;
}
