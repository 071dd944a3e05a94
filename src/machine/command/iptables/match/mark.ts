/** -m mark and -m connmark: libxt_mark and libxt_connmark of iptables 1.8.9. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { type MarkAndMask, markText, readMark } from "../option-values.ts";
import { not } from "../print-words.ts";
import { matchFamily } from "./family.ts";

class MarkDraft extends Draft<Match> {
  readonly name: "mark" | "connmark";
  readonly options = [option("mark", { invertible: true, mandatory: true })];
  private value: MarkAndMask = { mark: 0, mask: 0 };
  private inverted = false;

  constructor(name: "mark" | "connmark") {
    super();
    this.name = name;
  }

  protected accept(key: string, value: string, inverted: boolean): void {
    this.value = readMark(this.name, key, value);
    this.inverted = inverted;
  }

  protected result(): Match {
    return { kind: this.name, ...this.value, inverted: this.inverted };
  }
}

const save = (match: MarkAndMask & { inverted: boolean }): string => ` ${not(match.inverted)}--mark ${markText(match)}`;

export const mark = matchFamily({
  kind: "mark",
  draft: (name) => (name === "mark" ? new MarkDraft(name) : null),
  save,
  list: (match) => ` mark match${match.inverted ? " !" : ""} ${markText(match)}`,
});

export const connmark = matchFamily({
  kind: "connmark",
  draft: (name) => (name === "connmark" ? new MarkDraft(name) : null),
  save,
  list: (match) => ` connmark match ${match.inverted ? "!" : ""} ${markText(match)}`,
});
