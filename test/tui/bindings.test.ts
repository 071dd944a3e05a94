/** Everything that the tables of keys name does something, on a real screen; hints never lie. */
import { afterEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../../src/tui/keys/keymap.ts";
import { hintSegments } from "../../src/tui/layout.ts";
import { VIEWS } from "../../src/tui/views/index.ts";
import { bytesOf } from "./kit/keys.ts";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

async function played(columns = 100, rows = 30): Promise<Stage> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  await stage.run(3_000);
  await stage.type(":", "seq 1 200", Key.enter);
  await stage.pass(500);
  await stage.type(Key.esc);
  return stage;
}

/** Brings a view to the front, where keys are keys. */
async function front(view: (typeof VIEWS)[number]): Promise<void> {
  if (stage.app.bench!.view.id !== view.id) await stage.type(Key.alt(view.key));
  await stage.type(Key.esc);
}

/** All that a user could notice. */
const noticed = (): string =>
  JSON.stringify([
    // Where nothing changes nothing is sent.
    stage.emulator.raw.length,
    stage.copied,
    stage.opened,
    stage.outside.saved.length,
    stage.hasQuit,
    stage.redraws,
    stage.suspended,
    stage.app.bench!.session.lab.journal.entries.length,
    stage.app.bench!.state,
  ]);

/** Where else an action may find something to do: actions before it. */
const BEFORE: readonly (readonly string[])[] = [
  [],
  ["first"],
  ["last"],
  ["first", "down", "down"],
  ["next-pane"],
  ["first", "mark"],
  ["last", "mark", "first"],
  ["zoom"],
  ["right"],
  ["next-host"],
];

describe.each(VIEWS.map((view) => [view.title, view] as const))("in %s", (_, view) => {
  test("every action does something", async () => {
    await played();
    const idle: string[] = [];
    for (const { action } of view.bindings) {
      let isNoticed = false;
      for (const before of BEFORE) {
        await front(view);
        for (const each of before) if (view.bindings.some((binding) => binding.action === each)) stage.app.act(each);
        await stage.pass(0);
        const seen = noticed();
        stage.app.act(action);
        await stage.pass(0);
        isNoticed = noticed() !== seen;
        if (isNoticed) break;
      }
      if (!isNoticed) idle.push(`${view.id} ${action}`);
    }
    expect(idle).toEqual([]);
  });

  test("every key of it can be pressed, one after another, before the set-up and behind it", async () => {
    stage = await Stage.open("bridge-xl.yaml", 80, 24);
    for (const _time of ["before", "behind"]) {
      for (const name of view.bindings.flatMap(({ keys }) => keys)) {
        await front(view);
        await stage.type(bytesOf(name));
        expect(stage.emulator.lines()).toHaveLength(24);
      }
      await stage.type(Key.esc, Key.alt("1"));
      if (stage.app.bench!.session.pace.running) await stage.type(" ");
      await stage.type(" ");
      await stage.pass(2_000);
    }
    expect(stage.hasQuit).toBe(false);
  });

  test("hints: eight at most, then help; none in the place of another, at any width", async () => {
    await played();
    await front(view);
    for (const running of [false, true]) {
      if (running) stage.app.act("pause");
      await stage.pass(0);
      const { hints } = stage.app.getChrome();
      expect(hints.length).toBeGreaterThan(3);
      expect(hints.length).toBeLessThanOrEqual(9);
      expect(hints.at(-1)).toEqual({ key: "?", text: "help", action: "help" });
      const run = hints.find(({ action }) => action === "pause" || action === "run");
      expect(run?.text, "what space would do now").toBe(running ? "pause" : "run");
      for (let columns = 60; columns <= 240; columns++) {
        const segments = hintSegments(hints, columns);
        expect(segments.at(-1)!.action).toBe("help");
        expect(segments.at(-1)!.x + segments.at(-1)!.width).toBeLessThan(columns);
        segments.slice(1).forEach(({ x }, index) => {
          expect(x).toBeGreaterThan(segments[index]!.x + segments[index]!.width);
        });
      }
    }
  });
});

describe("everywhere", () => {
  test("every action does something", async () => {
    await played();
    const idle: string[] = [];
    for (const { action } of EVERYWHERE) {
      await stage.type(Key.esc, Key.alt("1"));
      const seen = noticed();
      stage.app.act(action);
      await stage.pass(100);
      if (noticed() === seen) idle.push(action);
      if (stage.app.bench!.session.pace.running) stage.app.act("pause");
    }
    expect(idle).toEqual([]);
  });
});
