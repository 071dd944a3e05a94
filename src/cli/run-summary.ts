/** The result of a run: good or not, and everything as one JSON document. */
import type { Lab } from "../lab/index.ts";

/** Every check was judged and holds, and nothing had to be left out. */
export const isGood = (lab: Lab): boolean =>
  lab.scenario.results.length === lab.plan.checks.length &&
  lab.scenario.results.every((result) => result.ok) &&
  lab.scenario.skipped.length === 0;

/** Set-up that failed is said aloud, also when nothing else is printed: later failures follow from it. */
export function complainOfSetUp(lab: Lab): void {
  for (const { machine, process: setUp } of failedSetUps(lab)) {
    const said = setUp.console?.text("stderr").trimEnd() ?? "";
    const lines = said.split("\n").map((line) => `  ${machine} | ${line}`);
    process.stderr.write(
      `xenlab: set-up of ${machine} failed (exit code ${setUp.exitCode ?? "none, it still runs"})\n${lines.join("\n")}\n`,
    );
  }
}

const failedSetUps = (lab: Lab) => lab.setUps.filter(({ process: setUp }) => setUp.exitCode !== 0);

export function runSummary(lab: Lab, folder: string | null): object {
  const { plan, scenario } = lab;
  return {
    topology: plan.name,
    seed: plan.seed,
    virtualSeconds: lab.now / 1e9,
    events: lab.world.scheduler.executed,
    ok: isGood(lab),
    failedSetUps: failedSetUps(lab).map(({ machine, process: setUp }) => ({
      machine,
      exitCode: setUp.exitCode,
      output: setUp.console?.text() ?? "",
    })),
    scenario: scenario.runs.map((run) => ({
      machine: run.machine,
      line: run.line,
      startedAt: run.startedAt / 1e9,
      exitCode: run.process.exitCode,
      output: run.console.text(),
    })),
    skipped: scenario.skipped,
    notReached: scenario.notReached.map(({ machine, line, at }) => ({ machine, line, at: at / 1e9 })),
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
