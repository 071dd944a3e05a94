/** Cases in which the emulator once differed from the kernel: `npm run fuzz:twin` found them, made them small and saved them. */
import { readdirSync, readFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type SavedCase, savedCase } from "../fuzz/twin/case.ts";
import { compare } from "../fuzz/twin/compare.ts";
import { inEmulator } from "../fuzz/twin/emulated-world.ts";
import { RealWorld } from "../fuzz/twin/real-world.ts";
import { tellDifference } from "../fuzz/twin/tell.ts";
import { judges } from "../kit/fidelity.ts";
import { canMakeNamespaces } from "../kit/netns.ts";
import { requireTool } from "../kit/tools.ts";

judges("fuzz");

const TOOLS = ["ip", "bridge", "iptables", "iptables-restore", "python3"];
const hasKernel = TOOLS.map(requireTool).every((found) => found) && canMakeNamespaces();

const folder = new URL(".", import.meta.url);
const names = readdirSync(folder).filter((name) => name.endsWith(".json"));
const read = (name: string): SavedCase => savedCase(readFileSync(new URL(name, folder), "utf8"));

function differenceOf(saved: SavedCase, kernel: SavedCase["outcome"]): string {
  const { difference } = compare(saved, inEmulator(saved), kernel);
  return difference === null ? "" : tellDifference(saved, difference);
}

describe("what the kernel said to a saved case, the emulator says", () => {
  it("there are saved cases", () => expect(names.length).toBeGreaterThan(3));

  for (const name of names) {
    it(name, () => {
      const saved = read(name);
      expect(saved.about).not.toBe("");
      expect(differenceOf(saved, saved.outcome)).toBe("");
    });
  }
});

describe.skipIf(!hasKernel)("this machine's kernel still says it", () => {
  let world: RealWorld;

  beforeAll(() => {
    world = new RealWorld();
  });
  afterAll(() => world.close());

  for (const name of names) {
    it(name, async () => {
      const saved = read(name);
      expect(differenceOf(saved, await world.play(saved))).toBe("");
    });
  }
});
