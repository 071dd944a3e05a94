/** How fast this machine is just now: a loop of integer work, so that figures of different days can be compared. */
import { cpus } from "node:os";

const ROUNDS = 5;
const STEPS = 20_000_000;

/** Nanoseconds per step of a xorshift generator, median of five. */
export function calibrate(): number {
  const times: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = process.hrtime.bigint();
    let x = 88172645;
    for (let i = 0; i < STEPS; i++) {
      x ^= x << 13;
      x ^= x >>> 17;
      x ^= x << 5;
    }
    times.push(Number(process.hrtime.bigint() - start) / STEPS + (x === 0 ? 1 : 0));
  }
  return median(times);
}

export const cpuModel = (): string => `${cpus()[0]?.model ?? "unknown CPU"}, ${cpus().length} cores`;

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)]!;
