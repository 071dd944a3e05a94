/**
 * A box before anything runs on it: CPUs, devices, a network stack, a small file tree, a clock and a name. Domain 0,
 * guests and outside hosts are boxes with more parts; whatever a command asks for beyond this class is a part under its
 * own name.
 */
import { DeviceTable } from "../device/device-table.ts";
import type { World } from "../device/world.ts";
import { Cpu } from "../engine/cpu.ts";
import type { Nanos } from "../engine/time.ts";
import { NetworkStack } from "../stack/network-stack.ts";
import { FileTree } from "./files.ts";
import type { Lookup } from "./lookups.ts";

export interface BoxOptions {
  readonly name: string;
  /** Virtual CPUs; 1 unless told. */
  readonly cpus?: number;
  /** The machine's name unless told. */
  readonly hostname?: string;
  /** `uname -r` */
  readonly release?: string;
  /** `uname -v` */
  readonly version?: string;
  /** Seconds since 1970 at virtual time 0. */
  readonly epoch?: number;
}

/** Parts a box may have; whoever adds one declares it here by interface merging: `interface BoxParts { xen: ... }`. */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface BoxParts {}

/** 2024-01-01 00:00:00 UTC. */
const DEFAULT_EPOCH = 1_704_067_200;

export class Box {
  readonly name: string;
  readonly world: World;
  readonly cpus: readonly Cpu[];
  readonly table: DeviceTable;
  readonly net: NetworkStack;
  /** Null until somebody looks: of a thousand guests few are ever looked into. */
  private tree: FileTree | null = null;
  readonly parts: Partial<BoxParts> = {};
  /** By name, in lower case. */
  readonly lookups = new Map<string, Lookup>();
  hostname: string;
  /** What stands in /etc/hostname at first. */
  readonly staticHostname: string;
  release: string;
  version: string;
  /** Seconds since 1970 at virtual time 0. */
  epoch: number;
  readonly bootedAt: Nanos;

  constructor(world: World, options: BoxOptions) {
    this.world = world;
    this.name = options.name;
    this.staticHostname = options.hostname ?? options.name;
    this.hostname = this.staticHostname;
    this.release = options.release ?? "6.1.0-18-amd64";
    this.version = options.version ?? "#1 SMP PREEMPT_DYNAMIC Debian 6.1.76-1 (2024-02-01)";
    this.epoch = options.epoch ?? DEFAULT_EPOCH;
    this.bootedAt = world.scheduler.now;
    this.cpus = Array.from({ length: options.cpus ?? 1 }, () => new Cpu(world.scheduler));
    this.table = new DeviceTable(world, options.name, this.cpus);
    this.net = new NetworkStack(this.table);
  }

  get files(): FileTree {
    return this.tree ?? this.plant();
  }

  private plant(): FileTree {
    this.tree = new FileTree(this.world.scheduler, this.bootedAt);
    this.furnish(this.tree);
    this.tree.settle();
    return this.tree;
  }

  /** What the tree holds from the beginning. */
  protected furnish(_files: FileTree): void {}

  /** Nanoseconds since this machine was made. */
  get uptime(): Nanos {
    return (this.world.scheduler.now - this.bootedAt) as Nanos;
  }

  /** Seconds since 1970, whole. */
  get clockSeconds(): number {
    return this.epoch + Math.floor(this.world.scheduler.now / 1e9);
  }

  get paused(): boolean {
    return this.cpus.some((cpu) => !cpu.running);
  }

  pause(): void {
    for (const cpu of this.cpus) cpu.pause();
  }

  unpause(): void {
    for (const cpu of this.cpus) cpu.unpause();
  }
}
