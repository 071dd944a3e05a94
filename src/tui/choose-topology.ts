/** Opening a topology: the choice, its mistakes in place, and the workbench that takes the screen. */

import { type Choice, Chooser } from "./chrome/chooser.tsx";
import { Mistakes } from "./chrome/mistakes.tsx";
import { openCard } from "./first-card.ts";
import type { Front } from "./front.ts";
import type { TopologyFile } from "./outside.ts";
import { fuzzyFilter } from "./parts/fuzzy.ts";
import { plural } from "./parts/words.ts";
import { Session } from "./session/session.ts";
import { Workbench } from "./workbench.ts";

interface FileChoice extends Choice {
  readonly path: string;
}

export function openChooser(front: Front): void {
  const shipped: FileChoice[] = front.outside.shipped.map(({ path, name, about }) => ({
    path,
    text: name,
    detail: about,
    key: "",
    completes: path,
  }));
  front.open(
    new Chooser<FileChoice>({
      title: "Open a topology",
      note: "↵ opens   tab completes a path   esc closes",
      width: 90,
      height: 20,
      items: (query) => choices(front, query, shipped),
      chosen: (choice, query) => openFile(front, choice?.path ?? query),
    }),
  );
}

/** A path means that file and no other, however much the letters of another name look like it. */
function choices(front: Front, query: string, shipped: readonly FileChoice[]): FileChoice[] {
  if (query.includes("/")) return paths(front, query);
  return [
    ...(query.includes(".") ? paths(front, query) : []),
    ...fuzzyFilter(query, shipped, ({ text, detail }) => `${text} ${detail}`),
  ];
}

function paths(front: Front, typed: string): FileChoice[] {
  return front.outside
    .completePath(typed)
    .map((path) => ({ path, text: path, detail: path.endsWith("/") ? "folder" : "", key: "", completes: path }));
}

/** Opens a file; with mistakes it shows them and waits for a better one. */
export function openFile(front: Front, path: string, isFirst = false): void {
  if (path.endsWith("/") || path === "") return openChooser(front);
  const file = read(front, path);
  if (file !== null) openRead(front, path, file, isFirst);
  else if (front.bench === null) openChooser(front);
}

/** Null: it cannot be read, and why is said. */
function read(front: Front, path: string): TopologyFile | null {
  try {
    return front.outside.readTopology(path);
  } catch (error) {
    front.say((error as Error).message, "bad");
    return null;
  }
}

function openRead(front: Front, path: string, file: TopologyFile, isFirst: boolean): void {
  if (file.plan === null) return showMistakes(front, path, file, isFirst);
  let bench: Workbench;
  try {
    bench = new Workbench(new Session(file.plan, front.outside, front.options, file.recorded), front.options.motion);
  } catch (error) {
    return front.say((error as Error).message, "bad");
  }
  front.setBench(bench);
  front.open(null);
  const warnings = file.diagnostics.length;
  if (file.recorded !== null) return front.say(`${file.plan.name}: a run that was, at its beginning; alt-> is its end`);
  front.say(
    `${file.plan.name}: paused before its set-up${warnings === 0 ? "" : `; ${plural(warnings, "warning")}: xenlab check ${path}`}`,
  );
  if (isFirst && front.options.card) openCard(front);
}

function showMistakes(front: Front, path: string, file: TopologyFile, isFirst: boolean): void {
  const again = front.outside.watch(path, () => {
    // An editor may take the file away for a moment before it puts the new one there.
    const next = read(front, path);
    if (next === null) return;
    again();
    openRead(front, path, next, isFirst);
  });
  front.open(
    new Mistakes(file, () => {
      again();
      if (front.bench === null) openChooser(front);
    }),
  );
}
