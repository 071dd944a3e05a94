/** The log of events: its numbers, its limit, and which drops share a line. */
import { describe, expect, test } from "vitest";
import { Fate, type FateCode } from "../../../src/base/fate.ts";
import { Cable } from "../../../src/device/cable.ts";
import { World } from "../../../src/device/world.ts";
import { copyGraph } from "../../../src/engine/copy.ts";
import { Scheduler } from "../../../src/engine/scheduler.ts";
import { ms, nanos, seconds } from "../../../src/engine/time.ts";
import { EventLog } from "../../../src/lab/view/event-log.ts";
import { openEventLog } from "../../../src/lab/view/event-sources.ts";
import { ALICE, BOB, frameOf, newTable, StubDevice } from "../../kit/world.ts";

describe("numbers and the limit", () => {
  const logOf = (limit: number, lines: number): EventLog => {
    const log = new EventLog(new Scheduler(), limit);
    for (let i = 1; i <= lines; i++) log.add("kernel", "xen1", `line ${i}`);
    return log;
  };
  const texts = (lines: readonly { readonly text: string }[]): string[] => lines.map(({ text }) => text);

  test("lines count from 1, and since gives those after a number", () => {
    const log = logOf(10, 4);
    expect(log.since(0).map(({ number }) => number)).toEqual([1, 2, 3, 4]);
    expect(texts(log.since(2))).toEqual(["line 3", "line 4"]);
    expect(log.since(4)).toEqual([]);
    expect(texts(log.latest(1))).toEqual(["line 4"]);
    expect([log.latest(0), log.latest(99).length, log.last]).toEqual([[], 4, 4]);
  });

  test("beyond the limit the older half goes, aloud, and numbers stay with their lines", () => {
    const log = logOf(10, 11);
    expect([log.forgotten, log.last]).toEqual([6, 11]);
    expect(log.since(0).map(({ number, text }) => `${number} ${text}`)).toEqual([
      "7 line 7",
      "8 line 8",
      "9 line 9",
      "10 line 10",
      "11 line 11",
    ]);
    expect(texts(log.since(3))).toHaveLength(5);
    expect(texts(log.since(9))).toEqual(["line 10", "line 11"]);
    expect(texts(log.latest(2))).toEqual(["line 10", "line 11"]);
  });

  test("never more than the limit", () => {
    for (const limit of [1, 2, 7]) expect(logOf(limit, 100).since(0).length).toBeLessThanOrEqual(limit);
    expect(texts(logOf(1, 100).latest(1))).toEqual(["line 100"]);
  });

  test("what was given out stays as it was", () => {
    const log = logOf(10, 0);
    const line = log.add("drop", "xen1", "lost");
    const [given] = log.latest(1);
    log.repeat(line);
    expect([given!.count, log.latest(1)[0]!.count]).toEqual([1, 2]);
  });
});

class Bench {
  readonly world = new World(7);
  readonly log = openEventLog(this.world);
  readonly table = newTable(this.world, "xen1");
  readonly vif = new StubDevice(this.table, "vif1.0", BOB);

  lose(fate: FateCode = Fate.QDISC_FULL): void {
    this.vif.drop(frameOf(this.world, ALICE, BOB), fate);
  }

  at(time: number): this {
    this.world.scheduler.runUntil(nanos(time));
    return this;
  }

  /** "x3 2-5" is three times, the first in millisecond 2, the last in 5. */
  get lines(): string[] {
    return this.log
      .since(0)
      .map(({ text, count, time, until }) => `${text.split(":")[0]} x${count} ${time / 1e6}-${until / 1e6}`);
  }
}

describe("drops", () => {
  test("have their point, the name of the fate, the frame as tcpdump has it and its number", () => {
    const bench = new Bench().at(ms(3));
    bench.lose();
    expect(bench.log.since(0)).toEqual([
      {
        ...{
          number: 1,
          time: ms(3),
          until: ms(3),
          machine: "xen1",
          device: "vif1.0",
          kind: "drop",
          count: 1,
          frame: 1,
        },
        text: expect.stringMatching(
          /^qdisc-full: 00:16:3e:00:00:0b > 00:16:3e:00:00:0a, ethertype Unknown \(0x88b5\), length 60: /,
        ),
      },
    ]);
  });

  test("of one fate at one point share a line", () => {
    const bench = new Bench();
    for (const time of [1, 2, 3]) bench.at(ms(time)).lose();
    bench.lose(Fate.NO_CARRIER);
    bench.at(ms(4)).lose();
    const other = new StubDevice(bench.table, "vif2.0", BOB);
    other.drop(frameOf(bench.world, ALICE, BOB), Fate.QDISC_FULL);
    expect(bench.lines).toEqual(["qdisc-full x4 1-4", "no-carrier x1 3-3", "qdisc-full x1 4-4"]);
    expect(bench.log.latest(1)[0]!.device).toBe("vif2.0");
  });

  test("a flood is a line a second when other things happen too", () => {
    const bench = new Bench();
    for (let time = 0; time <= 2000; time += 250) {
      bench.at(ms(time)).lose();
      bench.lose(Fate.NO_CARRIER);
    }
    expect(bench.lines.filter((line) => line.startsWith("qdisc"))).toEqual([
      "qdisc-full x4 0-750",
      "qdisc-full x4 1000-1750",
      "qdisc-full x1 2000-2000",
    ]);
  });

  test("while nothing else happens a drop stays one line, however slowly it repeats", () => {
    const bench = new Bench();
    for (const time of [0, 10, 20]) bench.at(seconds(time)).lose();
    expect(bench.lines).toEqual(["qdisc-full x3 0-20000"]);
  });

  test("good ends and frames for others are no event", () => {
    const bench = new Bench();
    for (const fate of [Fate.OTHER_HOST, Fate.ARP_NOT_FOR_US, Fate.CONSUMED]) bench.lose(fate);
    expect(bench.lines).toEqual([]);
  });

  test("on a cable happen on its network", () => {
    const bench = new Bench();
    for (const name of ["lan:xen1-eth0", "p2p"])
      new Cable(bench.world, name).lose(frameOf(bench.world, ALICE, BOB), Fate.CABLE_LOSS);
    expect(bench.log.since(0).map(({ machine, device }) => [machine, device])).toEqual([
      ["lan", "xen1-eth0"],
      ["p2p", null],
    ]);
  });

  test("go on counting by themselves in a copy", () => {
    const bench = new Bench();
    bench.lose();
    const twin = copyGraph(bench);
    twin.lose();
    twin.lose();
    expect([bench.lines, twin.lines]).toEqual([["qdisc-full x1 0-0"], ["qdisc-full x3 0-0"]]);
  });
});
