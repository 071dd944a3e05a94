/**
 * Domains and what the hypervisor keeps for each: grants, event channels, run state.
 * Follows xen/include/public/domctl.h where `xl` shows it. Not modelled: memory, scheduling weights, CPU pools.
 */

import type { World } from "../device/world.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { Nanos } from "../engine/time.ts";
import { EventChannels } from "./event-channel.ts";
import { GrantTable } from "./grant-table.ts";

/** DOMID_FIRST_RESERVED: the first id that is none. */
const MAX_DOMAIN = 0x7ff0;

export class Domain {
  readonly id: number;
  readonly name: string;
  readonly uuid: string;
  /** MiB */
  readonly memory: number;
  readonly cpus: readonly Cpu[];
  readonly createdAt: Nanos;
  readonly grants = new GrantTable();
  readonly events = new EventChannels();
  dying = false;
  /** DOMCTL shutdown: a reason word once the guest has stopped ("poweroff", "crash"). */
  shutdown: string | null = null;

  constructor(id: number, name: string, uuid: string, memory: number, cpus: readonly Cpu[], createdAt: Nanos) {
    this.id = id;
    this.name = name;
    this.uuid = uuid;
    this.memory = memory;
    this.cpus = cpus;
    this.createdAt = createdAt;
  }

  /** By an admin; a domain that has stopped is not. */
  get paused(): boolean {
    return this.shutdown === null && this.cpus.some((cpu) => !cpu.running);
  }

  pause(): void {
    for (const cpu of this.cpus) cpu.pause();
  }

  unpause(): void {
    if (this.shutdown !== null) return;
    for (const cpu of this.cpus) cpu.unpause();
  }

  /** SCHEDOP_shutdown: its CPUs stop for good, and the toolstack decides what comes then. */
  stop(reason: string): void {
    this.shutdown = reason;
    for (const cpu of this.cpus) cpu.pause();
  }

  /** Nanoseconds of CPU the domain has used. */
  get cpuTime(): number {
    return this.cpus.reduce((sum, cpu) => sum + cpu.spent, 0);
  }
}

export class Hypervisor {
  readonly world: World;
  private readonly byId = new Map<number, Domain>();
  /** Those of one name, which may be several: to look at all domains cost 40 us for each of 2,000 that were created. */
  private readonly namesakes = new Map<string, Domain[]>();
  private lastId = -1;

  constructor(world: World) {
    this.world = world;
  }

  /** In order of id, as every toolstack lists them. */
  get domains(): Domain[] {
    return [...this.byId.values()].sort((a, b) => a.id - b.id);
  }

  /** Ids only grow: a guest that reboots has a new one, and a new vif name. */
  create(name: string, uuid: string, memory: number, cpus: readonly Cpu[]): Domain {
    do this.lastId = (this.lastId + 1) % MAX_DOMAIN;
    while (this.byId.has(this.lastId));
    const domain = new Domain(this.lastId, name, uuid, memory, cpus, this.world.scheduler.now);
    this.byId.set(domain.id, domain);
    this.namesakes.set(name, [...(this.namesakes.get(name) ?? []), domain]);
    return domain;
  }

  find(id: number): Domain | null {
    return this.byId.get(id) ?? null;
  }

  byName(name: string): Domain | null {
    const namesakes = this.namesakes.get(name) ?? [];
    return namesakes.reduce<Domain | null>(
      (least, each) => (least !== null && least.id < each.id ? least : each),
      null,
    );
  }

  destroy(domain: Domain): void {
    domain.dying = true;
    this.byId.delete(domain.id);
    const others = (this.namesakes.get(domain.name) ?? []).filter((each) => each !== domain);
    if (others.length === 0) this.namesakes.delete(domain.name);
    else this.namesakes.set(domain.name, others);
  }
}
