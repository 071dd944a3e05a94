/** The step itself: its command line, under which heading it stands, why it is run, and what a ping says after it. */
import { formatSeconds, type Heading, type RehearsedStep } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { wrap } from "../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, cut, fold, type Surface } from "../../screen/surface.ts";
import { headingFor } from "./headings.ts";
import { scriptText } from "./list.ts";
import type { Scene } from "./state.ts";

type Line = readonly [text: string, style: Style];

export function drawCommand(surface: Surface, scene: Scene, headings: readonly Heading[], wide: boolean): void {
  const { step } = scene;
  const script = scriptText(step);
  const time = `${formatSeconds(step.ended, 6)} s`;
  drawRule(surface, 0, script, cellWidth(script) + cellWidth(time) + 7 <= surface.width ? time : "");
  const width = surface.width - 2;
  const probe = wide ? [probeLine(scene)].filter((line) => line !== null) : [];
  const lines = [
    ...fold(`# ${step.run}`, width).map((text): Line => [text, BOLD]),
    ...wrap(step.why, width).map((text): Line => [text, PLAIN]),
    ...wrap(headingText(step, headings), width).map((text): Line => [text, Fg.cyan]),
  ];
  const room = surface.height - 1 - probe.length;
  const spare: readonly Line[] = lines.length + 1 < room ? [["", PLAIN]] : [];
  [...lines, ...spare, [outcome(step), DIM] as const].slice(0, room).forEach(([text, style], row) => {
    surface.put(1, 1 + row, text, style, width);
  });
  for (const [text, style] of probe) surface.put(1, surface.height - 1, cut(text, width), style);
}

function headingText(step: RehearsedStep, headings: readonly Heading[]): string {
  const heading = headingFor(step, headings);
  if (heading === null) return "not in the textbook";
  return `textbook${heading.part === "guest" ? ", guest" : ""} ${heading.number}: ${heading.title}`;
}

function outcome({ exit, reads }: RehearsedStep): string {
  const words = [reads ? "only looks" : "", exit === 0 ? "" : `exit ${exit}`];
  return words.filter((word) => word !== "").join(", ");
}

/** What a ping says after the step, and since when it is so. Null: there is nobody to ping. */
export function probeLine({ step, rehearsed }: Scene): Line | null {
  const { probe } = step.after;
  if (probe === null) return null;
  const since = sinceWhen(rehearsed.steps, rehearsed.before.probe?.answered ?? null, step);
  const from = since === null ? "" : since.number === step.number ? ", by this step" : `, since ${since.run}`;
  const target = `ping ${probe.line.split(" ").at(-1)}`;
  if (probe.answered) return [`${target}  ✓ answered${from}`, Fg.green];
  return [`${target}  ✗ ${probe.because.join("; ")}${from}`, Fg.red | BOLD];
}

/** The step that made it answer, or not; null: it was so from the start. */
function sinceWhen(
  steps: readonly RehearsedStep[],
  atFirst: boolean | null,
  step: RehearsedStep,
): RehearsedStep | null {
  const answered = step.after.probe?.answered;
  for (let number = step.number; number >= 1; number--) {
    const before = number === 1 ? atFirst : steps[number - 2]!.after.probe?.answered;
    if (before !== answered) return steps[number - 1]!;
  }
  return null;
}
