/**
 * Judges one check: what was expected, what came, in words for a user.
 */
import { formatSeconds, type Nanos } from "../engine/time.ts";
import type { Run } from "./run.ts";
import type { CheckPlan } from "./topology/plan.ts";

export interface CheckResult {
  readonly name: string;
  readonly machine: string;
  readonly line: string;
  readonly ok: boolean;
  /** "exit code 0", "stdout matches /1 received/", "dropped: no-route at web1:ip" */
  readonly expected: string;
  /** What came instead, or the same when it is ok. */
  readonly got: string;
  readonly startedAt: Nanos;
  readonly endedAt: Nanos;
  readonly output: string;
}

/** How a check's command came to its end: by itself, when its time was up, or with its machine. */
export type CheckEnd = "ended" | "late" | "machine gone";

export function judge(check: CheckPlan, run: Run, end: CheckEnd, drops: number, now: Nanos): CheckResult {
  const code = run.process.exitCode ?? -1;
  const output = run.console.text();
  const verdict = decide(check, code, run.console.text("stdout").replace(/\n$/, ""), drops);
  // Of a command that did not come to its end nobody knows whether it fails. Frames are dropped all the same.
  const open = end === "ended" || check.expect.kind === "dropped" ? null : UNJUDGED[end](check);
  return {
    name: check.name,
    machine: check.on,
    line: check.run,
    ok: verdict.ok && open === null,
    expected: verdict.expected,
    got: open ?? verdict.got,
    startedAt: run.startedAt,
    endedAt: now,
    output,
  };
}

const UNJUDGED: Readonly<Record<Exclude<CheckEnd, "ended">, (check: CheckPlan) => string>> = {
  late: ({ within }) => `still running after ${within / 1e9} s`,
  "machine gone": ({ on }) => `${on} went away while it ran`,
};

export const notRunning = (check: CheckPlan, now: Nanos): CheckResult =>
  unjudged(check, now, `${check.on} up and running`, `${check.on} is not running`);

export const notReached = (check: CheckPlan, now: Nanos): CheckResult =>
  unjudged(check, now, "the run to come to it", `the run ended at ${formatSeconds(now, 3)} s before it was judged`);

function unjudged(check: CheckPlan, now: Nanos, expected: string, got: string): CheckResult {
  const { name, on: machine, run: line } = check;
  return { name, machine, line, ok: false, expected, got, startedAt: now, endedAt: now, output: "" };
}

/** `printed`: on stdout, without the end of its last line. */
function decide(check: CheckPlan, code: number, printed: string, drops: number) {
  const ended = `exit code ${code}`;
  const { expect } = check;
  switch (expect.kind) {
    case "ok":
      return { ok: code === 0, expected: "exit code 0", got: ended };
    case "fail":
      return {
        ok: code !== 0,
        expected: "an exit code other than 0",
        got: ended,
      };
    case "exit":
      return {
        ok: code === expect.code,
        expected: `exit code ${expect.code}`,
        got: ended,
      };
    case "stdout": {
      const ok = new RegExp(expect.pattern, expect.flags).test(printed);
      return {
        ok,
        expected: `stdout that matches /${expect.pattern}/${expect.flags}`,
        got: ok ? "it matches" : "it does not match",
      };
    }
    case "dropped": {
      const where = expect.at === null ? "" : ` at ${expect.at}`;
      const got = drops === 0 ? "none was dropped so" : `${drops} frame${drops === 1 ? "" : "s"}`;
      return {
        ok: drops > 0,
        expected: `a frame dropped as ${expect.code}${where}`,
        got,
      };
    }
  }
}
