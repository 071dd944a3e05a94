/** Captures on the screen: points switched on and off, filters in tcpdump's words, files and what opens them. */
import { afterEach, describe, expect, test } from "vitest";
import { Key, Stage } from "../kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

async function played(columns = 100, rows = 30): Promise<void> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  await stage.run(2_500);
  await stage.type("6");
}

/** The selected row. */
const row = (): string => stage.emulator.lines().find((line) => line.startsWith("▸")) ?? "";

describe("points", () => {
  test("space switches the selected one, and the list says so", async () => {
    await played();
    expect(row()).toMatch(/^▸ [◉○]/);
    const isOn = row().includes("◉");
    await stage.type(" ");
    expect(stage.footer).toContain(isOn ? "capture off" : "capture on");
    expect(row()).toContain(isOn ? "✓" : "◉");
    await stage.type(" ");
    expect(row()).toContain(isOn ? "◉" : "✓");
    expect(stage.app.bench!.session.pace.running, "space is taken here").toBe(false);
    await stage.type("P");
    expect(stage.app.bench!.session.pace.running).toBe(true);
  });

  test("a click selects, a second one switches; the wheel scrolls", async () => {
    await played(100, 16);
    const { y } = stage.find("web1:eth0");
    await stage.click(10, y);
    expect(row()).toContain("web1:eth0");
    const before = row();
    await stage.click(10, y);
    expect(row()).not.toBe(before);
    await stage.type("g");
    const first = row();
    await stage.wheel(10, 5, 1);
    await stage.type("G");
    expect(row()).not.toBe(first);
  });

  test("all off, all on", async () => {
    await played();
    await stage.type("a");
    expect(stage.footer).toContain("nothing is captured any more");
    expect(stage.text).not.toMatch(/^[▸ ] ◉/m);
    await stage.type("a");
    expect(stage.footer).toMatch(/\d+ points captured/);
    expect(stage.text).not.toMatch(/^[▸ ] [○✓]/m);
  });
});

describe("a filter", () => {
  test("is typed, applied and shown; a mistake is said and changes nothing", async () => {
    await played();
    await stage.type("e", "icmp or arp", Key.enter);
    expect(stage.footer).toMatch(/: only icmp or arp/);
    expect(stage.text).toContain("icmp or arp");
    await stage.type("e", Key.ctrl("u"), "icmpp", Key.enter);
    expect(stage.footer).toContain("icmpp");
    expect(stage.text).toContain("icmp or arp");
    await stage.type("e", Key.ctrl("u"), "half", Key.esc);
    expect(stage.text).toContain("icmp or arp");
    await stage.type("e", Key.ctrl("u"), Key.enter);
    expect(stage.footer).toContain(": every frame");
  });

  test("longer than its field is shown where its cursor is", async () => {
    await played(60, 30);
    await stage.type("e", "host 192.168.1.1 and host 192.168.1.101 and icmp and not arp");
    const { x, y } = stage.emulator.cursor;
    expect(stage.emulator.lines()[y]!.slice(0, x)).toMatch(/^ filter +….*not arp$/);
    expect(x).toBeLessThan(60);
  });
});

describe("files", () => {
  test("are opened outside, beside the lab or in its place", async () => {
    await played();
    await stage.type("o", "t", "T", "y");
    const path = stage.copied.at(-1)!;
    expect(path).toMatch(/^captures\/bridge-xl\/.*\.pcapng$/);
    expect(stage.opened).toEqual([`wireshark ${path}`, `tshark ${path}`, `termshark ${path}`]);
  });

  test("what is not installed is said, and its command is in the clipboard", async () => {
    await played();
    stage.outside.programs = [];
    await stage.type("y", "o");
    const path = stage.copied[0]!;
    expect(stage.opened).toEqual([]);
    expect(stage.footer).toContain("wireshark is not installed; copied: wireshark ");
    expect(stage.copied.at(-1)).toBe(`wireshark ${path}`);
    await stage.type("t");
    expect(stage.copied.at(-1)).toBe(`tshark -r ${path}`);
  });

  test("a point without one says how to get one", async () => {
    stage = await Stage.open("bridge-busy.yaml", 100, 30);
    await stage.run(1_500);
    await stage.type("6");
    for (let step = 0; step < 20 && !row().includes("outside:eth0"); step++) await stage.type("j");
    expect(row()).toContain("○ outside:eth0");
    await stage.type("o");
    expect(stage.footer).toContain("outside:eth0 has no file: space captures there");
    expect(stage.opened).toEqual([]);
  });

  test("Enter shows the frames of the point", async () => {
    await played();
    const point = /(\S+:\S+)/.exec(row())![1]!;
    await stage.type(Key.enter);
    expect(stage.app.bench!.view.id).toBe("packets");
    expect(stage.text).toContain(`/ port == ${point}`);
  });
});
