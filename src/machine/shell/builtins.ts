/**
 * The builtins that change the shell itself. The others (echo, kill, pwd, ...) are ordinary commands that cost no exec.
 */
import { Errno } from "../errno.ts";
import { isDirectory, resolvePath } from "../files.ts";
import { helpText } from "../options.ts";
import type { Process, Streams } from "../process.ts";
import type { Output } from "../stream.ts";
import { findJob, Job, jobLine } from "./job.ts";
import { parse } from "./parser.ts";
import { readFields } from "./read-line.ts";
import type { Session } from "./session.ts";
import type { Source } from "./source.ts";
import { test } from "./test-expression.ts";
import type { List } from "./tree.ts";

/** The shell as its builtins see it. */
export interface BuiltinShell {
  readonly process: Process;
  readonly session: Session;
  readonly source: Source;
  /** Background jobs, running or not yet reported. */
  readonly jobs: Job[];
  foreground: Job | null;
  /** An error sentence with bash's prefix: who, and in scripts which line. */
  complain(sentence: string, line: number, stderr?: Output): void;
  /** Runs `list` next, before whatever comes after the present command. */
  enter(list: List, streams?: Streams): void;
  /** Out of so many loops, or on to the next round of the last of them; false: there is none. */
  unwind(levels: number, isContinue: boolean): boolean;
  /** Nothing is left to do: `exit`. */
  leave(status: number): void;
}

/**
 * Returns the exit code; `wait` and `fg` put a job in the foreground, whose exit code then counts. "wait": there is no line
 * to read yet, so it will be called again.
 */
export type Builtin = (shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number) => number | "wait";

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_]*$/;

function cd(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const { process, session } = shell;
  const [, target, more] = argv;
  const say = (sentence: string, code = 1): number => {
    shell.complain(`cd: ${sentence}`, line, streams.stderr);
    return code;
  };
  if (more !== undefined) return say("too many arguments");
  if (target !== undefined && /^-./.test(target))
    return invalid(say, target, "cd: usage: cd [-L|[-P [-e]] [-@]] [dir]", streams);
  const wanted = target === "-" ? session.variable("OLDPWD") : (target ?? session.variable("HOME"));
  if (wanted === null) return say(target === "-" ? "OLDPWD not set" : "HOME not set");
  const node = process.machine.files.find(wanted === "" ? "." : wanted, process.cwd);
  if (node instanceof Errno) return say(`${wanted}: ${node.text}`);
  if (!isDirectory(node)) return say(`${wanted}: Not a directory`);
  session.set("OLDPWD", process.cwd);
  process.cwd = resolvePath(wanted, process.cwd);
  session.set("PWD", process.cwd);
  if (target === "-") streams.stdout.write(`${process.cwd}\n`);
  return 0;
}

function invalid(
  say: (sentence: string, code: number) => number,
  option: string,
  usage: string,
  streams: Streams,
): number {
  const code = say(`${option.slice(0, 2)}: invalid option`, 2);
  streams.stderr.write(`${usage}\n`);
  return code;
}

function exportVariables(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const words = argv.slice(1).filter((word) => word !== "-p");
  if (words.length === 0) {
    for (const [name, value] of shell.session.exports())
      streams.stdout.write(`declare -x ${name}="${escapeDouble(value)}"\n`);
    return 0;
  }
  const say = (sentence: string, code: number): number => {
    shell.complain(`export: ${sentence}`, line, streams.stderr);
    return code;
  };
  if (words[0]!.startsWith("-"))
    return invalid(say, words[0]!, "export: usage: export [-fn] [name[=value] ...] or export -p", streams);
  let status = 0;
  for (const word of words) {
    const [name = "", ...value] = word.split("=");
    if (!IDENTIFIER.test(name)) status = say(`\`${word}': not a valid identifier`, 1);
    else {
      if (value.length > 0) shell.session.set(name, value.join("="));
      shell.session.export(name);
    }
  }
  return status;
}

const escapeDouble = (text: string): string => text.replace(/["\\$`]/g, "\\$&");

function unset(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const bad = argv.slice(1).find((name) => !IDENTIFIER.test(name));
  for (const name of argv.slice(1)) shell.session.unset(name);
  if (bad !== undefined) shell.complain(`unset: \`${bad}': not a valid identifier`, line, streams.stderr);
  return bad === undefined ? 0 : 1;
}

function exit(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const word = argv[1];
  const isNumber = word === undefined || /^[-+]?\d+$/.test(word);
  if (shell.source.isPrompt) streams.stderr.write("exit\n");
  if (!isNumber) shell.complain(`exit: ${word}: numeric argument required`, line, streams.stderr);
  else if (argv.length > 2) {
    shell.complain("exit: too many arguments", line, streams.stderr);
    if (!shell.source.isPrompt) shell.leave(1);
    return 1;
  }
  shell.leave(!isNumber ? 2 : word === undefined ? shell.session.status : Number(word));
  return shell.session.status;
}

function source(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const say = (sentence: string, code = 1): number => {
    shell.complain(sentence, line, streams.stderr);
    return code;
  };
  const path = argv[1];
  if (path === undefined) return say(`${argv[0]}: filename argument required`, 2);
  const text = shell.process.machine.files.read(path, shell.process.cwd);
  if (text instanceof Errno) return say(`${path}: ${text.text}`);
  const parsed = parse(text);
  if ("error" in parsed) return say(`${path}: line ${parsed.error.line}: ${parsed.error.message}`, parsed.error.status);
  shell.enter(parsed.list, streams);
  return 0;
}

/** Its words as one more text to be read. */
function evaluate(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const parsed = parse(argv.slice(1).join(" "));
  if ("list" in parsed) {
    shell.session.status = 0;
    shell.enter(parsed.list, streams);
    return shell.session.status;
  }
  shell.complain(`eval: ${parsed.error.message}`, line, streams.stderr);
  return parsed.error.status;
}

function testWords(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const { machine, cwd } = shell.process;
  const name = argv[0]!;
  const isBracket = name === "[";
  const say = (sentence: string): number => {
    shell.complain(`${name}: ${sentence}`, line, streams.stderr);
    return 2;
  };
  if (isBracket && argv.at(-1) !== "]") return say("missing `]'");
  const truth = test(argv.slice(1, isBracket ? -1 : undefined), machine.files, cwd);
  return typeof truth === "string" ? say(truth) : truth;
}

function leaveLoop(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const name = argv[0]!;
  const levels = argv[1] ?? "1";
  if (!/^\d+$/.test(levels)) {
    shell.complain(`${name}: ${levels}: numeric argument required`, line, streams.stderr);
    return 128;
  }
  if (shell.unwind(Math.max(1, Number(levels)), name === "continue")) return 0;
  shell.complain(`${name}: only meaningful in a \`for', \`while', or \`until' loop`, line, streams.stderr);
  return 0;
}

function shift(shell: BuiltinShell, argv: readonly string[]): number {
  const { session } = shell;
  const count = Number(argv[1] ?? "1");
  if (!(count <= session.positional.length)) return 1;
  session.positional = session.positional.slice(count);
  return 0;
}

function read(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number | "wait" {
  const isRaw = argv[1] === "-r";
  const names = argv.slice(isRaw ? 2 : 1);
  const bad = names.find((name) => !IDENTIFIER.test(name));
  if (bad !== undefined) {
    const isOption = bad.startsWith("-");
    shell.complain(
      isOption ? `read: ${bad}: of its options only -r is modelled` : `read: \`${bad}': not a valid identifier`,
      line,
      streams.stderr,
    );
    return isOption ? 2 : 1;
  }
  const text = streams.stdin.readLine();
  if (text === "") return "wait";
  const wanted = names.length === 0 ? ["REPLY"] : names;
  const ifs = names.length === 0 ? "" : (shell.session.variable("IFS") ?? " \t\n");
  const values = readFields((text ?? "").replace(/\n$/, ""), wanted.length, ifs, isRaw);
  for (const [i, name] of wanted.entries()) shell.session.set(name, values[i]!);
  return text?.endsWith("\n") === true ? 0 : 1;
}

/** What bash has built in and this shell does not: better said than "command not found". */
const refuse: Builtin = (shell, argv, streams, line) => {
  shell.complain(`${argv[0]}: not modelled`, line, streams.stderr);
  return 2;
};
const REFUSED = [
  ...[
    "alias",
    "bind",
    "builtin",
    "caller",
    "command",
    "declare",
    "dirs",
    "disown",
    "enable",
    "exec",
    "getopts",
    "hash",
  ],
  ...["let", "local", "mapfile", "popd", "pushd", "readarray", "readonly", "return", "set", "shopt", "trap", "type"],
  ...["typeset", "ulimit", "umask"],
];

function jobs(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  if (argv.length > 1) {
    shell.complain(`jobs: ${argv[1]}: options and operands are not modelled`, line, streams.stderr);
    return 2;
  }
  for (const job of shell.jobs) streams.stdout.write(jobLine(job, shell.jobs));
  forget(
    shell,
    shell.jobs.filter((job) => job.done),
  );
  return 0;
}

function forget(shell: BuiltinShell, gone: readonly Job[]): void {
  for (const job of gone) shell.jobs.splice(shell.jobs.indexOf(job), 1);
}

function wait(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const words = argv.slice(1);
  const members: (Process | number)[] = words.length === 0 ? shell.jobs.flatMap((job) => job.processes) : [];
  if (words.length === 0) forget(shell, [...shell.jobs]);
  for (const word of words) {
    const job = findJob(shell.jobs, word);
    if (job !== null) members.push(...job.members);
    else {
      shell.complain(unknownChild(word), line, streams.stderr);
      members.push(127);
    }
  }
  if (words.length === 0) members.push(0);
  shell.foreground = new Job(0, members, "wait", false, false);
  return 0;
}

function unknownChild(word: string): string {
  if (word.startsWith("%")) return `wait: ${word}: no such job`;
  return /^\d+$/.test(word)
    ? `wait: pid ${word} is not a child of this shell`
    : `wait: \`${word}': not a pid or valid job spec`;
}

function fg(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const job = findJob(shell.jobs, argv[1] ?? "%%");
  if (job === null) {
    shell.complain(`fg: ${argv[1] ?? "current"}: no such job`, line, streams.stderr);
    return 1;
  }
  streams.stdout.write(`${job.text}\n`);
  forget(shell, [job]);
  shell.foreground = new Job(0, job.members, job.text, false);
  return 0;
}

function help(shell: BuiltinShell, argv: readonly string[], streams: Streams, line: number): number {
  const { commands } = shell.process.machine;
  const word = argv[1];
  if (word === undefined) {
    const width = Math.max(...commands.map((command) => command.name.length));
    for (const command of commands) streams.stdout.write(`${command.name.padEnd(width)}  ${command.summary}\n`);
    streams.stdout.write(
      `Shell: ${[...BUILTINS.keys()]
        .filter((name) => !REFUSED.includes(name))
        .sort()
        .join(" ")}\n`,
    );
    return 0;
  }
  const found = commands.find((command) => command.name === word);
  if (found !== undefined) streams.stdout.write(helpText(found));
  else shell.complain(`help: no help topics match \`${word}'.`, line, streams.stderr);
  return found === undefined ? 1 : 0;
}

export const BUILTINS: ReadonlyMap<string, Builtin> = new Map<string, Builtin>([
  ["cd", cd],
  ["export", exportVariables],
  ["unset", unset],
  ["exit", exit],
  [".", source],
  ["source", source],
  ["jobs", jobs],
  ["wait", wait],
  ["fg", fg],
  ["help", help],
  [":", () => 0],
  ["eval", evaluate],
  ["test", testWords],
  ["[", testWords],
  ["break", leaveLoop],
  ["continue", leaveLoop],
  ["shift", shift],
  ["read", read],
  ...REFUSED.map((name): [string, Builtin] => [name, refuse]),
]);
