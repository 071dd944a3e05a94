/** A run in turns, between which the outside may look, until it is over or somebody interrupts it. */

/** The signal that interrupted it, or null. `turn`: some milliseconds of work; true when it is over. */
export async function turns(turn: () => boolean): Promise<NodeJS.Signals | null> {
  let signal: NodeJS.Signals | null = null;
  const stop = (name: NodeJS.Signals): void => {
    signal = name;
  };
  process.once("SIGINT", stop).once("SIGTERM", stop);
  try {
    while (signal === null && !turn()) await new Promise((resume) => setImmediate(resume));
  } finally {
    process.off("SIGINT", stop).off("SIGTERM", stop);
  }
  return signal;
}

/** As a shell has it: 128 and the signal's number. */
export const exitCodeOf = (signal: NodeJS.Signals): number => (signal === "SIGTERM" ? 143 : 130);
