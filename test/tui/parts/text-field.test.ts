/** One line being typed: readline's everyday keys, and its cursor always in sight. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { edit, fieldOf, inSight, insert, replaceFrom, type TextField } from "../../../src/tui/parts/text-field.ts";
import { cellWidth } from "../../../src/tui/screen/surface.ts";
import { key, paste, typed, wheel } from "../kit/keys.ts";

/** "ab|c": the bar is the cursor. */
function at(text: string): TextField {
  const cursor = text.indexOf("|");
  return { text: text.replace("|", ""), cursor };
}
const show = ({ text, cursor }: TextField): string => `${text.slice(0, cursor)}|${text.slice(cursor)}`;
const moved = (before: string, ...names: readonly string[]): string =>
  show(names.reduce((field, name) => edit(field, key(name)) ?? field, at(before)));

describe("keys", () => {
  test.each([
    ["left", "ab|c", "a|bc"],
    ["ctrl-b", "|abc", "|abc"],
    ["right", "ab|c", "abc|"],
    ["ctrl-f", "abc|", "abc|"],
    ["home", "ab|c", "|abc"],
    ["ctrl-a", "|abc", "|abc"],
    ["end", "ab|c", "abc|"],
    ["ctrl-e", "abc|", "abc|"],
    ["alt-b", "ip addr sh|ow", "ip addr |show"],
    ["alt-b", "ip addr |show", "ip |addr show"],
    ["ctrl-left", "|ip", "|ip"],
    ["alt-f", "ip| addr", "ip addr|"],
    ["ctrl-right", "ip addr|", "ip addr|"],
    ["backspace", "ab|c", "a|c"],
    ["backspace", "|abc", "|abc"],
    ["delete", "ab|c", "ab|"],
    ["delete", "abc|", "abc|"],
    ["ctrl-w", "ip addr  |show", "ip |show"],
    ["alt-backspace", "ip addr|", "ip |"],
    ["ctrl-w", "|ip", "|ip"],
    ["alt-d", "ip| addr show", "ip| show"],
    ["ctrl-u", "ip addr| show", "| show"],
    ["ctrl-k", "ip addr| show", "ip addr|"],
  ])("%s: %s becomes %s", (name, before, wanted) => {
    expect(moved(before, name)).toBe(wanted);
  });

  test("typing goes in at the cursor", () => {
    expect(show(typed("it ").reduce((field, event) => edit(field, event)!, at("p|ng")))).toBe("pit |ng");
  });

  test("a character of two halves is one step", () => {
    expect(moved("a😀|b", "left")).toBe("a|😀b");
    expect(moved("a|😀b", "right")).toBe("a😀|b");
    expect(moved("a😀|b", "backspace")).toBe("a|b");
    expect(moved("a|😀b", "delete")).toBe("a|b");
  });

  test("a paste is text, its line ends blanks, other controls nothing", () => {
    expect(show(edit(at("[|]"), paste("one\r\n  two\n\nthree\x1b[31m\t!"))!)).toBe("[one two three[31m!|]");
  });

  test("what is none of its keys is for others", () => {
    for (const name of ["enter", "esc", "tab", "up", "f1", "ctrl-c", "ctrl-l", "alt-left", "shift-tab", "pageup"])
      expect(edit(at("a|"), key(name)), name).toBeNull();
    expect(edit(at("a|"), wheel("wheel-up"))).toBeNull();
  });

  test("any keys whatever leave a cursor inside the text, and no control characters", () => {
    const event = fc.oneof(
      fc.constantFrom(
        ..."left right home end backspace delete ctrl-w alt-d ctrl-u ctrl-k alt-b alt-f ctrl-e".split(" ").map(key),
      ),
      fc.string({ unit: "binary" }).map(paste),
      fc.constantFrom(...typed("ab 😀")),
    );
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30 }), (events) => {
        let field = fieldOf("");
        for (const each of events) {
          field = edit(field, each)!;
          expect(field.cursor).toBeGreaterThanOrEqual(0);
          expect(field.cursor).toBeLessThanOrEqual(field.text.length);
          expect(field.text).not.toMatch(/\p{Cc}/u);
          expect(field.text.slice(0, field.cursor), "no half character before the cursor").not.toMatch(
            /[\ud800-\udbff]$(?![\udc00-\udfff])/,
          );
        }
      }),
    );
  });
});

test("insert and replace work at the cursor", () => {
  expect(show(insert(at("ip a|"), "ddr"))).toBe("ip addr|");
  expect(show(replaceFrom(at("ip ad| show"), 3, "addr "))).toBe("ip addr | show");
});

describe("in sight", () => {
  test("a text that fits is shown as it is, padded", () => {
    expect(inSight(at("pi|ng"), 8)).toEqual({ text: "ping    ", x: 2 });
    expect(inSight(at("ping|"), 5)).toEqual({ text: "ping ", x: 4 });
  });

  test("a longer one is cut on the side that is further from the cursor", () => {
    expect(inSight(at("ping 192.168.1.1|"), 8)).toEqual({ text: "…68.1.1 ", x: 7 });
    expect(inSight(at("|ping 192.168.1.1"), 8)).toEqual({ text: "ping 19…", x: 0 });
    expect(inSight(at("ping 192|.168.1.1"), 8)).toEqual({ text: "…ng 192…", x: 7 });
  });

  test("any text in any room: exactly as wide, and the cursor where its text ends", () => {
    const text = fc.string({ unit: fc.constantFrom(..."abc ", "日", "😀", "e\u0301") });
    fc.assert(
      fc.property(text, text, fc.integer({ min: 4, max: 20 }), (before, behind, width) => {
        const shown = inSight({ text: before + behind, cursor: before.length }, width);
        expect(cellWidth(shown.text)).toBe(width);
        expect(shown.x).toBeGreaterThanOrEqual(0);
        expect(shown.x).toBeLessThan(width);
        if (before === "") expect(shown.x).toBe(0);
        if (cellWidth(before) < width) expect(shown.x).toBe(cellWidth(before));
        else expect(shown.x, "as much of it as there is room for").toBeGreaterThanOrEqual(width - 3);
      }),
      { numRuns: 500 },
    );
  });
});
