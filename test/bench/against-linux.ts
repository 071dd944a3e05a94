/**
 * The emulator beside the kernel of this machine, in one run: frames delivered per second on the same path, the two in
 * turn. The kernel's guests are namespaces and its cables veth pairs: it copies no frame and has no rings.
 */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import type { Contest } from "./linux/contest.ts";

const CONTESTS: readonly Contest[] = [
  { kind: "bridge", length: 60, flows: 1, goal: "5 (4)" },
  { kind: "bridge", length: 1514, flows: 1, goal: "5 (4)" },
  { kind: "MASQUERADE", length: 60, flows: 10_000, goal: "3 (2)" },
];

export function benchAgainstLinux(): void {
  const kernel = spawnSync("uname", ["-r"], { encoding: "utf8" }).stdout.trim();
  console.log(
    `\nfrom guest to guest and from guest through MASQUERADE, beside Linux ${kernel}; medians of rounds, a process each`,
  );
  console.log("path        bytes   flows  emulator M/s  kernel M/s  ratio  range      goal (floor)");
  const file = join(import.meta.dirname, "linux", "contest.ts");
  for (const contest of CONTESTS) {
    const { status } = spawnSync(process.execPath, [...process.execArgv, file, JSON.stringify(contest)], {
      stdio: "inherit",
    });
    if (status !== 0) throw new Error(`${contest.kind}: it could not be measured`);
  }
}
