/** Files and folders that a user names for what a command writes; what cannot be written is a sentence. */
import { existsSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { CliError } from "./cli-error.ts";

/** What another path would mend is the user's mistake (exit code 2); a full disk is not (1). */
const SENTENCES: Readonly<Record<string, (path: string) => string>> = {
  ENOENT: (path) =>
    existsSync(dirname(path)) ? `nothing can be made in ${dirname(path)}` : `there is no folder ${dirname(path)}`,
  ENOTDIR: () => "a part of this path is a file and no folder",
  EEXIST: () => "this is a file and no folder",
  EISDIR: () => "this is a folder and no file",
  EACCES: () => "permission denied",
  EPERM: () => "permission denied",
  EROFS: () => "this file system is read-only",
  ENAMETOOLONG: () => "this name is too long",
  ELOOP: () => "these symbolic links go round in a circle",
};

export function unwritable(path: string, error: unknown): CliError {
  const { code = "", message, path: at = path } = error as NodeJS.ErrnoException;
  const sentence = SENTENCES[code]?.(at);
  return new CliError(`${path} cannot be written: ${sentence ?? message}`, sentence === undefined ? 1 : 2);
}

export function writeOutput(file: string, text: string): void {
  try {
    if (file === "-") process.stdout.write(text);
    else writeFileSync(file, text);
  } catch (error) {
    throw unwritable(file, error);
  }
}

/** `mkdir -p`. Node's own `recursive` tries for ever where the kernel says ENOENT below a folder that is there, as in /proc. */
export function makeFolder(folder: string): void {
  const above = dirname(folder);
  if (above !== folder && !existsSync(above)) makeFolder(above);
  try {
    mkdirSync(folder);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST" || !statSync(folder).isDirectory()) throw error;
  }
}
