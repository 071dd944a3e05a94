/** What a user did, or the environment refused: a sentence without a stack trace. */
export class CliError extends Error {
  /** 2: the user's mistake. 1: the environment. */
  readonly exitCode: number;
  /** What else a program would want to read of it. */
  readonly details: object;

  constructor(message: string, exitCode = 2, details: object = {}) {
    super(message);
    this.exitCode = exitCode;
    this.details = details;
  }
}
