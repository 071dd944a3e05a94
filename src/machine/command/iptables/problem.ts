/**
 * How iptables says no: xtables_error of iptables 1.8.9 and the sentences of nft_strerror. A problem ends the command;
 * it is caught where the command starts.
 */
export const VERSION = "v1.8.9 (nf_tables)";

/** Exit codes of include/xtables.h. */
const PARAMETER_PROBLEM = 2;
const VERSION_PROBLEM = 3;
const RESOURCE_PROBLEM = 4;

export class Problem extends Error {
  readonly code: number;
  /** Printed behind the sentence, about where help is. */
  readonly advice: "try" | "upgrade" | null;
  /** Without the program's name and version before it. */
  readonly isBare: boolean;

  constructor(sentence: string, code: number, advice: "try" | "upgrade" | null = null, isBare = false) {
    super(sentence);
    this.code = code;
    this.advice = advice;
    this.isBare = isBare;
  }
}

/** A word of the command line is wrong. */
export const wrong = (sentence: string): Problem => new Problem(sentence, PARAMETER_PROBLEM, "try");

/** Only "try --help", with a bare sentence before it. */
export const bare = (sentence: string): Problem => new Problem(sentence, PARAMETER_PROBLEM, "try", true);

export const upgrade = (sentence: string): Problem => new Problem(sentence, VERSION_PROBLEM, "upgrade");

/** What the kernel refused. */
export const refusedByKernel = (sentence: string): Problem => new Problem(sentence, RESOURCE_PROBLEM);

/** What is right on a real machine and not in this one. */
export const notModelled = (what: string): Problem => new Problem(`${what} is not modelled`, PARAMETER_PROBLEM);

/** iptables: Chain already exists. */
export const failed = (sentence: string): Problem => new Problem(`iptables: ${sentence}.`, 1, null, true);

/** All that goes to stderr; `program` is the tool's name as in its first word. */
export function problemText({ message, advice, isBare }: Problem, program: string): string {
  const said = message === "" ? "" : `${isBare ? "" : `${program} ${VERSION}: `}${message}\n`;
  if (advice === "upgrade") return `${said}Perhaps ${program} or your kernel needs to be upgraded.\n`;
  return advice === "try" ? `${said}Try \`${program} -h' or '${program} --help' for more information.\n` : said;
}
