/**
 * Opens what `<`, `>`, `>>`, `2>` and `2>&1` name, from left to right as they stand.
 */
import { Errno } from "../errno.ts";
import { type FileTree, NullFile } from "../files.ts";
import type { Streams } from "../process.ts";
import { FileOutput, Pipe } from "../stream.ts";
import { expandText, type Scope } from "./expand.ts";
import type { Redirection } from "./parser.ts";

/** The three streams after the redirections, or the sentence about the first that fails. */
export function redirect(
  redirections: readonly Redirection[],
  streams: Streams,
  scope: Scope,
  files: FileTree,
  cwd: string,
): Streams | string {
  let now = streams;
  for (const redirection of redirections) {
    const target = expandText(redirection.target, scope);
    const next = apply(redirection, target, now, files, cwd);
    if (next instanceof Errno) return `${target}: ${next.text}`;
    if (typeof next === "string") return next;
    now = next;
  }
  return now;
}

function apply(
  { fd, kind }: Redirection,
  target: string,
  now: Streams,
  files: FileTree,
  cwd: string,
): Streams | Errno | string {
  if (kind === "<") {
    const text = files.read(target, cwd);
    if (text instanceof Errno) return text;
    return fd === 0 ? { ...now, stdin: Pipe.holding(text) } : `${fd}<: reading from it is not modelled`;
  }
  if (fd === 0) return "writing to file descriptor 0 is not modelled";
  const end = fd === 1 ? "stdout" : "stderr";
  if (kind === ">&") {
    if (target === "1") return { ...now, [end]: now.stdout };
    if (target === "2") return { ...now, [end]: now.stderr };
    if (target === "-") return { ...now, [end]: new FileOutput(new NullFile()) };
    return /^\d+$/.test(target) ? `${target}: Bad file descriptor` : `${target}: ambiguous redirect`;
  }
  const file = files.open(target, kind === ">" ? "truncate" : "append", cwd);
  return file instanceof Errno ? file : { ...now, [end]: new FileOutput(file) };
}
