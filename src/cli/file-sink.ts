/**
 * Writes what a lab's captures have made. Append-only; at most 64 KiB or 100 ms of records are in memory, so that a
 * killed run loses next to nothing.
 */
import {
  appendFileSync,
  closeSync,
  existsSync,
  fstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";

const FLUSH_BYTES = 64 * 1024;
/** Half of what may be lost: a slice of the run comes on top. */
const FLUSH_MILLIS = 50;
/** Lists the captures that runs have written into the folder, a name per line: only these may be removed. */
const MARKER = ".xenlab";
const CAPTURE_NAME = /^[^/\\]+\.(pcapng|pcap)$/;

export class FileSink {
  readonly folder: string;
  /** How many captures of an earlier run were there. */
  readonly replaced: number;
  private readonly files = new Map<string, number>();
  private lastFlush = Date.now();

  /**
   * Removes the captures that an earlier run wrote here: half a set of old files would mislead. Whatever else lies in
   * the folder stays, captures too.
   */
  constructor(folder: string) {
    this.folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      const old = written(folder);
      for (const name of old) rmSync(join(folder, name));
      rmSync(join(folder, MARKER), { force: true });
      this.replaced = old.length;
    } catch (error) {
      throw new CliError(`captures cannot be written to ${folder}: ${(error as Error).message}`, 1);
    }
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

  close(): void {
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
      throw new CliError(`${join(this.folder, path)}: ${reason(error)}`, 1);
    }
  }

  /** Refuses to touch a file that is there: it is none of ours. */
  private create(path: string): number {
    const descriptor = openSync(join(this.folder, path), "ax");
    appendFileSync(join(this.folder, MARKER), `${path}\n`);
    return descriptor;
  }
}

/** What earlier runs wrote into the folder and is still there. */
function written(folder: string): readonly string[] {
  const marker = join(folder, MARKER);
  if (!existsSync(marker)) return [];
  const names = new Set(readFileSync(marker, "utf8").split("\n"));
  return [...names].filter((name) => CAPTURE_NAME.test(name) && existsSync(join(folder, name)));
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
