/** The toolstack against a real Xen 4.17 host: what it writes into xenstore, in which order, for whom, and what it shows. */
import { describe, expect, test } from "vitest";
import { seconds } from "../../../src/engine/time.ts";
import { judges } from "../../kit/fidelity.ts";
import { Dom0, fixture, normalise } from "../xen-dom0.ts";

judges("toolstack");

/** The recorder read values when it heard of a change: states, and a console's terminal, are those of a moment later. */
const settled = (line: string): string => normalise(line).replace(/(\/(state|tty)) = '.*/, "$1");

function recordedLines(): string[] {
  const lines = fixture("xenstore/A-watch.log").split("\n");
  return lines.filter((line) => line !== "").map((line) => line.split(" ").slice(2).join(" "));
}

function recordedWrites(): string[] {
  return recordedLines()
    .map(settled)
    .filter((line) => !line.startsWith("/local/domain/0/memory"))
    .slice(3);
}

/** Every value of every `state` key in order; the recorder watched /local only. */
function statesByPath(lines: readonly string[]): Map<string, string[]> {
  const states = new Map<string, string[]>();
  for (const line of lines) {
    const [, path, value] = /^(\/local\S+\/state) = '(\d)'/.exec(line) ?? [];
    if (path !== undefined) states.set(path, [...(states.get(path) ?? []), value!]);
  }
  return states;
}

/** Where in what was written a reader who may come late found what it read; null if nowhere, or if it went back. */
function placesRead(read: readonly string[], written: readonly string[]): number[] | null {
  const places: number[] = [];
  for (const [i, value] of read.entries()) {
    const place = written.indexOf(value, Math.max(i, places.at(-1) ?? 0));
    if (place < 0) return null;
    places.push(place);
  }
  return places;
}

/** What was done on the real host while its watches were recorded. */
const STEPS = [
  "xl create g1.cfg",
  "xl create g2.cfg",
  "xl destroy g2",
  "xl destroy g1",
  "xl create g1.cfg",
  "xl create g2.cfg",
  "xl network-detach g2 0",
  "xl network-attach g2 mac=00:16:3e:00:00:22 bridge=xenbr0",
  "xl network-attach g1 mac=00:16:3e:00:01:01 bridge=xenbr0",
  "xl network-detach g1 00:16:3e:00:01:01",
  "xl destroy g2",
  "xl destroy g1",
];

describe("xenstore", () => {
  test("every write of two guests' lives comes in the recorded order", () => {
    const dom0 = new Dom0();
    for (const line of STEPS) {
      expect(dom0.type(line)).toMatchObject({ code: 0, out: "" });
      dom0.wait(seconds(3));
    }
    const written = dom0.log.lines.filter((line) => !/^\/(vm|libxl)/.test(line)).map(settled);
    expect(written).toEqual(recordedWrites());
  });

  test("every state the recorder read is the one we write there, or one of the next, where it read late", () => {
    const dom0 = new Dom0();
    for (const line of STEPS) {
      dom0.type(line);
      dom0.wait(seconds(3));
    }
    const [ours, theirs] = [statesByPath(dom0.log.lines), statesByPath(recordedLines())];
    expect([...ours.keys()].sort()).toEqual([...theirs.keys()].sort());
    let [inTime, late] = [0, 0];
    for (const [path, read] of theirs) {
      const written = ours.get(path)!;
      const places = placesRead(read, written);
      expect({ path, read, written, found: places !== null }).toMatchObject({ found: true });
      expect(written, path).toHaveLength(read.length);
      expect(written.at(-1), path).toBe(read.at(-1));
      for (const [i, place] of places!.entries()) place === i ? inTime++ : late++;
    }
    // Late are the six first states of a backend, and six of those between closing and closed.
    expect({ inTime, late }).toEqual({ inTime: 42, late: 12 });
  });

  test("a guest that was just created, one that runs, and two look as recorded, owners included", () => {
    const dom0 = new Dom0();
    const dump = (): string => normalise(dom0.type("xenstore-ls -f -p").out);
    expect(dump()).toBe(fixture("xenstore/A-00-before-g1.txt"));
    dom0.type("xl create -p g1.cfg");
    expect(dump()).toBe(normalise(fixture("xenstore/A-01-g1-just-created.txt")));
    dom0.type("xl unpause g1");
    dom0.wait(seconds(3));
    expect(dump()).toBe(normalise(fixture("xenstore/A-02-g1-ready.txt")));
    dom0.type("xl create g2.cfg");
    dom0.wait(seconds(3));
    expect(dump()).toBe(normalise(fixture("xenstore/A-03-g2-ready.txt")));
  });

  test("a host without guests is what it was before them", () => {
    const dom0 = new Dom0();
    const before = dom0.type("xenstore-ls -f -p").out;
    dom0.type("xl create g1.cfg");
    dom0.wait(seconds(2));
    dom0.type("xl destroy g1");
    expect(dom0.type("xenstore-ls -f -p").out).toBe(`${before}/vm = ""   (n0)\n/libxl = ""   (n0)\n`);
    expect(dom0.machine.table.find("vif1.0")).toBeNull();
    expect(dom0.machine.files.list("/var/lib/xen")).toEqual([]);
    expect(dom0.xen.guests.size).toBe(0);
  });
});

describe("what xl prints", () => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  dom0.type("xl create g2.cfg");
  dom0.wait(seconds(3));
  const ready = fixture("bridge/00-setup-and-boot/04-g1-g2-ready.txt");
  const section = (command: string): string => ready.split(`$ ${command}\n`)[1]!.split("\n\n")[0]!;
  const withoutTimes = (text: string): string => text.replace(/ +[\d.]+$/gm, " T").trimEnd();

  test("xl list", () => {
    expect(withoutTimes(dom0.type("xl list").out)).toBe(withoutTimes(section("xl list")));
    expect(dom0.type("xl list g2").out).toMatch(/^g2 {43}2 {3}160 {5}1 {5}-b---- {7}0\.\d$/m);
  });

  test("xl vm-list", () => {
    expect(normalise(dom0.type("xl vm-list").out).trimEnd()).toBe(normalise(section("xl vm-list")).trimEnd());
  });

  test("xl network-list", () => {
    const recorded = fixture("bridge/00-setup-and-boot/xl-network-list.txt");
    expect(dom0.type("xl network-list g1").out + dom0.type("xl network-list 2").out).toBe(recorded);
  });

  test("xl list -l", () => {
    expect(normalise(dom0.type("xl list -l").out)).toBe(normalise(fixture("bridge/00-setup-and-boot/xl-list-l.txt")));
  });
});
