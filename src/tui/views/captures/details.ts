/** The selected point: its file, its filter, what kinds of frames there were, and how to open it. */
import type { CapturePointSummary } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { inSight, type TextField } from "../../parts/text-field.ts";
import { bytes, count, stamp } from "../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN } from "../../screen/style.ts";
import { fitLeft, fitRight, type Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";
import { pointName } from "./points.ts";

const LABEL = 11;
const BAR = 30;

/** Where its file is, as the user would type it; null while there is none. */
export const filePath = ({ path, fileBytes }: CapturePointSummary, look: Look): string | null =>
  path === null || fileBytes === 0 || look.captureFolder === null ? null : `${look.captureFolder}/${path}`;

/** Returns where the cursor of the filter is, while one is typed. */
export function drawDetails(
  surface: Surface,
  look: Look,
  point: CapturePointSummary | null,
  editing: TextField | null,
): { readonly x: number; readonly y: number } | null {
  if (surface.height === 0) return null;
  if (point === null) {
    drawRule(surface, 0, "");
    return null;
  }
  drawRule(surface, 0, pointName(point), point.where);
  const path = filePath(point, look);
  const from = point.first === null ? "" : `${stamp(point.first)} to ${stamp(point.last ?? point.first)} s`;
  const lines: readonly (readonly [string, string])[] = [
    ["filter", editing === null ? (point.filter ?? "every frame   (e edits)") : ""],
    ["file", path ?? "none yet: space captures there"],
    ["frames", point.frames === 0 ? "none" : `${count(point.frames)}, ${bytes(point.bytes)}   ${from}`],
  ];
  lines.forEach(([label, text], index) => {
    surface.put(1, 1 + index, label, DIM);
    surface.put(LABEL, 1 + index, text, PLAIN, surface.width - LABEL - 1);
  });
  if (surface.height > 6) drawProtocols(surface, 4, point);
  drawOpening(surface, surface.height > 6 ? 8 : 4, path);
  if (editing === null) return null;
  const shown = inSight(editing, surface.width - LABEL - 1);
  surface.put(LABEL, 1, shown.text, BOLD);
  return { x: LABEL + shown.x, y: 1 };
}

/** The most frequent first, at most three lines. */
function drawProtocols(surface: Surface, y: number, { protocols, frames }: CapturePointSummary): void {
  const sorted = [...protocols].filter((each) => each.frames > 0).sort((a, b) => b.frames - a.frames);
  surface.put(1, y, "protocols", DIM);
  sorted.slice(0, 3).forEach(({ protocol, frames: some }, index) => {
    const share = some / Math.max(1, frames);
    surface.put(LABEL, y + index, fitLeft(protocol, 6), PLAIN);
    surface.put(LABEL + 6, y + index, "▇".repeat(Math.max(1, Math.round(share * BAR))), Fg.blue);
    surface.put(LABEL + 7 + BAR, y + index, `${fitRight(String(Math.round(share * 100)), 3)} %`, DIM);
  });
}

function drawOpening(surface: Surface, y: number, path: string | null): void {
  if (y >= surface.height) return;
  drawRule(surface, y, "Open with");
  const file = path ?? "FILE";
  const lines = [
    ["o", `wireshark ${file}`],
    ["t", `tshark -r ${file} -V`],
    ["T", `termshark -r ${file}`],
  ] as const;
  lines.forEach(([key, text], index) => {
    surface.put(1, y + 1 + index, key, Fg.cyan);
    surface.put(4, y + 1 + index, text, path === null ? DIM : PLAIN, surface.width - 5);
  });
}
