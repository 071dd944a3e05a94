/** Ink's frames as cells: texts with SGR sequences, line by line. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { parseFrame } from "../../../src/tui/screen/ansi.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN, sgr } from "../../../src/tui/screen/style.ts";
import type { Surface } from "../../../src/tui/screen/surface.ts";
import { style } from "./style-values.ts";

const looks = (surface: Surface, y: number): number[] =>
  Array.from({ length: surface.width }, (_, x) => surface.style(x, y));

describe("a frame", () => {
  test("is cut to the screen, and blank where it says nothing", () => {
    const surface = parseFrame("title that is long\n\nthird\nfourth", 8, 3);
    expect(surface.text()).toEqual(["title th", "        ", "third   "]);
  });

  test("looks are those of chalk: on, off, one inside another", () => {
    const surface = parseFrame("\x1b[36m\x1b[1mab\x1b[22mc\x1b[39md\x1b[2me\x1b[22m", 6, 1);
    expect(surface.text()).toEqual(["abcde "]);
    expect(looks(surface, 0)).toEqual([Fg.cyan | BOLD, Fg.cyan | BOLD, Fg.cyan, PLAIN, DIM, PLAIN]);
  });

  test("a look goes on in the next line, until it is switched off", () => {
    const surface = parseFrame("\x1b[7ma\nb\x1b[27mc", 2, 2);
    expect([looks(surface, 0)[0], ...looks(surface, 1)]).toEqual([INVERSE, INVERSE, PLAIN]);
    expect(looks(surface, 0)[1], "blanks behind the end of a line are nobody's").toBe(PLAIN);
  });

  test("an empty parameter is a reset, and sequences that are no looks are left out", () => {
    const surface = parseFrame("\x1b[31ma\x1b[mb\x1b[2K\x1b[?25lc\x1b[1;31md", 4, 1);
    expect(surface.text()).toEqual(["abcd"]);
    expect(looks(surface, 0)).toEqual([Fg.red, PLAIN, PLAIN, BOLD | Fg.red]);
  });

  test("what is no sequence is shown as the character it is not", () => {
    expect(parseFrame("a\x1bb\x1b[", 6, 1).text()).toEqual(["a·b·[ "]);
  });

  test("wide characters and marks keep their cells", () => {
    const surface = parseFrame("\x1b[1m日\x1b[22me\u0301|", 5, 1);
    expect([0, 1, 2, 3].map((x) => surface.glyph(x, 0))).toEqual(["日", "", "e\u0301", "|"]);
  });

  test("any cells with any looks, written and read", () => {
    const cell = fc.tuple(style, fc.constantFrom(..."ab ─█é", "日", "e\u0301"));
    fc.assert(
      fc.property(fc.array(fc.array(cell, { maxLength: 6 }), { maxLength: 4 }), (lines) => {
        const frame = lines.map((line) => line.map(([look, glyph]) => sgr(look, false) + glyph).join("")).join("\n");
        const surface = parseFrame(frame, 12, 4);
        lines.forEach((line, y) => {
          let x = 0;
          for (const [look, glyph] of line) {
            expect([surface.glyph(x, y), surface.style(x, y)]).toEqual([glyph, look]);
            x += glyph === "日" ? 2 : 1;
          }
        });
      }),
    );
  });
});
