/**
 * Plays a journal again: the same topology and seed, and every input at its place in the run. The same bytes come out.
 */
import { invariant } from "../base/invariant.ts";
import type { Input, JournalEntry } from "../engine/journal.ts";
import type { Process, SignalName } from "../machine/process.ts";
import { Lab, type LabOptions } from "./lab.ts";
import type { Plan } from "./topology/plan.ts";

/** A lab that has taken every input of the journal; it stands where the last one came. */
export function replay(plan: Plan, entries: readonly JournalEntry[], options: LabOptions = {}): Lab {
  const lab = new Lab(plan, options);
  const { scheduler } = lab.world;
  for (const { time, executed, input } of entries) {
    while (scheduler.executed < executed) invariant(lab.step(), "the journal reaches beyond the run");
    lab.runUntil(time);
    invariant(scheduler.executed === executed, "the journal is of another run");
    give(lab, input);
  }
  return lab;
}

function give(lab: Lab, input: Input): void {
  switch (input.kind) {
    case "command":
      lab.exec(input.machine, input.line);
      return;
    case "shell":
      lab.openPrompt(input.machine);
      return;
    case "signal":
      lab.signal(processOf(lab, input.machine, input.process), input.signal as SignalName);
      return;
    case "type":
      lab.type(processOf(lab, input.machine, input.process), input.text);
      return;
    case "plug":
      lab.plug(input.machine, input.device, input.plugged);
      return;
    case "capture":
      lab.capturePoint(input.machine, input.device, input.change);
  }
}

function processOf(lab: Lab, machine: string, pid: number): Process {
  const process = lab.machine(machine).processes.get(pid);
  invariant(process !== undefined, `no process ${pid} on ${machine}: the journal is of another run`);
  return process;
}
