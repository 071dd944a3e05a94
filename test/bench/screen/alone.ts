/**
 * The busy lab without a screen, at the pace of real time: slices of at most 8 ms, everything recorded as the screen has
 * it recorded. Runs as a process of its own and prints one line of JSON.
 */
import { readFileSync } from "node:fs";
import type * as Door from "../../../src/lab/index.ts";

/** A stretch of the run. */
export interface Stretch {
  /** Seconds. */
  readonly real: number;
  readonly virtual: number;
  readonly cpu: number;
  /** That came in at a guest. */
  readonly frames: number;
}

const SLICE_MILLIS = 8;
/** Events between two looks at the clock. */
const SLICE_EVENTS = 64;
/** The flood has begun, and what runs often is compiled. */
const WARM_UP_MILLIS = 8_000;

const [file, door, millis] = process.argv.slice(2) as [string, string, string];
const { openLab, readTopology } = (await import(door)) as typeof Door;
const { plan } = readTopology(readFileSync(file, "utf8"));
const lab = openLab(plan!, { capture: { format: "pcapng", merged: false }, frames: true, events: true, record: true });

function sums(): Stretch {
  const { user, system } = process.cpuUsage();
  const guests = lab.snapshot().hosts.flatMap((host) => host.guests);
  const devices = guests.flatMap(({ machine }) => machine?.devices ?? []);
  const frames = devices.reduce((sum, { counters }) => sum + counters.rxPackets, 0);
  return { real: performance.now() / 1e3, virtual: lab.now / 1e9, cpu: (user + system) / 1e6, frames };
}

const start = performance.now();
let before: Stretch | null = null;

function turn(): void {
  const begin = performance.now();
  const target = Math.floor((begin - start) * 1e6) as typeof lab.now;
  while (!lab.runUntil(target, SLICE_EVENTS) && performance.now() - begin < SLICE_MILLIS);
  if (before === null && begin - start > WARM_UP_MILLIS) before = sums();
  if (before !== null && begin - start > WARM_UP_MILLIS + Number(millis)) report(before, sums());
  else setTimeout(turn, Math.max(0, SLICE_MILLIS - (performance.now() - begin)));
}

function report(from: Stretch, to: Stretch): void {
  const keys = ["real", "virtual", "cpu", "frames"] as const;
  console.log(JSON.stringify(Object.fromEntries(keys.map((key) => [key, to[key] - from[key]]))));
}

turn();
