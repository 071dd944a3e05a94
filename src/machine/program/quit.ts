/** Ends a program from deep inside its reading of options: error(3) with a status. `untilQuit` catches it where the command starts. */
import type { Process } from "../process.ts";

export class Quit extends Error {
  readonly code: number;

  /** `sentence` gets the program's name before it; "" when all is said. */
  constructor(sentence: string, code: number) {
    super(sentence);
    this.code = code;
  }
}

/** What `start` gives; or, once the sentence of its `Quit` is said, that one's code. */
export function untilQuit<Started>(process: Process, start: () => Started): Started | number {
  try {
    return start();
  } catch (error) {
    if (!(error instanceof Quit)) throw error;
    if (error.message !== "") process.error(`${process.name}: ${error.message}\n`);
    return error.code;
  }
}
