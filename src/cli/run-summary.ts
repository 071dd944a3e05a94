/** The result of a run as one JSON document. */
import type { Lab } from "../lab/index.ts";

export function runSummary(lab: Lab, folder: string | null): object {
  const { plan, scenario } = lab;
  return {
    topology: plan.name,
    seed: plan.seed,
    virtualSeconds: lab.now / 1e9,
    events: lab.world.scheduler.executed,
    ok: scenario.results.every((result) => result.ok) && scenario.skipped.length === 0,
    scenario: scenario.runs.map((run) => ({
      machine: run.machine,
      line: run.line,
      startedAt: run.startedAt / 1e9,
      exitCode: run.process.exitCode,
      output: run.console.text(),
    })),
    skipped: scenario.skipped,
    checks: scenario.results.map(({ startedAt, endedAt, ...result }) => ({
      ...result,
      startedAt: startedAt / 1e9,
      endedAt: endedAt / 1e9,
    })),
    fates: Object.fromEntries(lab.fates.map(({ name, frames }) => [name, frames])),
    inFlight: lab.inFlight,
    captures: folder === null ? [] : (lab.captures?.summaries ?? []).map((each) => ({ folder, ...each })),
  };
}
