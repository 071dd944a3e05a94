/** Source NAT that gets hold of frames which only pass a bridge. */
import { callsIptables, loadedBy } from "./forwarding.ts";
import { mayMatch, type SavedRule, targetOf } from "./saved-rules.ts";
import { bridgedVifs, stepWhere } from "./scene.ts";
import { listed, type TrapFinder } from "./trap.ts";

export const bridgedMasquerade: TrapFinder = {
  name: "bridged-masquerade",
  find: (host) => {
    if (!callsIptables(host)) return [];
    const vifs = bridgedVifs(host);
    return host.rules
      .reached("nat", "POSTROUTING")
      .filter((rule) => /^(MASQUERADE|SNAT|NETMAP)$/.test(targetOf(rule) ?? "") && !skipsBridged(rule))
      .flatMap((rule) => {
        const hit = vifs.filter(({ device }) => mayMatch(rule, "-o", device!.master!));
        if (hit.length === 0 || isLibvirts(rule)) return [];
        const loaded = loadedBy(host);
        return [
          {
            what: `"${rule.text}" also holds for bridged frames: ${listed(hit.map(({ title }) => title))}: their packets lose their own address on the way, and the answers with it.`,
            step: stepWhere(host, /iptables .*(MASQUERADE|SNAT|NETMAP)/),
            why: `With br_netfilter (bridge-nf-call-iptables = 1${loaded === null ? "" : `, loaded by "${loaded}"`}) what goes from port to port passes POSTROUTING, with the bridge as its way out.`,
            mend: [
              "sysctl -w net.bridge.bridge-nf-call-iptables=0",
              `or name the way out of what is meant: iptables -t nat -A POSTROUTING -s NETWORK -o DEVICE -j ${targetOf(rule)}`,
            ],
          },
        ];
      });
  },
};

const skipsBridged = ({ text }: SavedRule): boolean => text.includes("! --physdev-is-bridged");

/** Its own network and no other: what is said of a bridge that libvirt made is not said of its guests. */
const isLibvirts = ({ chain }: SavedRule): boolean => chain.startsWith("LIBVIRT_");
