/**
 * Command lines of a topology, looked at before anything runs: can the shell read them, and does the machine have their
 * commands? A lab may want a command that is not there, so that is a warning.
 */
import { TOOLSETS, type Toolset } from "../../machine/command/index.ts";
import { ERAS } from "../../machine/era.ts";
import { BUILTINS } from "../../machine/shell/builtins.ts";
import { commandNames } from "../../machine/shell/command-names.ts";
import type { Desk } from "./desk.ts";
import { type Path, quoteWord } from "./diagnostic.ts";
import { nearestWord } from "./nearest.ts";
import type { HostPlan, MachinePlan } from "./plan.ts";

export class CommandLines {
  private readonly desk: Desk;
  /** By machine; guests have what their host has. */
  private readonly tools = new Map<string, Toolset>();

  constructor(desk: Desk, hosts: readonly HostPlan[], machines: readonly MachinePlan[]) {
    this.desk = desk;
    for (const { name } of machines) this.tools.set(name, "modern");
    for (const { name, xen, domains } of hosts)
      for (const each of [name, ...domains.map((domain) => domain.name)]) this.tools.set(each, ERAS[xen].tools);
  }

  /** `line` stands at `path` and runs on `machine`; one that is not there might have any of the tools. */
  check(path: Path, machine: string, line: string): void {
    const tools = this.tools.get(machine) ?? "both";
    const found = commandNames(line);
    if ("error" in found) {
      this.desk.error(path, "bad-command", `the shell cannot read this line: ${found.error.message}`);
      return;
    }
    const known = [...TOOLSETS[tools].map(({ name }) => name), ...BUILTINS.keys()];
    for (const name of found.names)
      if (!name.includes("/") && !known.includes(name)) this.unknown(path, machine, line, name, known);
  }

  private unknown(path: Path, machine: string, line: string, name: string, known: readonly string[]): void {
    const { desk } = this;
    const near = nearestWord(name, known);
    const span = desk.source.piece(path, Math.max(0, placeOf(line, name)), name.length);
    const who = this.tools.has(machine) ? quoteWord(machine) : "no machine";
    const message = `${who} has ${this.tools.has(machine) ? "no" : "a"} command ${quoteWord(name)}`;
    desk.add("warning", span, path, "unknown-command", message, {
      ...(near === null ? { expected: "what `help` lists at its prompt" } : { hint: `did you mean \`${near}\`?` }),
    });
  }
}

/** Where it stands as a word of its own. */
function placeOf(line: string, name: string): number {
  for (let at = line.indexOf(name); at >= 0; at = line.indexOf(name, at + 1)) {
    const around = `${line[at - 1] ?? " "}${line[at + name.length] ?? " "}`;
    if (/^[\s;&|(!`][\s;&|)`]$/.test(around)) return at;
  }
  return line.indexOf(name);
}
