/**
 * A journal as text, one JSON document a line: first what it is a journal of, with the topology itself, then each input
 * with its place in the run, at last where the run stood. Lines are only added, so that what a killed process leaves is a
 * journal too. Topology, seed and journal are the whole run: the file is a report of it that anybody can play again.
 */
import * as z from "zod";
import type { JournalEntry } from "../engine/journal.ts";
import type { Nanos } from "../engine/time.ts";
import { SIGNALS } from "../machine/process.ts";
import type { Lab } from "./lab.ts";
import { type Place, placeOf } from "./replay.ts";

const count = z.int().nonnegative();
const place = z.strictObject({ time: count, executed: count });

const head = z.strictObject({
  xenlab: z.literal("journal"),
  version: z.literal(1),
  /** Who wrote it. */
  program: z.string(),
  /** Where the topology lay, for messages. */
  file: z.string(),
  topology: z.string(),
  /** Files that the topology names, by those names. */
  files: z.record(z.string(), z.string()),
  /** In place of the topology's own. */
  seed: count.optional(),
  /** Did the topology's scenario happen? Its checks? */
  scenario: z.boolean(),
  checks: z.boolean(),
});

const change = z.strictObject({
  on: z.boolean().optional(),
  filter: z.string().nullable().optional(),
  promiscuous: z.boolean().optional(),
  snaplen: count.optional(),
});

const machine = z.string();
const process = count;
const input = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("command"), machine, line: z.string() }),
  z.strictObject({ kind: z.literal("shell"), machine }),
  z.strictObject({ kind: z.literal("type"), machine, process, text: z.string().nullable() }),
  z.strictObject({ kind: z.literal("signal"), machine, process, signal: z.enum(Object.keys(SIGNALS)) }),
  z.strictObject({ kind: z.literal("plug"), machine, device: z.string(), plugged: z.boolean() }),
  z.strictObject({ kind: z.literal("capture"), machine, device: z.string(), change }),
]);

const entry = z.strictObject({ ...place.shape, input });
const end = z.strictObject({ end: place });
const line = z.union([entry, end]);

/** What a journal is of. */
export type JournalHead = Omit<z.infer<typeof head>, "xenlab" | "version">;

export interface JournalText extends JournalHead {
  readonly entries: readonly JournalEntry[];
  /** Where the run stood: where the last input came, when it was killed. */
  readonly end: Place;
}

export type JournalReading =
  | { readonly ok: true; readonly journal: JournalText }
  | { readonly ok: false; readonly line: number; readonly message: string };

export const journalHead = (of: JournalHead): string =>
  `${JSON.stringify({ xenlab: "journal", version: 1, ...of } satisfies z.infer<typeof head>)}\n`;

export const journalLine = ({ time, executed, input: what }: JournalEntry): string =>
  `${JSON.stringify({ time, executed, input: what })}\n`;

export const journalEnd = (at: Place): string => `${JSON.stringify({ end: at })}\n`;

/** Of the run of a lab up to where it stands. */
export const journalText = (of: JournalHead, entries: readonly JournalEntry[], at: Place): string =>
  journalHead(of) + entries.map(journalLine).join("") + journalEnd(at);

/** A text that begins as only journals do. */
export const isJournalText = (text: string): boolean => text.startsWith('{"xenlab":"journal"');

export function readJournal(text: string): JournalReading {
  const lines = text.split("\n");
  // What a killed process had begun to write is no line.
  lines.pop();
  const first = parsed(head, lines[0] ?? "");
  if (!first.ok) return { ...first, line: 1 };
  const { xenlab: _, version: __, ...of } = first.value;
  const entries: JournalEntry[] = [];
  let stood: Place = { time: 0 as Nanos, executed: 0 };
  for (const [index, each] of lines.slice(1).entries()) {
    const read = parsed(line, each);
    if (!read.ok) return { ...read, line: index + 2 };
    const at = ("end" in read.value ? read.value.end : read.value) as Place;
    if (at.executed < stood.executed || at.time < stood.time)
      return { ok: false, line: index + 2, message: "this comes earlier in the run than the line before it" };
    stood = { time: at.time, executed: at.executed };
    if ("input" in read.value) entries.push(read.value as JournalEntry);
  }
  return { ok: true, journal: { ...of, entries, end: stood } };
}

type Parsed<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly message: string };

function parsed<T>(schema: z.ZodType<T>, text: string): Parsed<T> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { ok: false, message: "this line is no JSON" };
  }
  const result = schema.safeParse(value);
  return result.success ? { ok: true, value: result.data } : { ok: false, message: "this is no line of a journal" };
}

/** Writes the journal of a lab as it grows. */
export class JournalScribe {
  private readonly lab: Lab;
  private written = 0;

  constructor(lab: Lab) {
    this.lab = lab;
  }

  /** Inputs since the last call, as lines. */
  take(): string {
    const { entries } = this.lab.journal;
    const lines = entries.slice(this.written).map(journalLine).join("");
    this.written = entries.length;
    return lines;
  }

  /** What is left, and where the run stands. */
  finish(): string {
    return this.take() + journalEnd(placeOf(this.lab));
  }
}
