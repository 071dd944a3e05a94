/** A Xen host of drivers and a store, without machines: the test is the toolstack and the hotplug script. */
import { readFileSync } from "node:fs";
import { DeviceTable } from "../../src/device/device-table.ts";
import { World } from "../../src/device/world.ts";
import { Cpu } from "../../src/engine/cpu.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import { type Domain, Hypervisor } from "../../src/xen/hypervisor.ts";
import { NETBACK_COSTS } from "../../src/xen/netback-costs.ts";
import { NetbackDriver } from "../../src/xen/netback-driver.ts";
import type { Netfront } from "../../src/xen/netfront.ts";
import { NETFRONT_COSTS } from "../../src/xen/netfront-costs.ts";
import { NetfrontDriver } from "../../src/xen/netfront-driver.ts";
import { type StoreListener, XenStore } from "../../src/xen/xenstore.ts";
import { runFor } from "./world.ts";

export const FE = "/local/domain/1/device/vif/0";
export const BE = "/local/domain/0/backend/vif/1/0";

export class XenbusHost implements StoreListener {
  readonly world = new World(1);
  readonly hypervisor = new Hypervisor(this.world);
  readonly store = new XenStore(this.world.scheduler);
  readonly dom0: Domain;
  readonly table: DeviceTable;
  readonly guest: Domain;
  readonly inside: DeviceTable;
  readonly netback: NetbackDriver;
  netfront: NetfrontDriver | null = null;
  private readonly kind: BorderKind;
  /** Every write since `forget`, "BE/state = 4" or "FE = (gone)". */
  written: string[] = [];

  constructor(kind: BorderKind = MODERN) {
    this.kind = kind;
    const { scheduler } = this.world;
    const cpus = [new Cpu(scheduler), new Cpu(scheduler)];
    this.dom0 = this.hypervisor.create("Domain-0", "", 1024, cpus);
    this.table = new DeviceTable(this.world, "xen1", cpus);
    const vcpus = [new Cpu(scheduler)];
    this.guest = this.hypervisor.create("g1", "", 256, vcpus);
    this.inside = new DeviceTable(this.world, "g1", vcpus);
    this.netback = new NetbackDriver(this.store, this.hypervisor, this.dom0, this.table, NETBACK_COSTS, kind);
    this.store.listeners.push(this);
  }

  storeWritten(path: string, value: string | null): void {
    this.written.push(`${shorten(path)} = ${value ?? "(gone)"}`);
  }

  /** The guest's kernel loads netfront. */
  boot(kind: BorderKind = this.kind): void {
    this.netfront = new NetfrontDriver(this.store, this.guest, this.inside, NETFRONT_COSTS, kind);
    this.settle();
  }

  /** xl writes both directories in one transaction. */
  attach(extra: Readonly<Record<string, string>> = {}): void {
    const frontend = { backend: BE, "backend-id": "0", state: "1", handle: "0", mac: "00:16:3e:00:00:01", mtu: "1500" };
    const backend = {
      frontend: FE,
      "frontend-id": "1",
      online: "1",
      state: "1",
      script: "vif-bridge",
      bridge: "xenbr0",
    };
    this.store.writeAll([
      ...Object.entries(frontend).map(([key, value]) => ({ path: `${FE}/${key}`, value })),
      ...Object.entries({ ...backend, handle: "0", type: "vif", ...extra, "hotplug-status": "" }).map(
        ([key, value]) => ({
          path: `${BE}/${key}`,
          value,
        }),
      ),
    ]);
    this.written = [];
    this.settle();
  }

  /** The hotplug script is done. */
  scriptDone(): void {
    this.store.write(`${FE}/mtu`, "1500");
    this.vif!.setUp(true);
    this.store.write(`${BE}/hotplug-status`, "connected");
    this.settle();
  }

  /** xl network-detach */
  detach(): void {
    this.store.write(`${BE}/state`, "5");
    this.store.write(`${BE}/online`, "0");
    this.settle();
  }

  settle(): void {
    runFor(this.world, 10_000_000);
  }

  get vif() {
    return this.netback.find(1, 0);
  }

  get front(): Netfront | null {
    return this.inside.find("eth0") as Netfront | null;
  }

  /** Frontend and backend state. */
  get states(): [string | null, string | null] {
    return [this.store.read(`${FE}/state`), this.store.read(`${BE}/state`)];
  }

  get log(): string[] {
    return this.table.log.lines.map(({ text }) => text);
  }
}

/** The recorded writes of one device, in the notation of `written`, from after the first line that matches to the last. */
export function recorded(domain: number, after: RegExp, upTo: RegExp): string[] {
  const file = new URL("../fixtures/xen-4.17/xenstore/A-watch.log", import.meta.url);
  const lines = readFileSync(file, "utf8")
    .split("\n")
    .map((line) => line.replace(/^\S+ \S+ /, "").replace(/ +<.*>$/, ""))
    .filter((line) => line.includes(`/domain/${domain}/device/vif/0`) || line.includes(`/backend/vif/${domain}/0`));
  const start = lines.findIndex((line) => after.test(line));
  const end = lines.findIndex((line, i) => i > start && upTo.test(line));
  return lines.slice(start + 1, end + 1).map((line) => shorten(line.replaceAll("'", "")));
}

const shorten = (text: string): string =>
  text.replace(/\/local\/domain\/0\/backend\/vif\/\d+\/0/, "BE").replace(/\/local\/domain\/\d+\/device\/vif\/0/, "FE");
