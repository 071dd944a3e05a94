/** -m mac: libxt_mac of iptables 1.8.9. */
import { formatMac, type Mac } from "../../../../packet/address.ts";
import type { Match } from "../../../../stack/netfilter/rule.ts";
import { Draft, option } from "../extension.ts";
import { not } from "../print-words.ts";
import { readMac } from "../values.ts";
import { matchFamily } from "./family.ts";

class MacDraft extends Draft<Match> {
  readonly name = "mac";
  readonly options = [option("mac-source", { invertible: true, mandatory: true })];
  private mac = 0 as Mac;
  private inverted = false;

  protected accept(_key: string, value: string, inverted: boolean): void {
    this.mac = readMac(value);
    this.inverted = inverted;
  }

  protected result(): Match {
    return { kind: "mac", mac: this.mac, inverted: this.inverted };
  }
}

export const mac = matchFamily({
  kind: "mac",
  draft: (name) => (name === "mac" ? new MacDraft() : null),
  save: (match) => ` ${not(match.inverted)}--mac-source ${formatMac(match.mac)}`,
  list: (match) => ` MAC ${not(match.inverted)}${formatMac(match.mac)}`,
});
