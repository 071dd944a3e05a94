/**
 * `:capture` of the shell: points are switched on and off while the lab runs. The folder is made with the first one,
 * and files are written as they fill.
 */
import { join } from "node:path";
import { type CaptureChange, type CapturePointSummary, type Lab, nearestWord } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { FileSink } from "./file-sink.ts";
import { plural } from "./topology-file.ts";

export class ShellCaptures {
  private readonly lab: Lab;
  private readonly folder: string;
  /** Null until the first point is on. */
  private sink: FileSink | null = null;
  /** Why nothing can be captured any more: a file that has lost bytes must not go on. */
  private failure: string | null = null;

  constructor(lab: Lab, folder: string) {
    this.lab = lab;
    this.folder = folder;
  }

  /** What stands after `:capture`: nothing, a point and perhaps a filter, or a minus and a point. The answer to print. */
  take(text: string): string {
    const [, word = "", filter = ""] = /^(\S*)\s*(.*)$/.exec(text)!;
    if (word === "") return this.listing();
    return word.startsWith("-") ? this.stop(word.slice(1)) : this.start(word, filter);
  }

  private start(point: string, filter: string): string {
    if (this.failure !== null) throw new CliError(`${this.failure}: leave and begin again`);
    this.change(point, { on: true, filter }, filter);
    const opened = this.sink === null ? this.open(point) : "";
    const { state, path } = this.find(point)!;
    if (state === "on") return `${opened}${point} goes to ${join(this.folder, path!)}`;
    return `${opened}${point} is captured as soon as there is such a device${this.hint(point, this.points)}`;
  }

  /** `:nocapture` */
  stop(point: string): string {
    if (!this.active.some((each) => nameOf(each) === point))
      throw new CliError(
        `${point === "" ? "which point?" : `${point} is not captured`}${this.hint(point, this.active)}`,
      );
    this.change(point, { on: false }, "");
    this.drain(true);
    const left = this.find(point);
    if (left === null || left.path === null) return `${point} is not waited for any more`;
    return `${point}: ${plural(left.frames, "frame")} in ${join(this.folder, left.path)}`;
  }

  private change(point: string, change: CaptureChange, filter: string): void {
    const colon = point.lastIndexOf(":");
    const answer = this.lab.capturePoint(point.slice(0, Math.max(colon, 0)), point.slice(colon + 1), change);
    if (answer.ok) return;
    const place = answer.column === null ? "" : `\n  ${filter}\n  ${" ".repeat(answer.column - 1)}^`;
    throw new CliError(`${answer.message}${place}`);
  }

  /** Without a folder nothing may be on: the lab would hold the bytes for ever. */
  private open(point: string): string {
    try {
      this.sink = new FileSink(this.folder);
    } catch (error) {
      this.change(point, { on: false }, "");
      throw error;
    }
    const { replaced } = this.sink;
    return replaced === 0 ? "" : `replacing ${plural(replaced, "file")} of an earlier run in ${this.folder}\n`;
  }

  /** Writes when it is time, or `now`. When that fails, no point stays on and the sentence is thrown. */
  drain(now = false): void {
    if (this.sink === null) return;
    try {
      this.sink.drain(this.lab, now);
    } catch (error) {
      if (!(error instanceof CliError)) throw error;
      this.close();
      this.switchOff();
      this.failure = error.message;
      throw new CliError(`${error.message}\nnothing is captured any more`, 1);
    }
  }

  private switchOff(): void {
    for (const { machine, device } of this.active) this.lab.capturePoint(machine, device, { on: false });
    for (const file of this.lab.captures?.list ?? []) file.take();
  }

  close(): void {
    this.sink?.close();
    this.sink = null;
  }

  /** Candidates for the point after `:capture`. */
  get words(): readonly string[] {
    return this.points.map(nameOf);
  }

  private listing(): string {
    const rows = this.points.map((point) => [
      point.state,
      String(point.frames),
      nameOf(point),
      point.kind ?? "",
      `${point.where}${point.filter === null ? "" : `; filter: ${point.filter}`}`,
    ]);
    return table([["STATE", "FRAMES", "POINT", "KIND", "WHERE"], ...rows]);
  }

  private get points(): readonly CapturePointSummary[] {
    return this.lab.captures?.points ?? [];
  }

  private get active(): readonly CapturePointSummary[] {
    return this.points.filter(({ state }) => state === "on" || state === "waiting");
  }

  private find(name: string): CapturePointSummary | null {
    return this.points.find((point) => nameOf(point) === name) ?? null;
  }

  private hint(point: string, among: readonly CapturePointSummary[]): string {
    const near = nearestWord(
      point,
      among.map(nameOf).filter((name) => name !== point),
    );
    return near === null ? "" : ` (did you mean ${near}?)`;
  }
}

const nameOf = ({ machine, device }: CapturePointSummary): string => `${machine}:${device}`;

/** Columns of text; the second one is of numbers. */
function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  const cell = (text: string, column: number): string =>
    column === 1 ? text.padStart(widths[column]!) : text.padEnd(widths[column]!);
  return rows.map((row) => row.map(cell).join("  ").trimEnd()).join("\n");
}
