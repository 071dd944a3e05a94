/** The steps of a set-up under the headings of the textbook on its mode: those of the host, of each guest, the rest. */
import { HEADINGS, type Heading, type Mode } from "../../machine/setup/textbook.ts";

interface Filed {
  readonly heading: Heading["id"] | null;
  readonly also: Heading["id"] | null;
}

export interface StepGroup<Step> {
  /** Null: the textbook knows no such step. */
  readonly heading: Heading | null;
  readonly steps: readonly Step[];
}

/** Every heading, also those without a step, then what belongs under none. */
export function groupSteps<Step extends Filed>(steps: readonly Step[], mode: Mode): StepGroup<Step>[] {
  const headings = HEADINGS[mode];
  const filed = headings.map((heading) => ({
    heading,
    steps: steps.filter((step) => step.heading === heading.id || step.also === heading.id),
  }));
  const known = new Set<Heading["id"] | null>(headings.map(({ id }) => id));
  return [
    ...filed,
    { heading: null, steps: steps.filter(({ heading, also }) => !known.has(heading) && !known.has(also)) },
  ];
}
