/** `xenlab explain FILE`: runs the topology to its end, then tells what is wrong, why, and what mends it. */
import type { Finding, Loss } from "../lab/index.ts";
import { paint } from "./style.ts";
import { readPlan } from "./topology-file.ts";

const SLICE = 5_000;

export async function explainFile(file: string, json: boolean): Promise<void> {
  const { diagnose, losses, openLab } = await import("../lab/index.ts");
  const plan = await readPlan(file);
  const lab = openLab(plan);
  const { RunProgress } = await import("./run-progress.ts");
  const progress = new RunProgress(lab);
  while (!lab.runSlice(SLICE)) {
    progress.show();
    await new Promise((resume) => setImmediate(resume));
  }
  progress.clear();
  lab.scenario.conclude();
  const findings = diagnose(lab);
  const lost = losses(lab);
  const checks = lab.scenario.results.map(({ name, ok, expected, got }) => ({ name, ok, expected, got }));
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ topology: plan.name, about: plan.about, checks, findings, losses: lost }, null, 2)}\n`,
    );
    return;
  }
  print(paint("bold", plan.name));
  if (plan.about !== "") print(`  ${plan.about.trim()}`);
  if (checks.length > 0) {
    print(`\n${paint("bold", "what is seen")}`);
    for (const { name, ok, got } of checks)
      print(`  ${ok ? paint("green", "yes") : paint("red", "no ")} ${name}${ok ? "" : ` (${got})`}`);
  }
  const troubles = findings.filter(({ isMeant }) => isMeant !== true);
  const meant = findings.filter(({ isMeant }) => isMeant === true);
  if (troubles.length === 0) print(`\nNothing is wrong that xenlab knows of.`);
  for (const finding of troubles) printFinding(finding);
  if (meant.length > 0) print(`\n${paint("bold", "good to know, and meant so")}`);
  for (const finding of meant) printFinding(finding);
  printLosses(lost);
}

function print(line: string): void {
  process.stdout.write(`${line}\n`);
}

function printFinding({ what, evidence, cause, look, cure }: Finding): void {
  print(`\n${paint("bold", what)}`);
  print(`  seen    ${evidence.join("\n          ")}`);
  print(`  cause   ${cause}`);
  print(`  look    ${look.map((line) => paint("cyan", line)).join("\n          ")}`);
  print(`  mend    ${cure.map((line) => paint("green", line)).join("\n          ")}`);
}

function printLosses(lost: readonly Loss[]): void {
  if (lost.length === 0) return;
  print(`\n${paint("bold", "frames that were lost")}`);
  for (const { fate, frames, points, what } of lost) {
    print(`  ${String(frames).padStart(6)}  ${fate}: ${what}`);
    print(`          ${paint("dim", `at ${points.slice(0, 4).join(", ")}`)}`);
  }
}
