/** env(1). */
import type { Command } from "../command.ts";
import { readOptions } from "../options.ts";
import { type Process, Program, type SignalName } from "../process.ts";

export const env: Command = {
  name: "env",
  summary: "Set each NAME to VALUE in the environment and run COMMAND, or print the environment.",
  usage: "env [OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]",
  options: [
    { flag: "-i, --ignore-environment", text: "start with an empty environment" },
    { flag: "-u, --unset=NAME", text: "remove variable from the environment" },
  ],
  operands: ["command", "file"],
  misuse: 125,
  start(process) {
    const options = readOptions(process, env, { inOrder: true });
    if (typeof options === "number") return options;
    const words = [...options.operands];
    const values = new Map(options.has("i") ? [] : process.env);
    if (options.has("u")) values.delete(options.value("u")!);
    while (words[0]?.includes("=")) {
      const [name = "", ...value] = words.shift()!.split("=");
      values.set(name, value.join("="));
    }
    if (words.length === 0) {
      process.print([...values].map(([name, value]) => `${name}=${value}\n`).join(""));
      return 0;
    }
    if (process.machine.command(words[0]!) !== null) return new Env(words, values);
    return process.fail(`'${words[0]}': No such file or directory`, 127);
  },
};

/** A real env becomes its command; here it stands by. */
class Env extends Program {
  private readonly argv: readonly string[];
  private readonly values: ReadonlyMap<string, string>;
  private child: Process | null = null;

  constructor(argv: readonly string[], values: ReadonlyMap<string, string>) {
    super();
    this.argv = argv;
    this.values = values;
  }

  start(): void {
    this.child = this.process.machine.spawn(this.argv, { parent: this.process, env: this.values });
  }

  override signal(name: SignalName): void {
    this.child?.signal(name);
  }

  override childExited(child: Process): void {
    if (child.killedBy !== null) this.process.die(child.killedBy);
    else this.process.exit(child.exitCode!);
  }
}
