/** Ends a program from deep inside its reading of options: error(3) with a status. Caught where the command starts. */
export class Quit extends Error {
  readonly code: number;

  /** `sentence` gets the program's name before it; "" when all is said. */
  constructor(sentence: string, code: number) {
    super(sentence);
    this.code = code;
  }
}
