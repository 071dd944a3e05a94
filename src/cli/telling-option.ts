/** `--telling`: whose set-up of bridge mode is run. */
import type { Telling } from "../lab/index.ts";

const TELLINGS: readonly Telling[] = ["script", "textbook"];

export const TELLING = {
  choices: TELLINGS,
  describe: "set hosts up as their Xen's scripts do it, or in the eight steps of the textbook",
  requiresArg: true,
} as const;
