/** The headings of the textbook over the steps: which are done, which comes next, and what this set-up does not have. */
import type { Heading, HeadingId, RehearsedStep } from "../../../lab/index.ts";
import { BOLD, DIM, Fg, INVERSE, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, type Surface } from "../../screen/surface.ts";

/** What fits above the bar. */
const SHORT: Readonly<Record<HeadingId, string>> = {
  "create-bridge": "bridge",
  "stop-nic": "stop NIC",
  "copy-identity": "MAC and IP",
  "rename-nic": "to peth0",
  "rename-veth": "to eth0",
  "quiet-nic": "quiet NIC",
  "attach-ports": "attach",
  "bring-up": "bring up",
  "attach-vif": "attach vif",
  "bring-up-vif": "vif up",
  forwarding: "forward",
  "copy-address": "IP to vif",
  "static-route": "route",
  "virtual-lan": "virbr0",
  masquerade: "masquerade",
  "attach-lan": "attach vif",
};

/** And where even that is too long. */
const SHORTER: Readonly<Partial<Record<HeadingId, string>>> = {
  "copy-identity": "MAC, IP",
  "quiet-nic": "quiet",
  "attach-vif": "attach",
  "attach-lan": "attach",
  masquerade: "masq",
};

/** "3 MAC and IP" */
function wordsFor({ id, number }: Heading, width: number): string {
  const words = `${number} ${SHORT[id]}`;
  return cellWidth(words) <= width ? words : `${number} ${SHORTER[id] ?? SHORT[id]}`;
}

export const headingFor = (step: RehearsedStep, headings: readonly Heading[]): Heading | null =>
  headings.find(({ id }) => id === step.heading) ?? headings.find(({ id }) => id === step.also) ?? null;

export type HeadingState = "here" | "done" | "begun" | "to come" | "not in this set-up";

/** Seen from a step, which is done itself. */
export function headingState({ id }: Heading, steps: readonly RehearsedStep[], step: RehearsedStep): HeadingState {
  const own = steps.filter(({ heading, also }) => heading === id || also === id);
  if (own.length === 0) return "not in this set-up";
  if (step.heading === id || step.also === id) return "here";
  const done = own.filter(({ number }) => number <= step.number).length;
  return done === own.length ? "done" : done > 0 ? "begun" : "to come";
}

const SIGNS: Readonly<Record<HeadingState, readonly [sign: string, style: Style]>> = {
  here: ["◉", Fg.cyan | BOLD],
  done: ["●", PLAIN],
  begun: ["◌", PLAIN],
  "to come": ["○", DIM],
  "not in this set-up": ["·", DIM],
};

const PLACE = 13;

/** Two rows: numbers with a word, and the line of dots below. */
export function drawBar(
  surface: Surface,
  headings: readonly Heading[],
  steps: readonly RehearsedStep[],
  step: RehearsedStep,
): void {
  const place = Math.min(PLACE + 1, Math.floor((surface.width - 2) / headings.length));
  headings.forEach((heading, index) => {
    const state = headingState(heading, steps, step);
    const [sign, style] = SIGNS[state];
    const x = 2 + index * place;
    surface.put(x, 0, wordsFor(heading, place - 1), state === "here" ? style : style & ~BOLD, place - 1);
    const next = headings[index + 1];
    // No line between the host's and the guests', nor where this set-up has nothing of the kind.
    if (next !== undefined && next.part === heading.part && state !== "not in this set-up") {
      const isPast = state === "done" || state === "here";
      surface.put(x + 1, 1, (isPast ? "━" : "╌").repeat(place - 1), isPast ? PLAIN : DIM);
    }
    surface.put(x, 1, sign, style);
  });
}

/** The same in numbers alone, ending before column `end`; where it begins. */
export function drawNumbers(
  surface: Surface,
  end: number,
  headings: readonly Heading[],
  steps: readonly RehearsedStep[],
  step: RehearsedStep,
): number {
  const width = headings.reduce((sum, _, index) => sum + cellWidth(gapBefore(headings, index)) + 1, 0);
  let x = end - width;
  const from = x;
  headings.forEach((heading, index) => {
    x = surface.put(x, 0, gapBefore(headings, index), DIM);
    const state = headingState(heading, steps, step);
    const style =
      state === "here" ? Fg.cyan | BOLD | INVERSE : state === "done" ? BOLD : state === "begun" ? PLAIN : DIM;
    x = surface.put(x, 0, state === "not in this set-up" ? "·" : String(heading.number), style);
  });
  return from;
}

function gapBefore(headings: readonly Heading[], index: number): string {
  if (index === 0) return "";
  return headings[index - 1]!.part === headings[index]!.part ? "─" : "  vif ";
}
