/** Packets on the screen: a byte that is clicked selects its field, a field marks its bytes; filters, following, panes. */
import { afterEach, describe, expect, test } from "vitest";
import { Key, Stage } from "../kit/stage.ts";

let stage: Stage;
afterEach(() => stage.close());

/** Boots, lets three pings answer, pauses, in Packets. */
async function played(columns = 140, rows = 40): Promise<void> {
  stage = await Stage.open("bridge-xl.yaml", columns, rows);
  await stage.run(3_000);
  await stage.type("2");
}

/** Number of the selected frame. */
const selected = (): number => Number(/▸[◉✗ ]? *(\d+) /.exec(stage.text)?.[1]);
/** The rule over the bytes: offset, name and size of what is marked. */
const marked = (): string => /─ Bytes ─+ (.*?) ─/.exec(stage.text)?.[1] ?? "";
/** Digits of the dump that stand on the accent's background. */
function markedDigits(): string {
  const looks = stage.emulator.looks();
  return stage.emulator
    .lines()
    .map((line, y) => {
      const dump = /(?:^|│) ([0-9a-f]{4}) {2}/.exec(line);
      if (dump === null) return "";
      const from = dump.index + dump[0].length;
      return [...line.slice(from, from + 48)].filter((_, i) => (looks[y] ?? "")[from + i] === "#").join("");
    })
    .join(" ")
    .replaceAll(/\s+/g, " ")
    .trim();
}

describe("field and byte", () => {
  test.each([
    [80, 24],
    [140, 40],
  ])("at %dx%d a click on a byte selects its field, and the field marks all its bytes", async (columns, rows) => {
    await played(columns, rows);
    await stage.type("/", "icmp.type == 0", Key.enter, "k", "k", Key.tab);
    const { x, y } = stage.find("0010  ");
    // The TTL is byte 0x16; its neighbours are the protocol and the checksum of the header.
    const byteAt = (byte: number): number => x + 6 + 3 * (byte % 16) + (byte % 16 >= 8 ? 1 : 0);
    await stage.click(byteAt(6), y);
    expect(marked()).toBe("0x16  ip.ttl  1 B");
    expect(stage.text).toContain("Time to live: 64");
    await stage.type("\x1b[Z");
    expect(markedDigits(), "seen from the tree").toBe("40");
    await stage.type("j", "j");
    expect(marked()).toBe("0x18  ip.checksum  2 B");
    expect(markedDigits()).toMatch(/^[0-9a-f]{2} [0-9a-f]{2}$/);
    await stage.type(Key.tab, "l");
    expect(marked(), "one byte to the right, still the same field").toBe("0x18  ip.checksum  2 B");
    await stage.type("l");
    expect(marked()).toBe("0x1a  ip.src  4 B");
  });

  test("a folded layer marks all of it, and a click unfolds it", async () => {
    await played();
    await stage.type("/", "icmp", Key.enter, "k");
    await stage.clickOn("Ethernet II");
    expect(marked()).toBe("0x00  eth  14 B");
    expect(stage.text).toContain("Destination: ");
    await stage.type("h");
    expect(stage.text).not.toContain("Destination: ");
    await stage.type("l", "j");
    expect(marked()).toBe("0x00  eth.dst  6 B");
    await stage.type("y");
    expect(stage.copied.at(-1)).toMatch(/^eth\.dst == /);
  });

  test("the same field stays selected from frame to frame", async () => {
    await played();
    await stage.type("/", "icmp", Key.enter, "k");
    await stage.clickOn("Time to live");
    await stage.type("\x1b[Z");
    for (const key of ["k", "k", "[", "]", "g", "G"]) {
      await stage.type(key);
      expect(marked(), key).toMatch(/^0x16 {2}ip\.ttl/);
    }
  });
});

describe("the list", () => {
  test("follows the newest until one moves up, and again at its end", async () => {
    await played();
    const last = selected();
    expect(stage.text).toContain("following");
    await stage.run(1_000);
    expect(selected()).toBeGreaterThan(last);
    await stage.type("k");
    const stays = selected();
    await stage.run(1_000);
    expect(selected()).toBe(stays);
    expect(stage.text).not.toContain("following");
    await stage.type("G");
    expect(selected()).toBeGreaterThan(stays);
    expect(stage.text).toContain("following");
  });

  test("a click selects its row, the wheel moves the window and leaves the selection", async () => {
    await played(80, 24);
    await stage.type("g");
    expect(selected()).toBe(stage.app.bench!.look.frames.first);
    const { body } = stage.app.layout;
    await stage.click(20, body.y + 4);
    expect(selected()).toBe(3);
    await stage.wheel(20, body.y + 4, 1);
    expect(stage.emulator.lines()[body.y + 2]).toMatch(/^.{3} +4 /);
    await stage.wheel(20, body.y + 4, -1);
    expect(selected()).toBe(3);
  });

  test("the same frame at its other points", async () => {
    await played();
    await stage.type("/", "icmp.type == 8 and port == web1:eth0", Key.enter, "k");
    const from = selected();
    await stage.type("]");
    expect(stage.footer).toContain("xen1:vif1.0: ICMP echo request");
    expect(selected()).toBeGreaterThan(from);
    expect(stage.text, "no filter hides it").toContain("/ filters");
    await stage.type("[");
    expect(selected()).toBe(from);
    await stage.type("[");
    expect(stage.footer).toContain("this is the first point where the frame was seen");
  });

  test("marks are found again", async () => {
    await played();
    await stage.type("n");
    expect(stage.footer).toContain("nothing is marked: b marks a frame");
    await stage.type("g", "j", "b", "G", "N");
    expect(selected()).toBe(2);
    await stage.type("n");
    expect(stage.footer).toContain("no more marks that way");
    await stage.type("w");
    expect([stage.outside.saved.length, stage.footer]).toEqual([1, expect.stringContaining("1 frame saved in ")]);
  });
});

describe("a filter", () => {
  test("shows what matches, and how much that is; esc takes it away", async () => {
    await played();
    await stage.type("/", "arp", Key.enter);
    expect(stage.text).toMatch(/\/ arp .* \d+ of \d+ \(\d+\.\d %\)/);
    expect(stage.text.split("─ Decode")[0]).not.toContain("ICMP");
    await stage.type(Key.esc);
    expect(stage.text).toContain("/ filters");
  });

  test("with a mistake says what is wrong and changes nothing", async () => {
    await played();
    await stage.type("/", "arp", Key.enter, "/", Key.ctrl("u"), "icmp.tpye == 8", Key.enter);
    expect(stage.text).toMatch(/icmp\.tpye.*icmp\.type/);
    expect(stage.app.bench!.look.frames.filter).toBe("arp");
    await stage.type(Key.esc);
    expect(stage.text).toContain("/ arp");
  });

  test("is completed, remembered, and shown where its cursor is", async () => {
    await played(80, 24);
    await stage.type("/", "icmp.s", Key.tab);
    expect(stage.text).toContain("/ icmp.seq ");
    await stage.type("> 1", Key.enter, "/", Key.ctrl("u"), Key.up);
    expect(stage.text).toContain("/ icmp.seq > 1");
    await stage.type(Key.ctrl("u"), `${"port == web1:eth0 and ".repeat(6)}arp`);
    expect(stage.emulator.lines()[1]).toMatch(/^ \/ ….* and arp/);
    expect(stage.emulator.cursor).toMatchObject({ y: 1 });
    expect(stage.emulator.lines()[1]!.slice(0, stage.emulator.cursor.x)).toMatch(/and arp$/);
  });

  test("that matches nothing says so, and every key is taken", async () => {
    await played();
    await stage.type("/", "icmp.seq > 60000", Key.enter);
    expect(stage.text).toContain("no frame matches the filter");
    await stage.type("j", "k", "g", "G", "[", "]", "b", "n", "y", "Y", "w", "z", "z", Key.tab, "j", "l", Key.enter);
    expect(stage.text).toContain("no frame");
  });
});

describe("panes", () => {
  test("tab goes round those that are there", async () => {
    await played(60, 16);
    const pane = (): string => (stage.app.bench!.state as { pane: string }).pane;
    const seen = [pane()];
    for (let i = 0; i < 3; i++) {
      await stage.type(Key.tab);
      seen.push(pane());
    }
    expect(seen, "no room for bytes").toEqual(["list", "tree", "list", "tree"]);
    await stage.type("z", Key.tab);
    expect([pane(), stage.text.includes("zoomed, z back")], "but alone they have room").toEqual(["bytes", true]);
    await stage.type("z");
    expect(pane(), "and not any more").not.toBe("bytes");
    await stage.type("\x1b[Z", "j");
    expect(stage.text).not.toContain("zoomed");
  });
});
