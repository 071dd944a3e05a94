/** One line of a set-up sequence, with one sentence of why. */
import type { HeadingId } from "./textbook.ts";

export interface Step {
  /** A command line of the real tools. */
  readonly run: string;
  readonly why: string;
  /** What the textbook calls this step; nothing where the textbook knows no such step. */
  readonly heading?: HeadingId;
  /** A second one, where one command does what the textbook counts as two steps. */
  readonly also?: HeadingId;
  /** Whoever runs it does not ask how it ended. */
  readonly overlooked?: boolean;
}
