/** Looks in one number, and the SGR sequences they become. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { afterSgr, Bg, BOLD, DIM, Fg, INVERSE, PLAIN, sgr, UNDERLINE } from "../../../src/tui/screen/style.ts";
import { style } from "./style-values.ts";

const codesOf = (sequence: string): number[] => {
  const found = /^\x1b\[([\d;]+)m$/.exec(sequence);
  expect(found, `${JSON.stringify(sequence)} is one SGR sequence`).not.toBeNull();
  return found![1]!.split(";").map(Number);
};

describe("style", () => {
  test("the 16 colours of the user's theme and four attributes, each from a reset", () => {
    expect(codesOf(sgr(PLAIN, false))).toEqual([0]);
    expect(codesOf(sgr(Fg.cyan | BOLD, false))).toEqual([0, 1, 36]);
    expect(codesOf(sgr(Fg.grey, false))).toEqual([0, 90]);
    expect(codesOf(sgr(Bg.cyan | Fg.black, false))).toEqual([0, 30, 46]);
    expect(codesOf(sgr(Bg.grey | DIM | UNDERLINE | INVERSE, false))).toEqual([0, 2, 4, 7, 100]);
  });

  test("no two colours or attributes share a bit pattern", () => {
    const all = [...Object.values(Fg), ...Object.values(Bg), BOLD, DIM, UNDERLINE, INVERSE];
    expect(new Set(all).size).toBe(18 + 4);
    // A cell's look is kept in 16 bits.
    for (const each of all) expect(each).toBeLessThan(1 << 16);
  });

  test("what is sent, read again, is the same look", () => {
    fc.assert(
      fc.property(style, style, (look, before) => {
        expect(codesOf(sgr(look, false)).reduce(afterSgr, before)).toBe(look);
      }),
    );
  });

  test("every SGR colour and attribute is undone by its own code", () => {
    for (let code = 30; code <= 107; code++) {
      const off = code < 40 || (code >= 90 && code < 100) ? 39 : 49;
      expect(afterSgr(afterSgr(BOLD, code), off), String(code)).toBe(BOLD);
    }
    for (const [on, off] of [
      [1, 22],
      [2, 22],
      [4, 24],
      [7, 27],
    ] as const)
      expect(afterSgr(afterSgr(Fg.red, on), off)).toBe(Fg.red);
    // Italic, blink, hidden, struck out, fonts: not in this palette.
    for (const code of [3, 5, 8, 9, 10, 21, 53]) expect(afterSgr(Fg.red | BOLD, code)).toBe(Fg.red | BOLD);
  });

  test("without colours nothing has one, and what was marked by a background stays marked", () => {
    fc.assert(
      fc.property(style, (look) => {
        const codes = codesOf(sgr(look, true));
        expect(codes.filter((code) => code >= 30)).toEqual([]);
        for (const [attribute, code] of [
          [BOLD, 1],
          [DIM, 2],
          [UNDERLINE, 4],
        ] as const)
          expect(codes.includes(code)).toBe((look & attribute) !== 0);
        const isMarked = (look & INVERSE) !== 0 || (look & 0b11111_00000) !== 0;
        expect(codes.includes(7)).toBe(isMarked);
      }),
    );
  });
});
