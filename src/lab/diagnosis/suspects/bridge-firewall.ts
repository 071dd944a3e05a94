/** Frames of a goal that ebtables ended on their way through a bridge. */
import { Fate } from "../../../base/fate.ts";
import { specText } from "../../../machine/command/ebtables/print.ts";
import type { Machine } from "../../../machine/machine.ts";
import { type Clues, distinct, lostBy, on, type Suspect, type Suspicion } from "../suspect.ts";
import type { LostFrame } from "../trial.ts";
import { ruleMet } from "./rule-met.ts";

export const bridgeFirewall: Suspect = {
  name: "bridge-firewall",
  find: (clues) =>
    distinct(
      lostBy(clues, Fate.EBTABLES_POLICY, Fate.EBTABLES_DROP).map(({ frame, machine }) =>
        suspicionOf(clues, frame, machine),
      ),
    ),
};

function suspicionOf(clues: Clues, frame: LostFrame, machine: Machine): Suspicion {
  const chain = frame.owner.split(".")[1]!;
  const { number } = ruleMet(clues, frame);
  const rule = number === null ? undefined : machine.net.ebtables.filter.find(chain)?.rules[number - 1];
  const text = rule === undefined ? null : specText(rule.spec);
  const seen = text === null ? `-P ${chain} DROP` : `rule ${number} of ${chain}: ${text}`;
  return {
    at: machine.name,
    what: `ebtables drops frames on the bridge: ${seen}.`,
    evidence: [`frames of it end in ${chain} of ebtables${frame.packet === null ? ", ARP too" : ""}`],
    cause:
      "ebtables decides about frames between the ports of a bridge, ARP included, before iptables hears of anything: with ARP gone no address resolves, and `iptables -L` shows nothing.",
    look: ["ebtables -L --Lc", "ebtables-save"],
    mends: [on(machine.name, text === null ? `ebtables -P ${chain} ACCEPT` : `ebtables -D ${chain} ${text}`)],
  };
}
