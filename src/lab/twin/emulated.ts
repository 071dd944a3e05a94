/** The emulator's half: the lab runs to its end, every frame at every interface is kept, machines are looked at twice. */
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { Point, Tap } from "../../device/point.ts";
import { copyGraph } from "../../engine/copy.ts";
import type { Nanos } from "../../engine/time.ts";
import type { Machine } from "../../machine/machine.ts";
import type { Frame } from "../../packet/frame.ts";
import { Lab } from "../lab.ts";
import { AFTERWARDS, LOOKS, type Looks, REACHABLE_TIME, type WorldRecord } from "./looks.ts";
import type { Staging } from "./staging.ts";

/** A look that is not over by then is left. */
const PATIENCE = 4e9;

export function runEmulated({ plan, rest }: Staging): WorldRecord {
  const lab = new Lab(plan);
  const ears = new Ears();
  const follow = (): void => {
    for (const name of lab.machineNames) ears.follow(lab.machine(name));
  };
  follow();
  while (!lab.settled && !lab.stuck && lab.step()) follow();
  lab.runUntil((lab.now + rest) as Nanos);
  const after = looksOf(copyGraph(lab));
  ears.phase = "run";
  while (!lab.runSlice(1)) follow();
  lab.runUntil((lab.now + AFTERWARDS * 1e9) as Nanos);
  return { frames: ears.heard, states: { "after the set-up": after, "at the end": looksOf(lab) } };
}

class Ears implements Tap, DeviceWatcher {
  readonly heard = new Map<string, { readonly setUp: Uint8Array[]; readonly run: Uint8Array[] }>();
  phase: "setUp" | "run" = "setUp";
  private readonly followed = new Set<Machine>();

  follow(machine: Machine): void {
    if (this.followed.has(machine)) return;
    this.followed.add(machine);
    machine.net.settings.neighbour.setDefault("base_reachable_time_ms", REACHABLE_TIME);
    machine.net.settings.neighbour.setDefault("proxy_delay", 0);
    machine.table.watchers.add(this);
    for (const device of machine.table.devices) this.listen(device);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "registered") this.listen(device);
  }

  private listen(device: NetDevice): void {
    if (device.traits.link === "loopback") return;
    device.rx.taps.add(this);
    device.tx.taps.add(this);
  }

  seen({ bytes, at, end }: Frame, point: Point): void {
    const frames = this.heard.get(point.name) ?? { setUp: [], run: [] };
    frames[this.phase].push(bytes.slice(at, end));
    this.heard.set(point.name, frames);
  }
}

function looksOf(lab: Lab): Map<string, Looks> {
  const names = [...lab.machineNames];
  return new Map(names.map((name) => [name, LOOKS.map(({ run }) => said(lab, lab.machine(name), run))]));
}

function said(lab: Lab, machine: Machine, line: string): string {
  const process = machine.spawn(line.split(" "));
  const limit = lab.now + PATIENCE;
  while (!process.hasEnded && lab.now < limit && lab.step());
  return process.console?.text("stdout") ?? "";
}
