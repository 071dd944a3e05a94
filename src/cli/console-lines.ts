/** What a console says, as whole lines with the machine's name before them. */
import type { Console } from "../lab/index.ts";
import { paint } from "./style.ts";

/** A line to print; those of one time in their order. */
export interface Line {
  readonly time: number;
  readonly order: number;
  readonly text: string;
}

/** The dots and backspaces of `ping -f` are for a terminal's one line. */
const FLOOD_DOTS = /^[.\b \r]*$/;

export class ConsoleLines {
  private readonly machine: string;
  private readonly console: Console;
  private readonly isShown: (text: string) => boolean;
  private seen = 0;
  /** What it has begun to print and not ended. */
  private begun = "";

  /** `isShown`: is this chunk a line's, or a prompt that nobody types at? */
  constructor(machine: string, console: Console, isShown: (text: string) => boolean = () => true) {
    this.machine = machine;
    this.console = console;
    this.isShown = isShown;
  }

  /** What is new; when nothing more comes (`now`: since then) also what was begun. */
  take(now: number | null): Line[] {
    const lines: Line[] = [];
    const pull = this.console.since(this.seen);
    this.seen = pull.next;
    for (const chunk of pull.chunks) {
      if (!this.isShown(chunk.text)) continue;
      const text = this.begun + chunk.text;
      const whole = text.lastIndexOf("\n") + 1;
      this.begun = FLOOD_DOTS.test(text) ? "" : text.slice(whole);
      if (whole > 0) lines.push(...said(this.machine, text.slice(0, whole), chunk.time));
    }
    if (now === null || this.begun === "") return lines;
    lines.push(...said(this.machine, this.begun, now));
    this.begun = "";
    return lines;
  }
}

export function said(machine: string, text: string, time: number): Line[] {
  if (!text.includes("\n") && FLOOD_DOTS.test(text)) return [];
  const lines = text
    .replaceAll(/[\b\r]/g, "")
    .replace(/\n$/, "")
    .split("\n");
  return lines.map((line) => ({ time, order: 1, text: `${paint("cyan", `${machine} |`)} ${line}` }));
}

/** A line that was typed at a machine's prompt. */
export const typed = (machine: string, line: string, time: number): Line => ({
  time,
  order: -1,
  text: paint("bold", `${machine}# ${line}`),
});
