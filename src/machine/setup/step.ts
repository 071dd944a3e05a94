/** One line of a set-up sequence, with one sentence of why. */
export interface Step {
  /** A command line of the real tools. */
  readonly run: string;
  readonly why: string;
}
