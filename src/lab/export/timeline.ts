/**
 * What a lab has done to come up, and what its scenario has done to its machines afterwards: command lines of scripts and
 * set-up lists, devices that the toolstack made or took away, guests that booted. Read off a run of the lab itself, so
 * that whoever prints a script of it prints what was run and not what somebody thinks would be.
 */
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import { Netloop } from "../../device/netloop.ts";
import type { Nanos } from "../../engine/time.ts";
import { type Interface, readInterfaces } from "../../machine/command/ifupdown/interfaces.ts";
import type { Machine } from "../../machine/machine.ts";
import type { StepRecord } from "../../machine/setup/step-log.ts";
import type { Mac } from "../../packet/address.ts";
import type { VifRate } from "../../xen/rate.ts";
import { Lab } from "../lab.ts";
import type { Run } from "../run.ts";
import type { Plan, ScenarioPlan } from "../topology/plan.ts";

/** Netback has made the vif; the guest's end is the device that its driver will find. */
export interface VifMade {
  readonly kind: "vif";
  readonly at: Nanos;
  readonly machine: string;
  readonly vif: string;
  readonly guest: string;
  readonly device: string;
  readonly mac: Mac;
  /** What its guest may transmit; null: all it wants. */
  readonly rate: VifRate | null;
  /** At some time one of its two ends is down and the other is not: the carrier of netback and netfront stays. */
  halfUp: boolean;
}

export type Happening =
  | { readonly kind: "step"; readonly at: Nanos; readonly machine: string; readonly step: StepRecord }
  | VifMade
  | { readonly kind: "vif gone"; readonly at: Nanos; readonly machine: string; readonly vif: string }
  /** The guest's init runs these lines, one after another. */
  | {
      readonly kind: "boot";
      readonly at: Nanos;
      readonly machine: string;
      readonly guest: string;
      readonly lines: readonly string[];
    }
  /** br_netfilter is there from now on. */
  | { readonly kind: "br_netfilter"; readonly at: Nanos; readonly machine: string };

export interface Timeline {
  /** In the order in which they were. */
  readonly happenings: readonly Happening[];
  /** When every set-up had come to its end. */
  readonly settledAt: Nanos;
  /** When each line of the scenario had come to its end; null: not within the run, or at once. */
  readonly lineEnds: readonly (Nanos | null)[];
  /** Of each host the pairs of netloop that it was born with: vif0.N, vethN. */
  readonly loops: ReadonlyMap<string, readonly (readonly [string, string])[]>;
  /** What ifup knows on a machine. */
  readonly interfaces: ReadonlyMap<string, readonly Interface[]>;
  /** Files of a machine that services read, by path. */
  readonly files: ReadonlyMap<string, ReadonlyMap<string, string>>;
}

/** netback's name of a vif before a script renames it. */
const VIF_NAME = /^vif(\d+)\.(\d+)$/;
const CONFIGURATIONS = ["/etc/dnsmasq.conf", "/etc/hosts"];

/** Runs the lab through its scenario, and on to the last check that has a time of its own. */
export function readTimeline(plan: Plan): Timeline {
  const last = Math.max(0, ...plan.checks.map(({ after }) => after ?? 0)) as Nanos;
  const lab = new Lab({ ...plan, checks: [] }, { steps: true });
  const notes = new Notes(lab);
  while (!lab.settled && !lab.stuck && lab.step()) notes.look();
  const settledAt = lab.now;
  notes.settled();
  while (!lab.runSlice(1)) notes.look();
  while (lab.now < last) {
    if (lab.runUntil(last, 1)) break;
    notes.look();
  }
  const hosts = plan.hosts.map(({ name }) => lab.machine(name));
  const boxes = [...plan.machines, ...plan.hosts, ...plan.hosts.flatMap(({ domains }) => domains)].flatMap(
    ({ name }) => lab.find(name) ?? [],
  );
  return {
    happenings: notes.happenings,
    settledAt,
    lineEnds: notes.lineEnds(plan.scenario),
    loops: new Map(hosts.map((host) => [host.name, notes.loops.get(host.name) ?? []])),
    interfaces: new Map(hosts.map((host) => [host.name, interfacesOf(host)])),
    files: new Map(boxes.map((box) => [box.name, filesOf(box)])),
  };
}

class Notes implements DeviceWatcher {
  readonly happenings: Happening[] = [];
  readonly loops = new Map<string, (readonly [string, string])[]>();
  private readonly lab: Lab;
  private readonly followed = new Set<Machine>();
  private readonly filtering = new Set<string>();
  private readonly vifs = new Map<NetDevice, VifMade>();
  private readonly booted = new Set<string>();
  private readonly ends = new Map<Run, Nanos>();
  private taken = 0;

  constructor(lab: Lab) {
    this.lab = lab;
    this.look();
    for (const { name } of lab.plan.hosts) {
      const pairs = lab
        .machine(name)
        .table.devices.flatMap((device) => (device instanceof Netloop && device.name.startsWith("vif") ? [device] : []))
        .map((device) => [device.name, device.peer!.name] as const);
      this.loops.set(name, pairs);
    }
  }

  look(): void {
    const { lab } = this;
    for (const name of lab.machineNames) this.follow(lab.machine(name));
    const { records } = lab.steps!;
    for (; this.taken < records.length; this.taken++) {
      const step = records[this.taken]!;
      this.happenings.push({ kind: "step", at: step.began, machine: step.machine, step });
    }
    for (const { name } of lab.plan.hosts) this.lookForModule(name);
    for (const run of lab.scenario.runs) if (run.process.hasEnded && !this.ends.has(run)) this.ends.set(run, lab.now);
  }

  /** A line that was run twice has two runs, in the order of the lines. */
  lineEnds(lines: readonly ScenarioPlan[]): (Nanos | null)[] {
    const left = [...this.lab.scenario.runs];
    return lines.map((line) => {
      const at = left.findIndex((run) => line.kind === "run" && run.machine === line.on && run.line === line.run);
      const run = at === -1 ? undefined : left.splice(at, 1)[0];
      return run === undefined ? null : (this.ends.get(run) ?? null);
    });
  }

  private lookForModule(machine: string): void {
    if (this.filtering.has(machine) || !this.lab.machine(machine).net.netfilter.bridgeCall.loaded) return;
    this.filtering.add(machine);
    this.happenings.push({ kind: "br_netfilter", at: this.lab.now, machine });
  }

  private follow(machine: Machine): void {
    if (this.followed.has(machine)) return;
    this.followed.add(machine);
    machine.table.watchers.add(this);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    const { machine } = device.table;
    const at = this.lab.now;
    const host = this.lab.plan.hosts.find(({ name }) => name === machine);
    if (host === undefined) {
      if (change === "registered" && device.name === "eth0") this.boots(machine);
      if (change === "down") this.guestTakesDown(device);
      return;
    }
    const isVif = device.traits.driver === "vif";
    if (change === "unregistered" && isVif) this.happenings.push({ kind: "vif gone", at, machine, vif: device.name });
    if (change === "down") this.hostTakesDown(device);
    const name = VIF_NAME.exec(device.name);
    if (change !== "registered" || name === null) return;
    const guest = this.lab.machine(machine).parts.xen?.guests.get(Number(name[1]))?.machine.name;
    const domain = host.domains.find((each) => each.name === guest);
    if (domain === undefined) return;
    const handle = Number(name[2]);
    const plan = domain.vifs[handle];
    if (plan === undefined) return;
    const { mac, rate } = plan;
    const ends = { vif: device.name, guest: domain.name, device: `eth${handle}` };
    const made: VifMade = { kind: "vif", at, machine, ...ends, mac, rate, halfUp: false };
    this.vifs.set(device, made);
    this.happenings.push(made);
  }

  private hostTakesDown(vif: NetDevice): void {
    const made = this.vifs.get(vif);
    if (made !== undefined && this.booted.has(made.guest)) made.halfUp = true;
  }

  private guestTakesDown({ name, table }: NetDevice): void {
    for (const made of this.vifs.values()) if (made.guest === table.machine && made.device === name) made.halfUp = true;
  }

  /** A guest that has come up and left its device down, if only for now. */
  settled(): void {
    for (const made of this.vifs.values()) {
      const device = this.lab.find(made.guest)?.table.find(made.device);
      if (device?.up === false) made.halfUp = true;
    }
  }

  /** Its driver has found its first device: init comes next. */
  private boots(guest: string): void {
    const host = this.lab.plan.hosts.find(({ domains }) => domains.some(({ name }) => name === guest));
    const image = host === undefined ? undefined : this.lab.machine(host.name).parts.xen?.images.get(guest);
    if (host === undefined || image === undefined) return;
    this.booted.add(guest);
    const lines = ["ip link set dev lo up", ...image.setup, ...image.onBoot];
    this.happenings.push({ kind: "boot", at: this.lab.now, machine: host.name, guest, lines });
  }
}

function interfacesOf(machine: Machine): readonly Interface[] {
  const read = readInterfaces(machine.files);
  return "line" in read ? [] : read.known;
}

function filesOf({ files }: Machine): Map<string, string> {
  const texts = new Map<string, string>();
  for (const path of CONFIGURATIONS) {
    const text = files.read(path);
    if (typeof text === "string") texts.set(path, text);
  }
  return texts;
}
