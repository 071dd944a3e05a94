/** What is measured: labs of many sizes, and frames among many flows and many ports. */
import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { median } from "../calibrate.ts";
import { NatPath } from "../nat.ts";
import { Path } from "../path.ts";
import type { Point } from "./chart.ts";
import type { Size } from "./lab.ts";

const ROUNDS = 5;

/** How long a lab takes from YAML to all guests having pinged domain 0, and the memory of the process then. */
export interface Raised {
  readonly size: Size;
  readonly seconds: number;
  /** Of all threads: what is left of the measure on a machine that does something else too. */
  readonly cpuSeconds: number;
  /** At its most; and what the lab itself holds in the end. */
  readonly megabytes: number;
  readonly added: number;
  readonly events: number;
}

/** The better of two: whatever else the machine does only makes it slower. */
export function raised(size: Size): Raised {
  const [first, second] = [raiseOnce(size), raiseOnce(size)];
  return first.seconds < second.seconds ? first : second;
}

function raiseOnce(size: Size): Raised {
  const file = join(import.meta.dirname, "raise.ts");
  const { stdout, stderr, status } = spawnSync(process.execPath, [...process.execArgv, file, JSON.stringify(size)], {
    encoding: "utf8",
  });
  if (status !== 0) throw new Error(`${JSON.stringify(size)}: ${stderr}`);
  return { size, ...(JSON.parse(stdout) as Omit<Raised, "size">) };
}

const FLOW_FRAMES = 120_000;

/** Nanoseconds of a 60-byte frame from a guest through MASQUERADE, so many flows in turn. */
export function flowPoint(flows: number): Point {
  const path = new NatPath("conntrack and MASQUERADE", flows);
  path.drive(FLOW_FRAMES);
  return [flows, median(Array.from({ length: ROUNDS }, () => path.drive(FLOW_FRAMES).nanos))];
}

const PORT_FRAMES = 100_000;
const COPIES = 100_000;

export interface PortCost {
  readonly ports: number;
  /** Nanoseconds of a 60-byte frame to each of the others in turn, and of one copy of a broadcast. */
  readonly unicast: number;
  readonly copy: number;
}

export function portCost(ports: number): PortCost {
  const path = new Path({ guests: ports });
  path.drive(PORT_FRAMES, 60, 8);
  path.flood(Math.ceil(COPIES / ports));
  return {
    ports,
    unicast: median(Array.from({ length: ROUNDS }, () => path.drive(PORT_FRAMES, 60, 8).nanos)),
    copy: median(Array.from({ length: ROUNDS }, () => path.flood(Math.ceil(COPIES / ports)).nanos)),
  };
}
