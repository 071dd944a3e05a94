/**
 * The emulator beside the kernel of this machine, in one run: frames delivered per second on the same path, the two in
 * turn. The kernel's guests are namespaces and its cables veth pairs: it copies no frame and has no rings.
 */
import { spawnSync } from "node:child_process";
import { median } from "./calibrate.ts";
import { KernelPath, type KernelPathKind } from "./linux/kernel-path.ts";
import { NatPath } from "./nat.ts";
import { Path } from "./path.ts";

const ROUNDS = 5;
const BURST = 8;
const FRAMES = 1_000_000;
/** Until V8 has compiled the path for good: a kernel comes compiled. */
const WARM_UP = 1_500_000;

interface Contest {
  readonly kind: KernelPathKind;
  readonly length: number;
  readonly flows: number;
  /** Ratio that is wanted, and the least. */
  readonly goal: string;
}

const CONTESTS: readonly Contest[] = [
  { kind: "bridge", length: 60, flows: 1, goal: "5 (4)" },
  { kind: "bridge", length: 1514, flows: 1, goal: "5 (4)" },
  { kind: "MASQUERADE", length: 60, flows: 10_000, goal: "3 (2)" },
];

/** Nanoseconds per frame of the emulator: one round. */
function emulator({ kind, length, flows }: Contest): () => number {
  if (kind === "bridge") {
    const path = new Path();
    path.drive(WARM_UP, length, BURST);
    return () => path.drive(FRAMES, length, BURST).nanos;
  }
  const path = new NatPath("conntrack and MASQUERADE", flows);
  path.drive(WARM_UP);
  return () => path.drive(FRAMES).nanos;
}

export function benchAgainstLinux(): void {
  const kernel = spawnSync("uname", ["-r"], { encoding: "utf8" }).stdout.trim();
  console.log(`\nfrom guest to guest and from guest through MASQUERADE, beside Linux ${kernel}; medians of ${ROUNDS}`);
  console.log("path        bytes   flows  emulator M/s  kernel M/s  ratio  range      goal (floor)");
  for (const contest of CONTESTS) console.log(row(contest));
}

function row(contest: Contest): string {
  const real = new KernelPath(contest.kind);
  const round = emulator(contest);
  try {
    real.measure(contest.length, contest.flows);
    const pairs = Array.from({ length: ROUNDS }, () => {
      const theirs = real.measure(contest.length, contest.flows);
      return { ours: 1e9 / round(), theirs };
    });
    const ratios = pairs.map(({ ours, theirs }) => ours / theirs);
    const million = (numbers: readonly number[]): string => (median(numbers) / 1e6).toFixed(2);
    return [
      contest.kind.padEnd(10),
      String(contest.length).padStart(6),
      String(contest.flows).padStart(7),
      million(pairs.map(({ ours }) => ours)).padStart(13),
      million(pairs.map(({ theirs }) => theirs)).padStart(11),
      median(ratios).toFixed(2).padStart(6),
      ` ${Math.min(...ratios).toFixed(2)}-${Math.max(...ratios).toFixed(2)}`.padEnd(11),
      contest.goal,
    ].join(" ");
  } finally {
    real.remove();
  }
}
