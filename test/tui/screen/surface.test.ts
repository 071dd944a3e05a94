/** The grid that views draw on: nothing leaves its window, wide characters stay whole, controls never get through. */
import fc from "fast-check";
import stringWidth from "string-width";
import { describe, expect, test } from "vitest";
import { contains, rect } from "../../../src/tui/screen/rect.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN } from "../../../src/tui/screen/style.ts";
import { cellWidth, fitLeft, fitRight, Surface } from "../../../src/tui/screen/surface.ts";

/** A surface that can be told from what is drawn on it. */
function dotted(width: number, height: number): Surface {
  const surface = new Surface(width, height);
  surface.fill(rect(0, 0, width, height), ".");
  return surface;
}

/** Text as views meet it: of our own glyphs, of guests in any language, and of no language at all. */
const text = fc.oneof(
  fc.string({
    unit: fc.constantFrom(..."abc 019─│╭█▁→✓×é", "日", "本", "😀", "e\u0301", "👨‍👩‍👧", "❤️", "한", "カ\uff9e"),
  }),
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("\x1b", "[", "3", "1", "m", "\n", "\t", "\x7f", "\x9b", "\u2028", "\u202e", "\u200d"),
  }),
);

/** What a surface must be at any time, whatever was drawn on it. */
function expectWhole(surface: Surface): void {
  for (const line of surface.text()) {
    expect(line, "no control character").not.toMatch(/[\p{Cc}\u2028\u2029]/u);
    expect(cellWidth(line), "the row is as wide as the surface").toBe(surface.width);
  }
  for (let y = 0; y < surface.height; y++)
    for (let x = 0; x < surface.width; x++) {
      let rest = 0;
      while (x + rest + 1 < surface.width && surface.glyph(x + rest + 1, y) === "") rest++;
      const glyph = surface.glyph(x, y);
      expect([glyph, cellWidth(glyph)], `the cells of ${x},${y}`).toEqual([glyph, rest + 1]);
      x += rest;
    }
}

describe("put", () => {
  test("writes at its place, and returns the column behind it", () => {
    const surface = dotted(8, 2);
    expect(surface.put(2, 1, "abc", BOLD)).toBe(5);
    expect(surface.text()).toEqual(["........", "..abc..."]);
    expect([surface.style(1, 1), surface.style(2, 1), surface.style(4, 1), surface.style(5, 1)]).toEqual([
      ...[PLAIN, BOLD, BOLD, PLAIN],
    ]);
  });

  test("is cut at every edge, and at its limit", () => {
    const surface = dotted(4, 1);
    expect(surface.put(2, 0, "abcdef")).toBe(4);
    expect(surface.put(-2, 0, "xyz")).toBe(1);
    expect(surface.put(0, -1, "no"), "above").toBe(0);
    expect(surface.put(0, 1, "no"), "below").toBe(0);
    expect(surface.put(9, 0, "no"), "right of it").toBe(9);
    expect(surface.put(-9, 0, "no"), "left of it").toBe(-7);
    expect(surface.text()).toEqual(["z.ab"]);
    expect(surface.put(0, 0, "1234", PLAIN, 2)).toBe(2);
    expect(surface.put(0, 0, "1234", PLAIN, -3), "a limit below zero").toBe(0);
    expect(surface.text()).toEqual(["12ab"]);
  });

  test("what a program writes to move the cursor or to ring the bell is shown, not done", () => {
    const surface = dotted(12, 1);
    surface.put(0, 0, "\x1b[31mred\x07\r\n");
    expect(surface.text()).toEqual(["·[31mred···."]);
    expect(cellWidth("\x1b[31mred\x07\r\n"), "and is measured so").toBe(11);
  });

  test("a combining mark stays with its letter, one without a letter is left out", () => {
    const surface = dotted(6, 1);
    expect(surface.put(0, 0, "e\u0301a\u0308")).toBe(2);
    expect([surface.glyph(0, 0), surface.glyph(1, 0)]).toEqual(["e\u0301", "a\u0308"]);
    expect(surface.put(3, 0, "\u0301\u200b\u202ex")).toBe(4);
    expect(surface.glyph(3, 0)).toBe("x");
  });

  test("a wide character takes two cells or none", () => {
    const surface = dotted(5, 1);
    expect(surface.put(0, 0, "日本語")).toBe(4);
    expect(surface.text()).toEqual(["日本."]);
    expect(surface.put(3, 0, "語", PLAIN, 1), "the limit").toBe(3);
    expect(surface.text()).toEqual(["日本."]);
  });

  test("emoji of several code points are one character", () => {
    const surface = dotted(8, 1);
    expect(surface.put(0, 0, "👨‍👩‍👧🇩🇪❤️")).toBe(6);
    expect([0, 1, 2, 3, 4, 5].map((x) => surface.glyph(x, 0))).toEqual(["👨‍👩‍👧", "", "🇩🇪", "", "❤️", ""]);
  });

  test("half of a wide character is blank, once the other half is overwritten", () => {
    const left = dotted(4, 1);
    left.put(0, 0, "日本");
    left.put(0, 0, "a");
    expect(left.text()).toEqual(["a 本"]);
    const right = dotted(4, 1);
    right.put(0, 0, "日本");
    right.put(1, 0, "b");
    expect(right.text()).toEqual([" b本"]);
    const both = dotted(4, 1);
    both.put(0, 0, "日本");
    both.put(1, 0, "語");
    expect(both.text()).toEqual([" 語 "]);
  });

  test("left of the edge a wide character is only room", () => {
    const surface = dotted(4, 1);
    expect(surface.put(-1, 0, "日a")).toBe(2);
    expect(surface.text()).toEqual([" a.."]);
  });

  test("right: the last character stands before the column", () => {
    const surface = dotted(6, 1);
    surface.putRight(5, 0, "ab");
    surface.putRight(2, 0, "日");
    expect(surface.text()).toEqual(["日.ab."]);
    surface.putRight(2, 0, "abcd");
    expect(surface.text()).toEqual(["cd.ab."]);
  });

  test("any text at any place leaves whole characters and no controls", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: -4, max: 14 }), fc.integer({ min: -1, max: 3 }), text), { maxLength: 8 }),
        (puts) => {
          const surface = dotted(12, 3);
          for (const [x, y, each] of puts) surface.put(x, y, each);
          expectWhole(surface);
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("windows", () => {
  test("nothing is drawn outside, nested or not", () => {
    const surface = dotted(8, 4);
    const window = surface.window(rect(2, 1, 4, 2));
    expect([window.width, window.height]).toEqual([4, 2]);
    window.put(0, 0, "abcdefgh");
    window.put(-3, 1, "12345");
    window.put(0, 2, "no");
    const inner = window.window(rect(1, 0, 9, 9));
    expect([inner.width, inner.height]).toEqual([3, 2]);
    inner.put(0, 0, "XYZW");
    expect(surface.text()).toEqual(["........", "..aXYZ..", "..45....", "........"]);
    expect(inner.glyph(0, 0)).toBe("X");
    expect(window.text()).toEqual(["aXYZ", "45.."]);
  });

  test("one that reaches beyond the surface is cut, one outside is empty", () => {
    const surface = dotted(4, 2);
    for (const [area, width, height] of [
      [rect(3, 1, 9, 9), 1, 1],
      [rect(-1, 0, 3, 1), 2, 1],
      [rect(9, 9, 3, 1), 0, 0],
      [rect(-9, 0, 3, 1), 0, 1],
      [rect(1, 1, -2, 1), 0, 1],
    ] as const) {
      const window = surface.window(area);
      expect([window.width, window.height], JSON.stringify(area)).toEqual([width, height]);
      window.put(0, 5, "no");
    }
    expect(surface.text()).toEqual(["....", "...."]);
  });

  test("a window in the middle of a wide character takes its half as it is drawn on", () => {
    const surface = dotted(4, 1);
    surface.put(0, 0, "日本");
    surface.window(rect(1, 0, 2, 1)).put(0, 0, "ab");
    expect(surface.text()).toEqual([" ab "]);
  });

  test("looks change and glyphs stay", () => {
    const surface = dotted(4, 2);
    surface.put(0, 0, "ab", DIM);
    surface.restyle(rect(1, 0, 9, 1), (style) => (style & ~DIM) | INVERSE);
    expect([0, 1, 2].map((x) => surface.style(x, 0))).toEqual([DIM, INVERSE, INVERSE]);
    expect(surface.style(1, 1)).toBe(PLAIN);
    expect(surface.text()).toEqual(["ab..", "...."]);
  });

  test("a rectangle holds its corner and not the cell behind it", () => {
    const area = rect(2, 1, 3, 2);
    expect([contains(area, 2, 1), contains(area, 4, 2)]).toEqual([true, true]);
    expect([contains(area, 5, 1), contains(area, 2, 3), contains(area, 1, 1), contains(area, 2, 0)]).toEqual([
      ...[false, false, false, false],
    ]);
    expect(rect(3, 3, -5, -1)).toEqual({ x: 3, y: 3, width: 0, height: 0 });
  });
});

describe("copy", () => {
  const source = (): Surface => {
    const surface = new Surface(6, 1);
    surface.put(0, 0, "a日b本", Fg.red);
    return surface;
  };

  test("cells with their looks, cut to what both have", () => {
    const surface = dotted(6, 2);
    surface.copy(source(), rect(0, 0, 6, 1), 3, 1);
    expect(surface.text()).toEqual(["......", "...a日"]);
    expect(surface.style(3, 1)).toBe(Fg.red);
  });

  test("no half characters, neither in it nor beside it", () => {
    const cut = dotted(6, 1);
    cut.copy(source(), rect(2, 0, 3, 1), 1, 0);
    expect(cut.text()).toEqual([". b .."]);
    const over = dotted(6, 1);
    over.put(0, 0, "日本語");
    over.copy(source(), rect(3, 0, 1, 1), 3, 0);
    expect(over.text()).toEqual(["日 b語"]);
  });

  test("any part of any surface", () => {
    const place = fc.nat({ max: 9 });
    fc.assert(
      fc.property(text, text, place, place, place, (from, to, x, width, at) => {
        const surface = dotted(10, 1);
        surface.put(0, 0, to);
        const other = dotted(10, 1);
        other.put(0, 0, from);
        surface.copy(other, rect(x, 0, width, 1), at, 0);
        expectWhole(surface);
      }),
      { numRuns: 300 },
    );
  });
});

describe("widths", () => {
  test("what is taken for one cell is one, by Unicode's own tables", () => {
    const wrong: string[] = [];
    for (let code = 0; code <= 0x3000; code++) {
      const letter = String.fromCharCode(code);
      const surface = new Surface(4, 1);
      if (surface.put(0, 0, letter) === 1 && surface.glyph(0, 0) === letter && stringWidth(letter) !== 1)
        wrong.push(code.toString(16));
    }
    expect(wrong).toEqual([]);
  });

  test("fitLeft pads on the right, cuts with an ellipsis", () => {
    expect(fitLeft("vif1.0", 8)).toBe("vif1.0  ");
    expect(fitLeft("vif1.0", 6)).toBe("vif1.0");
    expect(fitLeft("vif1.0", 4)).toBe("vif…");
    expect(fitLeft("日本語", 5)).toBe("日本…");
    expect(fitLeft("日本語", 4)).toBe("日… ");
    expect(fitLeft("abc", 0)).toBe("");
    expect(fitLeft("", -1)).toBe("");
  });

  test("fitRight pads on the left, and cuts as fitLeft does", () => {
    expect(fitRight("12", 4)).toBe("  12");
    expect(fitRight("日", 4)).toBe("  日");
    expect(fitRight("12345", 4)).toBe("123…");
  });

  test("both are exactly as wide as they are told to be", () => {
    fc.assert(
      fc.property(text, fc.integer({ min: -2, max: 20 }), (each, width) => {
        expect(cellWidth(fitLeft(each, width))).toBe(Math.max(0, width));
        expect(cellWidth(fitRight(each, width))).toBe(Math.max(0, width));
      }),
      { numRuns: 300 },
    );
  });

  test("put takes as many cells as were measured", () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(new Surface(200, 1).put(0, 0, each)).toBe(cellWidth(each));
      }),
      { numRuns: 300 },
    );
  });
});
