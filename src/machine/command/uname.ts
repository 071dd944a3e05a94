/** uname(1). */
import type { Command } from "../command.ts";
import { misused, readOptions } from "../options.ts";

export const uname: Command = {
  name: "uname",
  summary: "Print certain system information.",
  usage: "uname [OPTION]...",
  options: [
    { flag: "-a, --all", text: "print all information" },
    { flag: "-s, --kernel-name", text: "print the kernel name" },
    { flag: "-n, --nodename", text: "print the network node hostname" },
    { flag: "-r, --kernel-release", text: "print the kernel release" },
    { flag: "-v, --kernel-version", text: "print the kernel version" },
    { flag: "-m, --machine", text: "print the machine hardware name" },
    { flag: "-o, --operating-system", text: "print the operating system" },
  ],
  start(process) {
    const options = readOptions(process, uname);
    if (typeof options === "number") return options;
    const [extra] = options.operands;
    if (extra !== undefined) return misused(process, uname, `extra operand '${extra}'`);
    const { hostname, release, version } = process.machine;
    const facts = { s: "Linux", n: hostname, r: release, v: version, m: "x86_64", o: "GNU/Linux" };
    const asked = Object.entries(facts).filter(([key]) => options.has(key) || options.has("a"));
    process.print(`${asked.length === 0 ? facts.s : asked.map(([, fact]) => fact).join(" ")}\n`);
    return 0;
  },
};
