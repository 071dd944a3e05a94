/** The table filter of ebtables: chains and rules, and what may be done to them. Refusals are the kernel's errno. */
import type { Point } from "../../../device/point.ts";
import { type Refusal, refuse } from "../../errno.ts";
import { EB_TARGETS, EbRule, type EbSpec, sameSpec } from "./rule.ts";

export type EbPolicy = "ACCEPT" | "DROP" | "RETURN";

export class EbChain {
  readonly name: string;
  readonly isBuiltIn: boolean;
  /** Also of a chain of one's own: what comes to its end does not go back unless it is RETURN. */
  policy: EbPolicy = "ACCEPT";
  readonly rules: EbRule[] = [];
  /** Where the frames end that it drops. */
  point: Point | null = null;

  constructor(name: string, isBuiltIn: boolean) {
    this.name = name;
    this.isBuiltIn = isBuiltIn;
  }
}

export const EB_CHAINS = ["INPUT", "FORWARD", "OUTPUT"] as const;

/** As deep as jumps may go: NFT_JUMP_STACK_SIZE. */
export const DEEPEST = 16;

export class EbTable {
  readonly chains = new Map<string, EbChain>(EB_CHAINS.map((name) => [name, new EbChain(name, true)]));

  find(name: string): EbChain | null {
    return this.chains.get(name) ?? null;
  }

  /** Nothing is asked of a frame: the bridge need not stop for it. */
  get isEmpty(): boolean {
    return [...this.chains.values()].every((chain) => chain.rules.length === 0 && chain.policy !== "DROP");
  }

  /** `at` counts from 0; at the end without. ELOOP: chains would jump in a circle. */
  insert(chain: EbChain, spec: EbSpec, at = chain.rules.length): Refusal | null {
    if (at < 0 || at > chain.rules.length) return refuse("ENOENT");
    chain.rules.splice(at, 0, new EbRule(spec));
    if (this.depth(chain) <= DEEPEST) return null;
    chain.rules.splice(at, 1);
    return refuse("EMLINK");
  }

  remove(chain: EbChain, which: EbSpec | number): Refusal | null {
    const at = typeof which === "number" ? which : chain.rules.findIndex(({ spec }) => sameSpec(spec, which));
    if (at < 0 || at >= chain.rules.length) return refuse("ENOENT");
    chain.rules.splice(at, 1);
    return null;
  }

  create(name: string): Refusal | null {
    if (this.chains.has(name)) return refuse("EEXIST");
    this.chains.set(name, new EbChain(name, false));
    return null;
  }

  /** EBUSY: somebody jumps to it. */
  destroy(chain: EbChain): Refusal | null {
    const isWanted = [...this.chains.values()].some(({ rules }) =>
      rules.some(({ spec }) => spec.target === chain.name),
    );
    if (isWanted || chain.rules.length > 0) return refuse("EBUSY");
    this.chains.delete(chain.name);
    return null;
  }

  private depth(chain: EbChain, above = 1): number {
    if (above > DEEPEST) return above;
    const next = chain.rules
      .map(({ spec }) => ((EB_TARGETS as readonly string[]).includes(spec.target) ? null : this.find(spec.target)))
      .filter((each) => each !== null);
    return Math.max(above, ...next.map((each) => this.depth(each, above + 1)));
  }
}
