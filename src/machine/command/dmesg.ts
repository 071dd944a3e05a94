/** dmesg(1) of util-linux: the machine's kernel log, with times since this machine booted. */

import type { LogLine } from "../../device/kernel-log.ts";
import { ms, type Nanos } from "../../engine/time.ts";
import type { Timer } from "../../engine/timer.ts";
import type { Box } from "../box.ts";
import { formatDate } from "../calendar.ts";
import type { Command } from "../command.ts";
import { readOptions } from "../options.ts";
import { Program } from "../process.ts";

/** How often -w looks for news. A real one sleeps in read(2). */
const POLL = ms(10);

export const dmesg: Command = {
  name: "dmesg",
  summary: "Display the kernel ring buffer.",
  usage: "dmesg [options]",
  options: [
    { flag: "-T, --ctime", text: "show human-readable timestamp" },
    { flag: "-t, --notime", text: "don't show any timestamp with messages" },
    { flag: "-w, --follow", text: "wait for new messages" },
    { flag: "-W, --follow-new", text: "wait and print only new messages" },
  ],
  start(process) {
    const options = readOptions(process, dmesg);
    if (typeof options === "number") return options;
    const { machine } = process;
    const style = options.has("T") ? "date" : options.has("t") ? "none" : "uptime";
    const { lines, printed } = machine.table.log;
    if (!options.has("W")) process.print(lines.map((line) => format(line, machine, style)).join(""));
    return options.has("w") || options.has("W") ? new Follow(style, printed) : 0;
  },
};

type Style = "date" | "none" | "uptime";

/** "[  304.173094] text": seconds in five places, microseconds. */
function format({ time, text }: LogLine, machine: Box, style: Style): string {
  if (style === "none") return `${text}\n`;
  if (style === "date") return `[${formatDate("%c", machine.epoch + Math.floor(time / 1e9))}] ${text}\n`;
  const since = (time - machine.bootedAt) as Nanos;
  const micros = String(Math.floor((since % 1e9) / 1e3)).padStart(6, "0");
  return `[${String(Math.floor(since / 1e9)).padStart(5)}.${micros}] ${text}\n`;
}

class Follow extends Program {
  private readonly style: Style;
  private shown: number;
  private timer: Timer | null = null;

  constructor(style: Style, shown: number) {
    super();
    this.style = style;
    this.shown = shown;
  }

  start(): void {
    this.timer = this.process.timer(this, 0);
    this.handle();
  }

  override handle(): void {
    const { machine } = this.process;
    const { lines, printed } = machine.table.log;
    const fresh = Math.min(printed - this.shown, lines.length);
    this.shown = printed;
    this.process.print(
      lines
        .slice(lines.length - fresh)
        .map((line) => format(line, machine, this.style))
        .join(""),
    );
    this.timer!.armAfter(POLL);
  }
}
