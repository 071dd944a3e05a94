/** `xenlab explain FILE`: runs the topology to its end, then tells what is wrong, why, and what mends it. */
import {
  type CheckResult,
  diagnose,
  type Finding,
  type FrameStory,
  formatSeconds,
  frameStory,
  type Loss,
  lint,
  losses,
  openLab,
  type StoryLine,
  type Trap,
} from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { RunProgress } from "./run-progress.ts";
import { paint } from "./style.ts";
import { readPlan } from "./topology-file.ts";

const SLICE = 5_000;
/** Enough for the last host that a frame came by. */
const STORY_LINES = 12;

/** With `frame` only the story of that frame is told. */
export async function explainFile(file: string, json: boolean, frame: number | null): Promise<void> {
  const plan = await readPlan(file);
  const lab = openLab(plan, { record: true });
  const progress = new RunProgress(lab);
  while (!lab.runSlice(SLICE)) {
    progress.show();
    await new Promise((resume) => setImmediate(resume));
  }
  progress.clear();
  lab.scenario.conclude();
  if (frame !== null) return tellFrame(frame, frameStory(lab, frame), json);
  const findings = diagnose(lab);
  const lost = losses(lab);
  const checks = lab.scenario.results.map(({ name, ok, expected, got }) => ({ name, ok, expected, got }));
  // What no finding explains, a trap that `lint` knows may.
  const isOpen = findings.every(({ isMeant }) => isMeant === true) && namesOfFailed(checks).length > 0;
  const traps = isOpen ? lint(plan) : [];
  const told = { topology: plan.name, about: plan.about, checks, findings, traps, losses: lost };
  if (json) {
    process.stdout.write(`${JSON.stringify(told, null, 2)}\n`);
    return;
  }
  tell(told);
  printLosses(lost, (example) => frameStory(lab, example));
}

type Seen = Pick<CheckResult, "name" | "ok" | "expected" | "got">;

interface Told {
  readonly topology: string;
  readonly about: string;
  readonly checks: readonly Seen[];
  readonly findings: readonly Finding[];
  readonly traps: readonly Trap[];
  readonly losses: readonly Loss[];
}

function tell({ topology, about, checks, findings, traps, losses: lost }: Told): void {
  const troubles = findings.filter(({ isMeant }) => isMeant !== true);
  const meant = findings.filter(({ isMeant }) => isMeant === true);
  const failed = namesOfFailed(checks);
  print(paint("bold", topology));
  if (about !== "") print(`  ${about.trim()}`);
  if (checks.length > 0) printChecks(checks);
  if (troubles.length === 0) print(`\n${verdict(failed, lost)}`);
  for (const finding of troubles) printFinding(finding);
  const open = troubles.length === 0 ? [] : unexplained(failed, troubles);
  if (open.length > 0) print(`\n${unknown(open)}`);
  if (traps.length > 0) print(`\n${paint("bold", "it walks into")}`);
  for (const trap of traps) printTrap(trap);
  if (meant.length > 0) print(`\n${paint("bold", "good to know, and meant so")}`);
  for (const finding of meant) printFinding(finding);
}

const namesOfFailed = (checks: readonly Seen[]): string[] => checks.filter(({ ok }) => !ok).map(({ name }) => name);

function printChecks(checks: readonly Seen[]): void {
  print(`\n${paint("bold", "what is seen")}`);
  for (const { name, ok, got } of checks)
    print(`  ${ok ? paint("green", "yes") : paint("red", "no ")} ${name}${ok ? "" : ` (${got})`}`);
}

/** Where no finding is. */
function verdict(failed: readonly string[], lost: readonly Loss[]): string {
  if (failed.length === 0) return "Nothing is wrong that xenlab knows of.";
  const where = lost.length === 0 ? "" : " The frames that were lost, below, may tell.";
  return `${unknown(failed)}${where}`;
}

const unknown = (failed: readonly string[]): string =>
  `xenlab does not know why ${failed.length === 1 ? "this failed" : "these failed"}: ${failed.join("; ")}.`;

/** What a cure is not known to mend may still come of a finding whose cure could not be tried. */
function unexplained(failed: readonly string[], troubles: readonly Finding[]): string[] {
  if (troubles.some(({ proved }) => proved === undefined)) return [];
  return failed.filter((name) => !troubles.some(({ proved }) => proved!.includes(name)));
}

function printTrap({ what, why, mend }: Trap): void {
  print(`  ${what}`);
  print(`  cause   ${why}`);
  print(`  mend    ${mend.map((line) => paint("green", line)).join("\n          ")}`);
}

function tellFrame(frame: number, story: FrameStory, json: boolean): void {
  if (json) return print(JSON.stringify({ frame, ...story }, null, 2));
  if (story.lines.length === 0)
    throw new CliError(
      story.isCut
        ? `nothing is known of frame ${frame} any more: a long run keeps the last of its records`
        : `nothing was decided about a frame ${frame}: the numbers are those behind # in what \`xenlab run\` prints`,
    );
  print(paint("bold", `frame ${frame}`));
  if (story.isCut) print(paint("dim", "  the run was long: what happened to it first may be missing"));
  printStory(story.lines, "  ");
}

function printStory(lines: readonly StoryLine[], indent: string): void {
  const width = Math.max(...lines.map(({ point }) => point.length));
  for (const { time, point, text, isEnd } of lines) {
    const clock = paint("dim", formatSeconds(time, 6).padStart(11));
    print(`${indent}${clock}  ${point.padEnd(width)}  ${isEnd ? paint("yellow", text) : text}`);
  }
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printFinding({ what, evidence, cause, look, cure, proved = [] }: Finding): void {
  print(`\n${paint("bold", what)}`);
  print(`  seen    ${evidence.join("\n          ")}`);
  print(`  cause   ${cause}`);
  if (look.length > 0) print(`  look    ${look.map((line) => paint("cyan", line)).join("\n          ")}`);
  print(`  mend    ${cure.map((line) => paint("green", line)).join("\n          ")}`);
  if (proved.length > 0) print(`  tried   mended so on a copy of the lab it works: ${proved.join("; ")}`);
}

/** Of each kind of loss also how one of its frames came to it. */
function printLosses(lost: readonly Loss[], storyOf: (frame: number) => FrameStory): void {
  if (lost.length === 0) return;
  print(`\n${paint("bold", "frames that were lost")}`);
  for (const { fate, frames, points, what, example } of lost) {
    print(`  ${String(frames).padStart(6)}  ${fate}: ${what}`);
    print(`          ${paint("dim", `at ${points.slice(0, 4).join(", ")}`)}`);
    const lines = example === null ? [] : storyOf(example).lines.slice(-STORY_LINES);
    if (lines.length > 1) print(`          the last of them was frame ${example}:`);
    if (lines.length > 1) printStory(lines, "        ");
  }
}
