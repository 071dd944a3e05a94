/**
 * The scripts of the file tree that are lists of steps here. A new one is a file beside this and a line below. Whoever
 * edits the file in a machine has replaced the script: then bash runs what stands there.
 */
import type { Command } from "../command.ts";
import type { FileNode } from "../files.ts";
import { hotplugCommand } from "./hotplug-command.ts";
import type { Script } from "./script.ts";
import { vifBridge } from "./vif-bridge.ts";
import { vifSetup } from "./vif-setup.ts";
import { xenHotplugCleanup } from "./xen-hotplug-cleanup.ts";

export const SCRIPTS: readonly Script[] = [vifBridge, vifSetup, xenHotplugCleanup];

/** What the file of such a script shows. */
export const scriptText = (script: Script): string =>
  `#!/bin/bash\n# ${script.summary} The lab runs its steps one by one; put a script of your own here to replace it.\n`;

const COMMANDS = new Map<string, { readonly text: string; readonly command: Command }>(
  SCRIPTS.map((script) => [script.path, { text: scriptText(script), command: hotplugCommand(script) }]),
);

/** The command behind a script's path, when the file there still holds the script's own text. */
export function scriptCommand(path: string, file: FileNode): Command | null {
  const found = COMMANDS.get(path);
  return found !== undefined && file.read() === found.text ? found.command : null;
}
