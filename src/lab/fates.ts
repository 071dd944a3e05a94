/**
 * Joins what each layer says of its own fate codes: the table behind `xenlab explain`, the summary of a run and the
 * names in captures.
 */
import { FATE_COUNT, Fate, type FateCode, type FateStory } from "../base/fate.ts";
import { deviceFates } from "../device/fates.ts";
import { stackFates } from "../stack/fates.ts";
import { xenFates } from "../xen/fates.ts";

const GOOD: readonly FateStory[] = [
  {
    code: Fate.DELIVERED,
    name: "delivered",
    what: "Handed to a socket or program that wanted it.",
    cause: "This is how a frame should end.",
    command: "ss -u -a; ping",
    cure: "Nothing to mend.",
  },
  {
    code: Fate.CONSUMED,
    name: "consumed",
    what: "Used up by the kernel it was for: ARP, echo requests, errors passed on to a socket.",
    cause: "This is how a frame for the kernel itself should end.",
    command: "ip neigh; nstat -az 'Icmp*'",
    cure: "Nothing to mend.",
  },
];

export const FATES: readonly FateStory[] = [...GOOD, ...deviceFates, ...xenFates, ...stackFates].sort(
  (a, b) => a.code - b.code,
);

/** Names by code; empty where no fate has the code. */
export const FATE_NAMES: readonly string[] = Array.from(
  { length: FATE_COUNT },
  (_, code) => FATES.find((fate) => fate.code === code)?.name ?? "",
);

/** How many frames ended so: one line of the summary of a run. */
export interface FateCount {
  readonly code: FateCode;
  readonly name: string;
  readonly frames: number;
}

export const findFate = (word: string): FateStory | null =>
  FATES.find((fate) => fate.name === word.toLowerCase() || String(fate.code) === word) ?? null;
