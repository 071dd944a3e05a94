/**
 * All captures of a lab: which points go into which file. Devices come and go (a vif has a new name after every
 * reboot) and are renamed (`vifname=`), so points are attached when a device gets a name that is wanted. A point can be
 * switched at any moment: it goes on in its file, and nothing that is written is ever cut.
 */
import { hex8 } from "../../base/bytes.ts";
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { Point } from "../../device/point.ts";
import type { PointWatcher, World } from "../../device/world.ts";
import type { CaptureChange } from "../../engine/journal.ts";
import type { Plan } from "../topology/plan.ts";
import { type CaptureAnswer, changed, refuseNames, refuseRule, sameRule } from "./capture-change.ts";
import { CaptureFile, type CaptureFormat } from "./capture-file.ts";
import { type CapturePointSummary, EVERYTHING, PointCapture } from "./point-capture.ts";
import type { Machines } from "./point-words.ts";
import { DropTap } from "./taps.ts";

export interface CaptureOptions {
  readonly format: CaptureFormat;
  /** One file with every point besides the single ones. */
  readonly merged: boolean;
}

/** What is shown in a listing of files. */
export interface CaptureSummary {
  readonly path: string;
  readonly frames: number;
  readonly bytes: number;
  /** It was asked for, but no such device ever came: there is no file. */
  readonly missing: boolean;
}

export class CaptureSet implements DeviceWatcher, PointWatcher {
  private readonly machines: Machines;
  private readonly plan: Pick<Plan, "name" | "epoch" | "capture">;
  private readonly options: CaptureOptions;
  /** By "machine:device": what is wanted or was, whether there is such a device or not. */
  private readonly known = new Map<string, PointCapture>();
  private readonly files = new Map<string, CaptureFile>();
  /** By path: the name of the point whose file it is. */
  private readonly owners = new Map<string, string>();
  private readonly merged: CaptureFile | null;
  private readonly dropTap: DropTap | null;

  /** `machines`: the lab's own map, which changes as guests come and go. */
  constructor(
    world: World,
    machines: Machines,
    plan: Pick<Plan, "name" | "epoch" | "capture">,
    options: CaptureOptions,
  ) {
    this.machines = machines;
    this.plan = plan;
    this.options = options;
    for (const { machine, device, filter, promiscuous, snaplen } of plan.capture.points)
      this.keep(new PointCapture(machine, device, { filter, promiscuous, snaplen }, { on: true, named: true }));
    this.merged = options.merged ? this.open(this.pathOf("merged"), EVERYTHING.snaplen) : null;
    this.dropTap = this.merged === null || options.format === "pcap" ? null : new DropTap(this.merged, world.scheduler);
    world.watchPoints(this);
  }

  /** Follows the devices of one machine; those already there are attached at once. */
  follow(table: DeviceTable): void {
    table.watchers.add(this);
    for (const device of table.devices) this.arrived(device);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "name" || change === "unregistered") this.left(device);
    if (change === "name" || change === "registered") this.arrived(device);
  }

  pointAdded(point: Point): void {
    if (point.kind === "drop" && this.dropTap !== null) point.taps.add(this.dropTap);
  }

  /**
   * Switches a point or changes what of it is kept, from now on. It need not have a device: a wanted point waits.
   * With `all` in the plan every device is on that was not switched off by its name.
   */
  change(machine: string, device: string, change: CaptureChange): CaptureAnswer {
    const live = this.deviceOf(machine, device);
    const point = this.known.get(`${machine}:${device}`) ?? this.fresh(machine, device, live);
    const rule = changed(point.rule, change);
    const refusal = refuseNames(machine, device) ?? refuseRule(rule, point.file);
    if (refusal !== null) return refusal;
    this.keep(point);
    point.on = change.on ?? point.on;
    point.named ||= change.on === true;
    const isNew = point.live !== live || !sameRule(rule, point.rule);
    point.setRule(rule);
    if (!point.on || live === null) point.detach();
    else if (isNew) this.attach(point, live);
    return { ok: true };
  }

  private arrived(device: NetDevice): void {
    const point = this.known.get(nameOf(device)) ?? this.fresh(device.table.machine, device.name, device);
    if (point.on) this.attach(this.keep(point), device);
  }

  private left(device: NetDevice): void {
    for (const point of this.known.values()) if (point.live === device) point.detach();
  }

  private attach(point: PointCapture, device: NetDevice): void {
    const path = this.pathFor(point);
    this.owners.set(path, point.name);
    const own = this.open(path, point.rule.snaplen);
    point.attach(device, this.merged === null ? [own] : [own, this.merged]);
  }

  /** As a point is that nobody has asked for by its name; `live` is its device, if there is one. */
  private fresh(machine: string, device: string, live: NetDevice | null): PointCapture {
    const on = this.plan.capture.all && live?.traits.link !== "loopback";
    return new PointCapture(machine, device, EVERYTHING, { on, named: false });
  }

  private keep(point: PointCapture): PointCapture {
    this.known.set(point.name, point);
    return point;
  }

  private deviceOf(machine: string, device: string): NetDevice | null {
    return this.machines.get(machine)?.table.find(device) ?? null;
  }

  /** The b-c of machine a and the c of machine a-b have the same stem: the second one gets a number. */
  private pathFor(point: PointCapture): string {
    const stem = stemOf(point);
    let path = this.pathOf(stem);
    for (let number = 2; (this.owners.get(path) ?? point.name) !== point.name; number++)
      path = this.pathOf(`${stem}-${number}`);
    return path;
  }

  private open(path: string, snaplen: number): CaptureFile {
    let file = this.files.get(path);
    if (file === undefined) {
      const { format } = this.options;
      const { epoch, name } = this.plan;
      file = new CaptureFile(path, { format, epoch, topology: name, snaplen });
      this.files.set(path, file);
    }
    return file;
  }

  private pathOf(stem: string): string {
    return `${stem}.${this.options.format}`;
  }

  /** In order of first appearance. */
  get list(): readonly CaptureFile[] {
    return [...this.files.values()];
  }

  /** The files, then what was asked for and never came, in the topology's order. */
  get summaries(): readonly CaptureSummary[] {
    const made = this.list.map(({ path, frames, bytes }) => ({ path, frames, bytes, missing: false }));
    const absent = this.absent.map((point) => this.pathFor(point));
    return [...made, ...absent.map((path) => ({ path, frames: 0, bytes: 0, missing: true }))];
  }

  /** "machine:device" of what was asked for and never came. */
  get missing(): readonly string[] {
    return this.absent.map(({ machine, device }) => `${machine}:${device}`);
  }

  private get absent(): readonly PointCapture[] {
    return [...this.known.values()].filter((point) => point.on && point.named && !this.files.has(this.pathFor(point)));
  }

  /**
   * Every point that can be captured now, machine by machine in order of index, then those without a device that are
   * wanted or have a file. Loopbacks are left out unless they were asked for.
   */
  get points(): readonly CapturePointSummary[] {
    const present = [...this.machines.values()].flatMap(({ table }) =>
      table.devices.flatMap((device) => this.shown(device)),
    );
    const absent = [...this.known.values()].filter(({ machine, device }) => this.deviceOf(machine, device) === null);
    const listed = absent.map((point) => point.summary(null, this.machines)).filter(({ state }) => state !== "off");
    return [...present, ...listed];
  }

  private shown(device: NetDevice): CapturePointSummary[] {
    const known = this.known.get(nameOf(device));
    if (known === undefined && device.traits.link === "loopback") return [];
    return [(known ?? this.fresh(device.table.machine, device.name, device)).summary(device, this.machines)];
  }

  /** Bytes not yet taken, over all files. */
  get pending(): number {
    let sum = 0;
    for (const file of this.files.values()) sum += file.pending;
    return sum;
  }
}

const nameOf = (device: NetDevice): string => `${device.table.machine}:${device.name}`;

/** The name of a point's file, without extension. A domain may be called anything: a path must not lead elsewhere. */
const stemOf = ({ machine, device }: PointCapture): string => `${fileSafe(machine)}-${fileSafe(device)}`;

/** What a file system takes for something else is written as %XX, as in an address of the web. */
const fileSafe = (name: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: those are meant.
  name.replaceAll(/[\u0000-\u0020\u007f"%*/:<>?\\|]/g, (each) => `%${hex8(each.charCodeAt(0))}`);
