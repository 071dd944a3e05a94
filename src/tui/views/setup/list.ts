/** The steps as a list, grouped by the script that does them and the guest it does them for. */
import type { Heading, RehearsedStep } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { thumb } from "../../parts/list.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN } from "../../screen/style.ts";
import { fitLeft, type Surface } from "../../screen/surface.ts";
import { headingFor } from "./headings.ts";
import type { Scene } from "./state.ts";

export type Row =
  | { readonly kind: "script"; readonly text: string }
  | { readonly kind: "step"; readonly step: RehearsedStep };

/** A row above the first step of each script. */
export function rowsOf(shown: readonly RehearsedStep[]): Row[] {
  return shown.flatMap((step, index): Row[] => {
    const row: Row = { kind: "step", step };
    const last = shown[index - 1];
    if (last !== undefined && isSameScript(last, step)) return [row];
    return [{ kind: "script", text: scriptText(step) }, row];
  });
}

export const isSameScript = (a: RehearsedStep, b: RehearsedStep): boolean =>
  a.script === b.script && a.device === b.device;

/** "vif-bridge online vif1.0, for web1" */
export function scriptText({ script, device, after }: RehearsedStep): string {
  if (script === "") return "as the host boots";
  const guest = after.host.guests.find(({ vifs }) => vifs.some(({ name }) => name === device));
  return [script, device, guest === undefined ? "" : `for ${guest.name}`].filter((word) => word !== "").join(" ");
}

/** The row on top: it follows from the step alone, so that a step always looks the same. */
export function topRow(rows: readonly Row[], step: RehearsedStep, height: number): number {
  const at = rows.findIndex((row) => row.kind === "step" && row.step.number === step.number);
  return Math.max(0, Math.min(at - Math.floor(height / 2), rows.length - height));
}

export function drawList(surface: Surface, scene: Scene, headings: readonly Heading[]): void {
  const rows = rowsOf(scene.shown);
  const height = surface.height - 1;
  const top = topRow(rows, scene.step, height);
  drawRule(surface, 0, "Steps", "", true);
  rows.slice(top, top + height).forEach((row, index) => {
    const y = index + 1;
    if (row.kind === "script") surface.put(1, y, fitLeft(row.text, surface.width - 2), Fg.cyan);
    else drawStep(surface, y, row.step, scene, headings);
  });
  const bar = thumb(top, rows.length, height);
  if (bar !== null) for (let i = 0; i < bar.length; i++) surface.put(surface.width - 1, 1 + bar.from + i, "█", Fg.cyan);
}

function drawStep(surface: Surface, y: number, step: RehearsedStep, scene: Scene, headings: readonly Heading[]): void {
  const isHere = step.number === scene.step.number;
  const isDone = step.number < scene.step.number;
  const failed = step.exit !== 0 && !step.reads;
  const sign = isHere ? "▸" : failed ? "✗" : isDone ? "✓" : " ";
  surface.put(1, y, sign, isHere ? Fg.cyan | BOLD : failed ? Fg.red : DIM);
  surface.put(3, y, String(headingFor(step, headings)?.number ?? "·"), step.heading === null ? DIM : Fg.cyan);
  const style = isHere ? BOLD | INVERSE : isDone || step.reads ? DIM : PLAIN;
  surface.put(5, y, fitLeft(step.run, surface.width - 7), style);
}
