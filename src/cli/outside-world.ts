/** Files and programs, as the terminal asks for them. */
import { accessSync, constants, readdirSync, unwatchFile, watchFile, writeFileSync } from "node:fs";
import { basename, delimiter, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { isJournalText, type JournalHead, journalText, type Plan, readTopology } from "../lab/index.ts";
import type { Outside, Recorded, ShippedTopology, Sink, TopologyFile } from "../tui/main.ts";
import { capturePlan } from "./capture-option.ts";
import { FileSink } from "./file-sink.ts";
import { headOf, journalIn } from "./journal-file.ts";
import { makeFolder } from "./output.ts";
import { Beside, readText } from "./topology-file.ts";

const SHIPPED = fileURLToPath(new URL("../../topologies", import.meta.url));
/** Milliseconds between two looks at a file that is being mended. */
const WATCH_MILLIS = 300;

export class OutsideWorld implements Outside {
  private readonly out: string;
  private readonly seed: number | undefined;
  private readonly capture: readonly string[] | undefined;
  /** What each plan was read from, for a journal of its run. */
  private readonly heads = new WeakMap<Plan, JournalHead>();
  private known: readonly ShippedTopology[] | null = null;

  /** `out`: the folder for captures; `capture`: what is captured from the start, unless the topology shall say. */
  constructor(out: string, seed: number | undefined, capture: readonly string[] | undefined) {
    this.out = out;
    this.seed = seed;
    this.capture = capture;
  }

  get shipped(): readonly ShippedTopology[] {
    this.known ??= readdirSync(SHIPPED)
      .filter((name) => name.endsWith(".yaml"))
      .map((name) => shippedTopology(join(SHIPPED, name)));
    return this.known;
  }

  readTopology(path: string): TopologyFile {
    const text = readText(path);
    if (isJournalText(text)) return this.readJournal(path, text);
    const seed = this.seed === undefined ? {} : { seed: this.seed };
    const beside = new Beside(path);
    const { plan, diagnostics } = readTopology(text, { ...seed, readFile: beside.read });
    if (plan === null) return { path, text, plan, diagnostics, recorded: null };
    const wanted = { ...plan, capture: capturePlan(plan, this.capture) };
    const head = headOf({ file: path, text, plan, files: beside.files }, { ...seed, scenario: true, checks: false });
    this.heads.set(wanted, head);
    return { path, text, plan: wanted, diagnostics, recorded: null };
  }

  private readJournal(path: string, text: string): TopologyFile {
    const { plan, journal } = journalIn(path, text);
    const { entries, end, ...head } = journal;
    const wanted = { ...plan, capture: capturePlan(plan, this.capture) };
    this.heads.set(wanted, head);
    return { path, text, plan: wanted, diagnostics: [], recorded: { entries, end, scenario: head.scenario } };
  }

  completePath(typed: string): readonly string[] {
    const folder = typed.endsWith("/") ? typed : dirname(typed);
    const start = typed.endsWith("/") ? "" : basename(typed);
    try {
      return readdirSync(folder, { withFileTypes: true })
        .filter((entry) => entry.name.startsWith(start) && (entry.isDirectory() || /\.ya?ml$/.test(entry.name)))
        .map((entry) => `${join(folder, entry.name)}${entry.isDirectory() ? "/" : ""}`);
    } catch {
      return [];
    }
  }

  openSink(plan: Plan): Sink {
    return new FileSink(join(this.out, plan.name));
  }

  save(plan: Plan, bytes: Uint8Array): string {
    return this.write(plan, (number) => `selection-${number}.pcapng`, bytes);
  }

  saveJournal(plan: Plan, { entries, end, scenario }: Recorded): string {
    const head = this.heads.get(plan)!;
    return this.write(plan, (number) => `run-${number}.journal`, journalText({ ...head, scenario }, entries, end));
  }

  /** Beside the captures, under the first name of its kind that is free. */
  private write(plan: Plan, nameOf: (number: number) => string, content: Uint8Array | string): string {
    const folder = join(this.out, plan.name);
    makeFolder(folder);
    for (let number = 1; ; number++) {
      const path = join(folder, nameOf(number));
      try {
        writeFileSync(path, content, { flag: "wx" });
        return path;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      }
    }
  }

  obstacleTo(program: string): string | null {
    const { PATH = "", DISPLAY = "", WAYLAND_DISPLAY = "" } = process.env;
    if (!PATH.split(delimiter).some((folder) => isExecutable(join(folder, program)))) return "is not installed";
    const hasDisplay = process.platform !== "linux" || DISPLAY !== "" || WAYLAND_DISPLAY !== "";
    return program === "wireshark" && !hasDisplay ? "needs a display" : null;
  }

  watch(path: string, changed: () => void): () => void {
    const listener = (): void => changed();
    watchFile(path, { interval: WATCH_MILLIS }, listener);
    return () => unwatchFile(path, listener);
  }
}

function shippedTopology(path: string): ShippedTopology {
  const { plan } = readTopology(readText(path), { readFile: new Beside(path).read });
  const shown = relative(process.cwd(), path);
  return {
    path: shown.startsWith("..") ? path : shown,
    name: basename(path),
    about: plan?.about.trim().replaceAll(/\s+/g, " ") ?? "",
  };
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
