/** Where every key and click goes: dialog, text field, view, everywhere; what the footer says, and when the program ends. */
import { afterEach, describe, expect, test } from "vitest";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

async function opened(columns = 100, rows = 30): Promise<Stage> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  return stage;
}

/** Boots, lets two pings answer, pauses. */
async function played(columns = 100, rows = 30): Promise<Stage> {
  await opened(columns, rows);
  await stage.run(2_500);
  await stage.type(Key.esc);
  return stage;
}

const front = (): string => stage.app.bench!.view.id;

describe("leaving", () => {
  const ctrlC = "\x03";

  test("esc never does, q does at once", async () => {
    await opened();
    await stage.type(Key.esc, Key.esc, Key.esc);
    expect(stage.hasQuit).toBe(false);
    await stage.type("q");
    expect(stage.hasQuit).toBe(true);
  });

  test("^C twice in a row does, and the first one says so", async () => {
    await opened();
    await stage.type(ctrlC);
    expect(stage.footer).toContain("^C once more quits");
    await stage.type("j", ctrlC);
    expect(stage.hasQuit, "not in a row").toBe(false);
    await stage.type(ctrlC);
    expect(stage.hasQuit).toBe(true);
  });

  test.each([
    ["the palette", Key.ctrl("p")],
    ["help", "?"],
    ["the choice of a topology", Key.ctrl("o")],
    ["the first card", "\x1bOP"],
    ["an idle command line", ":"],
  ])("^C twice does so in front of %s", async (_, key) => {
    await opened();
    await stage.type(key);
    await stage.pass(100);
    await stage.type(ctrlC);
    expect(stage.footer).toContain("^C once more quits");
    await stage.type(ctrlC);
    expect(stage.hasQuit).toBe(true);
  });

  test("at an idle prompt keys between two ^C count, also those that are typed", async () => {
    await played();
    await stage.type("5");
    await stage.pass(100);
    await stage.type(ctrlC, "x", "\x7f", ctrlC);
    expect(stage.hasQuit).toBe(false);
    await stage.type(ctrlC);
    expect(stage.hasQuit).toBe(true);
  });

  test("^C is for what runs in a shell, whether it types or not; only then for the program", async () => {
    await played();
    await stage.type("5", Key.altRight);
    await stage.pass(100);
    await stage.type("ping 192.168.1.1", Key.enter);
    await stage.pass(1_100);
    expect(stage.text).toContain("icmp_seq=2");
    await stage.type(Key.esc, ctrlC);
    await stage.pass(100);
    expect(stage.text).toContain("packets transmitted");
    expect(stage.footer).not.toContain("quits");
    await stage.type(ctrlC);
    expect(stage.footer).toContain("^C once more quits");
    await stage.type(ctrlC);
    expect(stage.hasQuit).toBe(true);
  });

  test("^C ends what the command line runs", async () => {
    await played();
    await stage.type(":", "sleep 1000", Key.enter);
    await stage.pass(200);
    await stage.type(ctrlC);
    await stage.pass(200);
    expect(stage.app.bench!.session.shells.transcript("xen1")!.busy).toBe(false);
    await stage.type("half a line", ctrlC);
    expect(stage.text, "a line that is typed is taken back").not.toContain("half a line");
    expect(stage.hasQuit).toBe(false);
  });
});

describe("views", () => {
  test("digits bring them to the front; while something is typed, Alt and a digit", async () => {
    await opened();
    await stage.type("2");
    expect(front()).toBe("packets");
    await stage.type("5", "6");
    expect(front(), "a 6 for the shell").toBe("shell");
    await stage.type(Key.alt("6"));
    expect(front()).toBe("captures");
    await stage.type("e", "1");
    expect(front(), "a 1 for the filter").toBe("captures");
    await stage.type(Key.esc, "1");
    expect(front()).toBe("map");
  });

  test("tabs can be clicked, at every width", async () => {
    await opened();
    for (const columns of [60, 99, 140]) {
      await stage.resize(columns, 24);
      for (const [title, id] of [
        ["2 Packets", "packets"],
        ["5 Shell", "shell"],
        [columns < 100 ? "6 Caps" : "6 Captures", "captures"],
        ["1 Map", "map"],
      ] as const) {
        await stage.clickOn(title);
        expect(front(), `${title} at ${columns}`).toBe(id);
      }
    }
  });

  test("hints can be clicked", async () => {
    await opened();
    await stage.type(Key.esc);
    await stage.clickHint(". event");
    expect(stage.footer).toMatch(/event 1 at/);
    await stage.type(Key.esc);
    await stage.clickHint("? help");
    expect(stage.text).toContain("╭─ Help");
  });

  test("under a message no hint is clicked that nobody sees, but help is", async () => {
    await played();
    await stage.type(Key.esc);
    const { x, y } = stage.find(". event");
    const { executed } = stage.app.bench!.session.lab.world.scheduler;
    await stage.type("y");
    expect(stage.footer).toContain("copied");
    await stage.click(x, y);
    expect(stage.app.bench!.session.lab.world.scheduler.executed).toBe(executed);
    await stage.type("y");
    await stage.clickHint("? help");
    expect(stage.text).toContain("╭─ Help");
  });

  test("a click that goes to another view leaves both in order", async () => {
    await played();
    const { x, y } = stage.find("web1 dom1");
    await stage.click(x, y);
    await stage.click(x, y);
    expect(front(), "twice at the same place opens").toBe("packets");
    expect(stage.text).toContain("/ port == xen1:vif1.0");
    await stage.type("5", Key.altRight, "ping -c 1 192.168.1.1", Key.enter);
    await stage.pass(200);
    await stage.clickOn("↳");
    expect(front()).toBe("packets");
    expect(stage.text).toContain("─ Decode");
    await stage.type("1");
    expect(stage.text).toContain("web1 dom1");
  });
});

describe("what the footer says", () => {
  test("stays until the next key, and through the rest of a click", async () => {
    await played();
    await stage.clickHint("p capture");
    expect(stage.footer).toContain("capture off");
    await stage.pass(1_000);
    expect(stage.footer).toContain("capture off");
    await stage.type("j");
    expect(stage.footer).toContain("? help");
    expect(stage.footer).not.toContain("capture off");
  });

  test("what space does now, also when the lab has stopped by itself", async () => {
    await played();
    expect(stage.footer).toContain("space run");
    await stage.type(":", "sleep 1", Key.enter);
    expect(stage.footer).toContain("space pause");
    await stage.pass(1_500);
    expect(stage.footer).toContain("space run");
  });

  test("a sentence of the lab's own: captures that cannot be written", async () => {
    await opened();
    stage.outside.openSink = () => {
      throw new Error("no space left on device");
    };
    await stage.type(" ");
    await stage.pass(1_000);
    expect(stage.footer).toContain("captures stop here: no space left on device");
    expect(stage.emulator.lines()[0], "and the lab goes on").toContain("●");
  });
});

describe("dialogs", () => {
  test("a click beside one closes it as esc does", async () => {
    await opened();
    for (const key of ["?", Key.ctrl("p"), Key.ctrl("o"), "\x1bOP"]) {
      await stage.type(key);
      expect(stage.app.getChrome().dialog, JSON.stringify(key)).not.toBeNull();
      await stage.click(0, 15);
      expect(stage.app.getChrome().dialog, JSON.stringify(key)).toBeNull();
    }
  });

  test("take every key but ^L and ^Z", async () => {
    await opened();
    await stage.type(Key.ctrl("p"), "q", "2", "?", Key.ctrl("l"), Key.ctrl("z"));
    expect([stage.hasQuit, front(), stage.redraws, stage.suspended]).toEqual([false, "map", 1, 1]);
    expect(stage.text).toContain("› q2?");
  });

  test("the wheel is theirs", async () => {
    await opened(100, 20);
    await stage.type("?");
    expect(stage.text).toContain("towards the guests");
    await stage.wheel(5, 5, 1);
    expect(stage.text).not.toContain("towards the guests");
    await stage.wheel(5, 5, -1);
    expect(stage.text).toContain("towards the guests");
  });
});

describe("the size", () => {
  test("too small is one sentence, and keys still leave", async () => {
    await opened();
    await stage.resize(59, 24);
    expect(stage.emulator.lines().filter((line) => line !== "")).toEqual([
      expect.stringContaining("xenlab needs 60x16 or more, this is 59x24"),
    ]);
    await stage.resize(20, 3);
    await stage.resize(1, 1);
    await stage.type("q");
    expect(stage.hasQuit).toBe(true);
  });

  test("any size at all, any view, with dialogs: nothing throws, and the screen is full", async () => {
    await played();
    for (const [columns, rows] of [
      [60, 16],
      [79, 23],
      [119, 33],
      [200, 60],
    ] as const) {
      await stage.resize(columns, rows);
      for (const key of ["1", "2", Key.alt("5"), Key.alt("6")]) {
        await stage.type(key, Key.ctrl("p"), Key.esc);
        expect(stage.emulator.lines()).toHaveLength(rows);
        expect(stage.emulator.lines()[0], `${columns}x${rows}`).toContain("1 Map");
      }
      await stage.type(Key.alt("1"));
      expect(stage.footer).toContain("? help");
    }
  });
});

test("what is pasted is text where there is a field, and nothing else elsewhere", async () => {
  await opened();
  await stage.type("\x1b[200~q?2\x1b[201~");
  expect([stage.hasQuit, front(), stage.app.getChrome().dialog]).toEqual([false, "map", null]);
  await stage.type("2", "/", "\x1b[200~arp\r\nand icmp\x1b[201~");
  expect(stage.text).toContain("/ arp and icmp");
});

test("the mouse can be switched off and on", async () => {
  await opened();
  await stage.type(Key.alt("m"));
  expect(stage.footer).toContain("mouse off");
  await stage.type(Key.alt("m"));
  expect(stage.footer).toContain("mouse on: shift-drag selects text");
});
