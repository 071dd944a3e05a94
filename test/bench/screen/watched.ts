/** The built program in a pseudo terminal, as the bench asks it: what it spends, what it writes, how soon it answers. */
import { readFileSync } from "node:fs";
import { PtyTerminal } from "../../tui/kit/terminal.ts";

export const COLUMNS = 120;
export const ROWS = 40;

/** What passed between two moments. */
export interface Spent {
  /** Seconds. */
  readonly real: number;
  readonly virtual: number;
  readonly cpu: number;
  readonly bytes: number;
  readonly paints: number;
}

/** A key, the screen that shows its effect, and how to take it back. */
export interface Stroke {
  readonly key: string;
  readonly shows: (text: string) => boolean;
  readonly undo: string;
}

const CLOCK = /(\d\d):(\d\d):(\d\d\.\d{6})/;
/** Of the Linux kernel's own count in /proc/PID/stat: USER_HZ. */
const TICKS = 100;
const BEGIN_PAINT = "\x1b[?2026h";
/** Milliseconds before a key, not in step with the paints. */
const PAUSES = [40, 97, 61, 118, 83];

export const sleep = (millis: number): Promise<void> => new Promise((resume) => setTimeout(resume, millis));

export class Watched {
  readonly terminal: PtyTerminal;
  private strokes = 0;

  private constructor(terminal: PtyTerminal) {
    this.terminal = terminal;
  }

  /** Opens a topology, and waits for the Map of a host that has not begun. */
  static async open(file: string, ...args: readonly string[]): Promise<Watched> {
    const terminal = new PtyTerminal({ columns: COLUMNS, rows: ROWS, args: [file, "--no-card", ...args] });
    await terminal.shows("no bridge yet");
    return new Watched(terminal);
  }

  /** Virtual seconds, as the title says. */
  get clock(): number {
    const found = CLOCK.exec(this.terminal.emulator.lines()[0]!);
    if (found === null) throw new Error(`no clock on the screen\n${this.terminal.text}`);
    return Number(found[1]) * 3600 + Number(found[2]) * 60 + Number(found[3]);
  }

  /** Seconds of CPU since it began. */
  get cpu(): number {
    return cpuOf(this.terminal.pid);
  }

  private sums(): Spent {
    const { raw } = this.terminal.emulator;
    const paints = raw.split(BEGIN_PAINT).length - 1;
    return {
      real: performance.now() / 1e3,
      virtual: this.clock,
      cpu: this.cpu,
      bytes: Buffer.byteLength(raw),
      paints,
    };
  }

  async spends(millis: number): Promise<Spent> {
    const from = this.sums();
    await sleep(millis);
    const to = this.sums();
    const keys = ["real", "virtual", "cpu", "bytes", "paints"] as const;
    return Object.fromEntries(keys.map((key) => [key, to[key] - from[key]])) as unknown as Spent;
  }

  /** Milliseconds from each key to the screen that shows its effect. */
  async answers(count: number, { key, shows, undo }: Stroke): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < count; i++) {
      times.push(await this.stroke(key, shows));
      await this.stroke(undo, (text) => !shows(text));
    }
    return times;
  }

  private async stroke(key: string, shows: Stroke["shows"]): Promise<number> {
    await sleep(PAUSES[this.strokes++ % PAUSES.length]!);
    const start = performance.now();
    this.terminal.type(key);
    await this.terminal.until(() => shows(this.terminal.text), `${JSON.stringify(key)} has its effect`);
    return performance.now() - start;
  }

  close(): void {
    this.terminal.close();
  }
}

/** Seconds of CPU that a process has had, its kernel's work for it included. */
function cpuOf(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]!.split(" ");
  return (Number(fields[11]) + Number(fields[12])) / TICKS;
}
