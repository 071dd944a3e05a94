/** Files and programs, as the terminal asks for them. */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { OutsideWorld } from "../../src/cli/outside-world.ts";
import { planOfFile } from "../kit/lab.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "xenlab-outside-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe("saved frames", () => {
  test("go beside the captures, also while there are none, and never over another file", () => {
    const world = new OutsideWorld(join(folder, "captures"), undefined, undefined);
    const plan = planOfFile("bridge-xl.yaml");
    const first = world.save(plan, Uint8Array.of(1));
    const second = world.save(plan, Uint8Array.of(2));
    expect(first).toBe(join(folder, "captures/bridge-xl/selection-1.pcapng"));
    expect(second).toBe(join(folder, "captures/bridge-xl/selection-2.pcapng"));
    expect([...readFileSync(first), ...readFileSync(second)]).toEqual([1, 2]);
  });

  test("a folder that cannot be made is said", () => {
    writeFileSync(join(folder, "captures"), "a file of that name");
    const world = new OutsideWorld(join(folder, "captures"), undefined, undefined);
    expect(() => world.save(planOfFile("bridge-xl.yaml"), Uint8Array.of(1))).toThrow(/EEXIST|ENOTDIR/);
  });
});

describe("topologies", () => {
  test("the shipped ones can be read, each with what it is about", () => {
    const world = new OutsideWorld(folder, undefined, undefined);
    expect(world.shipped.map(({ name }) => name)).toContain("bridge-xl.yaml");
    for (const { path, about } of world.shipped) {
      expect(world.readTopology(path).plan).not.toBeNull();
      expect(about).toMatch(/^\S.*\S$/);
    }
  });

  test("a path is completed with folders and topologies, and nothing else", () => {
    mkdirSync(join(folder, "labs"));
    for (const name of ["lab.yaml", "lab.yml", "lab.txt", "other.yaml"]) writeFileSync(join(folder, name), "");
    const world = new OutsideWorld(folder, undefined, undefined);
    expect([...world.completePath(join(folder, "lab"))].sort()).toEqual([
      ...["lab.yaml", "lab.yml", "labs/"].map((name) => join(folder, name)),
    ]);
    expect(world.completePath(join(folder, "nowhere/x"))).toEqual([]);
  });
});

describe("programs", () => {
  const { PATH, DISPLAY, WAYLAND_DISPLAY } = process.env;
  afterEach(() => {
    for (const [name, value] of Object.entries({ PATH, DISPLAY, WAYLAND_DISPLAY }))
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
  });

  test("are found on the path", () => {
    const world = new OutsideWorld(folder, undefined, undefined);
    expect(world.obstacleTo("sh")).toBeNull();
    expect(world.obstacleTo("no-such-program")).toBe("is not installed");
  });

  test.skipIf(process.platform !== "linux")("with windows need a display", () => {
    writeFileSync(join(folder, "wireshark"), "#!/bin/sh\n", { mode: 0o755 });
    writeFileSync(join(folder, "tshark"), "#!/bin/sh\n", { mode: 0o755 });
    process.env["PATH"] = folder;
    delete process.env["DISPLAY"];
    delete process.env["WAYLAND_DISPLAY"];
    const world = new OutsideWorld(folder, undefined, undefined);
    expect([world.obstacleTo("wireshark"), world.obstacleTo("tshark")]).toEqual(["needs a display", null]);
    process.env["DISPLAY"] = ":0";
    expect(world.obstacleTo("wireshark")).toBeNull();
  });
});
