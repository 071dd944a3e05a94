/** xm console: xm_console of main.py; then it is xenconsole. */
import { getopt } from "../../getopt.ts";
import { GuestConsole } from "../../guest-console.ts";
import type { Program } from "../../process.ts";
import { pythonSentence } from "./list.ts";
import type { Subcommand, XmCall } from "./subcommand.ts";

export const console: Subcommand = {
  name: "console",
  usage: "[-q|--quiet] <Domain>",
  summary: "Attach to <Domain>'s console.",
  options: [["-q, --quiet", "Do not print an error message if the domain does not exist"]],
  arguments: () => [1, 2],
  run,
};

function run(call: XmCall): Program | number {
  const { given, operands, unknown } = getopt(call.args, "q", { quiet: "q" });
  if (unknown.length > 0) return call.misuse(pythonSentence(unknown[0]!.letter, call.args));
  if (operands.length !== 1) return call.misuse("No domain given");
  const domain = call.domain(operands[0]!);
  if (domain === null) return given.length > 0 ? 1 : call.noDomain(operands[0]!);
  const guest = call.xen.guests.get(domain.id);
  if (guest !== undefined) return new GuestConsole(call.xen, guest);
  call.process.error("xenconsole: Could not read tty from store: No such file or directory\n");
  return 1;
}
