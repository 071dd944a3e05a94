/** One machine alone, and the shortest way to run a line on it. */
import { World } from "../../src/device/world.ts";
import { type Nanos, seconds } from "../../src/engine/time.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Process } from "../../src/machine/process.ts";
import { Userland } from "../../src/machine/userland.ts";

export interface Outcome {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
  /** Nanoseconds from start to end. */
  readonly took: number;
}

export const newMachine = (cpus = 1): Machine => new Machine(new World(1), { name: "vm", cpus }, new Userland());

export function runFor(machine: Machine, time: Nanos): void {
  machine.world.scheduler.runUntil((machine.world.scheduler.now + time) as Nanos);
}

/** A line at the prompt, run to its end (at most 100 virtual seconds). */
export const typed = (machine: Machine, line: string): Outcome => finished(machine, machine.run(line));

/** argv as a program started by hand. */
export const started = (machine: Machine, ...argv: string[]): Outcome => finished(machine, machine.spawn(argv));

function finished(machine: Machine, process: Process): Outcome {
  const end = (machine.world.scheduler.now + seconds(100)) as Nanos;
  const { scheduler } = machine.world;
  while (!process.hasEnded && scheduler.next() !== null && scheduler.next()! <= end) scheduler.step();
  return {
    out: process.console!.text("stdout"),
    err: process.console!.text("stderr"),
    code: process.exitCode,
    took: (process.endedAt ?? scheduler.now) - process.startedAt,
  };
}
