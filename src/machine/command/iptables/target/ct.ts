/**
 * -j CT and its older name NOTRACK: libxt_CT (revision 2) of iptables 1.8.9. Of CT only --notrack; helpers, timeout
 * policies, events and zones are not modelled.
 */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, flag, option } from "../extension.ts";
import { notModelled } from "../problem.ts";
import { targetFamily } from "./family.ts";

class CtDraft extends Draft<Target> {
  readonly name = "CT";
  readonly options = [
    flag("notrack"),
    ...["helper", "timeout", "ctevents", "expevents", "zone-orig", "zone-reply", "zone"].map((name) => option(name)),
  ];

  protected accept(key: string): void {
    if (key !== "notrack") throw notModelled(`CT --${key}`);
  }

  protected override check(): void {
    if (this.given.size === 0) throw notModelled("CT without --notrack");
  }

  protected result(): Target {
    return { kind: "notrack", isNotrack: false };
  }
}

class NotrackDraft extends Draft<Target> {
  readonly name = "NOTRACK";
  readonly options = [];

  protected accept(): void {}

  protected result(): Target {
    return { kind: "notrack", isNotrack: true };
  }
}

export const ct = targetFamily({
  kinds: ["notrack"],
  draft: (name) => (name === "CT" ? new CtDraft() : name === "NOTRACK" ? new NotrackDraft() : null),
  column: "CT",
  name: ({ isNotrack }) => (isNotrack ? "NOTRACK" : "CT"),
  save: ({ isNotrack }) => (isNotrack ? "" : " --notrack"),
  list: ({ isNotrack }) => (isNotrack ? " NOTRACK" : " CT notrack"),
});
