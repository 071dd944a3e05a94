/** A session on a clock of the test's own, without a screen. */
import type { Plan } from "../../../src/lab/index.ts";
import { Session } from "../../../src/tui/session/session.ts";
import type { Transcript } from "../../../src/tui/session/shells.ts";
import { planOfFile } from "../../kit/lab.ts";
import { TestOutside } from "./outside.ts";

export interface WatchOptions {
  readonly plan?: Plan;
  readonly life?: boolean;
  readonly outside?: TestOutside;
}

export class Watch {
  readonly session: Session;
  readonly outside: TestOutside;
  /** Real milliseconds. */
  clock = 0;
  /** What a look at the clock takes: 0 gives the lab all the time it wants, and hangs at full speed. */
  tick = 0;

  constructor({ plan = planOfFile("bridge-xl.yaml"), life = false, outside = new TestOutside() }: WatchOptions = {}) {
    this.outside = outside;
    this.session = new Session(plan, outside, { scenario: false, life });
  }

  turn(): number {
    return this.session.turn(() => {
      this.clock += this.tick;
      return this.clock;
    });
  }

  /** Lets real milliseconds pass, in steps. */
  pass(millis: number, step = 10): void {
    for (const end = this.clock + millis; ; this.clock = Math.min(end, this.clock + step)) {
      this.turn();
      if (this.clock >= end) return;
    }
  }

  run(millis: number): void {
    this.session.toggle(this.clock);
    this.pass(millis);
    this.session.toggle(this.clock);
  }

  /** Types, and lets time pass until the lab stands again. */
  type(machine: string, line: string, step = 10): boolean {
    const done = this.session.type(machine, line, this.clock);
    for (let i = 0; this.session.pace.running && i < 10_000; i++) this.pass(step, step);
    return done;
  }

  transcript(machine: string): Transcript {
    return this.session.shells.transcript(machine)!;
  }

  lines(machine: string): string[] {
    return this.transcript(machine).lines.map(({ text }) => text);
  }

  /** Virtual time and events: the place in the run. */
  get place(): readonly [now: number, executed: number] {
    const { lab } = this.session;
    return [lab.now, lab.world.scheduler.executed];
  }
}
