/**
 * What screens and JSON may see of a lab at one instant: plain data, made when somebody asks, that nothing changes
 * afterwards. Addresses are text as tools print them, times are nanoseconds. Every fact comes from the function that the
 * tool for it uses, so that a view and a command cannot disagree.
 */
import { isDrop } from "../../base/fate.ts";
import type { Nanos } from "../../engine/time.ts";
import type { FateCount } from "../fates.ts";
import { type HostSnapshot, hostSnapshot } from "./host-snapshot.ts";
import type { LabState } from "./lab-state.ts";
import { type MachineSnapshot, machineSnapshot } from "./machine-snapshot.ts";
import { type NetworkSnapshot, networkSnapshots } from "./network-snapshot.ts";

export interface LabSnapshot {
  /** The topology's name. */
  readonly name: string;
  readonly now: Nanos;
  /** Events executed so far. */
  readonly executed: number;
  /** Set-up scripts, boots and links have come to their end. */
  readonly settled: boolean;
  readonly hosts: readonly HostSnapshot[];
  readonly networks: readonly NetworkSnapshot[];
  /** Outside boxes. */
  readonly machines: readonly MachineSnapshot[];
  readonly frames: FramesSnapshot;
  /** How frames ended, good ends included, in order of code. */
  readonly fates: readonly FateCount[];
  /** Where frames were lost, and why. */
  readonly drops: readonly DropSnapshot[];
}

/** made = frames that ended + inFlight */
export interface FramesSnapshot {
  /** Created and cloned. */
  readonly made: number;
  readonly dropped: number;
  readonly inFlight: number;
}

export interface DropSnapshot {
  /** "xen1:vif1.0" */
  readonly point: string;
  readonly fate: string;
  readonly frames: number;
}

export function labSnapshot(lab: LabState): LabSnapshot {
  const { plan, world, fates } = lab;
  const { created, cloned } = world.frames;
  const drops = dropsOf(lab);
  const byPoint = sumByPoint(drops);
  return {
    name: plan.name,
    now: world.scheduler.now,
    executed: world.scheduler.executed,
    settled: lab.settled,
    hosts: plan.hosts.map((host) => hostSnapshot(host, lab, byPoint)),
    networks: networkSnapshots(plan.networks, lab.wiring),
    machines: plan.machines.map(({ name }) => machineSnapshot(lab.machine(name), lab)),
    frames: { made: created + cloned, dropped: droppedOf(fates), inFlight: lab.inFlight },
    fates,
    drops,
  };
}

const droppedOf = (fates: readonly FateCount[]): number =>
  fates.reduce((sum, { code, frames }) => sum + (isDrop(code) ? frames : 0), 0);

function dropsOf({ drops, fates }: LabState): DropSnapshot[] {
  const losses = fates.filter(({ code }) => isDrop(code));
  return drops.byPoint.flatMap(([point, counts]) =>
    losses
      .filter(({ code }) => counts[code]! > 0)
      .map(({ code, name }) => ({ point, fate: name, frames: counts[code]! })),
  );
}

function sumByPoint(drops: readonly DropSnapshot[]): ReadonlyMap<string, number> {
  const sums = new Map<string, number>();
  for (const { point, frames } of drops) sums.set(point, (sums.get(point) ?? 0) + frames);
  return sums;
}
