/** What the frame path costs: medians of five rounds. */
import { median } from "./calibrate.ts";
import { Path, type PathOptions } from "./path.ts";

const ROUNDS = 5;
const FRAMES = 200_000;
const WARM_UP = 100_000;
const HEAP_FRAMES = 20_000_000;

const STAGES: readonly (readonly [string, PathOptions])[] = [
  ["no taps", {}],
  ["step records", { records: true }],
  ["pcapng on all points", { captures: true }],
];

const million = (perSecond: number): string => (perSecond / 1e6).toFixed(2);

export function benchPath(): void {
  for (const [name, options] of STAGES) {
    console.log(`\nguest to guest through both rings and xenbr0, ${name}`);
    console.log("bytes  burst  M frames/s  ns/frame  range        lost");
    for (const length of [60, 1514])
      for (const burst of [1, 8, 64])
        console.log(
          `${String(length).padStart(5)}  ${String(burst).padStart(5)}  ${measure(options, length, burst).padStart(10)}`,
        );
  }
  heap();
}

function measure(options: PathOptions, length: number, burst: number): string {
  const path = new Path(options);
  path.drive(WARM_UP, length, burst);
  const rounds = Array.from({ length: ROUNDS }, () => path.drive(FRAMES, length, burst));
  const lost = rounds.reduce((sum, round) => sum + FRAMES - round.delivered, 0);
  const nanos = rounds.map((round) => round.nanos);
  const middle = median(nanos);
  const range = `${Math.min(...nanos).toFixed(0)}-${Math.max(...nanos).toFixed(0)}`;
  return `${million(1e9 / middle).padStart(8)} ${middle.toFixed(0).padStart(9)}  ${range.padEnd(11)} ${String(lost).padStart(5)}`;
}

function heap(): void {
  console.log(
    `\nheap over ${HEAP_FRAMES / 1e6} million frames, bursts of 8, 60 bytes (MB after a collection, if node runs with --expose-gc)`,
  );
  const path = new Path();
  const line: string[] = [];
  for (let part = 0; part <= 4; part++) {
    globalThis.gc?.();
    line.push((process.memoryUsage().heapUsed / 1e6).toFixed(1));
    if (part < 4) path.drive(HEAP_FRAMES / 4, 60, 8);
  }
  console.log(`  ${line.join("  ")}   frames unaccounted: ${path.unaccounted}`);
}
