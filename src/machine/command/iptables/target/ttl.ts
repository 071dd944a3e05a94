/** -j TTL: libipt_TTL of iptables 1.8.9. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { readInteger } from "../option-values.ts";
import { wrong } from "../problem.ts";
import { type TargetOf, targetFamily } from "./family.ts";

type Mode = TargetOf<"ttl">["mode"];

const MODES: Readonly<Record<string, Mode>> = { "ttl-set": "set", "ttl-dec": "decrease", "ttl-inc": "increase" };
const SAVED: Readonly<Record<Mode, string>> = { set: "--ttl-set", decrease: "--ttl-dec", increase: "--ttl-inc" };
const LISTED: Readonly<Record<Mode, string>> = { set: "set to", decrease: "decrement by", increase: "increment by" };
const MAX_TTL = 255;

class TtlDraft extends Draft<Target> {
  readonly name = "TTL";
  readonly options = Object.keys(MODES).map((name) => option(name, { excludes: Object.keys(MODES) }));
  private mode: Mode = "set";
  private value = 0;

  protected accept(key: string, value: string): void {
    this.mode = MODES[key]!;
    this.value = readInteger(this.name, key, value, MAX_TTL, this.mode === "set" ? 0 : 1);
  }

  protected override check(): void {
    if (this.given.size === 0) throw wrong("TTL: You must specify an action");
  }

  protected result(): Target {
    return { kind: "ttl", mode: this.mode, value: this.value };
  }
}

export const ttl = targetFamily({
  kinds: ["ttl"],
  draft: (name) => (name === "TTL" ? new TtlDraft() : null),
  save: ({ mode, value }) => ` ${SAVED[mode]} ${value}`,
  list: ({ mode, value }) => ` TTL ${LISTED[mode]} ${value}`,
});
