/** The Shell on the screen: folded as a terminal folds, scrolled to its first line, and hints that are keys while it types. */
import { afterEach, describe, expect, test } from "vitest";
import { Key, Stage } from "../kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

/** Boots, pauses, at xen1's prompt. */
async function prompted(columns = 80, rows = 24): Promise<void> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  await stage.run(2_500);
  await stage.type("5");
  await stage.pass(100);
}

/** The machine's screen, without tabs and footer. */
const screen = (): string[] => stage.emulator.lines().slice(2, -1);
const run = async (line: string): Promise<void> => {
  await stage.type(line, Key.enter);
  await stage.pass(500);
};
/** Everything before the cursor in its row. */
const beforeCursor = (): string => {
  const { x, y } = stage.emulator.cursor;
  const cells = Array.from({ length: x }, (_, column) => stage.emulator.cell(column, y)?.text ?? "");
  return cells.join("");
};

describe("folding", () => {
  test("a line longer than the screen goes on in the next row, also the one being typed", async () => {
    await prompted(60, 16);
    await stage.type(`echo ${"abcdefghi ".repeat(6)}`);
    expect(screen()[0]).toBe(`root@xen1:~# echo ${"abcdefghi ".repeat(4)}ab`);
    expect(screen()[1]).toBe("cdefghi abcdefghi");
    expect(beforeCursor()).toBe("cdefghi abcdefghi ");
    await stage.type(Key.enter);
    await stage.pass(200);
    expect(screen()[2]).toBe("abcdefghi ".repeat(6).trim().slice(0, 60));
  });

  test("the cursor goes to the next row when its own is full, and back with the arrows", async () => {
    await prompted(60, 16);
    const { y } = stage.emulator.cursor;
    await stage.type("x".repeat(60 - "root@xen1:~# ".length));
    expect(stage.emulator.cursor).toEqual({ x: 0, y: y + 1 });
    await stage.type(Key.left);
    expect(stage.emulator.cursor).toEqual({ x: 59, y });
    await stage.type("\x1b[F", "yz");
    expect(beforeCursor()).toBe("yz");
  });

  test("wide characters are folded whole, and the cursor stands behind them", async () => {
    await prompted(60, 16);
    const { y } = stage.emulator.cursor;
    await stage.type(`echo ${"日本".repeat(12)}`);
    // 13 cells of prompt, 5 of echo: 21 characters fit into the 42 that are left.
    expect(screen()[0]).toBe(`root@xen1:~# echo ${"日本".repeat(10)}日`);
    expect(screen()[1]).toBe("本日本");
    expect([beforeCursor(), stage.emulator.cursor.y]).toEqual(["本日本", y + 1]);
    await stage.type(Key.left, Key.left, Key.left);
    expect(stage.emulator.cursor.y, "at the first of the second row").toBe(y + 1);
    expect(beforeCursor()).toBe("");
    await run("");
    expect(screen()[2], "and so is what is printed").toBe("日本".repeat(12));
  });
});

describe("scrolling", () => {
  test("to the first line, which is on top of a full screen, and back to the end", async () => {
    await prompted(80, 24);
    await run("seq 1 100");
    expect(screen().at(-1)).toBe("root@xen1:~#");
    await stage.type(Key.esc, "g");
    expect(screen()[0]).toBe("root@xen1:~# seq 1 100");
    expect(screen()[20]).toMatch(/^20 /);
    await stage.type("j");
    expect(screen()[0], "one step down moves at once").not.toBe("root@xen1:~# seq 1 100");
    await stage.type("G");
    expect(screen().at(-1)).toBe("root@xen1:~#");
  });

  test("by the wheel, also over folded lines, and typing comes back to the end", async () => {
    await prompted(60, 16);
    await run(`echo ${"long ".repeat(30)}; seq 1 30`);
    for (let i = 0; i < 40; i++) await stage.wheel(10, 8, -1);
    expect(screen()[0]).toContain("root@xen1:~# echo long");
    await stage.wheel(10, 8, 1);
    expect(screen()[0]).not.toContain("root@xen1");
    expect(stage.text).toMatch(/\d+ below, G: end/);
    await stage.type("x");
    expect(screen().at(-1)).toBe("root@xen1:~# x");
  });
});

describe("hints while it types", () => {
  test("are keys that are no text, and a click presses them", async () => {
    await prompted(140, 30);
    expect(stage.footer).toMatch(/^ tab complete {2}↑ history {2}\^R search .*esc keys.*\? help *$/);
    await stage.type("brctl showm");
    await stage.clickHint("tab complete");
    expect(beforeCursor()).toBe("root@xen1:~# brctl showmacs ");
    await stage.clickHint("alt-→ machine");
    await stage.pass(100);
    expect(beforeCursor()).toBe("root@web1:~# ");
    await stage.clickHint("esc keys");
    expect(stage.footer).toMatch(/^ space run /);
    await stage.clickHint("i type");
    expect(stage.footer).toContain("esc keys");
    await stage.clickHint("? help");
    expect(stage.dialog).toBe("Help");
  });

  test("so have the filters of Packets and Captures", async () => {
    await prompted(100, 30);
    await stage.type(Key.alt("2"), "/");
    expect(stage.footer).toMatch(/^ ↵ filter {2}tab complete {2}↑ history {2}esc as it was/);
    await stage.type("arp");
    await stage.clickHint("↵ filter");
    expect(stage.app.bench!.look.frames.filter).toBe("arp");
    await stage.type("6", "e");
    expect(stage.footer).toMatch(/^ ↵ filter {2}esc as it was/);
    await stage.clickHint("esc as it was");
    expect(stage.footer).toContain("on/off");
  });
});

describe("links", () => {
  test("the number beside a ping's answer leads to the frame that brought it", async () => {
    await prompted(80, 24);
    await stage.type(Key.altRight);
    await run("ping -c 2 192.168.1.1");
    await stage.pass(1_000);
    const [, number] = /icmp_seq=2 .*↳ (\d+)/.exec(stage.text)!;
    await stage.clickOn(`↳ ${number}`);
    expect(stage.app.bench!.view.id).toBe("packets");
    expect(stage.text).toMatch(new RegExp(`▸ +${number} .* reply`));
  });

  test("and is hit where it stands while candidates take a row", async () => {
    await prompted(80, 24);
    await stage.type(Key.altRight, "\x03");
    await stage.pass(200);
    await run("seq 1 40; ping -c 2 192.168.1.1");
    await stage.pass(2_000);
    await stage.type("brctl show", Key.tab);
    expect(screen().at(-1)).toMatch(/show +showmacs +showstp/);
    const [, number] = /icmp_seq=1 .*↳ (\d+)/.exec(stage.text)!;
    await stage.clickOn(`↳ ${number}`);
    expect(stage.text).toMatch(new RegExp(`▸ +${number} `));
  });
});
