/** A Xen host at one instant: domain 0, its bridges and its guests. */
import { invariant } from "../../base/invariant.ts";
import { Bridge } from "../../device/bridge.ts";
import type { XenVersion } from "../../machine/era.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Mode } from "../../machine/setup/textbook.ts";
import { modeOf } from "../topology/host-mode.ts";
import type { HostPlan } from "../topology/plan.ts";
import { type BridgeSnapshot, bridgeSnapshot } from "./bridge-snapshot.ts";
import { type GuestSnapshot, guestSnapshots } from "./guest-snapshot.ts";
import type { LabState } from "./lab-state.ts";
import { type MachineSnapshot, machineSnapshot } from "./machine-snapshot.ts";
import { type RoutingSnapshot, routingSnapshot } from "./routing-snapshot.ts";

export interface HostSnapshot {
  readonly name: string;
  readonly xen: XenVersion;
  /** How its guests reach the network. */
  readonly mode: Mode;
  readonly dom0: MachineSnapshot;
  /** In order of index. */
  readonly bridges: readonly BridgeSnapshot[];
  readonly guests: readonly GuestSnapshot[];
  readonly routing: RoutingSnapshot;
}

/** `drops`: frames that were lost, by point. */
export function hostSnapshot(plan: HostPlan, lab: LabState, drops: ReadonlyMap<string, number>): HostSnapshot {
  const machine = lab.machine(plan.name);
  const { xen } = machine.parts;
  invariant(xen !== undefined, `${plan.name} is no Xen host`);
  const dom0 = machineSnapshot(machine, lab);
  return {
    name: plan.name,
    xen: plan.xen,
    mode: modeOf(plan),
    dom0,
    bridges: bridgesOf(machine, dom0),
    guests: guestSnapshots(xen, plan.domains, lab),
    routing: routingSnapshot(machine, drops),
  };
}

function bridgesOf(machine: Machine, { devices }: MachineSnapshot): BridgeSnapshot[] {
  return devices.flatMap((device) => {
    const bridge = machine.table.byIndex(device.index);
    return bridge instanceof Bridge ? [bridgeSnapshot(bridge, device)] : [];
  });
}
