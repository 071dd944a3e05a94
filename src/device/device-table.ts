/**
 * The devices of one network namespace: names, indices, and the list of those who want to hear of changes.
 * Follows net/core/dev.c (dev_get_valid_name, register_netdevice, unregister_netdevice).
 */
import { invariant } from "../base/invariant.ts";
import { Signal } from "../base/signal.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { DeviceChange, DeviceRegistry, DeviceWatcher, NetDevice } from "./device.ts";
import { KernelLog } from "./kernel-log.ts";
import type { World } from "./world.ts";

/** IFNAMSIZ less the terminating zero. */
export const MAX_NAME = 15;

/** dev_valid_name: not empty, not "." or "..", at most 15 bytes, no slash, colon or white space. */
export const isValidName = (name: string): boolean => /^[^/:\s]{1,15}$/.test(name) && name !== "." && name !== "..";

export class DeviceTable implements DeviceRegistry {
  readonly world: World;
  readonly machine: string;
  readonly cpus: readonly Cpu[];
  readonly log: KernelLog;
  readonly watchers = new Signal<DeviceWatcher>();
  private readonly byNameMap = new Map<string, NetDevice>();
  private readonly byIndexMap = new Map<number, NetDevice>();
  private lastIndex = 0;
  private nextCpu = 0;

  constructor(world: World, machine: string, cpus: readonly Cpu[]) {
    this.world = world;
    this.machine = machine;
    this.cpus = cpus;
    this.log = new KernelLog(world.scheduler);
  }

  get devices(): NetDevice[] {
    return [...this.byIndexMap.values()].sort((a, b) => a.index - b.index);
  }

  find(name: string): NetDevice | null {
    return this.byNameMap.get(name) ?? null;
  }

  byIndex(index: number): NetDevice | null {
    return this.byIndexMap.get(index) ?? null;
  }

  register(device: NetDevice): void {
    invariant(!this.byNameMap.has(device.name), `two devices named ${device.name} on ${this.machine}`);
    device.index = ++this.lastIndex;
    this.byNameMap.set(device.name, device);
    this.byIndexMap.set(device.index, device);
    device.notify("registered");
  }

  unregister(device: NetDevice): void {
    device.setUp(false);
    device.notify("unregistered");
    this.byNameMap.delete(device.name);
    this.byIndexMap.delete(device.index);
    for (const point of device.points) this.world.retire(point);
  }

  rename(device: NetDevice, name: string): void {
    invariant(!this.byNameMap.has(name), `two devices named ${name} on ${this.machine}`);
    const before = device.name;
    this.byNameMap.delete(before);
    this.byNameMap.set(name, device);
    device.name = name;
    for (const point of device.points) point.owner = name;
    device.say(`renamed from ${before}`);
    device.notify("name");
  }

  pickCpu(): Cpu {
    return this.cpus[this.nextCpu++ % this.cpus.length]!;
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    for (const watcher of [...(this.watchers.listeners ?? [])]) watcher.deviceChanged(device, change);
  }
}
