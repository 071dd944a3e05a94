/** Moments of the run that were: shown again, gone on from as it was, and made another run of by whoever does something. */
import { describe, expect, test } from "vitest";
import { type Lab, seconds } from "../../../src/lab/index.ts";
import { planOfFile } from "../../kit/lab.ts";
import { TestOutside } from "../kit/outside.ts";
import { Watch } from "../kit/watch.ts";

const POINTS = [
  ["xen1", "vif1.0"],
  ["web1", "eth0"],
].map(([machine = "", device = ""]) => ({ machine, device, filter: null, promiscuous: true, snaplen: 65_535 }));
const plan = { ...planOfFile("bridge-xl.yaml"), capture: { all: false, points: POINTS } };

/** Up, with a ping in web1's shell and a cable pulled and plugged in again: four seconds. */
function lived(life = false): Watch {
  const watch = new Watch({ plan, life, outside: new TestOutside() });
  watch.run(2_000);
  watch.type("web1", "ping -c 2 192.168.1.102");
  watch.session.plug("xen1", "eth0", false);
  watch.run(200);
  watch.session.plug("xen1", "eth0", true);
  watch.type("xen1", "hostname");
  watch.run(500);
  return watch;
}

/** All that a user sees of it. */
const shown = ({ session }: Watch): string =>
  JSON.stringify([
    session.lab.snapshot(),
    session.lab.frames!.end,
    session.lab.events!.latest(20),
    ["web1", "xen1"].map((machine) => session.shells.transcript(machine)?.lines),
  ]);

/** Lets it find its way. */
function travel(watch: Watch, begin: (session: Watch["session"]) => void): void {
  begin(watch.session);
  for (let i = 0; i < 1_000 && watch.session.isBusy; i++) watch.turn();
}

function notices({ session }: Watch): string[] {
  const said: string[] = [];
  for (let notice = session.takeNotice(); notice !== null; notice = session.takeNotice()) said.push(notice.text);
  return said;
}

const files = (outside: TestOutside): Record<string, string> => contents(outside.files);
const contents = (some: ReadonlyMap<string, readonly Uint8Array[]>): Record<string, string> =>
  Object.fromEntries([...some].map(([path, chunks]) => [path, Buffer.concat(chunks).toString("hex")]));

const inputs = (lab: Lab): string[] => lab.journal.entries.map(({ input }) => input.kind);

describe("back", () => {
  test("one event at a time, and on again, is the same each time", () => {
    const watch = lived();
    // No input in between: one goes back with the event behind it.
    travel(watch, (session) => session.goTo(seconds(2.9)));
    travel(watch, (session) => session.backEvent());
    const seen: string[] = [];
    for (let i = 0; i < 12; i++) {
      seen.unshift(shown(watch));
      travel(watch, (session) => session.backEvent());
    }
    expect(new Set(seen).size).toBeGreaterThan(5);
    for (const was of seen) {
      watch.session.stepEvent();
      expect(shown(watch)).toBe(was);
    }
  });

  test("one hop of a frame at a time, and on again", () => {
    const watch = lived();
    const ends: number[] = [];
    // To the last hop there was.
    travel(watch, (session) => session.backHop());
    for (let i = 0; i < 6; i++) {
      ends.unshift(watch.session.lab.frames!.end);
      travel(watch, (session) => session.backHop());
      expect(watch.session.lab.frames!.end).toBeLessThan(ends[0]!);
    }
    for (const end of ends.slice(0, -1)) {
      watch.session.stepHop();
      expect(watch.session.lab.frames!.end).toBe(end);
    }
  });

  test("to a time; how far that is from the newest moment", () => {
    const watch = lived();
    const { now } = watch.session.lab;
    travel(watch, (session) => session.goTo(seconds(2.5)));
    expect(watch.session.lab.now).toBe(seconds(2.5));
    expect(watch.session.behind).toBe(now - seconds(2.5));
    travel(watch, (session) => session.goTo(seconds(3_000)));
    expect(watch.session.lab.now, "what has not been is the newest moment").toBe(now);
    expect(watch.session.behind).toBeNull();
  });

  test("to the beginning, where nothing was before", () => {
    const watch = lived();
    travel(watch, (session) => session.goTo(seconds(0)));
    expect(watch.place[0]).toBe(0);
    for (let i = 0; i < 100 && watch.place[1] > 0; i++) travel(watch, (session) => session.backEvent());
    notices(watch);
    watch.session.backEvent();
    expect(notices(watch)).toEqual(["nothing has happened before"]);
    travel(watch, (session) => session.backHop());
    expect(notices(watch)).toEqual(["no frame moved before, as far as they are kept"]);
  });

  test("to the newest moment again: as if nobody had gone", () => {
    const watch = lived();
    const was = shown(watch);
    travel(watch, (session) => session.goTo(seconds(1)));
    expect(shown(watch)).not.toBe(was);
    travel(watch, (session) => session.goToNewest());
    expect(shown(watch)).toBe(was);
    notices(watch);
    watch.session.goToNewest();
    expect(notices(watch)).toEqual(["this is the newest moment"]);
  });

  test("pauses; who presses a key on a long way stays where he is", () => {
    const watch = lived();
    watch.session.toggle(watch.clock);
    watch.session.goTo(seconds(1));
    expect(watch.session.pace.running).toBe(false);
    const here = watch.place;
    watch.session.toggle(watch.clock);
    watch.session.toggle(watch.clock);
    watch.turn();
    expect(watch.place).toEqual(here);
    expect(watch.session.behind).toBeNull();
  });
});

describe("on from a moment that was", () => {
  test("the run is what it was: inputs, screens, files; and goes on from its newest moment", () => {
    const watch = lived(true);
    const other = lived(true);
    expect(shown(watch)).toBe(shown(other));
    for (const time of [3, 1, 2.2]) travel(watch, (session) => session.goTo(seconds(time)));
    watch.run(500);
    expect(watch.session.lab.now).toBe(seconds(2.7));
    watch.session.toggle(watch.clock);
    while (watch.session.behind !== null) watch.pass(10);
    watch.session.toggle(watch.clock);
    watch.run(1_000);
    other.run((watch.session.lab.now - other.session.lab.now) / 1e6);
    expect(watch.place).toEqual(other.place);
    expect(shown(watch)).toBe(shown(other));
    expect(watch.session.lab.journal.entries).toEqual(other.session.lab.journal.entries);
    watch.session.close();
    other.session.close();
    expect(files(watch.outside)).toEqual(files(other.outside));
    expect(watch.outside.branches).toEqual([]);
  });

  test("at full speed it catches up as well", () => {
    const watch = lived();
    watch.tick = 0.5;
    const { now } = watch.session.lab;
    travel(watch, (session) => session.goTo(seconds(1)));
    while (watch.session.pace.change(1, watch.clock, watch.session.lab.now));
    watch.session.toggle(watch.clock);
    for (let i = 0; i < 1_000 && watch.session.behind !== null; i++) watch.turn();
    expect(watch.session.behind).toBeNull();
    expect(watch.session.lab.now).toBeGreaterThanOrEqual(now);
    expect(inputs(watch.session.lab)).toEqual(inputs(lived().session.lab));
  });

  test("the shell shows what stood there then, and keeps the lines that were typed", () => {
    const watch = lived();
    const lines = watch.lines("web1");
    travel(watch, (session) => session.goTo(seconds(2.5)));
    const then = watch.lines("web1");
    expect(then.length).toBeGreaterThan(1);
    expect(lines.slice(0, then.length)).toEqual(then);
    expect(then.join("\n")).not.toContain("packets transmitted");
    expect(watch.transcript("web1").history).toEqual(["ping -c 2 192.168.1.102"]);
    expect(watch.session.shells.transcript("xen1"), "its shell was opened later").toBeNull();
  });

  test("looking into a shell that was not open then changes nothing", () => {
    const watch = lived();
    travel(watch, (session) => session.goTo(seconds(2.5)));
    expect(watch.session.openShell("xen1", watch.clock)).toBe(true);
    expect(watch.session.openShell("nobody", watch.clock)).toBe(false);
    watch.pass(50);
    expect(watch.session.behind).not.toBeNull();
    expect(watch.outside.branches).toEqual([]);
  });
});

describe("who does something in the past", () => {
  test("makes another run of it, with captures of its own; those of the first stay", () => {
    const watch = lived();
    const first = lived();
    first.session.close();
    travel(watch, (session) => session.goTo(seconds(2.5)));
    watch.session.plug("xen1", "eth0", false);
    expect(watch.session.behind).toBeNull();
    expect(notices(watch).at(-1)).toBe("from 2.500000 s on another run; its captures: captures/bridge-xl/branch-1");
    expect(inputs(watch.session.lab)).toEqual(["shell", "type", "plug"]);
    watch.run(3_000);
    expect(watch.lines("web1").join("\n")).toContain("2 packets transmitted, 2 received");
    expect(watch.session.shells.transcript("xen1")).toBeNull();
    watch.session.close();
    expect(files(watch.outside)).toEqual(files(first.outside));

    // The same as a run in which nobody ever went back.
    const straight = new Watch({ plan, outside: new TestOutside() });
    straight.run(2_000);
    straight.session.type("web1", "ping -c 2 192.168.1.102", straight.clock);
    while (straight.session.lab.now < seconds(2.5)) straight.pass(1, 1);
    expect(straight.place).toEqual([seconds(2.5), watch.session.lab.journal.entries.at(-1)!.executed]);
    straight.session.plug("xen1", "eth0", false);
    straight.session.toggle(straight.clock);
    straight.session.toggle(straight.clock);
    straight.pass((watch.session.lab.now - straight.session.lab.now) / 1e6);
    expect(straight.session.lab.now).toBe(watch.session.lab.now);
    straight.session.close();
    expect(contents(watch.outside.branches[0]!)).toEqual(files(straight.outside));
  });

  test("again and again", () => {
    const watch = lived();
    for (const [index, time] of [3, 2.6, 2.2].entries()) {
      travel(watch, (session) => session.goTo(seconds(time)));
      watch.type("web2", "hostname");
      watch.run(200);
      expect(watch.lines("web2").filter((line) => line === "web2").length).toBe(1);
      expect(watch.outside.branches.length).toBe(index + 1);
      expect(watch.session.captureFolder).toBe(`captures/bridge-xl/branch-${index + 1}`);
    }
    travel(watch, (session) => session.goTo(seconds(2.1)));
    travel(watch, (session) => session.goToNewest());
    expect(watch.lines("web2").filter((line) => line === "web2").length).toBe(1);
  });

  test("a disk that is full by then costs the captures only", () => {
    const watch = lived();
    travel(watch, (session) => session.goTo(seconds(2.5)));
    watch.outside.diskIsFull = true;
    watch.type("web2", "hostname");
    expect(watch.lines("web2")).toContain("web2");
    expect(notices(watch)).toContain("captures stop here: no space left on device");
  });

  test("the ping that gives life begins there too, when it had not yet; and ends when it had", () => {
    const watch = new Watch({ plan, life: true, outside: new TestOutside() });
    watch.run(4_000);
    expect(inputs(watch.session.lab)).toEqual(["command"]);
    const { time } = watch.session.lab.journal.entries[0]!;
    travel(watch, (session) => session.goTo(seconds(time / 2e9)));
    watch.session.plug("xen1", "eth0", true);
    watch.run(3_000);
    expect(inputs(watch.session.lab)).toEqual(["plug", "command"]);
    travel(watch, (session) => session.goTo(seconds(2)));
    expect(watch.session.toggleLife()).toContain("ended");
    expect(inputs(watch.session.lab)).toEqual(["plug", "command", "signal"]);
  });
});
