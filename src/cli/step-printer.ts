/** What `xenlab steps` prints: groups of command lines, states with the changed lines marked, differences. */
import type { HostPlan, HostState, HostText, Mode, Plan, RehearsedStep, StepGroup, Telling } from "../lab/index.ts";
import { paint } from "./style.ts";

export interface Choice {
  readonly by: "heading" | "script";
  readonly all: boolean;
  readonly state: boolean;
  readonly handshake: boolean;
  readonly probe: boolean;
  readonly json: boolean;
}

const print = (line = ""): void => {
  process.stdout.write(`${line}\n`);
};

export async function printSteps(plan: Plan, host: HostPlan, choice: Choice): Promise<void> {
  const { groupSteps, modeOf, Rehearsal } = await import("../lab/index.ts");
  const rehearsal = new Rehearsal(plan, host, { probe: choice.probe }).complete();
  const steps = rehearsal.steps.filter((step) => choice.all || !step.reads);
  if (choice.json)
    return print(JSON.stringify({ host: host.name, xen: host.xen, steps: steps.map(stepJson) }, null, 2));
  print(`${paint("bold", host.name)}: ${tellingOf(host, modeOf(host))}`);
  if (choice.state) printState(rehearsal.before, null, "before anything is done");
  const parts = choice.by === "script" ? bySource(steps) : groupSteps(steps, modeOf(host)).flatMap(underHeading);
  for (const { title, steps: own } of parts) {
    print(`\n${paint("bold", title)}`);
    if (own.length === 0) print(`      ${paint("dim", "(nothing)")}`);
    for (const step of own) printStep(step, rehearsal.found(step.number), choice);
  }
  if (choice.handshake) printHandshake(rehearsal.handshake);
  printReach(rehearsal.steps);
}

function tellingOf(host: HostPlan, mode: Mode): string {
  if (host.telling === "script") return `set up as on Xen ${host.xen}`;
  return `${mode === "nat" ? "NAT" : mode} mode as the textbook tells it`;
}

const sourceOf = (step: RehearsedStep): string => {
  if (step.script === "") return "the host's own set-up";
  return step.device === "" ? step.script : `${step.script} (${step.device})`;
};

interface Part {
  readonly title: string;
  readonly steps: readonly RehearsedStep[];
}

/** Neighbouring steps of one script. */
function bySource(steps: readonly RehearsedStep[]): Part[] {
  const parts: { title: string; steps: RehearsedStep[] }[] = [];
  for (const step of steps) {
    const last = parts.at(-1);
    if (last?.title === sourceOf(step)) last.steps.push(step);
    else parts.push({ title: sourceOf(step), steps: [step] });
  }
  return parts;
}

/** A heading of the textbook stands there also when nothing was done for it. */
function underHeading({ heading, steps }: StepGroup<RehearsedStep>): Part[] {
  if (heading === null) return steps.length === 0 ? [] : [{ title: "not in the textbook", steps }];
  return [{ title: `${heading.part === "guest" ? "guest " : ""}${heading.number} ${heading.title}`, steps }];
}

function printStep(step: RehearsedStep, before: HostState, choice: Choice): void {
  const number = String(step.number).padStart(4);
  const where = choice.by === "heading" && step.device !== "" ? paint("dim", ` (${step.device})`) : "";
  const exit = step.exit === 0 || step.reads ? "" : paint("red", `  exit ${step.exit}`);
  print(`${paint("dim", number)}  ${step.run}${exit}${where}`);
  print(`        ${paint("dim", step.why)}`);
  const change = probeChange(before, step.after);
  if (change !== "") print(`        ${change}`);
  if (choice.state) printState(step.after, before, "");
}

/** A word where the ping begins or ceases to get through. */
function probeChange(before: HostState, after: HostState): string {
  if (after.probe === null || before.probe === null || before.probe.answered === after.probe.answered) return "";
  if (after.probe.answered) return paint("green", `from here on ${after.probe.line} is answered`);
  return paint("yellow", `from here on ${after.probe.line} gets no answer: ${after.probe.because.join(", ")}`);
}

const TITLES: Readonly<Record<keyof HostText, string>> = {
  link: "ip link",
  addr: "ip addr",
  route: "ip route",
  brctl: "brctl show",
  rules: "iptables-save",
  sysctl: "sysctl -a",
};

/** The parts that have changed since `before`, changed lines marked with ">", lines that went with "<". */
function printState(state: HostState, before: HostState | null, title: string): void {
  if (title !== "") print(`\n${title}`);
  for (const [key, name] of Object.entries(TITLES) as [keyof HostText, string][]) {
    const now = state.text[key].split("\n").filter((line) => line !== "");
    const old = before === null ? now : before.text[key].split("\n").filter((line) => line !== "");
    const same = now.join("\n") === old.join("\n");
    if (before !== null && same) continue;
    print(`        ${paint("dim", `$ ${name}`)}`);
    if (now.length === 0) print("          (nothing)");
    for (const line of now) {
      const marked = !old.includes(line);
      print(`        ${marked ? paint("yellow", `> ${line}`) : `  ${line}`}`);
    }
    for (const line of old.filter((each) => !now.includes(each))) print(`        ${paint("dim", `< ${line}`)}`);
  }
}

function printHandshake(
  events: readonly { readonly time: number; readonly device: string | null; readonly text: string }[],
) {
  print(`\n${paint("bold", "xenbus handshake")}`);
  if (events.length === 0) print("      (no guest has a vif)");
  for (const { time, device, text } of events)
    print(`  ${(time / 1e9).toFixed(6)}  ${(device ?? "").padEnd(8)} ${text}`);
}

function printReach(steps: readonly RehearsedStep[]): void {
  const last = steps.at(-1)?.after.probe;
  if (last === null || last === undefined) return;
  const lost = steps.filter((step) => step.after.probe?.answered === false && step.script !== "");
  const gap = lost.length === 0 ? "" : `; during ${lost.length} lines of the set-up it was not`;
  print(`\n${last.line}: ${last.answered ? `answered at the end${gap}` : `not answered: ${last.because.join(", ")}`}`);
}

const stepJson = (step: RehearsedStep): object => {
  const { number, script, device, run, why, heading, reads, exit, began, ended, after } = step;
  const { text, probe } = after;
  return { number, script, device, run, why, heading, reads, exit, began, ended, state: text, probe };
};

export async function printComparison(plan: Plan, host: HostPlan, choice: Choice): Promise<void> {
  const { compareTellings, Rehearsal, withTelling } = await import("../lab/index.ts");
  const rehearse = (telling: Telling): Rehearsal_ => {
    const told = withTelling(plan, telling);
    return new Rehearsal(told, told.hosts.find(({ name }) => name === host.name)!, { probe: choice.probe }).complete();
  };
  const [real, book] = [rehearse("script"), rehearse(host.telling === "script" ? "textbook" : host.telling)];
  const parts = [
    { title: "host", own: part(real.steps, ""), other: part(book.steps, "") },
    { title: "guest", own: part(real.steps, "guest"), other: part(book.steps, "guest") },
  ].map(({ title, own, other }) => ({ title, differences: compareTellings(own, other) }));
  if (choice.json)
    return print(JSON.stringify({ host: host.name, xen: host.xen, parts, ...ends(real, book) }, null, 2));
  print(
    `${paint("bold", host.name)}: Xen ${host.xen} against the textbook. Devices have the names they were born with.`,
  );
  for (const { title, differences } of parts) {
    print(`\n${paint("bold", title)}`);
    if (differences.length === 0) print("      no difference");
    for (const [kind, words] of KINDS) {
      const some = differences.filter((each) => each.kind === kind);
      if (some.length > 0) print(`  ${words}`);
      for (const { what, run, why } of some) print(`    ${what}\n      ${paint("dim", `${run}\n      ${why}`)}`);
    }
  }
  printEnds(real, book);
}

type Rehearsal_ = Awaited<typeof import("../lab/index.ts")>["Rehearsal"]["prototype"];

const KINDS = [
  ["only here", "only the script does"],
  ["only there", "only the textbook does"],
  ["order", "both do, in another order: the script has"],
] as const;

/** Of the host's own lines, or of those for the first vif of a guest. */
function part(steps: readonly RehearsedStep[], of: "" | "guest"): RehearsedStep[] {
  if (of === "") return steps.filter((step) => step.device === "");
  const device = steps.find((step) => step.device !== "")?.device;
  return steps.filter((step) => step.device === device && device !== undefined);
}

function ends(real: Rehearsal_, book: Rehearsal_) {
  const off = ({ steps }: Rehearsal_): number => steps.filter((step) => step.after.probe?.answered === false).length;
  const last = ({ steps }: Rehearsal_) => steps.at(-1)?.after;
  return {
    script: { unanswered: off(real), end: last(real)?.text, probe: last(real)?.probe },
    textbook: { unanswered: off(book), end: last(book)?.text, probe: last(book)?.probe },
  };
}

function printEnds(real: Rehearsal_, book: Rehearsal_): void {
  const both = ends(real, book);
  print(`\n${paint("bold", "in the end")}`);
  for (const [name, end] of [
    ["script", both.script],
    ["textbook", both.textbook],
  ] as const) {
    const reached = end.probe?.answered === true ? "answered" : "not answered";
    print(
      `  ${name.padEnd(9)} ${end.probe?.line ?? "(nobody to ping)"}: ${reached}; off the net during ${end.unanswered} lines`,
    );
  }
  for (const key of Object.keys(TITLES) as (keyof HostText)[]) {
    const mine = telling(key, both.script.end);
    const theirs = telling(key, both.textbook.end);
    const only = mine.filter((line) => !theirs.includes(line));
    const others = theirs.filter((line) => !mine.includes(line));
    if (only.length + others.length === 0) continue;
    print(`  ${paint("dim", `$ ${TITLES[key]}`)}`);
    for (const line of only) print(`    script    ${line}`);
    for (const line of others) print(`    textbook  ${line}`);
  }
}

/** The lines worth comparing: of `ip addr` the addresses, as the devices stand under `ip link` already. */
function telling(key: keyof HostText, text: HostText | undefined): string[] {
  const lines = (text?.[key] ?? "").split("\n").filter((line) => line.trim() !== "");
  if (key === "addr") return lines.filter((line) => line.includes("inet "));
  return lines.map((line) => line.replace(/ mode DEFAULT group default.*/, ""));
}
