/** How often each normalisation applied: to frames, or to lines of a look, of either world. */
import { NORMALISATIONS, type Normalisation } from "./normalisation.ts";

/** Held in both worlds from the first moment on: there is nothing to count. */
const THROUGHOUT: readonly Normalisation[] = ["time", "reachable-time", "proxy-delay", "snooping"];

export interface Applied {
  /** Null: throughout. */
  readonly hits: number | null;
  readonly reason: string;
}

export class Hits {
  private readonly counts = new Map<Normalisation, number>();

  add(name: Normalisation, times = 1): this {
    this.counts.set(name, (this.counts.get(name) ?? 0) + times);
    return this;
  }

  /** Those that were needed. */
  get applied(): Record<string, Applied> {
    const names = (Object.keys(NORMALISATIONS) as Normalisation[]).filter((name) => this.of(name) !== 0);
    return Object.fromEntries(names.map((name) => [name, { hits: this.of(name), reason: NORMALISATIONS[name] }]));
  }

  private of(name: Normalisation): number | null {
    return THROUGHOUT.includes(name) ? null : (this.counts.get(name) ?? 0);
  }
}
