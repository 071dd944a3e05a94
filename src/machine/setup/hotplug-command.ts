/**
 * How a vif hotplug script starts: `SCRIPT online|offline|add|remove [type_if=vif|tap]`, device and path in the
 * environment. Follows the head of vif-common.sh of Xen 4.17: verbs that are not for this type of interface end well at once.
 */
import type { Command } from "../command.ts";
import type { Process, Program } from "../process.ts";
import { registerSteps, type Script, ScriptProgram } from "./script.ts";

const VERBS: ReadonlyMap<string, readonly string[]> = new Map([
  ["vif", ["online", "offline"]],
  ["tap", ["add", "remove"]],
]);

export function hotplugCommand(script: Script): Command {
  registerSteps(script);
  if (script.plain === true) return plainCommand(script);
  return {
    name: script.path,
    summary: script.summary,
    usage: `${script.path} (online|offline|add|remove) [type_if=(vif|tap)]`,
    words: ["online", "offline", "add", "remove"],
    start: (process) => start(process, script.path),
  };
}

const plainCommand = ({ path, summary }: Script): Command => ({
  name: path,
  summary,
  usage: path,
  start: (process) => new ScriptProgram(process, path, new Map(process.env)),
});

function start(process: Process, path: string): Program | number {
  const words = process.argv.slice(1);
  const variables = new Map(process.env);
  const command = words.find((word) => !word.includes("=")) ?? "";
  if (![...VERBS.values()].some((verbs) => verbs.includes(command))) return 1;
  for (const word of words.filter((each) => /^\w+=/.test(each))) {
    variables.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  }
  const type = variables.get("type_if") ?? "vif";
  const verbs = VERBS.get(type);
  if (verbs === undefined) return 1;
  if (!verbs.includes(command)) return 0;
  const device = variables.get(type === "vif" ? "vif" : "INTERFACE") ?? "";
  if (device === "" || (type === "vif" && (variables.get("XENBUS_PATH") ?? "") === "")) return 1;
  variables.set("command", command).set("type_if", type).set("dev", device);
  variables.set("vif_number", device.replace(/^vif/, "").replace(/-emu$/, ""));
  return new ScriptProgram(process, path, variables);
}
