/** What the list of targets knows of each of them. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import type { Draft, PrintAbout } from "../extension.ts";

export interface TargetFamily {
  readonly kinds: readonly Target["kind"][];
  /** For "-j name"; null where the name is not of this family. */
  draft(name: string): Draft<Target> | null;
  /** As it is printed behind -j. */
  name(target: Target): string;
  /** In the first column of `iptables -L`, which knows no older names. */
  column(target: Target): string;
  /** Its options, each with a blank before it. */
  save(target: Target): string;
  /** As `iptables -L` shows it, with a blank before it. */
  list(target: Target, about: PrintAbout): string;
}

/** Also of a shape that several kinds share. */
export type TargetOf<Kind extends Target["kind"], Each = Target> = Each extends { kind: Target["kind"] }
  ? Kind extends Each["kind"]
    ? Each
    : never
  : never;

interface Description<Kind extends Target["kind"]> {
  readonly kinds: readonly Kind[];
  draft(name: string): Draft<Target> | null;
  /** Where they are not the kind in capitals. */
  name?(target: TargetOf<Kind>): string;
  readonly column?: string;
  save(target: TargetOf<Kind>): string;
  list(target: TargetOf<Kind>, about: PrintAbout): string;
}

/** A family prints its own kinds only: whoever asks has looked at `kind`. */
export function targetFamily<Kind extends Target["kind"]>(own: Description<Kind>): TargetFamily {
  return {
    kinds: own.kinds,
    draft: (name) => own.draft(name),
    name: (target) => own.name?.(target as TargetOf<Kind>) ?? target.kind.toUpperCase(),
    column: (target) => own.column ?? target.kind.toUpperCase(),
    save: (target) => own.save(target as TargetOf<Kind>),
    list: (target, about) => own.list(target as TargetOf<Kind>, about),
  };
}
