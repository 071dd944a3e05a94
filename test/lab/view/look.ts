/** bridge-xl and the things of it that views of every test look at. */
import {
  type BridgeSnapshot,
  type DeviceSnapshot,
  type GuestSnapshot,
  type Lab,
  type LabSnapshot,
  openLab,
  type VifSnapshot,
} from "../../../src/lab/index.ts";
import { labUp, planOfFile } from "../../kit/lab.ts";

export const up = (): Lab => labUp(planOfFile("bridge-xl.yaml"));
export const fresh = (): Lab => openLab(planOfFile("bridge-xl.yaml"), { scenario: false });

export const bridge = (view: LabSnapshot): BridgeSnapshot => view.hosts[0]!.bridges[0]!;
export const guest = (view: LabSnapshot, name: string): GuestSnapshot =>
  view.hosts[0]!.guests.find((each) => each.name === name)!;
export const vif = (view: LabSnapshot, name: string): VifSnapshot => guest(view, name).vifs[0]!;
export const device = (view: LabSnapshot, name: string): DeviceSnapshot =>
  view.hosts[0]!.dom0.devices.find((each) => each.name === name)!;

/** One word for each distinct state, in the order in which a view of every event shows them. */
export function states(lab: Lab, word: (view: LabSnapshot) => string, until: () => boolean): string[] {
  const seen = [word(lab.snapshot())];
  while (!until() && lab.world.scheduler.step()) {
    const now = word(lab.snapshot());
    if (now !== seen.at(-1)) seen.push(now);
  }
  return seen;
}
