/** Journals as files: a run that somebody had, to be had again. */
import { appendFileSync } from "node:fs";
import {
  isJournalText,
  type JournalHead,
  JournalScribe,
  type JournalText,
  journalHead,
  type Lab,
  type Plan,
  readJournal,
  readTopology,
} from "../lab/index.ts";
import { CliError } from "./cli-error.ts";
import { unwritable, writeOutput } from "./output.ts";
import { count, type ReadTopology, readText } from "./topology-file.ts";
import { version } from "./version.ts";

/** How the run differs from what the topology says. */
export type RunOptions = Pick<JournalHead, "seed" | "scenario" | "checks">;

export const headOf = ({ file, text, files }: ReadTopology, options: RunOptions): JournalHead => ({
  program: `xenlab ${version}`,
  file,
  topology: text,
  files,
  ...options,
});

export interface PlayedFile {
  readonly plan: Plan;
  readonly journal: JournalText;
}

/** The journal in the text of a file. Throws a sentence when there is none, or one that nobody can play. */
export function journalIn(file: string, text: string): PlayedFile {
  if (!isJournalText(text)) throw new CliError(`${file}: not a journal; xenlab run and xenlab open take topologies`);
  const reading = readJournal(text);
  if (!reading.ok) throw new CliError(`${file}:${reading.line}: ${reading.message}`);
  const { journal } = reading;
  const { plan, diagnostics } = readTopology(journal.topology, {
    ...(journal.seed === undefined ? {} : { seed: journal.seed }),
    readFile: (name) => journal.files[name] ?? null,
  });
  if (plan === null)
    throw new CliError(
      `${file}: its topology (${journal.file}, written by ${journal.program}) has ${count(diagnostics)} for this xenlab`,
      2,
      { file, diagnostics },
    );
  return { plan: journal.checks ? plan : { ...plan, checks: [] }, journal };
}

export const readJournalFile = (file: string): PlayedFile => journalIn(file, readText(file));

/** Writes what is typed into a lab, as it is. */
export class JournalFile {
  private readonly path: string;
  private readonly scribe: JournalScribe;

  /** Begins the file anew. */
  constructor(path: string, head: JournalHead, lab: Lab) {
    this.path = path;
    this.scribe = new JournalScribe(lab);
    writeOutput(path, journalHead(head));
  }

  follow(): void {
    this.append(this.scribe.take());
  }

  close(): void {
    this.append(this.scribe.finish());
  }

  private append(text: string): void {
    try {
      if (text !== "") appendFileSync(this.path, text);
    } catch (error) {
      throw unwritable(this.path, error);
    }
  }
}
