/** How conntrack(8) says no: exit_error of conntrack-tools 1.4.7. */
export const VERSION = "v1.4.7 (conntrack-tools)";

export class Problem extends Error {
  readonly code = 2;
}

export const notModelled = (what: string): Problem => new Problem(`${what} is not modelled`);

/** All that goes to stderr. */
export const problemText = ({ message }: Problem): string =>
  `conntrack ${VERSION}: ${message}\nTry \`conntrack -h' or 'conntrack --help' for more information.\n`;
