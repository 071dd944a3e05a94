/** What `xenlab run` prints: a line per frame as it passes, what the scenario's commands say, checks, fates, captures. */
import type { CheckResult, Lab, TraceEntry } from "../lab/index.ts";
import { FATES, formatSeconds, isDrop } from "../lab/index.ts";
import { ConsoleLines, type Line, said, typed } from "./console-lines.ts";
import type { FileSink } from "./file-sink.ts";
import { paint } from "./style.ts";
import { plural } from "./topology-file.ts";

const ARROWS = { in: "<-", out: "->", drop: "XX", by: "--" } as const;

export class RunPrinter {
  private readonly lab: Lab;
  /** What each command of the scenario says. */
  private readonly runs: ConsoleLines[] = [];
  private readonly others: (isOver: boolean) => readonly Line[];
  private readonly setUpSeen: number[] = [];
  private pointWidth = 12;

  /** `others`: what else there is to tell, at each call what is new. */
  constructor(lab: Lab, others: (isOver: boolean) => readonly Line[] = () => []) {
    this.lab = lab;
    this.others = others;
  }

  start(sink: FileSink | null): void {
    const { plan } = this.lab;
    const about = plan.about === "" ? "" : `: ${plan.about.trim().replaceAll(/\s+/g, " ")}`;
    this.print(`${paint("bold", plan.name)}${about} ${paint("dim", `(seed ${plan.seed})`)}`);
    if (sink === null) return;
    const replacing = sink.replaced === 0 ? "" : `, replacing ${plural(sink.replaced, "file")} of an earlier run`;
    this.print(paint("dim", `captures go to ${sink.folder}${replacing}`));
  }

  /** Everything new since the last call, in the order of virtual time. `before` is called when there is something. */
  show(before?: () => void, isOver = false): void {
    const lines: Line[] = (this.lab.trace?.take() ?? []).map((entry) => ({
      time: entry.time,
      order: 0,
      text: this.frameLine(entry),
    }));
    lines.push(...this.collectConsoles(), ...this.others(isOver));
    lines.sort((a, b) => a.time - b.time || a.order - b.order);
    if (lines.length === 0) return;
    before?.();
    process.stdout.write(`${lines.map((line) => line.text).join("\n")}\n`);
  }

  private collectConsoles(): Line[] {
    const lines: Line[] = [];
    this.lab.setUps.forEach(({ machine, process }, index) => {
      const pull = process.console!.since(this.setUpSeen[index] ?? 0);
      this.setUpSeen[index] = pull.next;
      for (const chunk of pull.chunks) lines.push(...said(machine, chunk.text, chunk.time));
    });
    this.lab.scenario.runs.forEach((run, index) => {
      if (this.runs[index] === undefined) lines.push(typed(run.machine, run.line, run.startedAt));
      this.runs[index] ??= new ConsoleLines(run.machine, run.console);
      const isOver = run.process.exitCode !== null || this.lab.finished;
      lines.push(...this.runs[index].take(isOver ? this.lab.now : null));
    });
    return lines;
  }

  private frameLine(entry: TraceEntry): string {
    this.pointWidth = Math.max(this.pointWidth, Math.min(24, entry.point.length));
    const arrow = entry.direction === "drop" && !isDrop(entry.fate) ? "||" : ARROWS[entry.direction];
    const head = `${paint("dim", formatSeconds(entry.time, 6).padStart(11))} ${entry.point.padEnd(this.pointWidth)} ${arrow}`;
    const id = paint("dim", `#${entry.frame}`);
    if (entry.direction !== "drop") return `${head} ${entry.text} ${id}`;
    const fate = fateName(entry.fate);
    return `${head} ${isDrop(entry.fate) ? paint("red", `dropped: ${fate}`) : paint("dim", `${fate}:`)} ${entry.text} ${id}`;
  }

  finish(sink: FileSink | null, interrupted: boolean): void {
    const { lab } = this;
    if (interrupted)
      this.print(paint("yellow", `interrupted at ${formatSeconds(lab.now, 6)} s; captures are complete up to here`));
    const forgotten = lab.trace?.forgotten ?? 0;
    if (forgotten > 0) this.print(paint("yellow", `${plural(forgotten, "frame")} passed unprinted: too many at once`));
    for (const { machine, line } of lab.scenario.skipped)
      this.print(`${paint("red", "not run")}  ${machine}# ${line}   (${machine} never came up)`);
    for (const { machine, line, at } of lab.scenario.notReached)
      this.print(`${paint("yellow", "not reached")}  ${machine}# ${line}   (at ${formatSeconds(at, 3)} s)`);
    for (const { machine, line } of lab.scenario.unfinished)
      this.print(`${paint("yellow", "still running")}  ${machine}# ${line}`);
    this.failures();
    this.checks(lab.scenario.results);
    this.fates();
    this.captures(sink);
    this.print(
      `\n${paint("dim", `virtual time ${formatSeconds(lab.now, 6)} s, ${plural(lab.world.scheduler.executed, "event")}`)}`,
    );
  }

  /** Not part of the verdict, but a misspelt command should not pass unseen. */
  private failures(): void {
    for (const { machine, line, process: run } of this.lab.scenario.runs) {
      if (run.exitCode !== null && run.exitCode !== 0)
        this.print(`${paint("yellow", `exit code ${run.exitCode}`)}  ${machine}# ${line}`);
    }
  }

  private checks(results: readonly CheckResult[]): void {
    if (results.length === 0) return;
    this.print(`\n${paint("bold", "checks")}`);
    for (const result of results) {
      this.print(`  ${result.ok ? paint("green", "ok  ") : paint("red", "FAIL")}  ${result.name}`);
      if (result.ok) continue;
      this.print(`        ${result.machine}# ${result.line}\n        expected ${result.expected}, got: ${result.got}`);
      for (const line of result.output.trimEnd().split("\n"))
        if (line !== "") this.print(paint("dim", `        | ${line}`));
    }
  }

  private fates(): void {
    const { lab } = this;
    if (lab.fates.length === 0 && lab.inFlight === 0) return this.print(paint("dim", "\nno frame has been sent"));
    this.print(`\n${paint("bold", "fates")}`);
    for (const { code, name, frames } of lab.fates) {
      const text = `  ${String(frames).padStart(9)}  ${name}`;
      this.print(isDrop(code) ? paint("yellow", text) : text);
    }
    if (lab.inFlight > 0) this.print(`  ${String(lab.inFlight).padStart(9)}  still under way`);
    const dropped = lab.fates.filter((fate) => isDrop(fate.code));
    if (dropped.length > 0) this.print(paint("dim", `  what each means: xenlab explain ${dropped[0]!.name}`));
  }

  private captures(sink: FileSink | null): void {
    const { captures } = this.lab;
    if (captures === null || sink === null) return;
    this.print(`\n${paint("bold", "captures")} in ${sink.folder}`);
    const there = captures.summaries.filter(({ missing }) => !missing);
    for (const { path, frames } of there) if (frames > 0) this.print(`  ${String(frames).padStart(9)}  ${path}`);
    const empty = there.filter(({ frames }) => frames === 0).length;
    if (empty > 0) this.print(paint("dim", `  ${plural(empty, "point")} saw no frames`));
    for (const { path } of captures.summaries.filter(({ missing }) => missing))
      this.print(paint("yellow", `  no such device came up: ${path}`));
  }

  private print(text: string): void {
    process.stdout.write(`${text}\n`);
  }
}

const fateName = (code: number): string => FATES.find((fate) => fate.code === code)?.name ?? String(code);
