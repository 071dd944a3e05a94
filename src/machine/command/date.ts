/** date(1), reading only: virtual time on top of the machine's epoch, always UTC. */
import { formatDate } from "../calendar.ts";
import type { Command } from "../command.ts";
import { misused, readOptions } from "../options.ts";

export const date: Command = {
  name: "date",
  summary: "Display the current (virtual) time.",
  usage: "date [OPTION]... [+FORMAT]",
  options: [
    { flag: "-u, --utc, --universal", text: "print Coordinated Universal Time (UTC)" },
    { flag: "-R, --rfc-email", text: "output date and time in RFC 5322 format" },
  ],
  operands: ["text"],
  start(process) {
    const options = readOptions(process, date);
    if (typeof options === "number") return options;
    const [format, extra] = options.operands;
    if (extra !== undefined) return misused(process, date, `extra operand '${extra}'`);
    if (format !== undefined && !format.startsWith("+")) return process.fail(`invalid date '${format}'`);
    const plain = options.has("R") ? "%a, %d %b %Y %H:%M:%S %z" : "%a %b %e %H:%M:%S %Z %Y";
    const { machine } = process;
    const nanos = machine.world.scheduler.now % 1e9;
    process.print(`${formatDate(format?.slice(1) ?? plain, machine.clockSeconds, nanos)}\n`);
    return 0;
  },
};
