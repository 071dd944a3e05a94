/** Looks of cells, for property tests. */
import fc from "fast-check";
import { Bg, BOLD, DIM, Fg, INVERSE, PLAIN, type Style, UNDERLINE } from "../../../src/tui/screen/style.ts";

export const style: fc.Arbitrary<Style> = fc
  .tuple(
    fc.constantFrom(PLAIN, ...Object.values(Fg)),
    fc.constantFrom(PLAIN, ...Object.values(Bg)),
    fc.subarray([BOLD, DIM, UNDERLINE, INVERSE]),
  )
  .map(([foreground, background, attributes]) => attributes.reduce((all, each) => all | each, foreground | background));
