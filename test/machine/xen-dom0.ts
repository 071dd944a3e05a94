/** Domain 0 of a Xen 4.17 host as it was recorded: xenbr0, and the two guests' configurations. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { World } from "../../src/device/world.ts";
import { type Nanos, seconds } from "../../src/engine/time.ts";
import { Machine } from "../../src/machine/machine.ts";
import type { Process } from "../../src/machine/process.ts";
import { Userland } from "../../src/machine/userland.ts";
import { XEN_TIMINGS, XenHost } from "../../src/machine/xen-host.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import type { StoreListener } from "../../src/xen/xenstore.ts";

const FIXTURES = join(import.meta.dirname, "../fixtures/xen-4.17");

export const fixture = (path: string): string => readFileSync(join(FIXTURES, path), "utf8");

/** Every write, as the recorded watch log shows it. */
export class StoreLog implements StoreListener {
  readonly lines: string[] = [];

  storeWritten(path: string, value: string | null): void {
    this.lines.push(`${path} = ${value === null ? "(gone)" : `'${value}'`}`);
  }
}

export interface Result {
  readonly out: string;
  readonly err: string;
  readonly code: number | null;
  readonly pid: number;
}

export class Dom0 {
  readonly world = new World(1);
  readonly machine: Machine;
  readonly xen: XenHost;
  readonly log = new StoreLog();

  constructor(bridge = true, border: BorderKind = MODERN) {
    this.machine = new Machine(this.world, { name: "xen1" }, new Userland());
    this.xen = new XenHost(this.machine, { memory: 1536, timings: XEN_TIMINGS, border });
    for (const guest of ["g1", "g2"]) {
      this.machine.files.write(`/root/${guest}.cfg`, fixture(`bridge/${guest}.cfg`));
    }
    if (bridge) this.type("brctl addbr xenbr0 && brctl setfd xenbr0 0 && ip link set xenbr0 up");
    this.xen.store.listeners.push(this.log);
  }

  /** A line at the prompt, run to its end (at most 100 virtual seconds). */
  type(line: string): Result {
    return this.finish(this.machine.run(line));
  }

  finish(process: Process): Result {
    const { scheduler } = this.world;
    const end = scheduler.now + seconds(100);
    while (!process.hasEnded && (scheduler.next() ?? end) < end) scheduler.step();
    const { console, pid } = process;
    return { out: console!.text("stdout"), err: console!.text("stderr"), code: process.exitCode, pid };
  }

  wait(time: Nanos): void {
    this.world.scheduler.runUntil((this.world.scheduler.now + time) as Nanos);
  }

  write(path: string, text: string): void {
    this.machine.files.write(path, text);
  }
}

/** What differs from one run of a host to the next. */
export const normalise = (text: string): string =>
  text
    .replace(/[0-9a-f]{8}-(?!0000-0000)[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UUID")
    .replace(/(ring-ref = )(["'])\d+\2/g, "$1N")
    .replace(/(start_time = )"[\d.]+"/g, "$1N")
    .replace(/(event-channel-[rt]x = )(["'])\d+\2/g, "$1N");
