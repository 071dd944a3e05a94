/** xl console: main_console of xl_console.c, Xen 4.17. Not modelled: emulated serial ports (-t, -n). */
import { GuestConsole } from "../../guest-console.ts";
import type { Program } from "../../process.ts";
import type { Subcommand, XlCall } from "./subcommand.ts";

export const console: Subcommand = {
  name: "console",
  summary: "Attach to domain's console",
  usage: "[options] <Domain>\n",
  options: `-t <type>       console type, pv , serial or vuart
-n <number>     console number`,
  letters: "n:t:",
  required: 1,
  run,
};

function run(call: XlCall): Program | number {
  const type = call.given.findLast(({ letter }) => letter === "t")?.value ?? "pv";
  const number = call.given.findLast(({ letter }) => letter === "n")?.value ?? "0";
  if (!["pv", "serial", "vuart"].includes(type)) return call.fail("console type supported are: pv, serial, vuart");
  if (type !== "pv" || number !== "0") return call.notModelled("any console but the first one");
  const domid = call.domid(call.operands[0]!);
  if (domid === null) return 1;
  const guest = call.xen.guests.get(domid);
  if (guest === undefined) return call.fail("Unable to attach console");
  return new GuestConsole(call.xen, guest);
}
