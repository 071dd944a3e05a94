/** -j NETMAP: libipt_NETMAP of iptables 1.8.9. */
import { formatIpv4, type Ipv4 } from "../../../../packet/address.ts";
import type { Target } from "../../../../stack/netfilter/rule.ts";
import { Draft, type OptionReader, option } from "../extension.ts";
import { readHostMask } from "../option-values.ts";
import { maskText } from "../values.ts";
import { type TargetOf, targetFamily } from "./family.ts";

class NetmapDraft extends Draft<Target> {
  readonly name = "NETMAP";
  readonly options = [option("to", { mandatory: true })];
  private address = 0 as Ipv4;
  private mask = 0 as Ipv4;

  protected accept(key: string, value: string, _inverted: boolean, { machine }: OptionReader): void {
    const { address, mask } = readHostMask(this.name, key, value, machine);
    this.address = ((address & mask) >>> 0) as Ipv4;
    this.mask = mask;
  }

  protected result(): Target {
    return { kind: "netmap", address: this.address, mask: this.mask };
  }
}

const networkText = ({ address, mask }: TargetOf<"netmap">): string => formatIpv4(address) + maskText(mask);

export const netmap = targetFamily({
  kinds: ["netmap"],
  draft: (name) => (name === "NETMAP" ? new NetmapDraft() : null),
  save: (target) => ` --to ${networkText(target)}`,
  list: (target) => ` to:${networkText(target)}`,
});
