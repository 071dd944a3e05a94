/** sleep(1). */
import type { Nanos } from "../../engine/time.ts";
import type { Command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { misused, readOptions } from "../options.ts";
import { Program } from "../process.ts";

export const sleep: Command = {
  name: "sleep",
  summary: "Pause for NUMBER seconds; s, m, h or d may follow.",
  usage: "sleep NUMBER[SUFFIX]...",
  operands: ["text"],
  start(process) {
    const options = readOptions(process, sleep);
    if (typeof options === "number") return options;
    if (options.operands.length === 0) return misused(process, sleep, "missing operand");
    let total = 0;
    for (const word of options.operands) {
      const duration = parseDuration(word);
      if (duration === null) return misused(process, sleep, `invalid time interval '${word}'`);
      total += duration;
    }
    return new Sleep(total as Nanos);
  },
};

class Sleep extends Program {
  private readonly duration: Nanos;

  constructor(duration: Nanos) {
    super();
    this.duration = duration;
  }

  start(): void {
    this.process.timer(this, 0).armAfter(this.duration);
  }

  override handle(): void {
    this.process.exit(0);
  }
}
