/** watch(1). A real one redraws the screen; here header and output are printed again and again, until control-C. */
import type { Nanos } from "../../engine/time.ts";
import { seconds } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import { formatDate } from "../calendar.ts";
import type { Command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { misused, readOptions } from "../options.ts";
import { type Process, Program } from "../process.ts";

/** A terminal's width. */
const COLUMNS = 80;
/** watch(1): shorter intervals become this. */
const SHORTEST = seconds(0.1);

export const watch: Command = {
  name: "watch",
  summary: "Execute a command periodically, showing its output.",
  usage: "watch [options] command",
  options: [
    { flag: "-n, --interval=SECS", text: "seconds to wait between updates" },
    { flag: "-t, --no-title", text: "turn off header" },
    { flag: "-e, --errexit", text: "exit if command has a non-zero exit" },
    { flag: "-x, --exec", text: "pass command to exec instead of to sh -c" },
  ],
  operands: ["command", "file"],
  misuseShows: "help",
  start(process) {
    const options = readOptions(process, watch, { inOrder: true });
    if (typeof options === "number") return options;
    if (options.operands.length === 0) return misused(process, watch, "");
    const interval = parseDuration(options.value("n") ?? "2");
    if (interval === null) return process.fail(`failed to parse argument: '${options.value("n")}'`);
    const line = options.operands.join(" ");
    const argv = options.has("x") ? options.operands : ["sh", "-c", line];
    const period = Math.max(interval, SHORTEST) as Nanos;
    return new Watch(argv, line, period, !options.has("t"), options.has("e"));
  },
};

class Watch extends Program {
  private readonly argv: readonly string[];
  private readonly line: string;
  private readonly interval: Nanos;
  private readonly titled: boolean;
  private readonly stopsOnError: boolean;
  private timer: Timer | null = null;

  constructor(argv: readonly string[], line: string, interval: Nanos, titled: boolean, stopsOnError: boolean) {
    super();
    this.argv = argv;
    this.line = line;
    this.interval = interval;
    this.titled = titled;
    this.stopsOnError = stopsOnError;
  }

  start(): void {
    this.timer = this.process.timer(this, 0);
    this.handle();
  }

  override handle(): void {
    const { process } = this;
    if (this.titled) process.print(this.header());
    process.machine.spawn(this.argv, { parent: process });
  }

  override childExited(child: Process): void {
    if (this.stopsOnError && child.exitCode !== 0) this.process.exit(8);
    else this.timer!.armAfter(this.interval);
  }

  private header(): string {
    const { machine } = this.process;
    const interval = `${Math.floor(this.interval / 1e9)}.${Math.floor((this.interval % 1e9) / 1e8)}`;
    const left = `Every ${interval}s: ${this.line}`;
    const right = `${machine.hostname}: ${formatDate("%a %b %e %H:%M:%S %Y", machine.clockSeconds)}`;
    const room = COLUMNS - right.length;
    const shown = left.length < room ? left.padEnd(room) : `${left.slice(0, Math.max(0, room - 4))}... `;
    return `${shown}${right}\n\n`;
  }
}
