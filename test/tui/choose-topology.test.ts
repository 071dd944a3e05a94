/** Opening a topology: the choice, a path that is typed, mistakes in place until the file is saved without them. */
import { readFileSync } from "node:fs";
import { afterEach, describe, expect, test } from "vitest";
import { openFile } from "../../src/tui/choose-topology.ts";
import { shipped } from "../kit/lab.ts";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

const GOOD = readFileSync(shipped("bridge-short.yaml"), "utf8");
/** Two mistakes, on two lines. */
const BAD = GOOD.replace(/^mode: .*$/m, "mode: brigde").concat("\nsede: 7\n");
const PATH = "lab/mine.yaml";
const NAME = "mine.yaml";

const dialog = (): string => stage.dialog;
const name = (): string | null => stage.app.bench?.session.plan.name ?? null;

describe("the choice", () => {
  test("shows the shipped topologies, and opens the one that is chosen", async () => {
    stage = await Stage.choosing(100, 30);
    expect(dialog()).toBe("Open a topology");
    for (const each of ["bridge-busy.yaml", "bridge-short.yaml", "bridge-xl.yaml"]) expect(stage.text).toContain(each);
    await stage.type("short", Key.enter);
    expect([name(), dialog()]).toEqual(["bridge-short", ""]);
    expect(stage.footer).toContain("bridge-short: paused before its set-up");
  });

  test("by arrows, by click", async () => {
    stage = await Stage.choosing(100, 30);
    await stage.type(Key.down, Key.down, Key.up, Key.enter);
    expect(name()).toBe("bridge-short");
    await stage.type(Key.ctrl("o"));
    await stage.clickOn("bridge-xl.yaml");
    expect([name(), dialog()]).toEqual(["bridge-xl", ""]);
  });

  test("a path is completed, and opened", async () => {
    stage = await Stage.choosing(140, 30);
    const folder = shipped("");
    await stage.type(`${folder}bridge-b`, Key.tab);
    expect(stage.text).toContain(`› ${shipped("bridge-busy.yaml")}`);
    await stage.type(Key.enter);
    expect(name()).toBe("bridge-busy");
  });

  test("a path is that file and no other, whatever its letters look like", async () => {
    stage = await Stage.choosing(100, 30);
    await stage.type("no/bridge-xl.yaml", Key.enter);
    expect(name()).toBeNull();
    expect(stage.footer).toContain("no/bridge-xl.yaml");
  });

  test("a file that is not there is said, and there is another choice", async () => {
    stage = await Stage.choosing(100, 30);
    await stage.type("no/such.yaml", Key.enter);
    expect(stage.footer).toMatch(/ENOENT|no such file/i);
    expect(dialog()).toBe("Open a topology");
    await stage.type(Key.esc);
    expect([name(), dialog()]).toEqual([null, ""]);
    expect(stage.footer, "the way back").toMatch(/\^O open/);
    await stage.clickHint("^O open");
    expect(dialog()).toBe("Open a topology");
  });

  test("over an open topology nothing is lost until another one is open", async () => {
    stage = await Stage.open("bridge-xl.yaml", 100, 30);
    await stage.type(" ");
    await stage.pass(1_000);
    const { session } = stage.app.bench!;
    await stage.type(Key.ctrl("o"), "no/such.yaml", Key.enter);
    expect(stage.app.bench!.session).toBe(session);
    expect(dialog()).toBe("");
    await stage.type(Key.ctrl("o"), "short", Key.enter);
    expect(name()).toBe("bridge-short");
    expect(session.pace.running, "the old one stands").toBe(false);
    expect(session.lab.captures!.pending, "and is written").toBe(0);
    expect(stage.text).toContain("no bridge yet");
  });
});

describe("a file with mistakes", () => {
  async function mistaken(columns = 100, rows = 30): Promise<void> {
    stage = await Stage.choosing(columns, rows);
    stage.outside.texts.set(PATH, BAD);
    openFile(stage.app, PATH, true);
    await stage.pass(0);
  }

  test("shows every one of them, with its line and the nearest word", async () => {
    await mistaken();
    expect(dialog()).toBe(NAME);
    expect(stage.text).toContain("brigde");
    expect(stage.text).toContain("sede");
    expect(stage.text.match(/error: /g)).toHaveLength(2);
    expect(name()).toBeNull();
  });

  test("opens when it is saved without them, with the first card if it is the first", async () => {
    await mistaken();
    stage.outside.write(PATH, BAD.replace("brigde", "bridge"));
    await stage.pass(0);
    expect(dialog(), "one is left").toBe(NAME);
    expect(stage.text.match(/error: /g)).toHaveLength(1);
    stage.outside.write(PATH, GOOD);
    await stage.pass(0);
    expect([name(), dialog()]).toEqual(["bridge-short", ""]);
    // It is watched no more.
    stage.outside.write(PATH, BAD);
    await stage.pass(0);
    expect([name(), dialog()]).toEqual(["bridge-short", ""]);
  });

  test("while it is being written it may be empty, or gone", async () => {
    await mistaken();
    stage.outside.write(PATH, "");
    await stage.pass(0);
    expect([dialog(), stage.text.includes("error: ")]).toEqual([NAME, true]);
    stage.outside.remove(PATH);
    await stage.pass(0);
    expect(dialog()).toBe(NAME);
    stage.outside.write(PATH, GOOD);
    await stage.pass(0);
    expect(name()).toBe("bridge-short");
  });

  test("esc, or a click beside it, looks elsewhere: the file is watched no more", async () => {
    for (const leave of [() => stage.type(Key.esc), () => stage.click(0, 29)]) {
      await mistaken();
      await leave();
      expect(dialog()).toBe("Open a topology");
      stage.outside.write(PATH, GOOD);
      await stage.pass(0);
      expect([name(), dialog()]).toEqual([null, "Open a topology"]);
      stage.close();
    }
    stage = await Stage.choosing(80, 24);
  });

  test("over an open topology that one stays until the new one is good", async () => {
    stage = await Stage.open("bridge-xl.yaml", 100, 30);
    stage.outside.texts.set(PATH, BAD);
    await stage.type(Key.ctrl("o"), PATH, Key.enter);
    expect([name(), dialog()]).toEqual(["bridge-xl", NAME]);
    await stage.type(Key.esc);
    expect([name(), dialog()]).toEqual(["bridge-xl", ""]);
    await stage.type(Key.ctrl("o"), PATH, Key.enter);
    stage.outside.write(PATH, GOOD);
    await stage.pass(0);
    expect([name(), dialog()]).toEqual(["bridge-short", ""]);
  });

  test("more of them than there are rows can be scrolled, to the last and no further", async () => {
    stage = await Stage.choosing(60, 16);
    const many = `${GOOD}\n${Array.from({ length: 12 }, (_, n) => `wrong${n}: 1`).join("\n")}\n`;
    stage.outside.texts.set(PATH, many);
    openFile(stage.app, PATH);
    await stage.pass(0);
    expect(stage.text).toContain("wrong0");
    expect(stage.text).not.toContain("wrong11");
    await stage.type(...Array(9).fill("\x1b[6~"));
    expect(stage.text).toContain("wrong11");
    await stage.type(...Array(9).fill("\x1b[5~"));
    expect(stage.text).toContain("wrong0");
    await stage.wheel(10, 5, 1);
    expect(stage.text).not.toContain("wrong0'");
  });
});

test("warnings are said, and where to read them", async () => {
  stage = await Stage.choosing(140, 30);
  stage.outside.readTopology = (path) => ({
    ...Object.getPrototypeOf(stage.outside).readTopology.call(stage.outside, shipped("bridge-xl.yaml")),
    path,
    diagnostics: [{}, {}],
  });
  openFile(stage.app, PATH);
  await stage.pass(0);
  expect(stage.footer).toContain(`bridge-xl: paused before its set-up; 2 warnings: xenlab check ${PATH}`);
});

test("the first card is shown with the first topology, and space on it starts the lab", async () => {
  stage = await Stage.choosing(100, 30, { card: true });
  stage.outside.texts.set(PATH, GOOD);
  openFile(stage.app, PATH, true);
  await stage.pass(0);
  expect(dialog()).toBe("xenlab");
  await stage.type("x");
  expect([dialog(), stage.app.bench!.session.pace.running]).toEqual(["", false]);
  await stage.type("\x1bOP");
  expect(dialog()).toBe("xenlab");
  await stage.type(" ");
  expect([dialog(), stage.app.bench!.session.pace.running]).toEqual(["", true]);
  await stage.type("\x1bOP");
  await stage.click(50, 12);
  expect(dialog(), "a click closes it").toBe("");
});
