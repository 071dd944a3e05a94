/** -m comment: libxt_comment of iptables 1.8.9. */
import type { Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { quoted } from "../print-words.ts";
import { wrong } from "../problem.ts";
import { matchFamily } from "./family.ts";

/** XT_MAX_COMMENT_LEN less the zero. */
const MAX_COMMENT = 255;

class CommentDraft extends Draft<Match> {
  readonly name = "comment";
  readonly options = [option("comment", { mandatory: true })];
  private text = "";

  protected accept(_key: string, value: string): void {
    if (value.length > MAX_COMMENT)
      throw wrong(`Argument must have a length less than ${MAX_COMMENT + 1} characters\n`);
    this.text = value;
  }

  protected result(): Match {
    return { kind: "comment", text: this.text };
  }
}

export const comment = matchFamily({
  kind: "comment",
  draft: (name) => (name === "comment" ? new CommentDraft() : null),
  save: (match) => ` --comment ${quoted(match.text)}`,
  list: (match) => ` /* ${match.text} */`,
});
