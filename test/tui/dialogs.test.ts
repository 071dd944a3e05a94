/** What lies in front of the views: the palette, help with its search, the command line with its live output. */
import { afterEach, describe, expect, test } from "vitest";
import { EVERYWHERE } from "../../src/tui/keys/keymap.ts";
import { VIEWS } from "../../src/tui/views/index.ts";
import { Key, Stage } from "./kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

async function played(columns = 100, rows = 30): Promise<Stage> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  await stage.run(2_500);
  return stage;
}

const front = (): string => stage.app.bench!.view.id;
/** The rows of the dialog in front, without its border. */
function rows(): string[] {
  const { x, y, width, height } = stage.app.getChrome().dialog!.area;
  return stage.emulator
    .lines()
    .slice(y + 1, y + height - 1)
    .map((line) => line.slice(x + 1, x + width - 1).trimEnd());
}
/** Where the cursor blinks, as the text before it in its row. */
const beforeCursor = (): string => {
  const { x, y } = stage.emulator.cursor;
  return stage.emulator.lines()[y]!.padEnd(x).slice(0, x);
};

describe("the palette", () => {
  test("has every action that holds now, every view, machine and interface", async () => {
    await played();
    await stage.type(Key.ctrl("p"));
    expect(stage.dialog).toBe("Palette");
    const seen = new Set<string>();
    for (let page = 0; page < 8; page++) {
      for (const row of rows().slice(2)) seen.add(row.slice(0, 60));
      await stage.type("\x1b[6~");
    }
    const all = [...seen].join("\n");
    for (const wanted of [
      ...EVERYWHERE.filter(({ action }) => action !== "palette").map(({ label }) => label),
      ...VIEWS[0]!.bindings.map(({ label }) => label),
      ...VIEWS.map(({ title }) => `view: ${title}`),
      "shell: web2",
      "map: xen1:vif1.0",
      "packets: outside:eth0",
    ])
      expect(all).toContain(wanted.slice(0, 50));
  });

  test("does what is chosen, by key and by click", async () => {
    await played();
    await stage.type(Key.ctrl("p"), "view cap", Key.enter);
    expect([front(), stage.dialog]).toEqual(["captures", ""]);
    await stage.type(Key.ctrl("p"), "shell web2", Key.enter);
    await stage.pass(200);
    expect(front()).toBe("shell");
    expect(stage.text).toContain("root@web2:~#");
    await stage.type(Key.ctrl("p"));
    expect(stage.dialog, "while the shell types, ^P is the line before").toBe("");
    await stage.type(Key.esc, Key.ctrl("p"), "packets web1:eth0");
    await stage.clickOn("packets: web1:eth0");
    expect([front(), stage.dialog]).toEqual(["packets", ""]);
    expect(stage.text).toContain("/ port == web1:eth0");
  });

  test("what opens another dialog leaves that one open, by key and by click", async () => {
    await played();
    await stage.type(Key.ctrl("p"), "help for", Key.enter);
    expect(stage.dialog).toBe("Help");
    await stage.type(Key.esc, Key.ctrl("p"), "open a topology");
    const { x, y } = stage.find("› open a topology");
    await stage.click(x + 2, y + 2);
    expect(stage.dialog).toBe("Open a topology");
  });

  test("a number is a frame", async () => {
    await played();
    for (const query of ["12", "frame 12"]) {
      await stage.type(Key.ctrl("p"), query);
      expect(rows()[2]).toMatch(/^ frame 12 +\S+:\S+ (ARP|ICMP) /);
      await stage.type(Key.enter);
      expect(front()).toBe("packets");
      expect(stage.text).toMatch(/▸ +12 /);
      await stage.type("1");
    }
    await stage.type(Key.ctrl("p"), "99999");
    expect(rows()[2]).toContain("nothing matches");
  });

  test("moves, scrolls and keeps its cursor in its field", async () => {
    await played();
    await stage.type(Key.ctrl("p"), Key.down, Key.down, "\x1b[6~", "\x1b[6~", Key.up);
    const marked = (): string =>
      stage.emulator
        .looks()
        .map((look, y) => (/i{20}/.test(look) ? stage.emulator.lines()[y]! : ""))
        .join("");
    expect(marked()).not.toBe("");
    const before = marked();
    await stage.wheel(50, 10, 1);
    expect(marked()).not.toBe(before);
    await stage.type("x".repeat(100));
    expect(rows()[0]).toMatch(/^ › …x+$/);
    expect(beforeCursor()).toMatch(/…x+$/);
    expect(stage.emulator.cursor.x).toBeLessThan(88);
    expect(stage.emulator.isCursorShown).toBe(true);
    await stage.type(Key.esc);
    expect(stage.emulator.isCursorShown, "nothing is typed on the map").toBe(false);
  });
});

describe("help", () => {
  test.each(VIEWS.map((view) => [view.title, view] as const))(
    "in %s: every key of it, then everywhere",
    async (_, view) => {
      await played(100, 70);
      await stage.type(Key.alt(view.key), Key.esc, "?");
      expect(stage.dialog).toBe("Help");
      const text = rows().join("\n");
      expect(text).toContain(`In ${view.title}`);
      for (const { label } of view.bindings) expect(text).toContain(label.slice(0, 50));
      for (const note of view.notes ?? []) expect(text).toContain(note.slice(0, 60));
      const taken = new Set(view.bindings.flatMap(({ keys }) => keys));
      const everywhere = text.slice(text.indexOf("Everywhere"));
      for (const { label, keys } of EVERYWHERE)
        expect(everywhere.includes(label.slice(0, 50)), label).toBe(!keys.every((key) => taken.has(key)));
    },
  );

  test("typing searches keys and words, and esc, Enter or ? close it", async () => {
    await played();
    await stage.type("?", "capt");
    expect(rows().join("\n")).toContain("capture at the selected interface");
    expect(rows().join("\n")).not.toContain("towards the wire");
    await stage.type("zzz");
    expect(rows()[1]).toContain("nothing matches");
    await stage.type("\x15");
    expect(rows().join("\n")).toContain("towards the wire");
    for (const close of [Key.esc, Key.enter, "?"]) {
      if (stage.dialog === "") await stage.type("?");
      expect(stage.dialog).toBe("Help");
      await stage.type(close);
      expect(stage.dialog).toBe("");
    }
    await stage.type("?", "a?");
    expect(rows()[0], "a ? that is searched for").toContain("› a?");
  });

  test("on a small screen it scrolls to its last line, and no further", async () => {
    await played(60, 16);
    await stage.type("?");
    const seen = new Set(rows());
    for (let i = 0; i < 40; i++) {
      await stage.type(Key.down);
      for (const row of rows()) seen.add(row);
    }
    expect([...seen].join("\n")).toContain("quit (also ^C twice)");
    expect([...seen].join("\n")).toContain("shift-drag selects text");
    expect(rows().at(-1), "the last line is at the foot").toContain("shift-drag");
    await stage.type("quit");
    expect(rows()[2], "a search begins at the top").toContain("quit");
  });
});

describe("the command line", () => {
  test("stands at the prompt of the machine whose shell was in front last", async () => {
    await played();
    await stage.type(":");
    expect(stage.dialog).toBe("xen1");
    await stage.type(Key.esc, "5", Key.altRight, Key.esc, "1", ":");
    expect(stage.dialog).toBe("web1");
  });

  test("shows what a command prints as it comes", async () => {
    await played();
    await stage.type(":", "ping -c 3 192.168.1.1", Key.enter);
    await stage.pass(500);
    expect(rows().join("\n")).toContain("icmp_seq=1");
    expect(rows().join("\n")).not.toContain("icmp_seq=2");
    await stage.pass(1_000);
    expect(rows().join("\n")).toContain("icmp_seq=2");
    await stage.pass(2_000);
    expect(rows().join("\n")).toContain("3 packets transmitted, 3 received");
    expect(stage.app.bench!.session.pace.running, "and the lab stands again").toBe(false);
  });

  test("the last lines are at the foot, above the prompt", async () => {
    await played();
    await stage.type(":", "seq 1 20", Key.enter);
    await stage.pass(500);
    expect(
      rows()
        .slice(0, 8)
        .map((row) => row.trim()),
    ).toEqual(["13", "14", "15", "16", "17", "18", "19", "20"]);
    expect(rows()[8]).toBe(" xen1#");
    expect(beforeCursor()).toMatch(/xen1# $/);
  });

  test("history, completion and ^R are those of the shell", async () => {
    await played();
    await stage.type(":", "echo one", Key.enter);
    await stage.pass(200);
    await stage.type(Key.up);
    expect(rows()[8]).toBe(" xen1# echo one");
    await stage.type("\x15", "brctl showm", Key.tab);
    expect(rows()[8]).toBe(" xen1# brctl showmacs");
    expect(beforeCursor()).toMatch(/showmacs $/);
    await stage.type("\x15", "brctl show", Key.tab);
    expect(rows()[9]).toMatch(/show +showmacs +showstp/);
    await stage.type("\x15", Key.ctrl("r"), "on");
    expect(rows()[8]).toBe(" (reverse search) on: echo one");
    await stage.type(Key.esc);
    expect(stage.dialog, "esc leaves the search first").toBe("xen1");
    await stage.type(Key.esc);
    expect(stage.dialog).toBe("");
  });

  test("a long line is shown where its cursor is", async () => {
    await played(60, 16);
    await stage.type(":");
    await stage.pass(100);
    await stage.type(`echo ${"long ".repeat(20)}end`);
    expect(rows()[8]).toMatch(/^ xen1# ….*long end$/);
    expect(stage.emulator.cursor.x).toBeLessThan(59);
    await stage.type("\x1b[H");
    expect(rows()[8]).toMatch(/^ xen1# echo long/);
    expect(stage.emulator.cursor.x).toBe(8);
  });

  test("the shell has what was typed here", async () => {
    await played();
    await stage.type(":", "echo from the command line", Key.enter);
    await stage.pass(200);
    await stage.type(Key.esc, "5");
    expect(stage.text).toContain("root@xen1:~# echo from the command line\n");
  });

  test("over a machine that is gone it says so", async () => {
    await played();
    await stage.type("5", Key.altRight, Key.esc, "1", ":");
    stage.app.bench!.session.type("xen1", "xl destroy web1", stage.now());
    await stage.pass(1_000);
    await stage.type("\x15", "true", Key.enter);
    expect(stage.footer).toContain("web1 is not running");
  });
});
