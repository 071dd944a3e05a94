/** Moments that were, on a real screen: the keys that lead there, what it shows, and the way back. */
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../src/tui/choose-topology.ts";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

async function played(): Promise<void> {
  stage = await Stage.open("bridge-xl.yaml", 110, 30);
  await stage.run(5_000);
}

const title = (): string => stage.text.split("\n")[0]!;

describe("the past", () => {
  test("a hop back and another one; the title says that it is the past, the footer what came last and the way out", async () => {
    await played();
    const newest = title();
    expect(newest).not.toContain("past");
    await stage.type("2", "<");
    expect(title()).toMatch(/bridge-xl past ‖ paused 00:00:04\.660048/);
    expect(stage.footer).toContain("web1:eth0: ICMP echo reply, id 407, seq 5");
    await stage.type("<", "<");
    expect(title()).toContain("00:00:04.659976");
    expect(stage.text).toMatch(/▸ +50 .*outside:eth0 +echo reply/);
    expect(stage.footer).toContain("past (alt-> leaves it): event 345");
    await stage.type(Key.alt(">"));
    expect(title()).toBe(newest);
    expect(stage.footer).toContain("the newest moment");
  });

  test("an event back, to the beginning, and played on to where the run was", async () => {
    await played();
    await stage.type(">");
    expect(stage.footer).toMatch(/past \(alt-> leaves it\): event \d+/);
    await stage.type(Key.alt("<"));
    expect(title()).toContain("past ‖ paused 00:00:00.000000");
    expect(stage.text).toContain("no bridge yet");
    await stage.run(5_000);
    expect(title()).not.toContain("past");
    expect(stage.text).toContain("web1 dom1");
  });

  test("the moment of a frame, and a time by name", async () => {
    await played();
    await stage.type("2", "g", "T");
    const [, , , row = ""] = stage.text.split("\n");
    const time = /\d+\.\d{6}/.exec(row)![0];
    expect(title()).toContain(`past ‖ paused 00:00:0${time}`);
    for (const [query, clock] of [
      ["4.2s", "00:00:04.200000"],
      ["-150ms", "00:00:04.050000"],
      ["3.25", "00:00:03.250000"],
    ] as const) {
      await stage.type(Key.ctrl("p"), query);
      expect(stage.text).toContain(`the lab at ${clock.slice(7)} s`);
      await stage.type(Key.enter);
      expect(title()).toContain(clock);
    }
  });

  test("a shell that was not open then says so, and a line typed there makes another run", async () => {
    await played();
    await stage.type(">", "5");
    expect(stage.text).toContain("no shell was open here at that moment");
    await stage.type("hostname", Key.enter);
    await stage.pass(500);
    expect(title()).not.toContain("past");
    expect(stage.text).toContain("root@xen1:~# hostname");
    expect(stage.footer).toContain("another run");
  });

  test("the filter stays, and finds what there was", async () => {
    await played();
    await stage.type("2", "/", "icmp", Key.enter);
    const all = Number(/(\d+) of \d+ \(/.exec(stage.text)![1]);
    await stage.type(Key.ctrl("p"), "3s", Key.enter);
    const then = Number(/(\d+) of \d+ \(/.exec(stage.text)![1]);
    expect(then).toBeGreaterThan(0);
    expect(then).toBeLessThan(all);
  });
});

describe("a run that was saved", () => {
  test("opens at its beginning, plays as it did, and ends where it stood", async () => {
    await played();
    await stage.type(":", "hostname", Key.enter, Key.esc);
    await stage.pass(500);
    const newest = title();
    await stage.type("1", "W");
    const path = /the run is in (\S+):/.exec(stage.footer)![1]!;
    openFile(stage.app, path);
    await stage.pass(0);
    expect(stage.footer).toContain("a run that was, at its beginning; alt-> is its end");
    expect(title()).toContain("past ‖ paused 00:00:00.000000");
    await stage.run(2_000);
    expect(title()).toContain("past ‖ paused 00:00:02.000000");
    await stage.type(Key.alt(">"));
    expect(title()).toBe(newest);
    await stage.type("5");
    expect(stage.text).toContain("root@xen1:~# hostname");
  });

  test("of another xenlab, in which other things happen, says so and goes on as a lab", async () => {
    await played();
    await stage.type("W");
    const [path, text] = [...stage.outside.texts][0]!;
    stage.outside.texts.set(
      path,
      text.replace('"kind":"command","machine":"web1"', '"kind":"command","machine":"web7"'),
    );
    openFile(stage.app, path);
    await stage.run(2_000);
    expect(stage.footer).toContain("the journal is of another run: web7 is not running");
    expect(title()).not.toContain("past");
    // It had stopped of itself, so that the second space of that run began another one.
    await stage.pass(1_000);
    expect(title()).toMatch(/● 1× 00:00:01\.6/);
  });

  test("that cannot be written is a sentence", async () => {
    await played();
    stage.outside.diskIsFull = true;
    await stage.type("W");
    expect(stage.footer).toContain("no space left on device");
  });
});
