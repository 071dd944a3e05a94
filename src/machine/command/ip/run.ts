/** What one run of `ip` hands from its options to its objects. */
import type { NetDevice } from "../../../device/device.ts";
import { netlinkText, type Refusal } from "../../../stack/errno.ts";
import type { Box } from "../../box.ts";
import type { Process } from "../../process.ts";
import { type Json, jsonText } from "./json.ts";
import type { Family } from "./prefix.ts";
import { Misuse, type Words, wrong } from "./words.ts";

export interface IpOptions {
  /** -4 or -f inet; "link" is -0. */
  family: "any" | "inet" | "link";
  details: boolean;
  /** How often -s was given. */
  statistics: number;
  oneLine: boolean;
  brief: boolean;
  json: boolean;
  pretty: boolean;
  timestamps: "none" | "long" | "short";
}

/** Of `ip` without an option. */
export const PLAIN_OPTIONS: Readonly<IpOptions> = {
  family: "any",
  details: false,
  statistics: 0,
  oneLine: false,
  brief: false,
  json: false,
  pretty: false,
  timestamps: "none",
};

export interface IpRun {
  readonly process: Process;
  readonly machine: Box;
  readonly options: IpOptions;
  readonly words: Words;
}

/** What a netlink request came to: the sentence on stderr and the exit code. */
export function netlinkAnswer(run: IpRun, refusal: Refusal | null): number {
  if (refusal === null) return 0;
  run.process.error(`${netlinkText(refusal)}\n`);
  return 2;
}

export function printJson(run: IpRun, value: Json): number {
  run.process.print(jsonText(value, run.options.pretty));
  return 0;
}

/** Between the parts of one record: a newline, or with -o a backslash. */
export const lineEnd = (options: IpOptions): string => (options.oneLine ? "\\" : "\n");

/** The family that addresses must have until one of them has said it. */
export const familyOf = (options: IpOptions): Family => (options.family === "inet" ? "inet" : "any valid");

/** nodev(): the sentence of commands that change something. */
export function findDevice(run: IpRun, name: string): NetDevice {
  const device = run.machine.table.find(name);
  if (device === null) throw new Misuse(`Cannot find device "${name}"`, 1);
  return device;
}

/** The sentence of commands that list something. */
export function filterDevice(run: IpRun, name: string): NetDevice {
  const device = run.machine.table.find(name);
  if (device === null) throw new Misuse(`Device "${name}" does not exist.`, 1);
  return device;
}

export function masterDevice(run: IpRun, name: string): NetDevice {
  const device = run.machine.table.find(name);
  if (device === null) throw wrong(name, "Device does not exist\n");
  return device;
}
