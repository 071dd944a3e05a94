/** What netfront's servers cost in the guest; a topology's `timing` overrides them. */
import type { Costs } from "../engine/cpu.ts";

export interface NetfrontCosts {
  /** TX completion interrupt. */
  readonly complete: Costs;
  /** NAPI poll of the receive ring. */
  readonly receive: Costs;
}

export const NETFRONT_COSTS: NetfrontCosts = {
  complete: { wake: 5_000, perItem: 150, perByte: 0 },
  receive: { wake: 6_000, perItem: 800, perByte: 0.05 },
};
