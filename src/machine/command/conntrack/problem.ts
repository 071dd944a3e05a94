/** How conntrack(8) says no: exit_error of conntrack-tools 1.4.7. */
export const VERSION = "v1.4.7 (conntrack-tools)";

/** Exit codes: 2 for a wrong word, 1 for what the kernel refused. */
export class Problem extends Error {
  readonly code: number;

  constructor(sentence: string, code = 2) {
    super(sentence);
    this.code = code;
  }
}

export const notModelled = (what: string): Problem => new Problem(`${what} is not modelled`);

/** All that goes to stderr. */
export const problemText = ({ message, code }: Problem): string =>
  `conntrack ${VERSION}: ${message}\n${code === 2 ? ADVICE : ""}`;

const ADVICE = "Try `conntrack -h' or 'conntrack --help' for more information.\n";
