/** -j TCPMSS: libxt_TCPMSS of iptables 1.8.9. */
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, flag, option } from "../extension.ts";
import { readInteger } from "../option-values.ts";
import { wrong } from "../problem.ts";
import { targetFamily } from "./family.ts";

/** What leaves room for an IP header. */
const MAX_MSS = 65_535 - 20;
/** XT_TCPMSS_CLAMP_PMTU: a size that says "clamp". */
const CLAMP = 65_535;

class TcpmssDraft extends Draft<Target> {
  readonly name = "TCPMSS";
  readonly options = [option("set-mss"), flag("clamp-mss-to-pmtu")];
  private mss = CLAMP;

  protected accept(key: string, value: string): void {
    this.mss = key === "set-mss" ? readInteger(this.name, key, value, MAX_MSS) : CLAMP;
  }

  protected override check(): void {
    if (this.given.size === 0) throw wrong("TCPMSS target: At least one parameter is required");
  }

  protected result(): Target {
    return { kind: "tcpmss", mss: this.mss === CLAMP ? null : this.mss };
  }
}

export const tcpmss = targetFamily({
  kinds: ["tcpmss"],
  draft: (name) => (name === "TCPMSS" ? new TcpmssDraft() : null),
  save: ({ mss }) => (mss === null ? " --clamp-mss-to-pmtu" : ` --set-mss ${mss}`),
  list: ({ mss }) => (mss === null ? " TCPMSS clamp to PMTU" : ` TCPMSS set ${mss}`),
});
