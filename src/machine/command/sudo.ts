/**
 * sudo(8) of 1.9.13, for root: whoever is here is root already, so the command is run as it stands. There are no other
 * users, no rules and no log.
 */
import type { Command } from "../command.ts";
import { FileNode } from "../files.ts";
import { type Process, Program, type SignalName } from "../process.ts";

export const sudo: Command = {
  name: "sudo",
  summary: "Run a command as root, which everybody here is.",
  usage: "sudo [-EHn] [-u root] [VAR=value] [-i | -s] [command [arg ...]]",
  options: [
    { flag: "-E", text: "keep the environment (it is kept anyway)" },
    { flag: "-H", text: "set HOME to that of the user" },
    { flag: "-i", text: "run a login shell" },
    { flag: "-n", text: "ask for no password (nobody does)" },
    { flag: "-s", text: "run a shell" },
    { flag: "-u root", text: "as that user" },
  ],
  operands: ["command", "file"],
  start,
};

const USAGE = `usage: sudo -h | -K | -k | -V
usage: sudo -v [-ABkNnS] [-g group] [-h host] [-p prompt] [-u user]
usage: sudo -l [-ABkNnS] [-g group] [-h host] [-p prompt] [-U user] [-u user]
            [command [arg ...]]
usage: sudo [-ABbEHkNnPS] [-r role] [-t type] [-C num] [-D directory] [-g
            group] [-h host] [-p prompt] [-R directory] [-T timeout] [-u user]
            [VAR=value] [-i | -s] [command [arg ...]]
usage: sudo -e [-ABkNnS] [-r role] [-t type] [-C num] [-D directory] [-g group]
            [-h host] [-p prompt] [-R directory] [-T timeout] [-u user] file ...
`;

interface Asked {
  readonly shell: boolean;
  readonly words: readonly string[];
}

function start(process: Process): Program | number {
  const asked = readWords(process);
  if (typeof asked === "number") return asked;
  const words = [...asked.words];
  const env = new Map(process.env);
  while (/^\w+=/.test(words[0] ?? "")) {
    const [name = "", ...value] = words.shift()!.split("=");
    env.set(name, value.join("="));
  }
  if (asked.shell) return new Sudo(words.length === 0 ? ["bash", "-i"] : ["bash", "-c", escaped(words)], env);
  const [name] = words;
  if (name === undefined) return misused(process, "");
  if (process.machine.command(name) !== null) return new Sudo(words, env);
  const file = name.includes("/") ? process.machine.files.find(name, process.cwd) : null;
  if (file instanceof FileNode && file.executable) return new Sudo(["bash", ...words], env);
  return process.fail(`${name}: command not found`, 1);
}

/** What a shell is to take as it stands; variables are its own to expand. */
const escaped = (words: readonly string[]): string =>
  words.map((word) => word.replaceAll(/[^\w$-]/g, "\\$&")).join(" ");

function readWords(process: Process): Asked | number {
  const words = process.argv.slice(1);
  let shell = false;
  while (/^-./.test(words[0] ?? "")) {
    const word = words.shift()!;
    if (word === "--") break;
    const user = word.startsWith("-u") ? word.slice(2) || words.shift() : null;
    if (user === undefined) return misused(process, "sudo: option requires an argument -- 'u'\n");
    if (user !== null && user !== "root" && user !== "#0") {
      process.error(`sudo: unknown user ${user}\nsudo: error initializing audit plugin sudoers_audit\n`);
      return 1;
    }
    if (user !== null) continue;
    const bad = [...word.slice(1)].find((letter) => !"EHins".includes(letter));
    if (bad !== undefined) return misused(process, `sudo: invalid option -- '${bad}'\n`);
    shell ||= /[is]/.test(word);
  }
  return { shell, words };
}

function misused(process: Process, sentence: string): number {
  process.error(sentence + USAGE);
  return 1;
}

/** A real sudo stays beside its command as well, and ends as it does. */
class Sudo extends Program {
  private readonly argv: readonly string[];
  private readonly env: ReadonlyMap<string, string>;
  private child: Process | null = null;

  constructor(argv: readonly string[], env: ReadonlyMap<string, string>) {
    super();
    this.argv = argv;
    this.env = env;
  }

  start(): void {
    this.child = this.process.machine.spawn(this.argv, { parent: this.process, env: this.env });
  }

  override signal(name: SignalName): void {
    this.child?.signal(name);
  }

  override childExited(child: Process): void {
    if (child.killedBy !== null) this.process.die(child.killedBy);
    else this.process.exit(child.exitCode!);
  }
}
