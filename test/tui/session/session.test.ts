/** One lab being watched: steps, commands while it stands, the ping that brings life, captures on a disk that may be full. */
import { describe, expect, test } from "vitest";
import { openLab, seconds } from "../../../src/lab/index.ts";
import type { Sink } from "../../../src/tui/outside.ts";
import { Session } from "../../../src/tui/session/session.ts";
import { planOfFile } from "../../kit/lab.ts";
import { TestOutside } from "../kit/outside.ts";
import { Watch } from "../kit/watch.ts";

/** Stands, while a ping runs in web1's shell. */
function pinging(): Watch {
  const watch = new Watch();
  watch.run(2_000);
  watch.session.toggle(watch.clock);
  watch.session.type("web1", "ping 192.168.1.1", watch.clock);
  watch.pass(1_500);
  watch.session.toggle(watch.clock);
  return watch;
}

describe("running", () => {
  test("stands at first; runs at its pace; stands again", () => {
    const watch = new Watch();
    watch.pass(1_000);
    expect(watch.place).toEqual([0, 0]);
    watch.session.toggle(watch.clock);
    watch.pass(500);
    expect(watch.session.lab.now).toBe(seconds(0.5));
    watch.session.pace.change(1, watch.clock, watch.session.lab.now);
    watch.pass(500);
    expect(watch.session.lab.now, "twice as fast").toBe(seconds(1.5));
    watch.session.toggle(watch.clock);
    watch.pass(500);
    expect(watch.session.lab.now).toBe(seconds(1.5));
  });

  test("a slice of work ends in time, and says when the next is due", () => {
    const watch = new Watch();
    expect(watch.turn(), "nothing is due while it stands").toBe(Number.POSITIVE_INFINITY);
    watch.session.toggle(0);
    watch.clock = 600;
    watch.tick = 1;
    expect(watch.turn(), "there is more to do at once").toBe(0);
    expect(watch.clock, "eight milliseconds and a few looks at the clock").toBeLessThan(620);
    watch.tick = 0;
    watch.turn();
    const due = watch.turn();
    expect(due).toBeGreaterThan(0);
    const { executed } = watch.session.lab.world.scheduler;
    watch.clock += due + 0.001;
    watch.turn();
    expect(watch.session.lab.world.scheduler.executed).toBeGreaterThan(executed);
  });

  test("at full speed the clock stands at events, and ends before nanoseconds are no integers any more", () => {
    const watch = new Watch();
    const { session } = watch;
    while (session.pace.change(1, 0, session.lab.now));
    session.toggle(0);
    watch.tick = 1;
    for (let turns = 0; session.pace.running && turns < 100_000; turns++) watch.turn();
    expect(session.pace.running).toBe(false);
    expect(session.lab.now).toBeGreaterThanOrEqual(seconds(100 * 24 * 3600));
    expect(session.lab.now).toBeLessThan(seconds(101 * 24 * 3600));
    expect(session.takeNotice()?.text).toMatch(/100 days .* no further/);
    expect(session.stepEvent()).toBe("nothing is left to happen");
    expect(session.stepHop()).toBe("nothing is left to happen");
  });
});

describe("steps", () => {
  test("one event at a time, which the footer names", () => {
    const watch = new Watch();
    for (let step = 1; step <= 5; step++) {
      expect(watch.session.stepEvent()).toMatch(new RegExp(`^event ${step} at \\d+\\.\\d{6} s$`));
      expect(watch.session.lab.world.scheduler.executed).toBe(step);
    }
  });

  test("one hop: up to the event at which a frame shows at one more point", () => {
    const watch = new Watch({ life: true });
    const log = watch.session.lab.frames!;
    for (let hop = 0; hop < 50; hop++) {
      const before = log.end;
      expect(watch.session.stepHop()).toMatch(/^[a-z0-9]+:[a-z0-9.]+: \S+ /);
      expect(log.end).toBeGreaterThan(before);
    }
  });

  test("where no frame moves the clock does not run away", () => {
    const watch = new Watch({ life: false });
    while (watch.session.stepHop() !== "no frame moves in the next 60 s");
    expect(watch.session.lab.settled, "the boot is over").toBe(true);
    expect(watch.session.lab.now).toBeLessThan(seconds(120));
  });

  test("a step stops what runs, also what only waited for a prompt", () => {
    for (const step of ["stepEvent", "stepHop"] as const) {
      const watch = new Watch();
      watch.session.toggle(0);
      watch.session[step]();
      expect(watch.session.pace.running).toBe(false);
      watch.session.type("xen1", "sleep 5", watch.clock);
      expect(watch.session.pace.running).toBe(true);
      watch.session[step]();
      expect(watch.session.pace.running).toBe(false);
      // It goes on as an ordinary run, not until that prompt.
      watch.run(20_000);
      watch.session.toggle(watch.clock);
      watch.pass(100);
      expect(watch.session.pace.running).toBe(true);
    }
  });

  test("steps bring the same as running: the ping of the life begins in between", () => {
    const watch = new Watch({ life: true });
    for (let hop = 0; hop < 60; hop++) watch.session.stepHop();
    expect(watch.session.lab.journal.entries.map(({ input }) => input)).toMatchObject([
      { kind: "command", machine: "web1", line: "ping 192.168.1.1" },
    ]);
  });
});

describe("a command while the lab stands", () => {
  test("lets time pass exactly until its prompt is back, whatever the pace", () => {
    // By hand: the same inputs at the same places, then event by event.
    const plan = planOfFile("bridge-xl.yaml");
    const lab = openLab({ ...plan, checks: [] }, { scenario: false, record: true });
    lab.runUntil(seconds(2));
    const prompt = lab.openPrompt("web1");
    while (!prompt.idle) lab.world.scheduler.step();
    lab.type(prompt.process, "ping -c 2 192.168.1.1\n");
    while (!prompt.idle) lab.world.scheduler.step();

    for (const [step, speed] of [
      [1, 0],
      [7, 1],
      [66, -2],
      [250, 3],
      [1_000, 0],
    ] as const) {
      const watch = new Watch({ plan });
      watch.run(2_000);
      for (let i = 0; i < Math.abs(speed); i++)
        watch.session.pace.change(speed > 0 ? 1 : -1, watch.clock, watch.session.lab.now);
      expect(watch.type("web1", "ping -c 2 192.168.1.1", step)).toBe(true);
      expect(watch.place, `in steps of ${step} ms`).toEqual([lab.now, lab.world.scheduler.executed]);
      expect(watch.lines("web1").join("\n")).toContain("2 packets transmitted, 2 received");
      expect(watch.transcript("web1").open).toBe("root@web1:~# ");
    }
  });

  test("one after another, and in several shells at once", () => {
    const watch = new Watch();
    watch.run(2_000);
    watch.session.openShell("web1", watch.clock);
    watch.session.type("xen1", "sleep 1", watch.clock);
    watch.session.type("web2", "sleep 2", watch.clock);
    watch.pass(5_000);
    for (const machine of ["web1", "web2", "xen1"])
      expect(watch.transcript(machine).open, machine).toMatch(new RegExp(`^root@${machine}:`));
    expect(watch.session.lab.now / 1e9, "until the last of them").toBeCloseTo(4, 1);
  });

  test("a line typed before the first prompt is run when that comes", () => {
    const watch = new Watch();
    watch.run(2_000);
    expect(watch.session.type("web1", "echo one", watch.clock)).toBe(true);
    expect(watch.session.type("web1", "echo two", watch.clock)).toBe(true);
    watch.pass(1_000);
    expect(watch.lines("web1")).toEqual(["root@web1:~# echo one", "one", "root@web1:~# echo two", "two"]);
    expect(watch.session.pace.running).toBe(false);
  });

  test("to look at a shell in which something runs lets no time pass", () => {
    const watch = pinging();
    const before = watch.place;
    expect(watch.session.openShell("web1", watch.clock)).toBe(true);
    watch.pass(1_000);
    expect(watch.place).toEqual(before);
  });

  test("^C brings the prompt back, and no more time passes", () => {
    const watch = pinging();
    const { now } = watch.session.lab;
    watch.session.interrupt("web1", watch.clock);
    watch.pass(1_000);
    expect(watch.lines("web1").join("\n")).toContain("packets transmitted");
    expect(watch.transcript("web1").open).toBe("root@web1:~# ");
    expect(watch.session.lab.now - now).toBeLessThan(seconds(0.01));
    watch.session.interrupt("web1", watch.clock);
    watch.session.endInput("web1", watch.clock);
    watch.pass(100);
    expect(watch.session.pace.running).toBe(false);
  });

  test("^D ends the input of what runs there", () => {
    const watch = new Watch();
    watch.run(2_000);
    watch.session.type("xen1", "cat", watch.clock);
    watch.pass(1_000);
    expect(watch.session.pace.running, "cat waits, and the lab with it").toBe(true);
    watch.session.type("xen1", "said", watch.clock);
    watch.session.endInput("xen1", watch.clock);
    watch.pass(1_000);
    expect(watch.lines("xen1").slice(-2)).toEqual(["said", "said"]);
    expect(watch.session.pace.running).toBe(false);
  });

  test("space stops what waits", () => {
    const watch = new Watch();
    watch.run(2_000);
    watch.session.type("xen1", "sleep 100", watch.clock);
    watch.pass(1_000);
    watch.session.toggle(watch.clock);
    const before = watch.place;
    watch.pass(1_000);
    expect(watch.place).toEqual(before);
  });

  test("while the lab runs it goes on running", () => {
    const watch = new Watch();
    watch.session.toggle(0);
    watch.pass(2_000);
    watch.session.type("xen1", "true", watch.clock);
    watch.pass(1_000);
    expect(watch.session.pace.running).toBe(true);
    expect(watch.session.lab.now).toBe(seconds(3));
  });

  test("a machine that is not there is said", () => {
    const watch = new Watch();
    expect(watch.session.type("web1", "true", 0)).toBe(false);
    expect(watch.session.openShell("nobody", 0)).toBe(false);
    expect(watch.session.pace.running).toBe(false);
  });
});

describe("the ping that brings life", () => {
  test("begins when everything is up, at the same event at any pace", () => {
    const journals = [3, 66, 400].map((step) => {
      const watch = new Watch({ life: true });
      watch.session.toggle(0);
      watch.pass(2_500, step);
      return watch.session.lab.journal.entries;
    });
    expect(journals[0]!.map(({ input }) => input.kind)).toEqual(["command"]);
    expect(journals[1]).toEqual(journals[0]);
    expect(journals[2]).toEqual(journals[0]);
  });

  test("is not there when it is not wanted", () => {
    const watch = new Watch({ life: false });
    watch.run(3_000);
    expect(watch.session.lab.journal.entries).toEqual([]);
    expect(watch.session.shells.transcript("web1")).toBeNull();
  });
});

describe("captures", () => {
  /** A disk that is full after so many writes. */
  class FullDisk extends TestOutside {
    readonly writes: number;
    drained = 0;
    closed = 0;

    constructor(writes: number) {
      super();
      this.writes = writes;
    }

    override openSink(plan: Parameters<TestOutside["openSink"]>[0]): Sink {
      const sink = super.openSink(plan);
      return {
        ...sink,
        replaced: 2,
        drain: (lab) => {
          if (++this.drained > this.writes) throw new Error("no space left on device");
          sink.drain(lab);
        },
        close: () => {
          this.closed++;
        },
      };
    }
  }

  const captured = { ...planOfFile("bridge-xl.yaml") };
  const sizeOf = (outside: TestOutside): number =>
    [...outside.files.values()].flat().reduce((sum, { length }) => sum + length, 0);

  test("are written as frames pass, in a folder of their own, from the first frame on", () => {
    const watch = new Watch({ plan: captured });
    expect(watch.session.captureFolder).toBeNull();
    watch.run(2_000);
    expect(watch.session.captureFolder).toBe("captures/bridge-xl");
    expect(sizeOf(watch.outside)).toBeGreaterThan(0);
    expect(watch.session.lab.captures!.pending).toBe(0);
  });

  test("what an earlier run left there and gave way is said, once", () => {
    const watch = new Watch({ plan: captured, outside: new FullDisk(1e9) });
    watch.run(2_000);
    expect(watch.session.takeNotice()).toEqual({
      text: "captures in captures/bridge-xl: 2 files of an earlier run replaced",
      kind: "plain",
    });
    expect(watch.session.takeNotice()).toBeNull();
  });

  test("a full disk stops them with one sentence, the lab goes on, and nothing piles up", () => {
    const outside = new FullDisk(3);
    const watch = new Watch({ plan: captured, outside, life: true });
    watch.run(3_000);
    const notices = [watch.session.takeNotice(), watch.session.takeNotice(), watch.session.takeNotice()];
    expect(notices.map((notice) => notice?.text ?? null)).toEqual([
      "captures in captures/bridge-xl: 2 files of an earlier run replaced",
      "captures stop here: no space left on device",
      null,
    ]);
    expect(watch.session.lab.now).toBe(seconds(3));
    expect(outside.drained, "no more is tried").toBe(4);
    expect(watch.session.lab.captures!.pending, "bytes that nobody takes").toBe(0);
    watch.session.close();
    expect(outside.closed).toBe(1);
  });

  test("a folder that cannot be made is no different", () => {
    class NoFolder extends TestOutside {
      override openSink(): Sink {
        throw new Error("captures cannot be written to /: permission denied");
      }
    }
    const watch = new Watch({ plan: captured, outside: new NoFolder() });
    watch.run(2_000);
    expect(watch.session.takeNotice()).toEqual({
      text: "captures stop here: captures cannot be written to /: permission denied",
      kind: "bad",
    });
    expect(watch.session.takeNotice()).toBeNull();
    expect(watch.session.lab.now).toBe(seconds(2));
    watch.session.close();
  });

  test("closing writes what is not written yet", () => {
    const outside = new TestOutside();
    const session = new Session(captured, outside, { scenario: false, life: false });
    session.lab.runUntil(seconds(1));
    expect(session.lab.captures!.pending).toBeGreaterThan(0);
    session.close();
    expect(session.lab.captures!.pending).toBe(0);
    expect(sizeOf(outside)).toBeGreaterThan(0);
  });
});
