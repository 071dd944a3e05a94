/**
 * All of a session that belongs to the run: the lab, the shells' screens, the ping that gives it life. Copied together
 * and played again together, so that a past instant shows what stood on the screens then.
 */
import { give, type Input, type Lab, lifeOf, openLab, type Plan, type Player, type Process } from "../../lab/index.ts";
import { Shells } from "./shells.ts";

/** The ping of `lifeOf`. */
export interface Life {
  readonly machine: string;
  readonly line: string;
}

export class Moment implements Player {
  readonly lab: Lab;
  readonly shells: Shells;
  /** Null: there is nobody to ping in this topology. */
  readonly life: Life | null;
  /** It shall begin as soon as everything is up. */
  wantsLife: boolean;
  /** Null before it has begun. */
  lifePing: Process | null = null;

  constructor(plan: Plan, scenario: boolean, life: boolean) {
    this.lab = openLab(
      { ...plan, checks: [] },
      { capture: { format: "pcapng", merged: false }, scenario, frames: true, events: true, record: true },
    );
    this.shells = new Shells(this.lab, plan.hosts[0]?.name ?? plan.machines[0]?.name ?? "");
    this.life = lifeOf(plan);
    this.wantsLife = life && this.life !== null;
  }

  /** At the event after which everything is up. It runs beside the shells: their prompts are the user's. */
  startLife(): void {
    if (!this.lab.settled || !this.lab.isReady(this.life!.machine)) return;
    this.began(this.lab.exec(this.life!.machine, this.life!.line));
  }

  private began(ping: Process): void {
    this.wantsLife = false;
    this.lifePing = ping;
  }

  /** Ends the ping, or starts it (again), now or when everything is up; what it did. */
  toggleLife(): string {
    const { life, lab } = this;
    if (life === null) return "there is nobody to ping in this topology";
    if (this.lifePing !== null && !this.lifePing.hasEnded) {
      lab.signal(this.lifePing, "INT");
      return `${life.machine}: ${life.line} ended`;
    }
    this.wantsLife = !this.wantsLife;
    if (this.wantsLife && lab.find(life.machine) !== null && lab.settled) this.startLife();
    return this.wantsLife || this.lifePing !== null ? `${life.machine}: ${life.line}` : "no ping";
  }

  /** This is another moment of the run that was watched as `other`. */
  follow(other: Moment): void {
    this.shells.follow(other.shells);
    this.wantsLife = this.lifePing === null && (other.wantsLife || other.lifePing !== null);
  }

  /** An input of the journal, once more. */
  give(input: Input): void {
    const { lab, life, shells } = this;
    if (input.kind === "shell") shells.adopt(input.machine, lab.openPrompt(input.machine));
    else if (input.kind === "command" && input.machine === life?.machine && input.line === life.line)
      this.began(lab.exec(input.machine, input.line));
    else {
      if (input.kind === "type") shells.typed(input.machine, input.process, input.text);
      give(lab, input);
    }
  }
}
