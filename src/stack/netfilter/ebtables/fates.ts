/** How frames end at the rules of ebtables. */
import { Fate, type FateStory } from "../../../base/fate.ts";

export const ebtablesFates: readonly FateStory[] = [
  {
    code: Fate.EBTABLES_DROP,
    name: "ebtables-drop",
    what: "A rule of ebtables with -j DROP held for the frame on the bridge.",
    cause:
      "A rule against spoofed addresses that does not know the guest's new MAC or IP, or one wider than its author thought.",
    command: "ebtables -L CHAIN --Lc --Ln   (the rule whose pcnt rises)",
    cure: "ebtables -I CHAIN with a narrower rule and -j ACCEPT before it, or ebtables -D CHAIN NUMBER.",
  },
  {
    code: Fate.EBTABLES_POLICY,
    name: "ebtables-policy",
    what: "No rule of ebtables decided about the frame on the bridge, and the chain's policy is DROP.",
    cause: "Rules that accept IPv4 of known guests and forget ARP, without which no IPv4 comes about.",
    command: "ebtables -L CHAIN --Lc   (policy: DROP); tcpdump -n -e -i BRIDGE arp",
    cure: "ebtables -A CHAIN -p ARP -j ACCEPT, or ebtables -P CHAIN ACCEPT.",
  },
];
