/**
 * Why goals were not reached: each suspicion's mend is tried on a copy of the lab, and what makes the goal reached is the
 * cause. Where two things are wrong one mend alone does not help; then those are gone on from that change what happens.
 */
import { copyGraph } from "../../engine/copy.ts";
import type { Nanos } from "../../engine/time.ts";
import type { Lab } from "../lab.ts";
import type { Finding } from "./finding.ts";
import { type Goal, goalsOf } from "./goal.ts";
import { mendWords, type Suspect, type Suspicion } from "./suspect.ts";
import { attempt, leaseLines, type Mend, type Outcome } from "./trial.ts";

/** A finding, with what can be tried of its cure. */
export interface Candidate {
  readonly finding: Finding;
  /** Alternatives, the simplest first. */
  readonly mends: readonly (readonly Mend[])[];
  /** The finding, once this alternative has been proved. */
  tell(mend: readonly Mend[]): Finding;
}

/** A trial copies the lab: more than so many would keep a user of a large one waiting. */
const TRIALS = 120;
/** Things that may be wrong at once for one goal. */
const DEPTH = 3;
const GOALS = 24;

export class Search {
  private left = TRIALS;
  private readonly suspects: readonly Suspect[];
  private readonly certain: readonly Candidate[];
  /** What was mended one after another, each with the lab after it. */
  private readonly stages: Stage[] = [];
  /** Goals that are reached when they are tried again at the end of the run. */
  readonly passed: string[] = [];
  /** Goals that are reached, now or once something has been mended, and take longer than they may. */
  readonly late: LateGoal[] = [];
  readonly unexplained: Goal[] = [];

  /** `certain`: what is known to be wrong already; its cures are tried first. */
  constructor(suspects: readonly Suspect[], certain: readonly Candidate[]) {
    this.suspects = suspects;
    this.certain = certain;
  }

  run(lab: Lab): void {
    const start = copyGraph(lab);
    for (const goal of goalsOf(lab).slice(0, GOALS)) this.explain(start, goal);
  }

  get findings(): Finding[] {
    return this.stages.map(({ finding, proved }) => ({ ...finding, proved }));
  }

  private explain(start: Lab, goal: Goal): void {
    const asking = leaseLines(start, goal);
    let outcome = this.tryOut(start, [], goal, asking.length === 0);
    if (outcome.ok) {
      if (!this.isLate(goal, outcome)) this.passed.push(goal.check.name);
      return;
    }
    for (const { lab, proved } of this.stages) {
      outcome = this.tryOut(lab, [], goal);
      if (!outcome.ok) continue;
      this.isLate(goal, outcome);
      proved.push(goal.check.name);
      return;
    }
    if (asking.length > 0 && this.stages.length === 0) {
      outcome = this.tryOut(start, [], goal);
      if (outcome.ok) {
        this.stages.push({ finding: noLease(asking), lab: outcome.lab, asked: asking, proved: [goal.check.name] });
        return;
      }
    }
    const found = this.search(this.stages.at(-1)?.lab ?? start, outcome, goal, DEPTH);
    if (found === null) this.unexplained.push(goal);
    else for (const mended of withLease(found)) this.stages.push({ ...mended, proved: [goal.check.name] });
  }

  /** What was mended one after another until the goal was reached; null: nobody knows what. */
  private search(base: Lab, missed: Outcome, goal: Goal, depth: number): Mended[] | null {
    const tried: { readonly finding: Finding; readonly outcome: Outcome }[] = [];
    for (const candidate of this.candidates(missed, goal)) {
      for (const mend of candidate.mends) {
        if (this.left === 0) return null;
        const outcome = this.tryOut(base, mend, goal);
        const finding = candidate.tell(mend);
        if (outcome.ok) this.isLate(goal, outcome);
        if (outcome.ok) return [{ lab: outcome.lab, asked: outcome.asked, finding }];
        tried.push({ finding, outcome });
      }
    }
    if (depth === 1) return null;
    const isChange = ({ outcome }: { readonly outcome: Outcome }) => outcome.signature !== missed.signature;
    const [changed, same] = [tried.filter((each) => isChange(each)), tried.filter((each) => !isChange(each))];
    for (const { finding, outcome } of [...changed, ...same]) {
      // What has changed nothing may be half of what is wrong, but hardly a third.
      const rest = this.search(outcome.lab, outcome, goal, isChange({ outcome }) ? depth - 1 : 1);
      if (rest !== null) return [{ lab: outcome.lab, asked: outcome.asked, finding }, ...rest];
    }
    return null;
  }

  /** Right after something was mended ARP may take its time: only what is late once more is late. */
  private isLate(goal: Goal, { took, lab }: Outcome): boolean {
    if (took <= goal.check.within) return false;
    const again = this.tryOut(lab, [], goal);
    const isLate = again.ok && again.took > goal.check.within;
    if (isLate) this.late.push({ goal, took: again.took });
    return isLate;
  }

  private candidates({ lab, lost, said }: Outcome, goal: Goal): Candidate[] {
    const clues = { lab, now: lab.snapshot(), goal, lost, said };
    const hosts = lab.plan.hosts.map(({ name }) => name);
    const suspected = this.suspects.flatMap((suspect) =>
      suspect.find(clues).map((suspicion) => candidateOf(suspect.name, suspicion, hosts)),
    );
    const told = this.stages.map(({ finding }) => finding.what);
    const open = this.certain.filter(({ finding }) => !told.includes(finding.what));
    return [...open, ...suspected];
  }

  private tryOut(base: Lab, mends: readonly Mend[], goal: Goal, asks = true): Outcome {
    this.left--;
    return attempt(base, mends, goal, asks);
  }
}

export interface LateGoal {
  readonly goal: Goal;
  readonly took: Nanos;
}

interface Mended {
  readonly finding: Finding;
  /** After it. */
  readonly lab: Lab;
  /** Leases that were asked for then. */
  readonly asked: readonly Mend[];
}

interface Stage extends Mended {
  /** Goals that are reached from here on. */
  readonly proved: string[];
}

/** Guests have asked for a lease once that was mended, which they do not do by themselves. */
function withLease(found: readonly Mended[]): readonly Mended[] {
  const last = found.at(-1)!;
  return last.asked.length === 0 ? found : [...found, { ...last, finding: noLease(last.asked) }];
}

/** Nothing stands in the way of a lease any more: it only has to be asked for. */
const noLease = (asking: readonly Mend[]): Finding => ({
  name: "no-lease",
  what: `${asking.map(({ machine, line }) => `${machine} has no address on ${line.split(" ")[1]}`).join("; ")}: no DHCP lease.`,
  evidence: ["asked for now, on a copy of the lab, a lease comes at once"],
  cause: "Its DHCP client gave up before an answer came, or somebody has flushed the address.",
  look: asking.map(({ machine, line }) => `on ${machine}: ip addr show ${line.split(" ")[1]}`),
  cure: asking.map(({ machine, line }) => `on ${machine}: ${line}`),
});

/** Lines for another machine than a Xen host say which. */
function candidateOf(name: string, suspicion: Suspicion, hosts: readonly string[]): Candidate {
  const { at, what, evidence, cause, look, mends, advice = [] } = suspicion;
  const lineOn = (mend: Mend): string => mendWords(mend, hosts);
  const finding = {
    ...{ name, what: `${at}: ${what}`, evidence, cause, cure: [] },
    look: look.map((line) => lineOn({ machine: at, line })),
  };
  return { finding, mends, tell: (mend) => ({ ...finding, cure: [...mend.map(lineOn), ...advice] }) };
}
