/** `--telling`: whose set-up of a host is run. */
import type { Telling } from "../lab/index.ts";

const TELLINGS: readonly Telling[] = ["script", "textbook", "textbook-dom0"];

export const TELLING = {
  choices: TELLINGS,
  describe:
    "set hosts up as their Xen's scripts do it, or in the steps of the textbook; in route mode this gives a vif the guest's own address, or with -dom0 that of domain 0",
  requiresArg: true,
} as const;
