/** uptime(1) of procps. Load is not modelled: it is shown as 0.00. */
import { formatDate } from "../calendar.ts";
import type { Command } from "../command.ts";
import { readOptions } from "../options.ts";

export const uptime: Command = {
  name: "uptime",
  summary: "Tell how long the machine has been running.",
  usage: "uptime [options]",
  options: [
    { flag: "-p, --pretty", text: "show uptime in pretty format" },
    { flag: "-s, --since", text: "system up since" },
  ],
  misuseShows: "help",
  start(process) {
    const options = readOptions(process, uptime);
    if (typeof options === "number") return options;
    const { machine } = process;
    const up = Math.floor(machine.uptime / 1e9);
    if (options.has("p")) process.print(`up ${pretty(up)}\n`);
    else if (options.has("s")) process.print(`${formatDate("%F %T", machine.clockSeconds - up)}\n`);
    else
      process.print(
        ` ${formatDate("%T", machine.clockSeconds)} up ${clock(up)},  1 user,  load average: 0.00, 0.00, 0.00\n`,
      );
    return 0;
  },
};

function clock(up: number): string {
  const days = Math.floor(up / 86_400);
  const hours = Math.floor(up / 3600) % 24;
  const minutes = Math.floor(up / 60) % 60;
  const dayText = days === 0 ? "" : `${days} day${days === 1 ? "" : "s"}, `;
  return (
    dayText + (hours === 0 ? `${minutes} min` : `${String(hours).padStart(2)}:${String(minutes).padStart(2, "0")}`)
  );
}

function pretty(up: number): string {
  const parts = [
    [Math.floor(up / 604_800), "week"],
    [Math.floor(up / 86_400) % 7, "day"],
    [Math.floor(up / 3600) % 24, "hour"],
    [Math.floor(up / 60) % 60, "minute"],
  ] as const;
  const shown = parts
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}${count === 1 ? "" : "s"}`);
  return shown.length === 0 ? "0 minutes" : shown.join(", ");
}
