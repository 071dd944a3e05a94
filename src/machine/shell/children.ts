/** What a shell does not do itself: starts children for pipelines, subshells and programs. */
import { Errno } from "../errno.ts";
import { isDirectory } from "../files.ts";
import type { Process, Program, Streams } from "../process.ts";
import { Pipe } from "../stream.ts";
import { BUILTINS } from "./builtins.ts";
import { type Expanded, Expansion, hasCommands } from "./expansion.ts";
import { findJob, type Job } from "./job.ts";
import { redirect } from "./redirect.ts";
import type { Session } from "./session.ts";
import type { Source } from "./source.ts";
import type { List, ShellCommand } from "./tree.ts";

/** The shell as its children's starter sees it. */
export interface Parent {
  readonly process: Process;
  readonly session: Session;
  readonly source: Source;
  readonly jobs: readonly Job[];
  complain(sentence: string, line: number, stderr?: Streams["stderr"]): void;
  /** A shell that will run these commands in a child. */
  subshell(list: List): Program;
}

/** A child, or the exit code of one that never came to be. */
export type Member = Process | number;

/** Every command of a pipeline; the shell holds the pipes until all have their ends. */
export function startAll(shell: Parent, commands: readonly ShellCommand[], streams: Streams): Member[] {
  const { process } = shell;
  const pipes = commands.slice(1).map(() => new Pipe());
  for (const pipe of pipes) {
    pipe.retain(process);
    pipe.retainReader(process);
  }
  const members = commands.map((command, i) =>
    startOne(shell, command, {
      stdin: pipes[i - 1] ?? streams.stdin,
      stdout: pipes[i] ?? streams.stdout,
      stderr: streams.stderr,
    }),
  );
  for (const pipe of pipes) {
    pipe.release(process);
    pipe.releaseReader(process);
  }
  return members;
}

/** A command of its own in a child. What has to be worked out by other commands first is worked out there. */
function startOne(shell: Parent, command: ShellCommand, ends: Streams): Member {
  if (command.kind === "subshell" && !hasCommands(command)) return startSubshell(shell, command, ends);
  if (command.kind !== "simple" || hasCommands(command)) return fork(shell, [alone(command)], ends);
  const expanded = expandNow(shell, command);
  if (expanded === null) return 1;
  const streams = open(shell, command, expanded, ends);
  if (streams === null) return 1;
  const word = expanded.argv[0];
  if (word === undefined || BUILTINS.has(word)) return fork(shell, [alone({ ...command, redirections: [] })], streams);
  return execute(shell, expanded, streams, command.line);
}

export function startSubshell(shell: Parent, command: ShellCommand & { readonly list: List }, ends: Streams): Member {
  const expanded = expandNow(shell, command);
  const streams = expanded === null ? null : open(shell, command, expanded, ends);
  return streams === null ? 1 : fork(shell, command.list, streams);
}

function expandNow(shell: Parent, command: ShellCommand): Expanded | null {
  const { session, process } = shell;
  const expansion = new Expansion(session, process.machine, process.cwd);
  const expanded = expansion.expand(command);
  if (expansion.failure === null) return expanded;
  shell.complain(expansion.failure.sentence, command.line);
  return null;
}

/** The streams behind its redirections; null, and a sentence, when one cannot be opened. */
export function open(shell: Parent, command: ShellCommand, expanded: Expanded, streams: Streams): Streams | null {
  const { process } = shell;
  const opened = redirect(expanded.redirections, streams, process.machine, process.cwd);
  if (typeof opened !== "string") return opened;
  shell.complain(opened, command.line, streams.stderr);
  return null;
}

export function fork(shell: Parent, list: List, streams: Streams): Process {
  const { process } = shell;
  const { stdin, stdout, stderr } = streams;
  const program = shell.subshell(list);
  return process.machine.spawn(process.argv, { parent: process, env: process.env, program, stdin, stdout, stderr });
}

/** fork and execve of the program that the first word names. */
export function execute(shell: Parent, expanded: Expanded, streams: Streams, line: number): Member {
  const { process, session } = shell;
  const { argv, assignments } = expanded;
  const { stdin, stdout, stderr } = streams;
  const ends = { stdin, stdout, stderr };
  const env = withAssignments(session.environment(), assignments);
  const word = argv[0]!;
  const found = process.machine.command(word);
  if (found !== null) {
    const words = word === "kill" ? argv.flatMap((each) => pidsOf(shell, each)) : argv;
    const title = found.builtin === true ? shell.source.prefix(line) + word : word;
    return process.machine.spawn(words, { parent: process, env, title, ...ends });
  }
  const refuse = (sentence: string, code: number): number => {
    shell.complain(`${word}: ${sentence}`, line, stderr);
    return code;
  };
  if (!word.includes("/")) return refuse("command not found", 127);
  const node = process.machine.files.find(word, process.cwd);
  if (node instanceof Errno) return refuse(node.text, 127);
  if (isDirectory(node)) return refuse("Is a directory", 126);
  if (!node.executable) return refuse("Permission denied", 126);
  return process.machine.spawn(["bash", ...argv], { parent: process, env, ...ends });
}

/** Words before a command are for it alone. */
function withAssignments(
  env: ReadonlyMap<string, string>,
  assignments: Expanded["assignments"],
): ReadonlyMap<string, string> {
  if (assignments.length === 0) return env;
  const own = new Map(env);
  for (const { name, value } of assignments) own.set(name, value);
  return own;
}

/** `kill %1`: the pids of a job; any other word as it is. */
function pidsOf({ jobs }: Parent, word: string): string[] {
  const job = word.startsWith("%") ? findJob(jobs, word) : null;
  return job === null ? [word] : job.processes.map((process) => String(process.pid));
}

export const alone = (command: ShellCommand): List[number] => ({
  pipelines: [{ negated: false, commands: [command] }],
  operators: [],
  background: false,
  text: "",
});
