/**
 * One path of the emulator beside the same of the kernel, in a process of its own: `contest.ts '{"kind":"bridge",...}'`.
 * V8 compiles by what it has seen, so a path that runs after another in one process is slower than alone (MASQUERADE
 * behind the two of the bridge: 1,190 ns a frame instead of 870), and a lab has a process of its own.
 */
import "../../../src/cli/optimiser.ts";
import { median } from "../calibrate.ts";
import { NatPath } from "../nat.ts";
import { Path } from "../path.ts";
import { KernelPath, type KernelPathKind } from "./kernel-path.ts";

export interface Contest {
  readonly kind: KernelPathKind;
  readonly length: number;
  readonly flows: number;
  /** Ratio that is wanted, and the least. */
  readonly goal: string;
}

const ROUNDS = 5;
const BURST = 8;
const FRAMES = 1_000_000;
/** Until V8 has compiled the path for good: a kernel comes compiled. */
const WARM_UP = 1_500_000;

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

function row(contest: Contest): string {
  const real = new KernelPath(contest.kind);
  try {
    const round = emulator(contest);
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

console.log(row(JSON.parse(process.argv[2]!) as Contest));
