/**
 * Writes what a lab's captures have made. Append-only; at most 64 KiB or 100 ms of records are in memory, so that a
 * killed run loses next to nothing.
 */
import { closeSync, mkdirSync, openSync, readdirSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import type { Lab } from "../lab/index.ts";
import { CliError } from "./cli-error.ts";

const FLUSH_BYTES = 64 * 1024;
/** Half of what may be lost: a slice of the run comes on top. */
const FLUSH_MILLIS = 50;

export class FileSink {
  readonly folder: string;
  /** How many captures of an earlier run were there. */
  readonly replaced: number;
  private readonly files = new Map<string, number>();
  private lastFlush = Date.now();

  /** Removes the captures of an earlier run of the same topology: half a set of old files would mislead. */
  constructor(folder: string) {
    this.folder = folder;
    try {
      mkdirSync(folder, { recursive: true });
      const old = readdirSync(folder).filter((name) => /\.(pcapng|pcap)$/.test(name));
      for (const name of old) rmSync(join(folder, name));
      this.replaced = old.length;
    } catch (error) {
      throw new CliError(`captures cannot be written to ${folder}: ${(error as Error).message}`, 1);
    }
  }

  /** Called after every slice; writes when it is time. */
  drain(lab: Lab, now = false): void {
    const { captures } = lab;
    if (captures === null) return;
    const due = now || captures.pending >= FLUSH_BYTES / 2 || Date.now() - this.lastFlush >= FLUSH_MILLIS;
    if (!due) return;
    this.lastFlush = Date.now();
    for (const file of captures.list) if (file.pending > 0) this.append(file.path, file.take());
  }

  close(): void {
    for (const descriptor of this.files.values()) closeSync(descriptor);
    this.files.clear();
  }

  private append(path: string, bytes: Uint8Array): void {
    try {
      let descriptor = this.files.get(path);
      if (descriptor === undefined) {
        descriptor = openSync(join(this.folder, path), "a");
        this.files.set(path, descriptor);
      }
      writeSync(descriptor, bytes);
    } catch (error) {
      throw new CliError(`${join(this.folder, path)}: ${(error as Error).message}`, 1);
    }
  }
}
