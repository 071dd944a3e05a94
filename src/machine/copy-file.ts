/** What cp(1) and mv(1) share: where a file named on the command line goes to. */
import { Errno } from "./errno.ts";
import { type FileTree, isDirectory, nameOf, resolvePath } from "./files.ts";

/** `to`, or the name of `from` inside it when it is a directory. */
export function destination(files: FileTree, from: string, to: string, cwd: string): string {
  const node = files.find(to, cwd);
  const isInside = !(node instanceof Errno) && isDirectory(node);
  return isInside ? `${to.replace(/\/$/, "")}/${nameOf(resolvePath(from, cwd))}` : to;
}
