/**
 * How a script of Xen starts: `SCRIPT VERB [NAME=VALUE ...]`. The first word without `=` is the verb, the others become
 * variables (findCommand and evalVariables of xen-script-common.sh).
 *
 * A hotplug script takes online, offline, add or remove, with the device and its path in the environment; verbs that are not
 * for this type of interface end well at once (vif-common.sh). A network script takes any verb: it has its own say of it.
 */
import type { Command } from "../command.ts";
import type { Process, Program } from "../process.ts";
import { registerScript, type Script, ScriptProgram } from "./script.ts";

const VERBS: ReadonlyMap<string, readonly string[]> = new Map([
  ["vif", ["online", "offline"]],
  ["tap", ["add", "remove"]],
]);

export function scriptCommand(script: Script): Command {
  registerScript(script);
  if (script.kind === "plain") return plainCommand(script);
  const isNetwork = script.kind === "network";
  return {
    name: script.path,
    summary: script.summary,
    usage: `${script.path} ${isNetwork ? "(start|stop|status) [NAME=VALUE ...]" : "(online|offline|add|remove) [type_if=(vif|tap)]"}`,
    words: isNetwork ? ["start", "stop", "status"] : ["online", "offline", "add", "remove"],
    start: (process) => (isNetwork ? startNetwork(process, script.id) : startHotplug(process, script.id)),
  };
}

const plainCommand = ({ id, path, summary }: Script): Command => ({
  name: path,
  summary,
  usage: path,
  start: (process) => new ScriptProgram(process, id, new Map(process.env)),
});

function variablesOf(process: Process): Map<string, string> {
  const words = process.argv.slice(1);
  const variables = new Map(process.env);
  variables.set("command", words.find((word) => !word.includes("=")) ?? "");
  for (const word of words.filter((each) => /^\w+=/.test(each)))
    variables.set(word.slice(0, word.indexOf("=")), word.slice(word.indexOf("=") + 1));
  return variables;
}

const startNetwork = (process: Process, id: string): Program => new ScriptProgram(process, id, variablesOf(process));

function startHotplug(process: Process, id: string): Program | number {
  const variables = variablesOf(process);
  const command = variables.get("command")!;
  if (![...VERBS.values()].some((verbs) => verbs.includes(command))) return 1;
  const type = variables.get("type_if") ?? "vif";
  const verbs = VERBS.get(type);
  if (verbs === undefined) return 1;
  if (!verbs.includes(command)) return 0;
  const device = variables.get(type === "vif" ? "vif" : "INTERFACE") ?? "";
  if (device === "" || (type === "vif" && (variables.get("XENBUS_PATH") ?? "") === "")) return 1;
  variables.set("type_if", type).set("dev", device);
  variables.set("vif_number", device.replace(/^vif/, "").replace(/-emu$/, ""));
  return new ScriptProgram(process, id, variables);
}
