/** timeout(1). */
import type { Nanos } from "../../engine/time.ts";
import type { Command } from "../command.ts";
import { parseDuration } from "../duration.ts";
import { misused, readOptions } from "../options.ts";
import { type Process, Program, type SignalName } from "../process.ts";
import { signalNamed } from "../signals.ts";

export const timeout: Command = {
  name: "timeout",
  summary: "Start COMMAND, and kill it if still running after DURATION.",
  usage: "timeout [OPTION] DURATION COMMAND [ARG]...",
  options: [{ flag: "-s, --signal=SIGNAL", text: "send this signal on timeout instead of TERM" }],
  operands: ["text", "command", "file"],
  misuse: 125,
  start(process) {
    const options = readOptions(process, timeout, { inOrder: true });
    if (typeof options === "number") return options;
    const [word, ...argv] = options.operands;
    if (word === undefined || argv.length === 0) return misused(process, timeout, "");
    const duration = parseDuration(word);
    if (duration === null) return misused(process, timeout, `invalid time interval '${word}'`);
    const signal = signalNamed(options.value("s") ?? "TERM");
    if (signal === null) return misused(process, timeout, `'${options.value("s")}': invalid signal`);
    if (process.machine.command(argv[0]!) !== null) return new Timeout(argv, duration, signal);
    return process.fail(`failed to run command '${argv[0]}': No such file or directory`, 127);
  },
};

class Timeout extends Program {
  private readonly argv: readonly string[];
  private readonly duration: Nanos;
  private readonly deadly: SignalName;
  private child: Process | null = null;
  private expired = false;

  constructor(argv: readonly string[], duration: Nanos, deadly: SignalName) {
    super();
    this.argv = argv;
    this.duration = duration;
    this.deadly = deadly;
  }

  start(): void {
    this.child = this.process.machine.spawn(this.argv, { parent: this.process });
    // As timeout(1): zero means no limit.
    if (this.duration > 0) this.process.timer(this, 0).armAfter(this.duration);
  }

  override handle(): void {
    this.expired = true;
    this.child?.signal(this.deadly);
  }

  override signal(name: SignalName): void {
    this.child?.signal(name);
  }

  override childExited(child: Process): void {
    this.process.exit(this.expired ? 124 : child.exitCode!);
  }
}
