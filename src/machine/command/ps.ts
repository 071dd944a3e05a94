/** ps(1), small: every process there is; a machine has no others than those started in it. */
import { formatDate } from "../calendar.ts";
import type { Command } from "../command.ts";
import { readOptions } from "../options.ts";
import type { Process } from "../process.ts";

export const ps: Command = {
  name: "ps",
  summary: "Report a snapshot of the current processes.",
  usage: "ps [options]",
  options: [
    { flag: "-e", text: "all processes (always)" },
    { flag: "-A", text: "all processes (always)" },
    { flag: "-f", text: "full-format, including command lines" },
  ],
  misuseShows: "help",
  start(process) {
    const options = readOptions(process, ps);
    if (typeof options === "number") return options;
    const [style] = options.operands;
    if (style !== undefined) return process.fail(`${style}: BSD options are not modelled; try: ps -ef`);
    const all = [...process.machine.processes.values()].sort((a, b) => a.pid - b.pid);
    process.print(options.has("f") ? full(all) : short(all));
    return 0;
  },
};

const short = (all: readonly Process[]): string =>
  [
    "    PID TTY          TIME CMD\n",
    ...all.map((each) => `${pad(each.pid)} pts/0    00:00:00 ${baseName(each.name)}\n`),
  ].join("");

function full(all: readonly Process[]): string {
  const lines = all.map((each) => {
    const parent = each.parent?.hasEnded === false ? each.parent.pid : 1;
    return `root     ${pad(each.pid)} ${pad(parent)}  0 ${started(each)} pts/0    00:00:00 ${each.argv.join(" ")}\n`;
  });
  return ["UID          PID    PPID  C STIME TTY          TIME CMD\n", ...lines].join("");
}

const pad = (pid: number): string => String(pid).padStart(7);
const baseName = (name: string): string => name.slice(name.lastIndexOf("/") + 1).slice(0, 15);
const started = (process: Process): string =>
  formatDate("%H:%M", process.machine.epoch + Math.floor(process.startedAt / 1e9));
