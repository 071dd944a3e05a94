/** Files as the terminal asks for them, in memory but for topologies. */
import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { journalIn } from "../../../src/cli/journal-file.ts";
import { isJournalText, journalText, type Lab, type Plan, readTopology } from "../../../src/lab/index.ts";
import type { Outside, Recorded, ShippedTopology, Sink, TopologyFile } from "../../../src/tui/outside.ts";
import { shipped } from "../../kit/lab.ts";

/** A file beside a topology, such as a libvirt network's XML. */
function besides(topology: string, name: string): string | null {
  const path = join(dirname(topology), name);
  return existsSync(path) ? readFileSync(path, "utf8") : null;
}

export class TestOutside implements Outside {
  readonly files = new Map<string, Uint8Array[]>();
  readonly saved: Uint8Array[] = [];
  /** Files of each run that another one became. */
  readonly branches: Map<string, Uint8Array[]>[] = [];
  /** Texts that stand for files; other paths are read. */
  readonly texts = new Map<string, string>();
  private readonly watchers = new Map<string, () => void>();
  readonly shipped: readonly ShippedTopology[] = ["bridge-busy.yaml", "bridge-short.yaml", "bridge-xl.yaml"].map(
    (name) => ({
      name,
      path: shipped(name),
      about: readTopology(readFileSync(shipped(name), "utf8")).plan!.about.trim(),
    }),
  );

  readTopology(path: string): TopologyFile {
    const text = this.texts.get(path) ?? readFileSync(path, "utf8");
    if (isJournalText(text)) {
      const { plan, journal } = journalIn(path, text);
      return { path, text, plan, diagnostics: [], recorded: journal };
    }
    return { path, text, recorded: null, ...readTopology(text, { readFile: (name) => besides(path, name) }) };
  }

  completePath(typed: string): readonly string[] {
    return this.shipped.map(({ path }) => path).filter((path) => path.startsWith(typed));
  }

  openSink(plan: Plan): Sink {
    return new TestSink(this, `captures/${plan.name}`, this.files);
  }

  save(plan: Plan, bytes: Uint8Array): string {
    this.saved.push(bytes);
    return `captures/${plan.name}/selection-${this.saved.length}.pcapng`;
  }

  /** The journals that were saved stand for files of their names. */
  saveJournal(plan: Plan, { entries, end, scenario }: Recorded): string {
    if (this.diskIsFull) throw new Error("no space left on device");
    const path = `captures/${plan.name}/run-${this.texts.size + 1}.journal`;
    const head = { program: "a test", file: shipped(`${plan.name}.yaml`), files: {}, checks: false, scenario };
    const topology = readFileSync(head.file, "utf8");
    this.texts.set(path, journalText({ ...head, topology }, entries, end));
    return path;
  }

  /** Nothing can be written any more. */
  diskIsFull = false;

  /** Programs that are installed. */
  programs: readonly string[] = ["wireshark", "tshark", "termshark"];

  obstacleTo(program: string): string | null {
    return this.programs.includes(program) ? null : "is not installed";
  }

  watch(path: string, changed: () => void): () => void {
    this.watchers.set(path, changed);
    return () => this.watchers.delete(path);
  }

  /** An editor takes the file away, to put a new one there. */
  remove(path: string): void {
    this.texts.delete(path);
    this.watchers.get(path)?.();
  }

  /** The user saves the file. */
  write(path: string, text: string): void {
    this.texts.set(path, text);
    this.watchers.get(path)?.();
  }
}

/** Takes of a run that is played again only what it has not yet, as files do. */
class TestSink implements Sink {
  readonly folder: string;
  readonly replaced = 0;
  private readonly outside: TestOutside;
  private readonly files: Map<string, Uint8Array[]>;

  constructor(outside: TestOutside, folder: string, files: Map<string, Uint8Array[]>) {
    this.outside = outside;
    this.folder = folder;
    this.files = files;
  }

  drain(lab: Lab): void {
    if (this.outside.diskIsFull) throw new Error("no space left on device");
    for (const file of lab.captures!.list) {
      const at = file.size - file.pending;
      const bytes = file.take();
      const known = Math.min(sizeOf(this.files.get(file.path)) - at, bytes.length);
      if (known < bytes.length) this.files.set(file.path, [...(this.files.get(file.path) ?? []), bytes.slice(known)]);
    }
  }

  branch(lab: Lab, number: number): Sink {
    const files = new Map<string, Uint8Array[]>();
    for (const { path, size } of lab.captures!.list)
      if (size > 0) files.set(path, [Buffer.concat(this.files.get(path)!).subarray(0, size)]);
    this.outside.branches.push(files);
    return new TestSink(this.outside, `${this.folder.replace(/\/branch-\d+$/, "")}/branch-${number}`, files);
  }

  close(): void {}
}

const sizeOf = (chunks: readonly Uint8Array[] = []): number => chunks.reduce((sum, { length }) => sum + length, 0);
