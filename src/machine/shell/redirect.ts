/**
 * Opens what `<`, `<<`, `>`, `>>`, `2>` and `2>&1` name, from left to right as they stand.
 */
import { Errno } from "../errno.ts";
import { type FileTree, NullFile } from "../files.ts";
import type { Streams } from "../process.ts";
import { FileOutput, type Output, Pipe } from "../stream.ts";
import type { OpenRedirection } from "./expansion.ts";

/** The three streams after the redirections, or the sentence about the first that fails. */
export function redirect(
  redirections: readonly OpenRedirection[],
  streams: Streams,
  box: { readonly files: FileTree },
  cwd: string,
): Streams | string {
  let now: Streams = { stdin: streams.stdin, stdout: streams.stdout, stderr: streams.stderr };
  for (const redirection of redirections) {
    const next = apply(redirection, now, box.files, cwd);
    if (next instanceof Errno) return `${redirection.target}: ${next.text}`;
    if (typeof next === "string") return next;
    now = next;
  }
  return now;
}

function apply(redirection: OpenRedirection, now: Streams, files: FileTree, cwd: string): Streams | Errno | string {
  const { fd, kind, target } = redirection;
  if (kind === "<" || kind === "<<") {
    const text = kind === "<<" ? target : files.read(target, cwd);
    if (text instanceof Errno) return text;
    return fd === 0 ? { ...now, stdin: Pipe.holding(text) } : `${fd}<: reading from it is not modelled`;
  }
  if (fd === 0) return "writing to file descriptor 0 is not modelled";
  const end = fd === 1 ? "stdout" : "stderr";
  if (kind === ">&") {
    const twin = duplicated(target, now);
    return typeof twin === "string" ? twin : { ...now, [end]: twin };
  }
  const file = files.open(target, kind === ">" ? "truncate" : "append", cwd);
  return file instanceof Errno ? file : { ...now, [end]: new FileOutput(file) };
}

/** `>&TARGET`: the stream, or the sentence. */
function duplicated(target: string, { stdout, stderr }: Streams): Output | string {
  if (target === "1") return stdout;
  if (target === "2") return stderr;
  if (target === "-") return new FileOutput(new NullFile());
  return /^\d+$/.test(target) ? `${target}: Bad file descriptor` : `${target}: ambiguous redirect`;
}
