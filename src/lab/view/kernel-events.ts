/** Lines for what a machine's kernel says: its dmesg. */
import type { LogLine, LogWatcher } from "../../device/kernel-log.ts";
import type { EventLog } from "./event-log.ts";

export class KernelEvents implements LogWatcher {
  private readonly machine: string;
  private readonly log: EventLog;

  constructor(machine: string, log: EventLog) {
    this.machine = machine;
    this.log = log;
  }

  logged({ text }: LogLine): void {
    this.log.add("kernel", this.machine, text);
  }
}
