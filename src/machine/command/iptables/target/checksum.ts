/** -j CHECKSUM: libxt_CHECKSUM of iptables 1.8.9. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, flag } from "../extension.ts";
import { targetFamily } from "./family.ts";

class ChecksumDraft extends Draft<Target> {
  readonly name = "CHECKSUM";
  readonly options = [flag("checksum-fill", { mandatory: true })];

  protected accept(): void {}

  protected result(): Target {
    return { kind: "checksum" };
  }
}

export const checksum = targetFamily({
  kinds: ["checksum"],
  draft: (name) => (name === "CHECKSUM" ? new ChecksumDraft() : null),
  save: () => " --checksum-fill",
  list: () => " CHECKSUM fill",
});
