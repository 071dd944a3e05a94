/** Lists that scroll: the selected row is always in sight, the thumb inside its bar. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { LIST_START, type ListState, move, scroll, select, thumb } from "../../../src/tui/parts/list.ts";

const COUNT = 20;
const HEIGHT = 5;
const moved = (start: ListState, ...actions: readonly string[]): ListState =>
  actions.reduce((state, action) => move(state, action, COUNT, HEIGHT)!, start);

describe("moving", () => {
  test("row by row, half pages, pages, ends", () => {
    expect(moved(LIST_START, "down", "down")).toEqual({ selected: 2, top: 0 });
    expect(moved(LIST_START, "up")).toEqual({ selected: 0, top: 0 });
    expect(moved(LIST_START, "half-down")).toEqual({ selected: 2, top: 0 });
    expect(moved(LIST_START, "page-down"), "one row of the old page stays").toEqual({ selected: 4, top: 0 });
    expect(moved(LIST_START, "page-down", "page-down")).toEqual({ selected: 8, top: 4 });
    expect(moved(LIST_START, "last")).toEqual({ selected: 19, top: 15 });
    expect(moved(LIST_START, "last", "page-up")).toEqual({ selected: 15, top: 15 });
    expect(moved(LIST_START, "last", "half-up", "half-up", "up")).toEqual({ selected: 14, top: 14 });
    expect(moved(LIST_START, "last", "first")).toEqual({ selected: 0, top: 0 });
    expect(move(LIST_START, "open", COUNT, HEIGHT), "no move").toBeNull();
  });

  test("an empty list has row 0", () => {
    for (const action of ["down", "up", "last", "page-down"])
      expect(move(LIST_START, action, 0, HEIGHT)).toEqual(LIST_START);
    expect(scroll(LIST_START, 3, 0, HEIGHT)).toEqual(LIST_START);
  });

  test("after anything at all the selected row is there and in sight, and no room is wasted", () => {
    const steps = fc.array(
      fc.oneof(
        fc.constantFrom("down", "up", "half-down", "half-up", "page-down", "page-up", "first", "last"),
        fc.integer({ min: -9, max: 9 }),
        fc.record({ select: fc.integer({ min: -3, max: 50 }) }),
        fc.record({ count: fc.nat({ max: 40 }), height: fc.integer({ min: 1, max: 12 }) }),
      ),
    );
    fc.assert(
      fc.property(steps, (each) => {
        let state = LIST_START;
        let count = COUNT;
        let height = HEIGHT;
        for (const step of each) {
          if (typeof step === "string") state = move(state, step, count, height)!;
          else if (typeof step === "number") state = scroll(state, step, count, height);
          else if ("select" in step) state = select(state, step.select, count, height);
          else {
            // The list or the window has changed: what views do before each paint.
            ({ count, height } = step);
            state = select(state, state.selected, count, height);
          }
          expect(state.selected).toBeGreaterThanOrEqual(0);
          expect(state.selected).toBeLessThan(Math.max(1, count));
          expect(state.selected - state.top).toBeGreaterThanOrEqual(0);
          expect(state.selected - state.top).toBeLessThan(height);
          expect(state.top).toBeLessThanOrEqual(Math.max(0, count - height));
        }
      }),
    );
  });
});

describe("the thumb", () => {
  test("is not there when everything is in sight, or no bar is", () => {
    expect(thumb(0, 5, 5)).toBeNull();
    expect(thumb(0, 0, 5)).toBeNull();
    expect(thumb(0, 9, 1)).toBeNull();
  });

  test("stands at the top at first and at the foot at last, inside its bar", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 2, max: 60 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.nat(),
        (height, more, at) => {
          const count = height + more;
          const last = count - height;
          const { from, length } = thumb(at % (last + 1), count, height)!;
          expect(from).toBeGreaterThanOrEqual(0);
          expect(length).toBeGreaterThanOrEqual(1);
          expect(length, "it can move").toBeLessThan(height);
          expect(from + length).toBeLessThanOrEqual(height);
          expect(thumb(0, count, height)!.from).toBe(0);
          const end = thumb(last, count, height)!;
          expect(end.from + end.length).toBe(height);
        },
      ),
    );
  });
});
