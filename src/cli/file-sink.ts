/**
 * Writes what a lab's captures have made. Append-only; what 64 KiB or 100 ms of records exceed is written after the slice
 * of the run that made it, so that a killed run loses next to nothing.
 */
import { accessSync, closeSync, constants, fstatSync, openSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { EarlierCaptures } from "./earlier-captures.ts";
import { makeFolder, unwritable } from "./output.ts";

const FLUSH_BYTES = 64 * 1024;
/** Half of what may be lost: a slice of the run comes on top. */
const FLUSH_MILLIS = 50;

export class FileSink {
  readonly folder: string;
  private readonly earlier: EarlierCaptures;
  private readonly files = new Map<string, number>();
  private lastFlush = Date.now();
  private failed = false;

  /** Whatever else than captures of an earlier run lies in the folder stays, captures too. */
  constructor(folder: string) {
    this.folder = folder;
    try {
      makeFolder(folder);
      accessSync(folder, constants.W_OK);
      this.earlier = new EarlierCaptures(folder);
    } catch (error) {
      throw unwritable(folder, error);
    }
  }

  /** How many captures of an earlier run were there. */
  get replaced(): number {
    return this.earlier.count;
  }

  /** Called after every slice; writes when it is time. After it has thrown, bytes are lost: write no more of this lab. */
  drain(lab: Lab, now = false): void {
    const { captures } = lab;
    if (captures === null) return;
    const due = now || captures.pending >= FLUSH_BYTES / 2 || Date.now() - this.lastFlush >= FLUSH_MILLIS;
    if (!due) return;
    this.lastFlush = Date.now();
    for (const file of captures.list) if (file.pending > 0) file.drain((bytes) => this.append(file.path, bytes));
  }

  /** Of a run that has come to its end: what an earlier one left is of no use any more. */
  close(isComplete = true): void {
    if (isComplete && !this.failed) this.earlier.discard();
    for (const descriptor of this.files.values()) closeSync(descriptor);
    this.files.clear();
  }

  private append(path: string, bytes: Uint8Array): void {
    try {
      let descriptor = this.files.get(path);
      if (descriptor === undefined) {
        descriptor = this.create(path);
        this.files.set(path, descriptor);
      }
      // Without a name left the bytes would go nowhere, and nobody would be told.
      if (fstatSync(descriptor).nlink === 0) throw new CliError("it was removed while the lab was running", 1);
      writeAll(descriptor, bytes);
    } catch (error) {
      this.failed = true;
      throw new CliError(`${join(this.folder, path)}: ${reason(error)}`, 1);
    }
  }

  /** Refuses to touch a file that is there: it is none of ours. */
  private create(path: string): number {
    const descriptor = openSync(join(this.folder, path), "ax");
    this.earlier.add(path);
    return descriptor;
  }
}

/** One write may take less than it is given. */
function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(descriptor, bytes, at);
}

function reason(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "EEXIST") return "this file is not from an earlier run of xenlab: move it, or choose another --out";
  if (code === "ENOENT") return "its folder was removed while the lab was running";
  return message;
}
