/** What a user did, or the environment refused: a sentence without a stack trace. */
export class CliError extends Error {
  /** 2: the user's mistake. 1: the environment. */
  readonly exitCode: number;

  constructor(message: string, exitCode = 2) {
    super(message);
    this.exitCode = exitCode;
  }
}
