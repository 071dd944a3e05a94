/**
 * All captures of a lab: which points go into which file. Devices come and go (a vif has a new name after every
 * reboot), so points are attached when their device is registered.
 */
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { DeviceTable } from "../../device/device-table.ts";
import type { Point } from "../../device/point.ts";
import type { PointWatcher, World } from "../../device/world.ts";
import { compileFilter, type Filter } from "../../packet/filter.ts";
import type { CapturePlan, CapturePoint } from "../topology/plan.ts";
import { CaptureFile, type CaptureFormat, DropTap } from "./capture-file.ts";

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
}

const EVERYTHING: Omit<CapturePoint, "machine" | "device"> = {
  filter: null,
  promiscuous: true,
  snaplen: 262_144,
};

export class CaptureSet implements DeviceWatcher, PointWatcher {
  private readonly world: World;
  private readonly epoch: number;
  private readonly application: string;
  private readonly plan: CapturePlan;
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
    this.plan = plan;
    this.options = options;
    this.merged = options.merged ? this.open("merged", EVERYTHING) : null;
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
  }

  pointAdded(point: Point): void {
    if (point.kind === "drop" && this.dropTap !== null) point.taps.add(this.dropTap);
  }

  private attach(device: NetDevice): void {
    const wanted = this.wanted(device);
    if (wanted === null) return;
    const description = describeDevice(device);
    this.fileFor(device, wanted).attach(device, description);
    this.merged?.attach(device, description);
  }

  private wanted(device: NetDevice): Omit<CapturePoint, "machine" | "device"> | null {
    if (this.plan.all) return device.traits.link === "loopback" ? null : EVERYTHING;
    const { machine } = device.table;
    return this.plan.points.find((point) => point.machine === machine && point.device === device.name) ?? null;
  }

  private fileFor(device: NetDevice, wanted: Omit<CapturePoint, "machine" | "device">): CaptureFile {
    return this.open(`${device.table.machine}-${device.name}`, wanted);
  }

  private open(stem: string, wanted: Omit<CapturePoint, "machine" | "device">): CaptureFile {
    const path = `${stem}.${this.options.format}`;
    let file = this.files.get(path);
    if (file === undefined) {
      file = new CaptureFile(path, this.application, this.world.scheduler, {
        format: this.options.format,
        epoch: this.epoch,
        snaplen: wanted.snaplen,
        filter: compiled(wanted.filter),
        filterText: wanted.filter,
        promiscuous: wanted.promiscuous,
      });
      this.files.set(path, file);
    }
    return file;
  }

  /** In order of first appearance. */
  get list(): readonly CaptureFile[] {
    return [...this.files.values()];
  }

  get summaries(): readonly CaptureSummary[] {
    return this.list.map(({ path, frames, bytes }) => ({
      path,
      frames,
      bytes,
    }));
  }

  /** Bytes not yet taken, over all files. */
  get pending(): number {
    let sum = 0;
    for (const file of this.files.values()) sum += file.pending;
    return sum;
  }
}

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
