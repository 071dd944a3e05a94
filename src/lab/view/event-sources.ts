/** Who writes into the event log: drop points by themselves, kernels and xenstores when their machine is there. */
import type { World } from "../../device/world.ts";
import type { Machine } from "../../machine/machine.ts";
import { DropEvents } from "./drop-events.ts";
import { EventLog } from "./event-log.ts";
import { KernelEvents } from "./kernel-events.ts";
import { XenbusEvents } from "./xenbus-events.ts";

export function openEventLog(world: World): EventLog {
  const log = new EventLog(world.scheduler);
  world.watchPoints(new DropEvents(world, log));
  return log;
}

export function followMachine(log: EventLog, machine: Machine): void {
  machine.table.log.watchers.add(new KernelEvents(machine.name, log));
  machine.parts.xen?.store.listeners.push(new XenbusEvents(machine.name, log));
}
