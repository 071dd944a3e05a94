/**
 * Writes what a lab's captures have made. Append-only; what 64 KiB or 100 ms of records exceed is written after the slice
 * of the run that made it, so that a killed run loses next to nothing.
 */
import { accessSync, closeSync, constants, fstatSync, openSync, readSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { EarlierCaptures } from "./earlier-captures.ts";
import { makeFolder, unwritable } from "./output.ts";

const FLUSH_BYTES = 64 * 1024;
/** Half of what may be lost: a slice of the run comes on top. */
const FLUSH_MILLIS = 50;

interface Written {
  readonly descriptor: number;
  /** Bytes in the file. */
  size: number;
}

export class FileSink {
  readonly folder: string;
  /** The folder of the first run: branches lie in there. */
  private readonly root: string;
  private readonly earlier: EarlierCaptures;
  private readonly files = new Map<string, Written>();
  private lastFlush = Date.now();
  private failed = false;

  /** Whatever else than captures of an earlier run lies in the folder stays, captures too. */
  constructor(folder: string, root = folder) {
    this.folder = folder;
    this.root = root;
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
    for (const file of captures.list) {
      let at = file.size - file.pending;
      if (file.pending > 0)
        file.drain((bytes) => {
          this.append(file.path, at, bytes);
          at += bytes.length;
        });
    }
  }

  /** For another run from here on: a folder in this one, whose files begin with what these hold of `lab` so far. */
  branch(lab: Lab, number: number): FileSink {
    const branch = new FileSink(join(this.root, `branch-${number}`), this.root);
    for (const { path, size } of lab.captures?.list ?? []) if (size > 0) branch.begin(path, this.folder, size);
    return branch;
  }

  /** With the first `size` bytes of the file of that name in another folder. */
  private begin(path: string, folder: string, size: number): void {
    try {
      const descriptor = this.create(path);
      this.files.set(path, { descriptor, size });
      copyHead(join(folder, path), descriptor, size);
    } catch (error) {
      this.failed = true;
      throw new CliError(`${join(this.folder, path)}: ${reason(error)}`, 1);
    }
  }

  /** Of a run that has come to its end: what an earlier one left is of no use any more. */
  close(isComplete = true): void {
    if (isComplete && !this.failed) this.earlier.discard();
    for (const { descriptor } of this.files.values()) closeSync(descriptor);
    this.files.clear();
  }

  /** `at`: where in the file they belong. What is there already comes from a run that is played again. */
  private append(path: string, at: number, bytes: Uint8Array): void {
    try {
      let file = this.files.get(path);
      if (file === undefined) {
        file = { descriptor: this.create(path), size: 0 };
        this.files.set(path, file);
      }
      const known = Math.min(Math.max(0, file.size - at), bytes.length);
      if (known === bytes.length) return;
      // Without a name left the bytes would go nowhere, and nobody would be told.
      if (fstatSync(file.descriptor).nlink === 0) throw new CliError("it was removed while the lab was running", 1);
      writeAll(file.descriptor, known === 0 ? bytes : bytes.subarray(known));
      file.size = at + bytes.length;
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

/** In pieces: a capture may be larger than what one wants in memory. */
function copyHead(from: string, to: number, size: number): void {
  const source = openSync(from, "r");
  const piece = new Uint8Array(FLUSH_BYTES);
  try {
    for (let left = size; left > 0; ) {
      const read = readSync(source, piece, 0, Math.min(left, piece.length), null);
      if (read === 0) throw new CliError("the capture that it goes on from is shorter than it was", 1);
      writeAll(to, piece.subarray(0, read));
      left -= read;
    }
  } finally {
    closeSync(source);
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
