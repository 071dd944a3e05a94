/** hostname(1) of Debian. Not modelled: addresses (-i, -I), domains. */
import type { Command } from "../command.ts";
import { readOptions } from "../options.ts";

export const hostname: Command = {
  name: "hostname",
  summary: "Show or set the system's host name.",
  usage: "hostname [-s] [NAME]",
  options: [{ flag: "-s, --short", text: "short host name" }],
  operands: ["text"],
  misuseShows: "help",
  misuse: 255,
  start(process) {
    const options = readOptions(process, hostname);
    if (typeof options === "number") return options;
    const { machine } = process;
    const [name] = options.operands;
    if (name !== undefined) machine.hostname = name;
    else process.print(`${options.has("s") ? machine.hostname.split(".")[0] : machine.hostname}\n`);
    return 0;
  },
};
