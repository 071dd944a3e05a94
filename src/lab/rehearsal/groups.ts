/** The steps of a set-up under the headings of the textbook: the eight of the host, the two of each guest, the rest. */
import { HEADINGS, type Heading } from "../../machine/setup/textbook.ts";

interface Filed {
  readonly heading: Heading["id"] | null;
}

export interface StepGroup<Step> {
  /** Null: the textbook knows no such step. */
  readonly heading: Heading | null;
  readonly steps: readonly Step[];
}

/** Every heading, also those without a step, then what belongs under none. */
export function groupSteps<Step extends Filed>(steps: readonly Step[]): StepGroup<Step>[] {
  const filed = HEADINGS.map((heading) => ({
    heading,
    steps: steps.filter((step) => step.heading === heading.id),
  }));
  return [...filed, { heading: null, steps: steps.filter((step) => step.heading === null) }];
}
