/** The layers of the house: who may import whom, and what the floors below the roof may not know. */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const SRC = resolve(import.meta.dirname, "../src");

type Folder = "base" | "engine" | "packet" | "device" | "stack" | "xen" | "machine" | "lab" | "cli" | "tui";

const GROUND: readonly Folder[] = ["base", "engine", "packet", "device"];

const allowed: Readonly<Record<Folder, { readonly folders: readonly Folder[]; readonly packages: readonly RegExp[] }>> =
  {
    base: { folders: [], packages: [] },
    engine: { folders: ["base"], packages: [] },
    packet: { folders: ["base"], packages: [/^ip-address$/] },
    device: { folders: ["base", "engine", "packet"], packages: [] },
    stack: { folders: GROUND, packages: [] },
    xen: { folders: GROUND, packages: [] },
    machine: { folders: [...GROUND, "stack", "xen"], packages: [] },
    lab: { folders: [...GROUND, "stack", "xen", "machine"], packages: [/^zod$/, /^yaml$/] },
    cli: { folders: ["lab"], packages: [/^yargs(\/|$)/, /^node:/] },
    tui: { folders: ["lab"], packages: [/^ink$/, /^react$/, /^string-width$/, /^node:/] },
  };

/** Longer than 400 lines, with the reason. */
const LONG: Readonly<Record<string, string>> = {};

/** Folders whose every kind must stand in a list; `kind` tells a kind's file from a helper's by its text. */
interface KindList {
  readonly folder: string;
  readonly list: string;
  readonly kind: RegExp;
}

const LISTS: readonly KindList[] = [
  { folder: "cli/commands", list: "cli/commands/index.ts", kind: /./ },
  { folder: "machine/command", list: "machine/command/index.ts", kind: /^export const \w+: Command = /m },
  { folder: "machine/command", list: "machine/command/index.ts", kind: /^export const \w+: readonly Command\[\] = /m },
  { folder: "device", list: "device/kinds.ts", kind: /^export class \w+ extends NetDevice\b/m },
  { folder: "lab/export", list: "lab/export/index.ts", kind: /^export const \w+: ExportKind = /m },
  { folder: "tui/views", list: "tui/views/index.ts", kind: /^export const \w+: View<\w+> = /m },
];

/** What a view may know of the lab: what was seen at one instant, and functions from data to data. Never the lab itself. */
const SEEN_BY_VIEWS: readonly (readonly [name: RegExp, reason: string])[] = [
  [/^\w+Snapshot$/, "plain data of one instant"],
  [/^CapturePointSummary$/, "the same for a capture point"],
  [/^(FrameRow|FrameRecord)$/, "a frame that was kept: its row in a list, its bytes"],
  [/^(Layer|Field)$/, "what dissect gives"],
  [/^StoryLine$/, "what was decided about a frame, as plain data"],
  [/^(RehearsedStep|HostState|Heading|HeadingId)$/, "steps of a set-up that was rehearsed, and the host after each"],
  [/^groupSteps$/, "steps to headings, a pure function"],
  [/^Nanos$/, "the unit of every time in these"],
  [/^dissect$/, "bytes to layers, a pure function"],
  [/^formatSeconds$/, "a time as text, as tools print it"],
];

interface Import {
  readonly file: string;
  readonly specifier: string;
}

const files = (readdirSync(SRC, { recursive: true }) as string[])
  .filter((file) => /\.tsx?$/.test(file))
  .map((file) => file.replaceAll("\\", "/"));
const text = (file: string): string => readFileSync(join(SRC, file), "utf8");
const folderOf = (file: string): Folder => file.split("/")[0] as Folder;

function importsOf(file: string): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s[^;]*?from\s+"([^"]+)"|import\(\s*"([^"]+)"\s*\)|(?:^|\n)import\s+"([^"]+)"/g;
  return [...text(file).matchAll(pattern)].map((match) => ({ file, specifier: match[1] ?? match[2] ?? match[3]! }));
}

const target = ({ file, specifier }: Import): string =>
  relative(SRC, resolve(SRC, dirname(file), specifier)).replaceAll("\\", "/");

function complaint(each: Import): string | null {
  const folder = folderOf(each.file);
  const rule = allowed[folder];
  if (!each.specifier.startsWith(".")) {
    return rule.packages.some((known) => known.test(each.specifier))
      ? null
      : `${each.file} imports ${each.specifier}: ${folder} may not know that package`;
  }
  const to = target(each);
  const other = folderOf(to);
  if (other === folder || to.startsWith("..")) return null;
  // The command that opens the terminal; whoever else needs what Ink brings waits for it too.
  if (folder === "cli" && to === "tui/main.ts") return null;
  if (!rule.folders.includes(other)) return `${each.file} imports ${to}: ${folder} stands below ${other}, or beside it`;
  if ((folder === "cli" || folder === "tui") && to !== "lab/index.ts")
    return `${each.file} imports ${to}: the door is lab/index.ts`;
  return null;
}

/** Files that are loaded as soon as this one is: neither types nor what it waits for later. */
const loadedWith = (file: string): string[] =>
  [...text(file).matchAll(/(?:^|\n)(?:import|export)\s(?!type\b)[^;]*?"(\.[^"]+)";/g)].map((match) =>
    target({ file, specifier: match[1]! }),
  );

/** Names that a file imports from files whose path matches, and whether as types only. */
function namesFrom(file: string, from: RegExp): { readonly name: string; readonly isType: boolean }[] {
  const pattern = /(?:^|\n)import\s+(type\s+)?\{([^}]*)\}\s+from\s+"([^"]+)"/g;
  return [...text(file).matchAll(pattern)]
    .filter((match) => from.test(target({ file, specifier: match[3]! })))
    .flatMap((match) =>
      match[2]!
        .split(",")
        .map((name) => name.trim())
        .filter((name) => name !== "")
        .map((name) => ({
          name: name.replace(/^type\s+/, "").replace(/\s+as\s+.*$/, ""),
          isType: match[1] !== undefined || name.startsWith("type "),
        })),
    );
}

describe("architecture", () => {
  test("files exist, so that the rest of this suite can fail", () => {
    expect(files.length).toBeGreaterThan(100);
    expect(files.flatMap(importsOf).length).toBeGreaterThan(500);
  });

  test("every file stands on a known floor", () => {
    expect(files.map(folderOf).filter((folder) => !(folder in allowed))).toEqual([]);
  });

  test("a folder imports only what the table allows", () => {
    expect(
      files
        .flatMap(importsOf)
        .map(complaint)
        .filter((found) => found !== null),
    ).toEqual([]);
  });

  test("the command line loads the lab and the terminal when a command wants them, not before", () => {
    const loaded = new Set(["cli/main.ts"]);
    for (const file of loaded) for (const each of loadedWith(file)) loaded.add(each);
    expect(loaded.size, "the commands are loaded").toBeGreaterThan(15);
    expect([...loaded].filter((file) => folderOf(file) !== "cli")).toEqual([]);
  });

  test("a view knows snapshots and pure functions of the lab, and of the session only types", () => {
    const views = files.filter((file) => file.startsWith("tui/views/"));
    const known = views.flatMap((file) => namesFrom(file, /^lab\//).map(({ name }) => ({ file, name })));
    expect(known.length, "views import from the lab").toBeGreaterThan(20);
    expect(known.filter(({ name }) => !SEEN_BY_VIEWS.some(([allowedName]) => allowedName.test(name)))).toEqual([]);
    const fromSession = views.flatMap((file) => namesFrom(file, /^tui\/session\//).map((each) => ({ file, ...each })));
    expect(fromSession.length, "views import types of the session").toBeGreaterThan(5);
    expect(fromSession.filter(({ isType }) => !isType)).toEqual([]);
  });

  test("below cli and tui nothing knows the wall clock, files, chance or promises", () => {
    const forbidden =
      /"node:|\bMath\.random\b|\bnew Date\b|\bDate\.now\b|\bsetTimeout\b|\bsetInterval\b|\bqueueMicrotask\b|\bperformance\.|\bnew Promise\b|\bawait\b|\basync\b|\bIntl\.|\.localeCompare\b|\.toLocale/;
    const pure = files.filter((file) => folderOf(file) !== "cli" && folderOf(file) !== "tui");
    const guilty = pure.flatMap((file) =>
      text(file)
        .split("\n")
        .map((line, index) => ({ line, place: `${file}:${index + 1}` }))
        .filter(({ line }) => !/^\s*(\*|\/\/|\/\*)/.test(line) && forbidden.test(line))
        .map(({ line, place }) => `${place} ${line.trim()}`),
    );
    expect(guilty).toEqual([]);
  });

  test("of Math only integer helpers and sqrt", () => {
    const pure = files.filter((file) => !["cli", "tui"].includes(folderOf(file)));
    const used = pure.flatMap((file) =>
      [...text(file).matchAll(/\bMath\.(\w+)/g)].map((match) => `${match[1]} in ${file}`),
    );
    const fine = /^(floor|ceil|round|trunc|abs|min|max|sign|imul|clz32|sqrt) /;
    expect(used.filter((use) => !fine.test(use))).toEqual([]);
  });

  test("every file opens with what it is", () => {
    const headed = /^(#!.*\n)?(\/\/ biome-ignore-all .*\n)*\/\*\*/;
    expect(files.filter((file) => !headed.test(text(file)))).toEqual([]);
  });

  test("no file is longer than 400 lines without a reason", () => {
    const long = files.filter((file) => text(file).split("\n").length > 401 && !(file in LONG));
    expect(long).toEqual([]);
  });

  test("a kind is one file and one line in its list", () => {
    const missing = LISTS.flatMap(({ folder, list, kind }) => {
      const kinds = files.filter((file) => file.startsWith(`${folder}/`) && file !== list && kind.test(text(file)));
      expect(kinds, `${folder}: the pattern for its kinds finds some`).not.toEqual([]);
      const imported = new Set(importsOf(list).map(target));
      return kinds.filter((file) => !imported.has(file));
    });
    expect(missing).toEqual([]);
  });
});
