/**
 * What a machine of this lab has in its bin directories, and the scripts of its file tree that are lists of steps here.
 */
import { COMMANDS } from "./command/index.ts";
import type { Command } from "./command.ts";
import { FileNode, type FileTree } from "./files.ts";
import type { InstalledCommands } from "./machine.ts";
import { scriptCommand } from "./setup/index.ts";

const BIN = /^\/(usr\/(local\/)?)?s?bin\/([^/]+)$/;

/** Which toolstack's tools a host has not: xend's, or libxl's. */
export const NO_XEND: readonly string[] = ["xm"];
export const NO_LIBXL: readonly string[] = ["xl"];

export class Userland implements InstalledCommands {
  private readonly missing: readonly string[];

  /** `missing`: names of commands that are not installed here. */
  constructor(missing = NO_XEND) {
    this.missing = missing;
  }

  get all(): readonly Command[] {
    return COMMANDS.filter(({ name }) => !this.missing.includes(name));
  }

  find(word: string, files: FileTree): Command | null {
    const name = word.includes("/") ? BIN.exec(word)?.[3] : word;
    if (name !== undefined && this.missing.includes(name)) return null;
    return COMMANDS.find((each) => each.name === name) ?? (name === undefined ? setupScript(word, files) : null);
  }
}

function setupScript(path: string, files: FileTree): Command | null {
  const file = files.file(path);
  return file instanceof FileNode && file.executable ? scriptCommand(path, file) : null;
}
