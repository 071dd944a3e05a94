import { describe, expect, it } from "vitest";
import { copyGraph } from "../../src/engine/copy.ts";
import { Journal } from "../../src/engine/journal.ts";
import { Recorder } from "../../src/engine/recorder.ts";
import { Scheduler } from "../../src/engine/scheduler.ts";
import { nanos } from "../../src/engine/time.ts";

describe("the recorder", () => {
  it("is silent and empty until it is started", () => {
    const recorder = new Recorder(new Scheduler());
    recorder.note(1, 2, 3);
    expect([recorder.made, recorder.first]).toEqual([0, 0]);
  });

  it("keeps time, frame, point, code and two numbers of each step", () => {
    const scheduler = new Scheduler();
    const recorder = new Recorder(scheduler);
    recorder.start();
    scheduler.runUntil(nanos(12_345_678_901));
    recorder.note(46, 7, 3, 2 ** 40, -1);
    recorder.note(1, 8, 4);
    expect(recorder.read(0)).toEqual({ time: 12_345_678_901, frame: 7, point: 3, code: 46, a: 2 ** 40, b: -1 });
    expect(recorder.read(1)).toMatchObject({ frame: 8, point: 4, code: 1, a: 0, b: 0 });
  });

  it("keeps the last ones when the ring wraps, and says which is the first", () => {
    const recorder = new Recorder(new Scheduler(), 10);
    recorder.start();
    for (let frame = 0; frame < 37; frame++) recorder.note(1, frame, 0);
    expect([recorder.first, recorder.made]).toEqual([27, 37]);
    const kept = Array.from({ length: 10 }, (_, i) => recorder.read(27 + i).frame);
    expect(kept).toEqual([27, 28, 29, 30, 31, 32, 33, 34, 35, 36]);
  });

  it("goes on where it was when it is stopped and started again", () => {
    const recorder = new Recorder(new Scheduler(), 4);
    recorder.start();
    recorder.note(1, 1, 0);
    recorder.on = false;
    recorder.note(1, 2, 0);
    recorder.start();
    recorder.note(1, 3, 0);
    expect([recorder.made, recorder.read(0).frame, recorder.read(1).frame]).toEqual([2, 1, 3]);
  });
});

describe("the journal", () => {
  it("keeps each input with its place in the run", () => {
    const journal = new Journal();
    journal.record(nanos(5), 3, { kind: "command", machine: "xen1", line: "xl pause web1" });
    journal.record(nanos(5), 3, { kind: "plug", machine: "xen1", device: "eth0", plugged: false });
    expect(journal.entries).toEqual([
      { time: 5, executed: 3, input: { kind: "command", machine: "xen1", line: "xl pause web1" } },
      { time: 5, executed: 3, input: { kind: "plug", machine: "xen1", device: "eth0", plugged: false } },
    ]);
    expect(copyGraph(journal)).toEqual(journal);
  });
});
