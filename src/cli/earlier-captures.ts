/**
 * Captures of an earlier run in the folder of a new one. They are put aside, for half a set of old files would mislead,
 * and removed when the new run has come to its end: one that fails, or whose reader goes away, costs nobody the old ones.
 */
import { appendFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Lists what runs have written into the folder, a name per line: only that may be removed. */
const MARKER = ".xenlab";
const CAPTURE_NAME = /^[^/\\]+\.(pcapng|pcap)$/;

const asideOf = (name: string): string => `${name}~`;

export class EarlierCaptures {
  /** How many there were. */
  readonly count: number;
  private readonly folder: string;
  /** Those that lie there under their other name. */
  private readonly aside: string[] = [];
  private readonly made: string[] = [];

  constructor(folder: string) {
    this.folder = folder;
    const listed = this.listed();
    const isThere = (name: string): boolean => listed.has(name) && existsSync(join(folder, name));
    const names = [...listed].filter((name) => CAPTURE_NAME.test(name));
    const earlier = names.filter((name) => isThere(name) || isThere(asideOf(name)));
    this.count = earlier.length;
    for (const name of earlier) {
      if (!isThere(asideOf(name))) this.putAside(name);
      else {
        // Beside what is put aside already lies what a run left that did not come to its end.
        rmSync(join(folder, name), { force: true });
        this.aside.push(name);
      }
    }
  }

  /** A capture of the new run is there. */
  add(name: string): void {
    this.made.push(name);
    this.mark(name);
  }

  /** The new run has come to its end. */
  discard(): void {
    for (const name of this.aside) rmSync(join(this.folder, asideOf(name)), { force: true });
    const marker = join(this.folder, MARKER);
    if (!existsSync(marker)) return;
    if (this.made.length === 0) rmSync(marker);
    else writeFileSync(marker, this.made.map((name) => `${name}\n`).join(""));
  }

  /** A file of somebody else that has the name is left alone: then the old capture goes, as it would in the end. */
  private putAside(name: string): void {
    const to = asideOf(name);
    if (existsSync(join(this.folder, to))) return rmSync(join(this.folder, name));
    this.mark(to);
    renameSync(join(this.folder, name), join(this.folder, to));
    this.aside.push(name);
  }

  private mark(name: string): void {
    appendFileSync(join(this.folder, MARKER), `${name}\n`);
  }

  private listed(): Set<string> {
    const marker = join(this.folder, MARKER);
    return new Set(existsSync(marker) ? readFileSync(marker, "utf8").split("\n") : []);
  }
}
