import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { deviceFates } from "../../src/device/fates.ts";

const FIRST = Fate.DEVICE_DOWN;
const BEYOND = Fate.NETFRONT_NO_QUEUE;

describe("the stories of device fates", () => {
  it("are there for every code of the layer, once, under its own name", () => {
    const owned = Object.entries(Fate).filter(([, code]) => code >= FIRST && code < BEYOND);
    const expected = owned.map(([word, code]) => [code, word.toLowerCase().replaceAll("_", "-")]);
    expect(deviceFates.map((story) => [story.code, story.name])).toEqual(expected);
  });

  it.each(deviceFates.map((story) => [story.name, story] as const))(
    "%s says what, why, how to see it and the cure",
    (_name, story) => {
      expect(story.what).toMatch(/^[A-Z].*\.$/);
      expect(story.cause).toMatch(/^[A-Z].*\.$/);
      expect(story.command).not.toBe("");
      expect(story.cure).toMatch(/^(?:[A-Z]|ip )/);
    },
  );
});
