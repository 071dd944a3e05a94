/** What netback's servers cost; the defaults are sane for a 3 GHz host, a topology's `timing` overrides them. */
import type { Costs } from "../engine/cpu.ts";

export interface NetbackCosts {
  /** NAPI poll: guest -> host. */
  readonly transmit: Costs;
  /** guest-rx thread: host -> guest. */
  readonly receive: Costs;
  /** dealloc thread: answers to lent slots. */
  readonly dealloc: Costs;
}

export const NETBACK_COSTS: NetbackCosts = {
  transmit: { wake: 6_000, perItem: 900, perByte: 0.15 },
  receive: { wake: 9_000, perItem: 1_000, perByte: 0.2 },
  dealloc: { wake: 5_000, perItem: 200, perByte: 0 },
};
