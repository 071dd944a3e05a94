/** -j MARK (revision 2): libxt_MARK of iptables 1.8.9. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft } from "../extension.ts";
import { hexText } from "../option-values.ts";
import { wrong } from "../problem.ts";
import { targetFamily } from "./family.ts";
import { changeOptions, changeText, type MarkChange, readChange } from "./mark-change.ts";

class MarkDraft extends Draft<Target> {
  readonly name = "MARK";
  readonly options = changeOptions(["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark"]);
  private change: MarkChange = { mark: 0, mask: 0 };

  protected accept(key: string, value: string): void {
    this.change = readChange(this.name, key, value);
  }

  protected override check(): void {
    if (this.given.size === 0) throw wrong("MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required");
  }

  protected result(): Target {
    return { kind: "mark", ...this.change };
  }
}

export const mark = targetFamily({
  kinds: ["mark"],
  draft: (name) => (name === "MARK" ? new MarkDraft() : null),
  save: (target) => ` --set-xmark ${hexText(target.mark)}/${hexText(target.mask)}`,
  list: (target) => ` MARK ${changeText(target)}`,
});
