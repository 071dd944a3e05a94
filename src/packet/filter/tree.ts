/** The shape of a compiled capture filter: what BPF can test, as a tree of plain data. */

export type Relation = "=" | ">=" | "<=";

/** Compares `size` bytes of the frame, masked, with a value. */
export interface Comparison {
  readonly test: "bytes";
  /** From the start of the frame. */
  readonly offset: number;
  readonly size: 1 | 2 | 4;
  /** Unsigned. */
  readonly mask: number;
  readonly relation: Relation;
  readonly value: number;
  /** Where an IPv4 header starts whose length is added to `offset`; -1 for none. */
  readonly afterIpHeader: number;
}

export type Filter =
  | { readonly test: "any" }
  | { readonly test: "and" | "or"; readonly left: Filter; readonly right: Filter }
  | { readonly test: "not"; readonly operand: Filter }
  | { readonly test: "length"; readonly relation: Relation; readonly value: number }
  | Comparison;

export const ANY: Filter = { test: "any" };

export const both = (left: Filter, right: Filter): Filter => ({ test: "and", left, right });
export const either = (left: Filter, right: Filter): Filter => ({ test: "or", left, right });
export const negate = (operand: Filter): Filter => ({ test: "not", operand });

const ALL_BITS = { 1: 0xff, 2: 0xffff, 4: 0xffff_ffff } as const;

export function field(offset: number, size: 1 | 2 | 4, value: number, changes: Partial<Comparison> = {}): Filter {
  return { test: "bytes", offset, size, mask: ALL_BITS[size], relation: "=", value, afterIpHeader: -1, ...changes };
}
