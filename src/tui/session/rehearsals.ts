/**
 * Set-ups rehearsed for the Setup view, each in a lab of its own: begun when somebody wants to see one, gone on with in
 * slices, turn and turn about with the lab that is watched.
 */
import { type Plan, Rehearsal } from "../../lab/index.ts";

export class Rehearsals {
  private readonly plan: Plan;
  private readonly begun = new Map<string, Rehearsal>();
  /** Hosts that were asked for and are not done, in that order. */
  private readonly wanted: string[] = [];
  private hadTurn = false;

  constructor(plan: Plan) {
    this.plan = plan;
  }

  /** Null while it has not begun. */
  of(host: string): Rehearsal | null {
    return this.begun.get(host) ?? null;
  }

  get isBusy(): boolean {
    return this.wanted.length > 0;
  }

  /** Asked for again while others wait it is the next one: somebody looks at it. */
  want(host: string): void {
    if (this.begun.get(host)?.done === true || !this.plan.hosts.some(({ name }) => name === host)) return;
    const at = this.wanted.indexOf(host);
    if (at >= 0) this.wanted.splice(at, 1);
    this.wanted.unshift(host);
  }

  /** The next turn is for this; while the lab runs every second one. */
  takesTurn(labRuns: boolean): boolean {
    this.hadTurn = this.isBusy && !(labRuns && this.hadTurn);
    return this.hadTurn;
  }

  /** Steps until it is `end`, one at the least: a step cannot be cut, it takes some 4 ms. */
  step(now: () => number, end: number): void {
    do this.advance();
    while (this.isBusy && now() < end);
  }

  private advance(): void {
    const host = this.wanted[0]!;
    const rehearsal = this.begun.get(host);
    if (rehearsal === undefined)
      this.begun.set(host, new Rehearsal(this.plan, this.plan.hosts.find(({ name }) => name === host)!));
    else if (!rehearsal.advance()) this.wanted.shift();
  }
}
