/**
 * All captures of a lab: which points go into which file. Devices come and go (a vif has a new name after every
 * reboot) and are renamed (`vifname=`), so points are attached when a device gets a name that is wanted.
 */
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { Point } from "../../device/point.ts";
import type { PointWatcher, World } from "../../device/world.ts";
import { compileFilter, type Filter } from "../../packet/filter.ts";
import type { CapturePlan } from "../topology/plan.ts";
import { CaptureFile, type CaptureFormat, type CaptureRule, DropTap, EVERYTHING } from "./capture-file.ts";

export interface CaptureOptions {
  readonly format: CaptureFormat;
  /** One file with every point besides the single ones. */
  readonly merged: boolean;
}

/** What is shown in a listing. */
export interface CaptureSummary {
  readonly path: string;
  readonly frames: number;
  readonly bytes: number;
  /** It was asked for, but no such device ever came: there is no file. */
  readonly missing: boolean;
}

export class CaptureSet implements DeviceWatcher, PointWatcher {
  private readonly world: World;
  private readonly epoch: number;
  private readonly application: string;
  /** Every device. */
  private readonly all: boolean;
  /** What is wanted of which device, by "machine:device". */
  private readonly rules = new Map<string, CaptureRule>();
  private readonly options: CaptureOptions;
  private readonly files = new Map<string, CaptureFile>();
  private readonly merged: CaptureFile | null;
  private readonly dropTap: DropTap | null;

  constructor(
    world: World,
    epoch: number,
    name: string,
    plan: CapturePlan,
    options: CaptureOptions,
    fateNames: readonly string[],
  ) {
    this.world = world;
    this.epoch = epoch;
    this.application = `xenlab, topology ${name}`;
    this.all = plan.all;
    for (const { machine, device, filter, promiscuous, snaplen } of plan.points)
      this.rules.set(`${machine}:${device}`, { filter: compiled(filter), filterText: filter, promiscuous, snaplen });
    this.options = options;
    this.merged = options.merged ? this.open("merged", EVERYTHING.snaplen) : null;
    this.dropTap = this.merged === null || options.format === "pcap" ? null : new DropTap(this.merged, fateNames);
    world.watchPoints(this);
  }

  /** Follows the devices of one machine; those already there are attached at once. */
  follow(table: DeviceTable): void {
    table.watchers.add(this);
    for (const device of table.devices) this.attach(device);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "registered") this.attach(device);
    else if (change === "name") this.renamed(device);
    else if (change === "unregistered") this.detach(device);
  }

  pointAdded(point: Point): void {
    if (point.kind === "drop" && this.dropTap !== null) point.taps.add(this.dropTap);
  }

  private attach(device: NetDevice): void {
    const rule = this.ruleFor(device);
    if (rule === null) return;
    const description = describeDevice(device);
    this.open(stemOf(nameOf(device)), rule.snaplen).attach(device, description, rule);
    this.merged?.attach(device, description, rule);
  }

  private detach(device: NetDevice): void {
    for (const file of this.files.values()) file.detach(device);
  }

  private renamed(device: NetDevice): void {
    this.detach(device);
    this.attach(device);
  }

  private ruleFor(device: NetDevice): CaptureRule | null {
    if (this.all) return device.traits.link === "loopback" ? null : EVERYTHING;
    return this.rules.get(nameOf(device)) ?? null;
  }

  private open(stem: string, snaplen: number): CaptureFile {
    const path = this.pathOf(stem);
    let file = this.files.get(path);
    if (file === undefined) {
      const { format } = this.options;
      file = new CaptureFile(path, this.application, this.world.scheduler, { format, epoch: this.epoch, snaplen });
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
    const absent = [...this.rules.keys()]
      .map((name) => this.pathOf(stemOf(name)))
      .filter((path) => !this.files.has(path));
    return [...made, ...absent.map((path) => ({ path, frames: 0, bytes: 0, missing: true }))];
  }

  /** Bytes not yet taken, over all files. */
  get pending(): number {
    let sum = 0;
    for (const file of this.files.values()) sum += file.pending;
    return sum;
  }
}

/** The name of a point's file, without extension. */
const stemOf = (name: string): string => name.replace(":", "-");

const nameOf = (device: NetDevice): string => `${device.table.machine}:${device.name}`;

/** The topology was checked: a filter that does not compile was a message there. */
function compiled(text: string | null): Filter | null {
  if (text === null) return null;
  const result = compileFilter(text);
  return result.ok ? result.filter : null;
}

function describeDevice(device: NetDevice): string {
  const driver = device.traits.driver === "" ? device.kind : device.traits.driver;
  return `${device.name} of ${device.table.machine}${driver === "" ? "" : ` (${driver})`}`;
}
