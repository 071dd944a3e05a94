/** `--ascii`: every sign that is drawn anywhere has a stand-in, and nothing but ASCII comes out. */
import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { toAscii } from "../../../src/tui/screen/ascii.ts";
import { cellWidth } from "../../../src/tui/screen/surface.ts";

const SRC = resolve(import.meta.dirname, "../../../src");

/** Every sign outside ASCII in the sources of what is drawn: the terminal's own, and sentences of the floors below. */
function signs(): readonly string[] {
  const files = (readdirSync(SRC, { recursive: true }) as string[]).filter((file) => /\.tsx?$/.test(file));
  const texts = files.map((file) => readFileSync(join(SRC, file), "utf8")).join("");
  return [...new Set(texts.match(/[^\0-\x7f]/gu))];
}

describe("ascii", () => {
  test("every sign in the sources has a stand-in", () => {
    expect(signs().length, "there are signs").toBeGreaterThan(50);
    expect(signs().filter((sign) => toAscii(sign) === "?")).toEqual([]);
  });

  test("every sign in the sources is one cell wide, and none an emoji", () => {
    expect(signs().filter((sign) => cellWidth(sign) !== 1)).toEqual([]);
    // A terminal may draw these in colours and two cells wide: ▶ is one of them, ► is not.
    expect(signs().filter((sign) => /\p{Emoji}/u.test(sign) && !/[↔]/.test(sign))).toEqual([]);
  });

  test("signs that tell states apart are still told apart", () => {
    for (const set of ["◉○✓…", "●○✗", "━─┄", "►◄", "▸▾", "✗·›", "●‖", "┫┊"])
      expect(new Set([...set].map(toAscii)).size, set).toBe([...set].length);
  });

  test("a letter loses its marks; what nobody foresaw is a question mark", () => {
    expect(["é", "e\u0301", "Å", "ñ"].map(toAscii)).toEqual(["e", "e", "A", "n"]);
    expect(["日", "😀", "ß", "\u0301", "\0", "\x7f", "👨‍👩‍👧"].map(toAscii)).toEqual([
      "?",
      "?",
      "?",
      "?",
      "?",
      "?",
      "?",
    ]);
  });

  test("one printable ASCII character for anything", () => {
    fc.assert(
      fc.property(fc.string({ unit: "grapheme", minLength: 1, maxLength: 1 }), (glyph) => {
        expect(toAscii(glyph)).toMatch(/^[ -~]$/);
      }),
      { numRuns: 1000 },
    );
    for (let code = 32; code < 127; code++) expect(toAscii(String.fromCharCode(code))).toBe(String.fromCharCode(code));
  });
});
