/** What the terminal shows after a picture is that picture, whatever it showed before; and no more is sent than it takes. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFrame } from "../../../src/tui/screen/ansi.ts";
import { contains, type Rect, rect } from "../../../src/tui/screen/rect.ts";
import { type Picture, Screen } from "../../../src/tui/screen/screen.ts";
import { Bg, BOLD, DIM, Fg, INVERSE, PLAIN, type Style, sgr, UNDERLINE } from "../../../src/tui/screen/style.ts";
import { Surface } from "../../../src/tui/screen/surface.ts";
import { Emulator, type Look } from "../kit/emulator.ts";
import { style } from "./style-values.ts";

const WIDTH = 14;
const HEIGHT = 5;
const NO_PICTURE: Picture = { canvases: [], dialog: null, cursor: null };

class Setting {
  readonly emulator: Emulator;
  readonly screen: Screen;
  /** As many as there were paints that sent something. */
  readonly sent: string[] = [];

  constructor(width = WIDTH, height = HEIGHT, looks = { mono: false, ascii: false }) {
    this.emulator = new Emulator(width, height);
    this.screen = new Screen(width, height, looks, (text) => {
      this.sent.push(text);
      void this.emulator.write(text);
    });
  }

  async paint(frame: string, picture: Partial<Picture> = {}): Promise<void> {
    this.screen.write(frame);
    this.screen.paint({ ...NO_PICTURE, ...picture });
    await this.emulator.write("");
  }
}

interface Cell {
  readonly glyph: string;
  readonly style: Style;
}

/** What is to be seen, worked out cell by cell: the uppermost layer there has it; a character not wholly seen is blank. */
function expected(frame: string, { canvases, dialog }: Picture, width: number, height: number): Cell[][] {
  const base = parseFrame(frame, width, height);
  const whole = rect(0, 0, width, height);
  const layers = [
    { area: whole, surface: base, from: { x: 0, y: 0 } },
    ...canvases.map(({ area, surface }) => ({ area, surface, from: { x: area.x, y: area.y } })),
    ...(dialog === null ? [] : [{ area: dialog, surface: base, from: { x: 0, y: 0 } }]),
  ];
  const owner = (x: number, y: number): number => layers.findLastIndex(({ area }) => contains(area, x, y));
  return Array.from({ length: height }, (_, y) =>
    Array.from({ length: width }, (__, x) => {
      const mine = owner(x, y);
      const { surface, from } = layers[mine]!;
      const glyphAt = (column: number): string | null =>
        column < from.x || column - from.x >= surface.width ? null : surface.glyph(column - from.x, y - from.y);
      let first = x;
      while (glyphAt(first) === "") first--;
      let end = first + 1;
      while (glyphAt(end) === "") end++;
      const isWhole = Array.from({ length: end - first }, (_, i) => owner(first + i, y)).every((each) => each === mine);
      return { glyph: isWhole ? glyphAt(x)! : " ", style: surface.style(x - from.x, y - from.y) };
    }),
  );
}

const colour = (bits: number): number | null => (bits === 0 ? null : bits - 1);
const lookOf = ({ glyph, style: look }: Cell): Look | null =>
  glyph === ""
    ? null
    : {
        text: glyph,
        foreground: colour(look & 31),
        background: colour((look >> 5) & 31),
        bold: (look & BOLD) !== 0,
        dim: (look & DIM) !== 0,
        inverse: (look & INVERSE) !== 0,
        underlined: (look & UNDERLINE) !== 0,
      };

const shown = (emulator: Emulator): (Look | null)[][] =>
  Array.from({ length: emulator.rows }, (_, y) =>
    Array.from({ length: emulator.columns }, (__, x) => emulator.cell(x, y)),
  );

const word = fc.string({ unit: fc.constantFrom(..."ab ─█é", "日", "😀", "e\u0301", "\x1b", "\t"), maxLength: 10 });
const run = fc.tuple(style, word).map(([look, text]) => sgr(look, false) + text.replaceAll("\x1b", ""));
const frames = fc
  .array(
    fc.array(run, { maxLength: 3 }).map((runs) => runs.join("")),
    { maxLength: HEIGHT + 1 },
  )
  .map((lines) => lines.join("\n"));

const area: fc.Arbitrary<Rect> = fc
  .tuple(fc.nat(WIDTH), fc.nat(HEIGHT), fc.nat(WIDTH), fc.nat(HEIGHT))
  .map(([x, y, width, height]) => rect(x, y, Math.min(width, WIDTH - x), Math.min(height, HEIGHT - y)));
const canvas = fc
  .tuple(area, fc.array(fc.tuple(fc.integer({ min: -2, max: WIDTH }), fc.nat(HEIGHT), word, style), { maxLength: 6 }))
  .map(([place, puts]) => {
    const surface = new Surface(place.width, place.height);
    for (const [x, y, text, look] of puts) surface.put(x, y, text, look);
    return { area: place, surface };
  });
const cursor = fc.option(fc.record({ x: fc.nat(WIDTH - 1), y: fc.nat(HEIGHT - 1) }), { nil: null });
const picture: fc.Arbitrary<Picture> = fc.record({
  canvases: fc.array(canvas, { maxLength: 3 }),
  dialog: fc.option(area, { nil: null }),
  cursor,
});

describe("a sequence of pictures", () => {
  test("the terminal shows exactly the last one, and the same one again sends nothing", async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(frames, picture, fc.boolean()), { minLength: 1, maxLength: 5 }),
        async (steps) => {
          const setting = new Setting();
          for (const [frame, each, forgotten] of steps) {
            if (forgotten) {
              await setting.emulator.write("\x1b[1;1H\x1b[0mrubbish from elsewhere");
              setting.screen.forget();
            }
            await setting.paint(frame, each);
            expect(shown(setting.emulator)).toEqual(expected(frame, each, WIDTH, HEIGHT).map((row) => row.map(lookOf)));
            expect(setting.emulator.isCursorShown).toBe(each.cursor !== null);
            if (each.cursor !== null) expect(setting.emulator.cursor).toEqual(each.cursor);
            const before = setting.sent.length;
            await setting.paint(frame, each);
            expect(setting.sent.slice(before), "an unchanged picture").toEqual([]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  test("nothing is placed or written beyond the last column or row", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(frames, picture), { minLength: 1, maxLength: 4 }), async (steps) => {
        const setting = new Setting();
        for (const [frame, each] of steps) await setting.paint(frame, each);
        for (const [, row, column] of setting.emulator.raw.matchAll(/\x1b\[(\d+);(\d+)H/g)) {
          expect(Number(column)).toBeLessThanOrEqual(WIDTH);
          expect(Number(row)).toBeLessThanOrEqual(HEIGHT);
        }
        // With autowrap on, a character too many would push others down, or scroll.
        expect(setting.emulator.raw).not.toMatch(/[\n\r\t]/);
      }),
      { numRuns: 60 },
    );
  });

  test("only ASCII and no colours, when that is asked for", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(frames, picture), { minLength: 1, maxLength: 4 }), async (steps) => {
        const setting = new Setting(WIDTH, HEIGHT, { mono: true, ascii: true });
        for (const [frame, each] of steps) {
          await setting.paint(frame, each);
          const cells = shown(setting.emulator).flat();
          expect(cells.filter((cell) => cell === null || !/^[ -~]$/.test(cell.text))).toEqual([]);
          expect(cells.filter((cell) => cell!.foreground !== null || cell!.background !== null)).toEqual([]);
          const wanted = expected(frame, each, WIDTH, HEIGHT).flat();
          // Letters are where they were: a stand-in takes the place of the whole character.
          wanted.forEach(({ glyph }, at) => {
            if (/^[ab ]$/.test(glyph)) expect(cells[at]!.text).toBe(glyph);
          });
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("what is sent", () => {
  test("one synchronized update, of the cells that changed", async () => {
    const setting = new Setting();
    await setting.paint("one two three\nfour");
    await setting.paint("one six three\nfour");
    expect(setting.sent.at(-1)).toBe("\x1b[?2026h\x1b[1;5H\x1b[0msix\x1b[0m\x1b[?2026l");
    await setting.paint("one six three\nfive");
    expect(setting.sent.at(-1)).toBe("\x1b[?2026h\x1b[2;2H\x1b[0mive\x1b[0m\x1b[?2026l");
  });

  test("the screen is never cleared, and never scrolled", async () => {
    const setting = new Setting();
    for (const frame of ["x".repeat(WIDTH), "", "\n".repeat(HEIGHT), "y\n".repeat(2 * HEIGHT)])
      await setting.paint(frame);
    expect(setting.emulator.raw).not.toMatch(/\x1b\[\d*[JKLMST]/);
    expect(setting.emulator.raw).not.toContain("\n");
  });

  test("a look that changes alone is sent, without a colour it cannot have", async () => {
    const setting = new Setting(WIDTH, HEIGHT, { mono: true, ascii: false });
    await setting.paint("\x1b[36mcyan");
    await setting.paint("\x1b[46mcyan");
    expect(setting.emulator.cell(0, 0)).toMatchObject({ text: "c", inverse: true, background: null });
  });

  test("Ink's own cursor and keyboard sequences are not frames", async () => {
    const setting = new Setting();
    await setting.paint("the frame");
    setting.screen.write("\x1b[?25l");
    setting.screen.write("\x1b[>1u\x1b[?2004h");
    setting.screen.paint(NO_PICTURE);
    await setting.emulator.write("");
    expect(setting.sent).toHaveLength(1);
    expect(setting.emulator.lines()[0]).toBe("the frame");
  });
});

describe("wide characters", () => {
  const dotted = (text: string, x = 0): Picture["canvases"][number] => {
    const surface = new Surface(8, 1);
    surface.fill(rect(0, 0, 8, 1), ".");
    surface.put(x, 0, text);
    return { area: rect(0, 0, 8, 1), surface };
  };

  test.each([
    ["is replaced by two narrow ones", "日", "ab"],
    ["loses its first half", "日", "a"],
    ["is replaced by another", "日", "本"],
    ["becomes narrow, and wide again", "a日", "日a"],
    ["moves by one cell", "日.", ".日"],
  ])("one that %s", async (_, before, after) => {
    const setting = new Setting(8, 1);
    for (const text of [before, after, before]) {
      await setting.paint("", { canvases: [dotted(text)] });
      const surface = dotted(text).surface;
      expect(setting.emulator.lines()).toEqual(surface.text());
      await setting.paint("", { canvases: [dotted("."), dotted(text)] });
      expect(setting.emulator.lines()).toEqual(surface.text());
    }
  });

  test("a dialog's edge in the middle of one leaves blanks on both sides", async () => {
    const setting = new Setting(8, 1);
    await setting.paint("日本語漢", { canvases: [dotted("")], dialog: rect(1, 0, 4, 1) });
    expect(setting.emulator.lines()).toEqual([". 本 ..."]);
  });

  test("in a terminal that takes them for narrower or wider, what follows is still at its place", async () => {
    const setting = new Setting(12, 1);
    const surface = new Surface(12, 1);
    surface.put(0, 0, "a👨‍👩‍👧b❤️c1️⃣d", PLAIN);
    await setting.paint("\x1b[1mzzzzzzzzzzzz");
    await setting.paint("", { canvases: [{ area: rect(0, 0, 12, 1), surface }] });
    expect([0, 3, 6, 9].map((x) => setting.emulator.cell(x, 0)?.text)).toEqual(["a", "b", "c", "d"]);
    expect(setting.emulator.text()).not.toContain("z");
  });
});

describe("the size", () => {
  test("changes: everything is sent again, cut or blank where there is more now", async () => {
    const setting = new Setting();
    await setting.paint("wide enough\nsecond\nthird");
    setting.emulator.resize(6, 2);
    let resized = 0;
    setting.screen.on("resize", () => resized++);
    setting.screen.resize(6, 2);
    await setting.paint("wide enough\nsecond\nthird");
    expect(setting.emulator.lines()).toEqual(["wide e", "second"]);
    expect(resized, "Ink is told").toBe(1);
    setting.emulator.resize(12, 3);
    setting.screen.resize(12, 3);
    await setting.paint("wide enough\nsecond\nthird");
    expect(setting.emulator.lines()).toEqual(["wide enough", "second", "third"]);
  });

  test("a canvas larger than the screen is cut", async () => {
    const setting = new Setting(6, 2);
    const surface = new Surface(20, 9);
    for (let y = 0; y < 9; y++) surface.put(0, y, `row ${y} and on and on`, Fg.red | Bg.blue);
    await setting.paint("", { canvases: [{ area: rect(3, 1, 20, 9), surface }] });
    expect(setting.emulator.lines()).toEqual(["", "   row"]);
  });
});
