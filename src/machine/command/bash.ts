/** bash(1) and sh(1): how a shell is told where its commands are. `sh` is bash under its other name. */
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import type { Process } from "../process.ts";
import { Session } from "../shell/session.ts";
import { Shell } from "../shell/shell.ts";
import { Source } from "../shell/source.ts";

const OPTIONS: Command["options"] = [
  { flag: "-c", text: "read commands from the first operand" },
  { flag: "-i", text: "interactive: a prompt, errors without line numbers, notices about jobs" },
  { flag: "-l", text: "accepted: there are no start-up files to read" },
];

export const bash: Command = {
  name: "bash",
  summary: "The shell: runs commands from a string, a file or standard input.",
  usage: "bash [-i] [-c STRING [NAME [ARG]...] | FILE [ARG]...]",
  options: OPTIONS,
  operands: ["file"],
  misuse: 2,
  start,
};

export const sh: Command = { ...bash, name: "sh", usage: "sh [-i] [-c STRING [NAME [ARG]...] | FILE [ARG]...]" };

function start(process: Process): Shell | number {
  const words = process.argv.slice(1);
  const flags = new Set<string>();
  while (/^-./.test(words[0] ?? "") && words[0] !== "--") {
    const word = words.shift()!;
    const bad = [...word.slice(1)].find((letter) => !"cil".includes(letter));
    if (bad !== undefined) {
      process.error(`${process.name}: ${word.startsWith("--") ? word : `-${bad}`}: invalid option\n`);
      return 2;
    }
    for (const letter of word.slice(1)) flags.add(letter);
  }
  if (words[0] === "--") words.shift();
  return open(process, flags, words);
}

function open(process: Process, flags: ReadonlySet<string>, words: readonly string[]): Shell | number {
  const isInteractive = flags.has("i");
  const { name, pid, env } = process;
  if (flags.has("c")) {
    const [text, zero = name, ...positional] = words;
    if (text === undefined) return process.fail("-c: option requires an argument", 2);
    return new Shell(new Session(env, zero, positional, pid), new Source("string", zero, text, isInteractive));
  }
  const [path, ...positional] = words;
  if (path === undefined)
    return new Shell(new Session(env, name, [], pid), new Source("stdin", name, "", isInteractive));
  const text = process.machine.files.read(path, process.cwd);
  if (text instanceof Errno) return process.fail(`${path}: ${text.text}`, text.text === "Is a directory" ? 126 : 127);
  return new Shell(new Session(env, path, positional, pid), new Source("file", path, text, isInteractive));
}
