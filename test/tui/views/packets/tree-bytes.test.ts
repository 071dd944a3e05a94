/** Tree and bytes of the same frame: a byte finds its field, a field its bytes, for every protocol there is. */
import { describe, expect, test } from "vitest";
import { dissect, fieldAt, type Layer } from "../../../../src/lab/index.ts";
import { Bg, Fg, INVERSE, PLAIN } from "../../../../src/tui/screen/style.ts";
import { Surface } from "../../../../src/tui/screen/surface.ts";
import { byteAt, drawBytes, topRow } from "../../../../src/tui/views/packets/bytes.ts";
import { drawTree, pathsTo, type TreeLine, treeLines } from "../../../../src/tui/views/packets/tree.ts";
import { NAMED_ONLY, SAMPLES } from "../../../kit/sample-frames.ts";

const FRAMES = [...SAMPLES, ...NAMED_ONLY];
const layersOf = (frame: Uint8Array): Layer[] => dissect(frame, 0, frame.length);
const frame = (name: string): Uint8Array => SAMPLES.get(name)!;

/** Everything unfolded. */
function allLines(layers: readonly Layer[]): readonly TreeLine[] {
  const open = new Set<string>();
  for (;;) {
    const lines = treeLines(layers, open);
    const folded = lines.filter((line) => line.open === false);
    if (folded.length === 0) return lines;
    for (const { path } of folded) open.add(path);
  }
}

describe("from a byte to its field", () => {
  test("every byte of every frame leads to one line, which holds it and is what the lab calls it", () => {
    for (const [name, bytes] of FRAMES) {
      const layers = layersOf(bytes);
      for (let byte = 0; byte < bytes.length; byte++) {
        const paths = pathsTo(layers, byte);
        const lines = treeLines(layers, new Set(paths.slice(0, -1)));
        const found = lines.filter(({ path }) => path === paths.at(-1));
        expect(found.length, `byte ${byte} of ${name}`).toBe(1);
        const [line] = found;
        expect(byte >= line!.from && byte < line!.to, `byte ${byte} of ${name} in ${line!.name}`).toBe(true);
        const field = fieldAt(layers, byte);
        if (field !== null) expect([line!.name, line!.from, line!.to]).toEqual([field.name, field.from, field.to]);
      }
      expect(pathsTo(layers, bytes.length), "behind the frame").toEqual([]);
    }
  });

  test("no two lines of a frame have the same path", () => {
    for (const [name, bytes] of FRAMES) {
      const paths = allLines(layersOf(bytes)).map(({ path }) => path);
      expect(
        paths.filter((path, index) => paths.indexOf(path) !== index),
        name,
      ).toEqual([]);
    }
  });

  test("an error's quoted packet is folded and unfolded by itself", () => {
    const layers = layersOf(frame("time exceeded"));
    const lines = treeLines(layers, new Set(["ip"]));
    const heads = lines.filter(({ depth }) => depth === 0);
    expect(heads.map(({ path, open }) => [path, open])).toEqual([
      ["eth", false],
      ["ip", true],
      ["icmp", false],
      ["ip#2", false],
      ["icmp#2", false],
      ...(heads.some(({ path }) => path === "data") ? [["data", heads.at(-1)!.open]] : []),
    ]);
  });
});

describe("the tree", () => {
  test("a line's bytes are those of its field, inside of what it stands in", () => {
    for (const [name, bytes] of FRAMES) {
      const stack: TreeLine[] = [];
      for (const line of allLines(layersOf(bytes))) {
        while (stack.length > line.depth) stack.pop();
        const parent = stack.at(-1);
        if (parent !== undefined)
          expect(line.from >= parent.from && line.to <= parent.to, `${line.path} of ${name}`).toBe(true);
        stack.push(line);
      }
    }
  });

  test("is drawn with its signs, and its selected line marked whether it has the focus or not", () => {
    const lines = treeLines(layersOf(frame("ping")), new Set(["ip"]));
    for (const focused of [true, false]) {
      const surface = new Surface(60, 6);
      drawTree(surface, lines, { title: "frame 1", selected: 2, top: 1, focused });
      const [head, first, second] = surface.text();
      expect(head).toMatch(/^─ Decode ─+ frame 1 ─$/);
      expect(first).toMatch(/^ ▾ Internet Protocol Version 4, Src/);
      expect(second).toMatch(/^ {5}Version: 4 +$/);
      expect((surface.style(6, 2) & INVERSE) !== 0).toBe(focused);
      expect(surface.style(6, 2), "seen without the focus too").not.toBe(PLAIN);
    }
  });
});

describe("the bytes", () => {
  const look = { from: 0, to: 0, cursor: 0, focused: false, name: "" };

  test("a cell with a digit or a letter is the byte that stands there; others are none", () => {
    for (const [length, height, from] of [
      [98, 6, 0],
      [98, 4, 90],
      [1442, 20, 700],
      [16, 5, 0],
      [1, 3, 0],
    ] as const) {
      // Bytes that can be told apart.
      const bytes = Uint8Array.from({ length }, (_, i) => (i * 7) & 255);
      const surface = new Surface(80, height);
      drawBytes(surface, bytes, { ...look, from, to: from + 1 });
      const top = topRow(from, height - 1, length);
      for (let y = 0; y < height; y++)
        for (let x = 0; x < 80; x++) {
          const byte = byteAt(x, y, height, length, { from });
          if (byte === null) continue;
          expect(Math.floor(byte / 16)).toBe(top + y - 1);
          const row = surface.text()[y]!;
          const isText = x >= 55;
          if (isText) continue;
          // The first or the second digit of it.
          const hex = bytes[byte]!.toString(16).padStart(2, "0");
          expect([row.slice(x, x + 2), row.slice(x - 1, x + 1)]).toContain(hex);
        }
      const hit = new Set<number>();
      for (let y = 0; y < height; y++)
        for (let x = 0; x < 80; x++) {
          const byte = byteAt(x, y, height, length, { from });
          if (byte !== null) hit.add(byte);
        }
      const shown = Math.min(length, (top + height - 1) * 16) - top * 16;
      expect(hit.size, "every byte in sight can be clicked").toBe(shown);
    }
  });

  test("text stands for its byte too, and what is no letter for a dot", () => {
    const surface = new Surface(80, 3);
    drawBytes(surface, Uint8Array.from([0x41, 0x00, 0x7a, 0x7f, 0x20, 0x7e]), look);
    const row = surface.text()[1]!;
    expect(row).toMatch(/^ 0000 {2}41 00 7a 7f 20 7e +A\.z\.\.~ +$/);
    expect(byteAt(row.indexOf("A."), 1, 3, 6, { from: 0 })).toBe(0);
    expect(byteAt(row.indexOf("A.") + 5, 1, 3, 6, { from: 0 })).toBe(5);
    expect(byteAt(row.indexOf("A.") + 6, 1, 3, 6, { from: 0 }), "behind the last").toBeNull();
    expect(byteAt(7, 0, 3, 6, { from: 0 }), "the rule").toBeNull();
  });

  test("the bytes of the selected field are marked, with what is between them, and named in the rule", () => {
    const surface = new Surface(80, 4);
    drawBytes(surface, frame("ping"), { ...look, from: 14, to: 18, name: "ip" });
    expect(surface.text()[0]).toContain("0x0e  ip  4 B");
    const marked = (y: number): string =>
      Array.from({ length: 55 }, (_, x) =>
        surface.style(x, y) === (Bg.cyan | Fg.black) ? "#" : surface.style(x, y) === Bg.cyan ? "-" : ".",
      )
        .join("")
        .replace(/\.+$/, "");
    expect(marked(1)).toBe(`${".".repeat(7 + 3 * 14 + 1)}##-##`);
    expect(marked(2)).toBe(`${".".repeat(7)}##-##`);
  });

  test("the byte under the cursor is in sight, and marked otherwise than its field", () => {
    const bytes = new Uint8Array(1442);
    for (const cursor of [0, 15, 16, 700, 1441]) {
      const surface = new Surface(80, 8);
      drawBytes(surface, bytes, { ...look, from: 0, to: 1442, cursor, focused: true });
      const cells = Array.from({ length: 8 * 55 }, (_, i) => surface.style(i % 55, Math.floor(i / 55)));
      expect(cells.filter((style) => (style & INVERSE) !== 0)).toHaveLength(2);
    }
  });
});
