/** What the list of matches knows of each of them. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import type { Draft, PrintAbout } from "../extension.ts";

export interface MatchFamily {
  readonly kind: Match["kind"];
  /** For "-m name"; null where the name is not of this family. */
  draft(name: string): Draft<Match> | null;
  /** As it is printed behind -m. */
  name(match: Match): string;
  /** Its options, each with a blank before it. */
  save(match: Match): string;
  /** As `iptables -L` shows it, with a blank before it. */
  list(match: Match, about: PrintAbout): string;
}

/** Also of a shape that several kinds share. */
export type MatchOf<Kind extends Match["kind"], Each = Match> = Each extends { kind: Match["kind"] }
  ? Kind extends Each["kind"]
    ? Each
    : never
  : never;

interface Description<Kind extends Match["kind"]> {
  readonly kind: Kind;
  /** Where the name differs from the kind, or there are several. */
  draft(name: string): Draft<Match> | null;
  name?(match: MatchOf<Kind>): string;
  save(match: MatchOf<Kind>): string;
  list(match: MatchOf<Kind>, about: PrintAbout): string;
}

/** A family prints its own kind only: whoever asks has looked at `kind`. */
export function matchFamily<Kind extends Match["kind"]>(own: Description<Kind>): MatchFamily {
  return {
    kind: own.kind,
    draft: (name) => own.draft(name),
    name: (match) => own.name?.(match as MatchOf<Kind>) ?? own.kind,
    save: (match) => own.save(match as MatchOf<Kind>),
    list: (match, about) => own.list(match as MatchOf<Kind>, about),
  };
}
