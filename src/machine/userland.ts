/**
 * What a machine of this lab has in its bin directories, and the scripts of its file tree that are lists of steps here.
 */
import { TOOLS_BY_NAME, TOOLSETS, type Toolset } from "./command/index.ts";
import type { Command } from "./command.ts";
import { FileNode, type FileTree } from "./files.ts";
import { leasesHelper } from "./libvirt/leases-helper.ts";
import type { InstalledCommands } from "./machine.ts";
import { commandOfScript } from "./setup/index.ts";

/** Programs outside of the bin directories, which other programs call by their path. */
const HELPERS: readonly Command[] = [leasesHelper];

const BIN = /^\/(usr\/(local\/)?)?s?bin\/([^/]+)$/;

export class Userland implements InstalledCommands {
  private readonly tools: Toolset;

  constructor(tools: Toolset = "modern") {
    this.tools = tools;
  }

  get all(): readonly Command[] {
    return TOOLSETS[this.tools];
  }

  find(word: string, box: { readonly files: FileTree }): Command | null {
    const name = word.includes("/") ? BIN.exec(word)?.[3] : word;
    if (name === undefined) return HELPERS.find((each) => each.name === word) ?? setupScript(word, box.files);
    return TOOLS_BY_NAME[this.tools].get(name) ?? null;
  }
}

function setupScript(path: string, files: FileTree): Command | null {
  const file = files.file(path);
  return file instanceof FileNode && file.executable ? commandOfScript(path, file) : null;
}
