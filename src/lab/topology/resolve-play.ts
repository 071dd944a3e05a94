/** What is done with the lab: where frames are captured, what happens when, what must be true. */
import { type Nanos, seconds, ZERO } from "../../engine/time.ts";
import type { CommandLines } from "./command-lines.ts";
import type { Desk } from "./desk.ts";
import { adviseWord, type Path, quoteWord } from "./diagnostic.ts";
import { DROPPED, readPattern, SHORT_EXPECTATION } from "./expectation.ts";
import { checkMachine, type Names } from "./names.ts";
import type { CapturePlan, CapturePoint, CheckPlan, Expectation, ScenarioPlan } from "./plan.ts";
import type { CaptureInput, CheckInput, ExpectInput, ScenarioInput } from "./schema.ts";
import { parseDuration } from "./units.ts";

/** The machines by name, and the devices each of them has when the lab has started; null when that is not known. */
export interface Cast {
  readonly names: Names;
  readonly lines: CommandLines;
  readonly devices: (machine: string) => readonly string[] | null;
  /** those with a cable */
  readonly cards: (machine: string) => readonly string[] | null;
}

/** What tcpdump keeps of a frame. */
const DEFAULT_SNAPLEN = 262_144;

export function resolveCapture(desk: Desk, cast: Cast, input: CaptureInput | undefined): CapturePlan {
  if (input === undefined || input === "all") return { all: true, points: [] };
  if (input === "none") return { all: false, points: [] };
  const taken = new Set<string>();
  const points = input.map((item, i): CapturePoint => {
    const options = typeof item === "string" ? { point: item } : item;
    const path = typeof item === "string" ? ["capture", i] : ["capture", i, "point"];
    if (taken.has(options.point)) {
      const advice = { expected: "one capture at a point" };
      desk.error(path, "duplicate-name", `${quoteWord(options.point)} is captured already`, advice);
    }
    taken.add(options.point);
    const { machine, device } = splitPoint(options.point);
    if (checkMachine(desk, cast.names, path, machine))
      checkDevice(desk, "warning", path, machine, device, cast.devices(machine));
    return {
      machine,
      device,
      filter: options.filter ?? null,
      promiscuous: options.promiscuous ?? true,
      snaplen: options.snaplen ?? DEFAULT_SNAPLEN,
    };
  });
  return { all: false, points };
}

function splitPoint(point: string): { machine: string; device: string } {
  const colon = point.indexOf(":");
  return { machine: point.slice(0, colon), device: point.slice(colon + 1) };
}

function checkDevice(
  desk: Desk,
  severity: "error" | "warning",
  path: Path,
  machine: string,
  device: string,
  known: readonly string[] | null,
): void {
  if (known === null || known.includes(device)) return;
  const span = desk.source.piece(path, machine.length + 1, device.length);
  const when = severity === "warning" ? " at the start" : "";
  const what = severity === "warning" ? "device" : "NIC";
  const message = `${quoteWord(machine)} has no ${what} ${quoteWord(device)}${when}`;
  desk.add(severity, span, path, "unknown-device", message, adviseWord(device, known));
}

export function resolveScenario(desk: Desk, cast: Cast, input: readonly ScenarioInput[]): ScenarioPlan[] {
  return input.flatMap((step, i) => resolveStep(desk, cast, ["scenario", i], step) ?? []);
}

function resolveStep(desk: Desk, cast: Cast, path: Path, step: ScenarioInput): ScenarioPlan | null {
  const at = parseDuration(step.at) ?? ZERO;
  const deeds = (["run", "plug", "unplug"] as const).filter(
    (key) => desk.source.has([...path, key]) || step[key] !== undefined,
  );
  const [kind] = deeds;
  const expected = "on and run, or plug, or unplug";
  if (kind === undefined) {
    desk.error(path, "missing-key", "this step does not say what happens", {
      expected,
    });
    return null;
  }
  if (deeds.length > 1) {
    desk.errorAtKey([...path, deeds[1]!], "mixed-forms", `this step has \`${kind}\` and \`${deeds[1]}\``, { expected });
    return null;
  }
  if (kind === "run") return resolveRun(desk, cast, path, at, step);
  const point = step[kind];
  if (point === undefined) return null;
  const { machine, device } = splitPoint(point);
  if (checkMachine(desk, cast.names, [...path, kind], machine)) {
    checkDevice(desk, "error", [...path, kind], machine, device, cast.cards(machine));
  }
  return { kind, at, machine, device };
}

function resolveRun(desk: Desk, cast: Cast, path: Path, at: Nanos, step: ScenarioInput): ScenarioPlan | null {
  if (step.on === undefined) {
    if (desk.source.has([...path, "on"])) return null;
    desk.error(path, "missing-key", "this step does not say on which machine it runs", {
      expected: "on: the name of a machine",
    });
    return null;
  }
  checkMachine(desk, cast.names, [...path, "on"], step.on);
  if (step.run !== undefined) cast.lines.check([...path, "run"], step.on, step.run);
  return { kind: "run", at, on: step.on, run: step.run ?? "" };
}

const DEFAULT_WITHIN = seconds(2);

export function resolveChecks(desk: Desk, cast: Cast, input: readonly CheckInput[]): CheckPlan[] {
  return input.map((check, i) => {
    const path = ["checks", i];
    checkMachine(desk, cast.names, [...path, "on"], check.on);
    cast.lines.check([...path, "run"], check.on, check.run);
    return {
      name: check.name ?? check.run,
      on: check.on,
      run: check.run,
      expect: resolveExpectation(desk, cast, [...path, "expect"], check.expect),
      within: parseDuration(check.within) ?? DEFAULT_WITHIN,
      after: parseDuration(check.after),
    };
  });
}

function resolveExpectation(desk: Desk, cast: Cast, path: Path, input: ExpectInput | undefined): Expectation {
  if (input === undefined || input === "ok" || input === "fail") return { kind: input ?? "ok" };
  const written = typeof input === "string" ? readShort(input) : input;
  const kinds = (["exit", "stdout", "dropped"] as const).filter((key) => written[key] !== undefined);
  const wrong = kinds.length === 0 && desk.source.keys(path).length > 0;
  if (kinds.length !== 1 && !wrong) {
    const message = kinds.length === 0 ? "this expectation is empty" : "this expects more than one thing";
    desk.error(path, "bad-value", message, {
      expected: "one of exit, stdout and dropped; a second check for a second thing",
    });
  }
  if (written.exit !== undefined) return { kind: "exit", code: written.exit };
  if (written.stdout !== undefined) return { kind: "stdout", ...readPattern(written.stdout) };
  const [, code = "", at = null] = DROPPED.exec(written.dropped ?? "") ?? [];
  if (at !== null) checkMachine(desk, cast.names, path, splitPoint(at).machine);
  return { kind: "dropped", code, at };
}

function readShort(text: string): Exclude<ExpectInput, string> {
  const [, word, rest = ""] = SHORT_EXPECTATION.exec(text) ?? [];
  if (word === "exit") return { exit: Number(rest) };
  return word === "stdout" ? { stdout: rest } : { dropped: rest };
}
