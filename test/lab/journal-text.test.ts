/** A journal as text: written, read, cut off amid a line, spoilt; and played, the same run. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import {
  isJournalText,
  type JournalHead,
  JournalScribe,
  journalHead,
  journalText,
  type Lab,
  OtherRunError,
  openLab,
  placeOf,
  readJournal,
  readTopology,
  replay,
  seconds,
} from "../../src/lab/index.ts";
import { shipped } from "../kit/lab.ts";

const topology = readFileSync(shipped("bridge-xl.yaml"), "utf8");
const HEAD: JournalHead = {
  program: "a test",
  file: "bridge-xl.yaml",
  topology,
  files: {},
  scenario: false,
  checks: false,
};
const options = { capture: { format: "pcapng", merged: false }, scenario: false } as const;

/** Every kind of input. */
function lived(): Lab {
  const lab = openLab({ ...readTopology(topology).plan!, checks: [] }, options);
  lab.runUntil(seconds(1));
  const prompt = lab.openPrompt("web1");
  lab.runUntil(seconds(1.1));
  lab.type(prompt.process, 'echo "Ä \u2028 \\" ▲"; ping 192.168.1.102\n');
  lab.capturePoint("xen1", "vif1.0", { on: true, filter: "icmp", snaplen: 96 });
  lab.runUntil(seconds(3));
  lab.plug("xen1", "eth0", false);
  lab.signal(prompt.process, "INT");
  lab.exec("xen1", "ip neigh");
  lab.runUntil(seconds(4));
  lab.type(prompt.process, null);
  lab.runUntil(seconds(5));
  return lab;
}

const lab = lived();
const text = journalText(HEAD, lab.journal.entries, placeOf(lab));
const lines = text.split("\n");
const withLine = (index: number, line: string): string =>
  [...lines.slice(0, index), line, ...lines.slice(index + 1)].join("\n");

describe("a journal", () => {
  test("read again has the same inputs at the same places, and what it is of", () => {
    expect(isJournalText(text)).toBe(true);
    expect(isJournalText(topology)).toBe(false);
    const reading = readJournal(text);
    expect(reading).toEqual({ ok: true, journal: { ...HEAD, entries: lab.journal.entries, end: placeOf(lab) } });
    expect(new Set(lab.journal.entries.map(({ input }) => input.kind)).size).toBe(6);
  });

  test("written as the lab runs is the same text", () => {
    const plan = { ...readTopology(topology).plan!, checks: [] };
    const other = openLab(plan, options);
    const scribe = new JournalScribe(other);
    other.runUntil(seconds(2));
    other.exec("web1", "hostname");
    const first = scribe.take();
    expect(scribe.take()).toBe("");
    other.runUntil(seconds(3));
    other.exec("web1", "hostname");
    expect(journalHead(HEAD) + first + scribe.finish()).toBe(journalText(HEAD, other.journal.entries, placeOf(other)));
  });

  test("played again is the same run", () => {
    const reading = readJournal(text);
    if (!reading.ok) throw new Error(reading.message);
    const { journal } = reading;
    const again = replay({ ...readTopology(journal.topology).plan!, checks: [] }, journal.entries, options);
    again.runUntil(journal.end.time);
    expect(placeOf(again)).toEqual(placeOf(lab));
    expect(again.snapshot()).toEqual(lab.snapshot());
    expect(again.captures!.list.map((file) => [...file.take()])).toEqual(
      lab.captures!.list.map((file) => [...file.take()]),
    );
  });

  test.each(Array.from({ length: 40 }, (_, i) => i))("cut off amid a line, case %i, has what was whole", (i) => {
    const at = lines[0]!.length + 1 + Math.floor((i * (text.length - lines[0]!.length - 2)) / 40);
    const reading = readJournal(text.slice(0, at));
    if (!reading.ok) throw new Error(reading.message);
    const { entries, end } = reading.journal;
    expect(entries).toEqual(lab.journal.entries.slice(0, entries.length));
    const last = entries.at(-1);
    expect(end).toEqual(last === undefined ? { time: 0, executed: 0 } : { time: last.time, executed: last.executed });
  });
});

describe("a spoilt journal is a sentence with its line", () => {
  test.each([
    ["no JSON", 3, "{", "this line is no JSON"],
    ["another document", 2, "[]", "this is no line of a journal"],
    ["an input of no kind", 2, '{"time":1,"executed":1,"input":{"kind":"wish"}}', "this is no line of a journal"],
    [
      "no signal",
      2,
      '{"time":1,"executed":1,"input":{"kind":"signal","machine":"a","process":1,"signal":"HUG"}}',
      "this is no line of a journal",
    ],
    [
      "a fraction of time",
      2,
      '{"time":1.5,"executed":1,"input":{"kind":"shell","machine":"a"}}',
      "this is no line of a journal",
    ],
    [
      "back in time",
      4,
      '{"time":1,"executed":1,"input":{"kind":"shell","machine":"a"}}',
      "this comes earlier in the run than the line before it",
    ],
    ["a head of a later version", 0, lines[0]!.replace('"version":1', '"version":2'), "this is no line of a journal"],
  ])("%s", (_, index, line, message) => {
    expect(readJournal(withLine(index, line))).toEqual({ ok: false, line: index + 1, message });
  });

  test("nothing at all", () => {
    expect(readJournal("")).toEqual({ ok: false, line: 1, message: "this line is no JSON" });
  });
});

describe("a journal of another run says so, and how", () => {
  const plan = { ...readTopology(topology).plan!, checks: [] };
  test.each([
    ["later than anything", { time: 1, executed: 1e9, input: { kind: "shell", machine: "web1" } }, "less happens"],
    [
      "of a machine that is not there",
      { time: 0, executed: 0, input: { kind: "shell", machine: "web9" } },
      "web9 is not running",
    ],
    [
      "of a process that is not there",
      { time: 0, executed: 0, input: { kind: "type", machine: "xen1", process: 9_999, text: "" } },
      "there is no process 9999 on xen1",
    ],
    [
      "between other events",
      { time: 9e9, executed: 20, input: { kind: "shell", machine: "xen1" } },
      "other things happen",
    ],
  ] as const)("%s", (_, entry, how) => {
    const { executed } = replay(plan, [], options).world.scheduler;
    expect(executed).toBe(0);
    let said: unknown;
    try {
      replay(plan, [entry as never], options);
    } catch (error) {
      said = error;
    }
    expect(said).toBeInstanceOf(OtherRunError);
    expect((said as Error).message).toContain(`the journal is of another run: ${how}`);
  });
});
