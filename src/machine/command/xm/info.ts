/** xm info: XendNode.py. Names and numbers of the hardware are those of no real machine. Not modelled: -c, -n. */
import { facts } from "../xl/info.ts";
import type { Subcommand } from "./subcommand.ts";

/** The width of the name column. */
const WIDTH = 23;

export const info: Subcommand = {
  name: "info",
  usage: "",
  summary: "Get information about Xen host.",
  arguments: () => [0, 1],
  run: (call) => {
    if (call.args.length > 0) return call.notModelled(`xm info ${call.args[0]}`);
    const host = new Map(facts(call.process.machine, call.xen));
    for (const [name, value] of Object.entries(call.format.info)) {
      call.process.print(`${name.padEnd(WIDTH)}: ${value ?? host.get(name)!.trim()}\n`);
    }
    return 0;
  },
};
