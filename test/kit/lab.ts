/** Labs for stories: from YAML text to a lab that is up, and commands typed on it. */
import { existsSync, readFileSync } from "node:fs";
import { expect } from "vitest";
import { formatSeconds, type Lab, openLab, type Plan, readTopology, renderDiagnostics } from "../../src/lab/index.ts";
import type { LabOptions } from "../../src/lab/lab.ts";

export const shipped = (name: string): string => new URL(`../../topologies/${name}`, import.meta.url).pathname;

/** Files that a shipped topology names stand beside it. */
export const readShipped = (path: string): string | null => {
  const file = shipped(path);
  return existsSync(file) ? readFileSync(file, "utf8") : null;
};

export function planOf(text: string, seed?: number): Plan {
  const { plan, diagnostics } = readTopology(text, { readFile: readShipped, ...(seed === undefined ? {} : { seed }) });
  if (plan === null) throw new Error(renderDiagnostics("topology", text, diagnostics));
  return plan;
}

export const planOfFile = (name: string, seed?: number): Plan => planOf(readFileSync(shipped(name), "utf8"), seed);

/** A lab whose set-up scripts, guests and their inits have come to their end. */
export function labUp(plan: Plan, options: LabOptions = {}): Lab {
  const lab = openLab(plan, { scenario: false, ...options });
  expect(lab.comeUp(), "the lab comes up").toBe(true);
  return lab;
}

export interface Said {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Types a line and lets virtual time pass until it is done. */
export function type(lab: Lab, machine: string, line: string, limitSeconds = 600): Said {
  const process = lab.exec(machine, line);
  const limit = lab.now + limitSeconds * 1e9;
  while (!process.hasEnded && lab.now < limit && lab.world.scheduler.step());
  if (!process.hasEnded) throw new Error(`${machine}# ${line} still runs at ${formatSeconds(lab.now)} s`);
  return { code: process.exitCode!, stdout: process.console!.text("stdout"), stderr: process.console!.text("stderr") };
}

export const pass = (lab: Lab, seconds: number): boolean => lab.runUntil((lab.now + seconds * 1e9) as typeof lab.now);
