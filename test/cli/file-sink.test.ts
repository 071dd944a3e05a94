/** Promise P5: captures reach the disk as they fill, only files of ours are removed, and none is cut. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test } from "vitest";
import { FileSink } from "../../src/cli/file-sink.ts";
import { turn } from "../../src/cli/turn.ts";
import { readCapture } from "../../src/lab/capture/reader.ts";
import { type Lab, openLab, seconds } from "../../src/lab/index.ts";
import { labUp, planOfFile, type } from "../kit/lab.ts";

const folder = mkdtempSync(join(tmpdir(), "xenlab-sink-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const options = { capture: { format: "pcapng", merged: false } } as const;
const HALF_OF_64_KIB = 32 * 1024;
/** A poll of 64 frames of 1,500 bytes, seen at three points, is one event: it cannot be split. */
const ONE_POLL = 64 * 1600 * 3;

/** Looks before and after each chance to write. */
class Watched extends FileSink {
  mostEvents = 0;
  mostBefore = 0;
  mostAfter = 0;
  private lastExecuted = 0;

  override drain(lab: Lab, now = false): void {
    const { executed } = lab.world.scheduler;
    this.mostEvents = Math.max(this.mostEvents, executed - this.lastExecuted);
    this.lastExecuted = executed;
    this.mostBefore = Math.max(this.mostBefore, lab.captures!.pending);
    super.drain(lab, now);
    this.mostAfter = Math.max(this.mostAfter, lab.captures!.pending);
  }
}

describe("a heavy run", () => {
  test("has a chance to write every four events, and never goes on with 32 KiB unwritten", () => {
    const lab = openLab(planOfFile("bridge-busy.yaml"), options);
    const sink = new Watched(join(folder, "busy"));
    while (!turn(lab, sink));
    sink.drain(lab, true);
    sink.close();
    expect(sink.mostEvents).toBeLessThanOrEqual(4);
    expect(sink.mostBefore).toBeLessThan(HALF_OF_64_KIB + 4 * ONE_POLL);
    expect(sink.mostAfter).toBeLessThan(HALF_OF_64_KIB);
    for (const { path, frames } of lab.captures!.summaries) {
      const capture = readCapture(readFileSync(join(folder, "busy", path)));
      expect([capture.packets.length, capture.cut, capture.problem], path).toEqual([frames, false, null]);
    }
  });
});

const short = { ...planOfFile("bridge-short.yaml"), until: seconds(2) };

function run(out: string, plan = short): FileSink {
  const lab = openLab(plan, options);
  const sink = new FileSink(out);
  while (!turn(lab, sink));
  sink.drain(lab, true);
  sink.close();
  return sink;
}

describe("a folder that holds something already", () => {
  test("captures of an earlier run go, files of somebody else stay", () => {
    const out = join(folder, "twice");
    expect(run(out).replaced).toBe(0);
    const first = readdirSync(out).filter((name) => name.endsWith(".pcapng"));
    writeFileSync(join(out, "precious.pcapng"), "not ours");
    expect(run(out).replaced).toBe(first.length);
    expect(readFileSync(join(out, "precious.pcapng"), "utf8")).toBe("not ours");
    expect(existsSync(join(out, "xen1-vif1.0.pcapng"))).toBe(true);
  });

  test("captures of an earlier run stay beside those of one that fails, until one comes to its end", () => {
    const out = join(folder, "failing");
    const captures = () => readdirSync(out).filter((name) => name.startsWith("xen1-vif1.0"));
    const path = join(out, "xen1-vif1.0.pcapng");
    run(out);
    const first = readFileSync(path);
    for (const _ of [1, 2]) {
      const lab = openLab({ ...planOfFile("bridge-short.yaml"), seed: 99, until: seconds(2) }, options);
      const sink = new FileSink(out);
      expect(sink.replaced).toBe(7);
      while (!turn(lab, sink));
      sink.drain(lab, true);
      // Killed here: nobody closes it.
      expect(captures()).toEqual(["xen1-vif1.0.pcapng", "xen1-vif1.0.pcapng~"]);
      expect(readFileSync(path)).not.toEqual(first);
      expect(readFileSync(`${path}~`)).toEqual(first);
    }
    expect(run(out).replaced).toBe(7);
    expect(captures()).toEqual(["xen1-vif1.0.pcapng"]);
    expect(readFileSync(path)).toEqual(first);
  });

  test("a run that is interrupted leaves the earlier captures beside its own", () => {
    const out = join(folder, "interrupted");
    const path = join(out, "xen1-vif1.0.pcapng");
    run(out);
    const first = readFileSync(path);
    const lab = openLab({ ...planOfFile("bridge-short.yaml"), seed: 99, until: seconds(2) }, options);
    const sink = new FileSink(out);
    while (!turn(lab, sink));
    sink.drain(lab, true);
    sink.close(false);
    expect(readFileSync(path)).not.toEqual(first);
    expect(readFileSync(`${path}~`)).toEqual(first);
  });

  test("a foreign file with the name that a capture would get aside stays", () => {
    const out = join(folder, "aside");
    run(out);
    const notes = join(out, "xen1-vif1.0.pcapng~");
    writeFileSync(notes, "not ours");
    for (const _ of [1, 2]) {
      expect(run(out).replaced).toBe(7);
      expect(readFileSync(notes, "utf8")).toBe("not ours");
    }
  });

  test("a foreign file with the name of a capture is never written to", () => {
    const out = join(folder, "taken");
    run(out);
    rmSync(join(out, ".xenlab"));
    expect(() => run(out)).toThrow(/not from an earlier run of xenlab/);
  });
});

describe("while a run is going on", () => {
  const begun = (name: string): { readonly lab: Lab; readonly sink: FileSink; readonly out: string } => {
    const plan = { ...planOfFile("bridge-xl.yaml"), capture: { all: false, points: [] } };
    const out = join(folder, name);
    return { lab: labUp(plan, options), sink: new FileSink(out), out };
  };

  test("files appear when their points are switched on, and are removed by the next run as any other", () => {
    const { lab, sink, out } = begun("later");
    sink.drain(lab, true);
    expect(readdirSync(out)).toEqual([]);
    for (const device of ["vif1.0", "vif2.0"]) {
      lab.capturePoint("xen1", device, { on: true });
      type(lab, "web1", "ping -c 1 192.168.1.102");
      sink.drain(lab, true);
    }
    sink.close();
    const there = readdirSync(out).filter((name) => name.endsWith(".pcapng"));
    expect(there).toEqual(["xen1-vif1.0.pcapng", "xen1-vif2.0.pcapng"]);
    for (const { path, fileBytes } of lab.captures!.points.filter(({ state }) => state === "on"))
      expect(readFileSync(join(out, path!)), path!).toHaveLength(fileBytes);
    expect(new FileSink(out).replaced).toBe(2);
  });

  test.each([
    ["before its first file", false, /xen1-vif1\.0\.pcapng: its folder was removed while the lab was running$/],
    ["after its first file", true, /xen1-vif1\.0\.pcapng: it was removed while the lab was running$/],
  ])("a folder that vanishes %s is a sentence", (name, hasFile, sentence) => {
    const { lab, sink, out } = begun(name);
    lab.capturePoint("xen1", "vif1.0", { on: true });
    if (hasFile) sink.drain(lab, true);
    rmSync(out, { recursive: true });
    type(lab, "web1", "ping -c 1 192.168.1.102");
    expect(() => sink.drain(lab, true)).toThrow(sentence);
    sink.close();
  });
});

describe("a run that is played again, and another one that it becomes", () => {
  const long = { ...planOfFile("bridge-xl.yaml"), until: seconds(5) };
  const read = (out: string, name = "xen1-vif1.0.pcapng"): Buffer => readFileSync(join(out, name));
  const until = (lab: Lab, sink: FileSink, time: number): void => {
    for (let now = lab.now + 1e8; now <= seconds(time); now += 1e8) {
      lab.runUntil(now as typeof lab.now);
      sink.drain(lab, true);
    }
  };

  test("what is there already is not written a second time, and what is not is", () => {
    const out = join(folder, "again");
    const sink = new FileSink(out);
    until(openLab(long, options), sink, 2.5);
    const half = read(out);
    const again = openLab(long, options);
    until(again, sink, 2);
    expect(read(out)).toEqual(half);
    until(again, sink, 5);
    sink.close();
    expect(read(out).subarray(0, half.length)).toEqual(half);
    expect(read(out).length).toBeGreaterThan(half.length);
    const whole = join(folder, "whole");
    run(whole, long);
    expect(read(out)).toEqual(read(whole));
  });

  test("a branch begins with what there was, in a folder in the first one, whose files stay as they are", () => {
    const out = join(folder, "branched");
    const sink = new FileSink(out);
    until(openLab(long, options), sink, 5);
    const first = read(out);
    const other = openLab(long, options);
    until(other, sink, 2.5);
    const branch = sink.branch(other, 1);
    sink.close();
    expect(branch.folder).toBe(join(out, "branch-1"));
    expect(read(branch.folder)).toEqual(first.subarray(0, read(branch.folder).length));
    other.exec("xen1", "ping -c 1 192.168.1.101");
    until(other, branch, 5);
    const next = branch.branch(other, 2);
    expect(next.folder).toBe(join(out, "branch-2"));
    branch.close();
    next.close();
    expect(read(out)).toEqual(first);
    const capture = readCapture(read(branch.folder));
    expect([capture.cut, capture.problem]).toEqual([false, null]);
    expect(capture.packets.length).not.toBe(readCapture(first).packets.length);
    expect(read(next.folder)).toEqual(read(branch.folder));
  });

  test("a branch of files that are gone says so", () => {
    const out = join(folder, "gone");
    const sink = new FileSink(out);
    const lab = openLab(long, options);
    until(lab, sink, 2);
    rmSync(join(out, "xen1-vif1.0.pcapng"));
    expect(() => sink.branch(lab, 1)).toThrow(/branch-1.*xen1-vif1.0/);
  });
});
