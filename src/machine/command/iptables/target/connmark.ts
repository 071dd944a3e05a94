/** -j CONNMARK: libxt_CONNMARK of iptables 1.8.9. Not modelled: --left-shift-mark, --right-shift-mark. */
import type { ConnmarkTarget, Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, type ExtensionOption, flag, option } from "../extension.ts";
import { ALL_BITS, hexText, readInteger } from "../option-values.ts";
import { notModelled, wrong } from "../problem.ts";
import { targetFamily } from "./family.ts";
import { changeText, readChange } from "./mark-change.ts";

const MODES = ["set-xmark", "set-mark", "and-mark", "or-mark", "xor-mark", "save-mark", "restore-mark"];
const excludes = { excludes: MODES };
const OPTIONS: readonly ExtensionOption[] = [
  ...MODES.slice(0, 5).map((name) => option(name, excludes)),
  ...MODES.slice(5).map((name) => flag(name, excludes)),
  option("left-shift-mark"),
  option("right-shift-mark"),
  option("ctmask", { excludes: ["mask"] }),
  option("nfmask", { excludes: ["mask"] }),
  option("mask", { excludes: ["ctmask", "nfmask"] }),
];

class ConnmarkDraft extends Draft<Target> {
  readonly name = "CONNMARK";
  readonly options = OPTIONS;
  private mode: ConnmarkTarget["mode"] = "set";
  private mark = 0;
  private ctMask = ALL_BITS;
  private nfMask = ALL_BITS;

  protected accept(key: string, value: string): void {
    if (key.endsWith("-shift-mark")) throw notModelled(`CONNMARK --${key}`);
    if (key === "save-mark") this.mode = "save";
    else if (key === "restore-mark") this.mode = "restore";
    else if (key.endsWith("mask")) this.readMask(key, readInteger(this.name, key, value, ALL_BITS));
    else {
      const { mark, mask } = readChange(this.name, key, value);
      this.mode = "set";
      this.mark = mark;
      this.ctMask = mask;
    }
  }

  private readMask(key: string, mask: number): void {
    if (key !== "nfmask") this.ctMask = mask;
    if (key !== "ctmask") this.nfMask = mask;
  }

  protected override check(): void {
    if (!MODES.some((mode) => this.given.has(mode))) throw wrong("CONNMARK target: No operation specified");
  }

  protected result(): Target {
    const { mode, mark, ctMask, nfMask } = this;
    return { kind: "connmark", mode, mark, ctMask, nfMask };
  }
}

function save({ mode, mark, ctMask, nfMask }: ConnmarkTarget): string {
  if (mode === "set") return ` --set-xmark ${hexText(mark)}/${hexText(ctMask)}`;
  return ` --${mode}-mark --nfmask ${hexText(nfMask)} --ctmask ${hexText(ctMask)}`;
}

function list({ mode, mark, ctMask, nfMask }: ConnmarkTarget): string {
  if (mode === "set") return ` CONNMARK ${changeText({ mark, mask: ctMask })}`;
  if (nfMask === ctMask) return ` CONNMARK ${mode}${nfMask === ALL_BITS ? "" : ` mask ${hexText(nfMask)}`}`;
  if (mode === "save") return ` CONNMARK save nfmask ${hexText(nfMask)} ctmask ~${hexText(ctMask)}`;
  return ` CONNMARK restore ctmask ${hexText(ctMask)} nfmask ~${hexText(nfMask)}`;
}

export const connmark = targetFamily({
  kinds: ["connmark"],
  draft: (name) => (name === "CONNMARK" ? new ConnmarkDraft() : null),
  save,
  list,
});
