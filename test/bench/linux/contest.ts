/**
 * One path of the emulator beside the same of the kernel, in a process of its own: `contest.ts '{"kind":"bridge",...}'`
 * prints what each delivers. V8 compiles by what it has seen, so a path that runs after another in one process is slower
 * than alone (MASQUERADE behind the two of the bridge: 1,190 ns a frame instead of 870), and a lab has a process of its own.
 */
import "../../../src/cli/optimiser.ts";
import { median } from "../calibrate.ts";
import { NatPath } from "../nat.ts";
import { Path } from "../path.ts";
import { KernelPath, type KernelPathKind } from "./kernel-path.ts";

export interface Contest {
  readonly kind: KernelPathKind;
  /** Bytes of a frame. */
  readonly length: number;
  readonly flows: number;
}

/** Frames per second that arrive: in the emulator, and in the kernel just before. */
export interface Result {
  readonly ours: number;
  readonly theirs: number;
}

const ROUNDS = 3;
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

/** The round with the median ratio. */
function compete(contest: Contest): Result {
  const real = new KernelPath(contest.kind);
  try {
    const round = emulator(contest);
    real.measure(contest.length, contest.flows);
    const rounds = Array.from({ length: ROUNDS }, () => {
      const theirs = real.measure(contest.length, contest.flows);
      return { ours: 1e9 / round(), theirs };
    });
    const middle = median(rounds.map(({ ours, theirs }) => ours / theirs));
    return rounds.find(({ ours, theirs }) => ours / theirs === middle)!;
  } finally {
    real.remove();
  }
}

console.log(JSON.stringify(compete(JSON.parse(process.argv[2]!) as Contest)));
