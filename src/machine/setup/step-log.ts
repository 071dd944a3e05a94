/**
 * What the set-up of a machine has done: every command line that a script or the set-up list has run, in order, with why
 * it was run and how it ended. Filled only where somebody asked for it (`machine.parts.stepLog`).
 */
import type { Nanos } from "../../engine/time.ts";
import type { HeadingId } from "./textbook.ts";

export interface StepRecord {
  readonly machine: string;
  /** Of which script, with its first argument: "network-bridge start"; "" for a line of the machine's own set-up. */
  readonly script: string;
  /** The vif that a hotplug script works on; "" elsewhere. */
  readonly device: string;
  readonly run: string;
  readonly why: string;
  readonly heading: HeadingId | null;
  /** A second one; null for nearly all. */
  readonly also: HeadingId | null;
  /** It only looks: nothing on the machine changes. */
  readonly reads: boolean;
  readonly began: Nanos;
  /** Null while it runs. */
  ended: Nanos | null;
  exit: number | null;
  /** It ran a script whose own lines stand for it. */
  calls: boolean;
}

declare module "../box.ts" {
  interface BoxParts {
    stepLog: StepLog;
  }
}

/** More than any set-up needs; beyond it a host that attaches vifs for days records no more. */
const LIMIT = 20_000;

export class StepLog {
  /** In the order in which they ended. */
  readonly records: StepRecord[] = [];
  private readonly open = new Set<StepRecord>();
  /** Steps that were not kept because there were too many. */
  missed = 0;

  begin(step: Omit<StepRecord, "ended" | "exit" | "calls">): StepRecord {
    for (const other of this.open) if (other.machine === step.machine && other.script === "") other.calls = true;
    const record: StepRecord = { ...step, ended: null, exit: null, calls: false };
    this.open.add(record);
    return record;
  }

  end(record: StepRecord, at: Nanos, exit: number): void {
    record.ended = at;
    record.exit = exit;
    this.open.delete(record);
    if (this.records.length < LIMIT) this.records.push(record);
    else this.missed++;
  }
}
