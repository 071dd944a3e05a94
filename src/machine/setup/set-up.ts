/**
 * A machine's own set-up: its lines one after another, whatever each says, as an rc script without `set -e` runs them.
 * A line of plain words is run directly, anything else by the shell.
 */
import type { Process } from "../process.ts";
import { Program } from "../process.ts";
import type { Step } from "./step.ts";
import type { StepRecord } from "./step-log.ts";

/** Nothing in it that only a shell understands. */
const PLAIN = /^[\w@%+=:,./-]+( [\w@%+=:,./-]+)*$/;
const isPlain = (line: string): boolean => PLAIN.test(line) && !/^\w+=/.test(line);

export class SetUp extends Program {
  private readonly steps: readonly Step[];
  private at = 0;
  private record: StepRecord | null = null;
  private overlooked = false;

  constructor(steps: readonly Step[]) {
    super();
    this.steps = steps;
  }

  start(): void {
    this.next(0);
  }

  private next(status: number): void {
    const step = this.steps[this.at++];
    if (step === undefined) return this.process.exit(status);
    const { machine } = this.process;
    this.begin(step);
    this.overlooked = step.overlooked === true;
    const known = isPlain(step.run) && machine.command(step.run.split(" ")[0]!) !== null;
    machine.spawn(known ? step.run.split(" ") : ["bash", "-c", step.run], { parent: this.process });
  }

  private begin({ run, why, heading, also }: Step): void {
    const { machine } = this.process;
    const began = machine.world.scheduler.now;
    const common = { machine: machine.name, script: "", device: "", reads: false, began };
    this.record =
      machine.parts.stepLog?.begin({ ...common, run, why, heading: heading ?? null, also: also ?? null }) ?? null;
  }

  override childExited(child: Process): void {
    if (this.record !== null) {
      const { machine } = this.process;
      machine.parts.stepLog?.end(this.record, machine.world.scheduler.now, child.exitCode ?? 1);
      this.record = null;
    }
    this.next(this.overlooked ? 0 : (child.exitCode ?? 1));
  }
}
