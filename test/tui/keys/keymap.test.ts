/** The one table of keys: nothing is bound twice by accident, and a terminal can send all of it. */
import { describe, expect, test } from "vitest";
import { KeyParser } from "../../../src/tui/keys/key-parser.ts";
import { type Binding, bindingOf, EVERYWHERE, keysText, keyText } from "../../../src/tui/keys/keymap.ts";
import { VIEWS } from "../../../src/tui/views/index.ts";
import { bytesOf } from "../kit/keys.ts";

/** Keys that a view takes for something else, with the reason. */
const TAKEN: Readonly<Record<string, string>> = {
  "captures space": "a list of switches: space switches; P runs and pauses there",
};

const twice = (bindings: readonly Binding[]): string[] => {
  const keys = bindings.flatMap((binding) => binding.keys);
  return keys.filter((key, index) => keys.indexOf(key) !== index);
};
const keysOf = (bindings: readonly Binding[]): ReadonlySet<string> => new Set(bindings.flatMap(({ keys }) => keys));

describe("the table", () => {
  test("no key stands twice in a view or among those that hold everywhere", () => {
    expect(twice(EVERYWHERE)).toEqual([]);
    for (const view of VIEWS) expect(twice(view.bindings), view.title).toEqual([]);
  });

  test("a view takes no key of everywhere, but where that is meant", () => {
    const everywhere = keysOf(EVERYWHERE);
    const taken = VIEWS.flatMap(({ id, bindings }) =>
      [...keysOf(bindings)].filter((key) => everywhere.has(key)).map((key) => `${id} ${key}`),
    );
    expect(taken).toEqual(Object.keys(TAKEN));
  });

  test("the digits of the views, and ^C, are nobody else's", () => {
    const views = VIEWS.map(({ key }) => key);
    expect(new Set(views).size).toBe(views.length);
    for (const bindings of [EVERYWHERE, ...VIEWS.map((view) => view.bindings)])
      for (const key of keysOf(bindings)) expect(key).not.toMatch(/^(alt-)?\d$/);
    expect(keysOf(EVERYWHERE).has("ctrl-c")).toBe(false);
  });

  test("no action stands twice in a view, and each has a label", () => {
    for (const { title, bindings } of VIEWS) {
      expect(new Set(bindings.map(({ action }) => action)).size, title).toBe(bindings.length);
      for (const { label } of bindings) expect(label).toMatch(/^\S.*\S$/);
    }
  });

  test("no view has an action of everywhere under the same name: it would be done in its place", () => {
    const everywhere = new Set(EVERYWHERE.map(({ action }) => action));
    for (const { title, bindings } of VIEWS)
      expect(
        bindings.map(({ action }) => action).filter((action) => everywhere.has(action)),
        title,
      ).toEqual([]);
  });

  test("a terminal sends every key that is bound, under that name", () => {
    for (const name of [...EVERYWHERE, ...VIEWS.flatMap(({ bindings }) => bindings)].flatMap(({ keys }) => keys)) {
      const parser = new KeyParser();
      const events = [...parser.feed(Buffer.from(bytesOf(name))), ...parser.flush()];
      expect(events.map((event) => (event.kind === "key" ? event.name : "?"))).toEqual([name]);
    }
  });

  test("help is the last one everywhere, for it is the last hint", () => {
    expect(EVERYWHERE.at(-1)!.action).toBe("help");
    expect(bindingOf("?", EVERYWHERE)!.action).toBe("help");
    expect(bindingOf("ctrl-space", EVERYWHERE)).toBeNull();
  });
});

test("keys as they are written", () => {
  expect(
    ["ctrl-p", "alt-m", "alt-left", "shift-tab", "enter", "pagedown", "space", "G"].map((key) => keyText(key)),
  ).toEqual([...["^P", "alt-m", "alt-←", "⇧tab", "↵", "pgdn", "space", "G"]]);
  expect(keysText({ action: "", label: "", keys: ["j", "down"] })).toBe("j ↓");
});
