/** kill: bash's builtin. `%1` is made a pid by the shell. Stopping and continuing are not modelled. */
import type { Command } from "../command.ts";
import { SIGNALS } from "../process.ts";
import { signalNamed } from "../signals.ts";

export const kill: Command = {
  name: "kill",
  summary: "Send a signal to a process or job; TERM unless told.",
  usage: "kill [-s SIGSPEC | -n SIGNUM | -SIGSPEC] PID | JOBSPEC ... or kill -l",
  options: [
    { flag: "-s SIGSPEC", text: "the name of the signal" },
    { flag: "-n SIGNUM", text: "the number of the signal" },
    { flag: "-l", text: "list the signals that can be sent" },
  ],
  operands: ["process"],
  builtin: true,
  misuse: 2,
  start(process) {
    const words = process.argv.slice(1);
    let signal = "TERM";
    if (words[0] === "-l") {
      process.print(
        Object.entries(SIGNALS)
          .map(([name, number]) => `${String(number).padStart(2)}) SIG${name}\n`)
          .join(""),
      );
      return 0;
    }
    if (words[0] === "-s" || words[0] === "-n") signal = words.splice(0, 2)[1] ?? "";
    else if (words[0] === "--") words.shift();
    else if (words[0]?.startsWith("-")) signal = words.shift()!.slice(1);
    const name = signal === "0" ? null : signalNamed(signal);
    if (name === null && signal !== "0") return process.fail(`${signal}: invalid signal specification`);
    if (words.length === 0) {
      process.error("kill: usage: kill [-s sigspec | -n signum | -sigspec] pid | jobspec ... or kill -l [sigspec]\n");
      return 2;
    }
    let status = 0;
    for (const word of words) {
      if (word.startsWith("%")) status = process.fail(`${word}: no such job`);
      else if (!/^\d+$/.test(word)) status = process.fail(`${word}: arguments must be process or job IDs`);
      else if (!process.machine.processes.has(Number(word))) status = process.fail(`(${word}) - No such process`);
      else if (name !== null) process.machine.kill(Number(word), name);
    }
    return status;
  },
};
