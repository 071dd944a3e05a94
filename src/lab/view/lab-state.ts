/** What the makers of snapshots ask of a lab. */
import type { World } from "../../device/world.ts";
import type { Machine } from "../../machine/machine.ts";
import type { DropLog } from "../drop-log.ts";
import type { FateCount } from "../fates.ts";
import type { Plan } from "../topology/plan.ts";
import type { Wiring } from "../wiring.ts";

export interface LabState {
  readonly plan: Plan;
  readonly world: World;
  readonly wiring: Wiring;
  readonly drops: DropLog;
  readonly fates: readonly FateCount[];
  readonly inFlight: number;
  readonly settled: boolean;
  machine(name: string): Machine;
  isReady(name: string): boolean;
}
