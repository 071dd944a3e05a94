/** A domain at one instant: one that runs, or one of the plan that does not. */
import type { Guest } from "../../machine/guest.ts";
import type { XenHost } from "../../machine/xen-host.ts";
import type { DomainPlan } from "../topology/plan.ts";
import type { LabState } from "./lab-state.ts";
import { type MachineSnapshot, machineSnapshot } from "./machine-snapshot.ts";
import { plannedVifs, type VifSnapshot, vifSnapshots } from "./vif-snapshot.ts";

/**
 * absent: in the plan, but not created, or destroyed; created: it has an id and has not run yet, because `xl create` is
 * still at work or was told -p; booting: until its init script is over.
 */
export type GuestState = "absent" | "created" | "booting" | "running" | "paused";

export interface GuestSnapshot {
  readonly name: string;
  /** Null: absent. */
  readonly domid: number | null;
  readonly state: GuestState;
  readonly vifs: readonly VifSnapshot[];
  /** Null: absent. */
  readonly machine: MachineSnapshot | null;
}

/** Domains of the plan in its order, whether they are there or not, then all others by their id. */
export function guestSnapshots(xen: XenHost, plans: readonly DomainPlan[], lab: LabState): GuestSnapshot[] {
  const others = new Map([...xen.guests.values()].map((guest) => [guest.domain.name, guest]));
  const planned = plans.map((plan) => {
    const guest = others.get(plan.name);
    others.delete(plan.name);
    return guest === undefined ? absent(plan) : guestSnapshot(xen, guest, plan, lab);
  });
  const unplanned = [...others.values()].sort((a, b) => a.domain.id - b.domain.id);
  return [...planned, ...unplanned.map((guest) => guestSnapshot(xen, guest, null, lab))];
}

const absent = (plan: DomainPlan): GuestSnapshot => ({
  name: plan.name,
  domid: null,
  state: "absent",
  vifs: plannedVifs(plan),
  machine: null,
});

function guestSnapshot(xen: XenHost, guest: Guest, plan: DomainPlan | null, lab: LabState): GuestSnapshot {
  return {
    name: guest.domain.name,
    domid: guest.domain.id,
    state: stateOf(guest),
    vifs: vifsOf(xen, guest, plan),
    machine: machineSnapshot(guest.machine, lab),
  };
}

function stateOf(guest: Guest): GuestState {
  if (!guest.started) return "created";
  if (guest.domain.paused) return "paused";
  return guest.ready ? "running" : "booting";
}

/** While the toolstack is still making a domain, devices that it has not come to are as planned. */
function vifsOf(xen: XenHost, guest: Guest, plan: DomainPlan | null): VifSnapshot[] {
  const made = vifSnapshots(xen, guest, plan);
  if (guest.started || plan === null) return made;
  const handles = new Set(made.map(({ handle }) => handle));
  return [...made, ...plannedVifs(plan).filter(({ handle }) => !handles.has(handle))];
}
