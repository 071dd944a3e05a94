/** The shape of a display filter: a tree of plain data, so that it can be kept, copied and compared. */
import type { FateCode } from "../../../base/fate.ts";
import type { HeaderKind } from "../../../packet/headers.ts";
import type { DirectionCode } from "../frame-view.ts";

/** What a field's values are. */
export type ValueKind = "number" | "boolean" | "ipv4" | "mac";
export type InsideKind = ValueKind | "text";

export type Relation = "==" | "!=" | ">" | "<" | ">=" | "<=";

/** `(number at offset >>> shift) & most`, in every header of the kind that reaches so far. */
export interface Place {
  readonly header: HeaderKind;
  readonly offset: number;
  /** Bytes. */
  readonly size: 1 | 2 | 4 | 6;
  readonly shift: number;
  /** The highest value. */
  readonly most: number;
}

/** What the log knows of a frame besides its bytes. */
export type RecordNumber = "number" | "length" | "time" | "lineage";

export type DisplayFilter =
  | { readonly test: "any" }
  | { readonly test: "and" | "or"; readonly left: DisplayFilter; readonly right: DisplayFilter }
  | { readonly test: "not"; readonly operand: DisplayFilter }
  | { readonly test: "header"; readonly header: HeaderKind }
  | { readonly test: "exists"; readonly places: readonly Place[] }
  | FieldTest
  /** A layer that has to be dissected for: dhcp, dns. */
  | { readonly test: "layer"; readonly protocol: string }
  | InsideTest
  | {
      readonly test: "record";
      readonly what: RecordNumber;
      readonly relation: Relation;
      readonly value: number;
    }
  | { readonly test: "machine"; readonly name: string }
  /** Null: on any machine. */
  | { readonly test: "device"; readonly machine: string | null; readonly name: string }
  | { readonly test: "direction"; readonly direction: DirectionCode }
  /** "any": whichever it is; "dropped": any that is a loss. */
  | { readonly test: "fate"; readonly fate: FateCode | "any" | "dropped" };

export interface FieldTest {
  readonly test: "field";
  readonly places: readonly Place[];
  /** With != every value there is must differ, and there must be one; with the others one value is enough. */
  readonly relation: Relation;
  readonly value: number;
  /** Leading bits of an address that are compared; null: the whole value is. */
  readonly prefix: number | null;
}

/** A field of such a layer. Null as the relation: it is there. */
export interface InsideTest {
  readonly test: "inside";
  readonly name: string;
  readonly kind: InsideKind;
  readonly relation: Relation | null;
  readonly value: string | number;
  /** As in FieldTest. */
  readonly prefix: number | null;
}

export const ANY: DisplayFilter = { test: "any" };

export const both = (left: DisplayFilter, right: DisplayFilter): DisplayFilter => ({ test: "and", left, right });
export const either = (left: DisplayFilter, right: DisplayFilter): DisplayFilter => ({ test: "or", left, right });
export const negate = (operand: DisplayFilter): DisplayFilter => ({ test: "not", operand });
