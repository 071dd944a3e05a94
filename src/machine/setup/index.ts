/**
 * The scripts of the file tree that are lists of steps here. A new one is a file beside this and a line below. Which of
 * them a host has is its era's word. Whoever edits the file in a machine has replaced the script: then bash runs what
 * stands there.
 */
import type { Command } from "../command.ts";
import type { FileNode } from "../files.ts";
import { networkBridge30 } from "./network-bridge-3.0.ts";
import { networkBridge31 } from "./network-bridge-3.1.ts";
import { networkBridge42 } from "./network-bridge-4.2.ts";
import { networkNat30, networkNat31, networkNat42 } from "./network-nat.ts";
import { networkRoute30, networkRoute31, networkRoute42 } from "./network-route.ts";
import type { Script } from "./script.ts";
import { scriptCommand } from "./script-command.ts";
import { vifBridgeTextbook } from "./textbook-bridge.ts";
import { vifNatTextbook } from "./textbook-nat.ts";
import { vifRouteDom0Book, vifRouteGuestBook } from "./textbook-route.ts";
import { vifBridgeDebian, vifBridgeUpstream } from "./vif-bridge.ts";
import { vifBridge42 } from "./vif-bridge-4.2.ts";
import { vifBridge30, vifBridge31 } from "./vif-bridge-classic.ts";
import { vifNat30, vifNat31, vifNat42, vifNatDebian, vifNatUpstream } from "./vif-nat.ts";
import { vifRoute30, vifRoute31, vifRoute42, vifRouteDebian, vifRouteUpstream } from "./vif-route.ts";
import { vifSetup } from "./vif-setup.ts";
import { xenHotplugCleanup } from "./xen-hotplug-cleanup.ts";

export const SCRIPTS: readonly Script[] = [
  networkBridge30,
  networkBridge31,
  networkBridge42,
  vifBridge30,
  vifBridge31,
  vifBridge42,
  vifBridgeUpstream,
  vifBridgeDebian,
  vifBridgeTextbook,
  vifRouteGuestBook,
  vifRouteDom0Book,
  vifNatTextbook,
  networkRoute30,
  networkRoute31,
  networkRoute42,
  vifRoute30,
  vifRoute31,
  vifRoute42,
  vifRouteUpstream,
  vifRouteDebian,
  networkNat30,
  networkNat31,
  networkNat42,
  vifNat30,
  vifNat31,
  vifNat42,
  vifNatUpstream,
  vifNatDebian,
  vifSetup,
  xenHotplugCleanup,
];

/** What the file of such a script shows. */
export const scriptText = (script: Script): string =>
  `#!/bin/bash\n# ${script.summary} The lab runs its steps one by one; put a script of your own here to replace it.\n`;

const COMMANDS = new Map<string, Command>(SCRIPTS.map((script) => [scriptText(script), scriptCommand(script)]));

/** The command behind a script's path, when the file there still holds the script's own text. */
export function commandOfScript(path: string, file: FileNode): Command | null {
  const text = file.read();
  const found = typeof text === "string" ? COMMANDS.get(text) : undefined;
  return found?.name === path ? found : null;
}
