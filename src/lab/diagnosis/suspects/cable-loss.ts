/** A cable that loses frames, or damages them, by chance. */
import { Fate } from "../../../base/fate.ts";
import type { Lab } from "../../lab.ts";
import { count } from "../finding.ts";
import type { Clues, Suspect } from "../suspect.ts";

export const cableLoss: Suspect = {
  name: "cable-loss",
  find: ({ lab, lost }: Clues) => {
    const chances = lost.filter(({ fate }) => fate === Fate.CABLE_LOSS || fate === Fate.CABLE_CORRUPT);
    const busiest = lab.wiring.links
      .map((link) => ({ ...link, frames: chances.filter(({ owner }) => owner === link.cable.name).length }))
      .sort((a, b) => b.frames - a.frames);
    return busiest
      .filter(({ frames, network }, i) => frames > 0 && busiest.findIndex((each) => each.network === network) === i)
      .map(({ nic, network, frames }) => ({
        at: nic.table.machine,
        what: `the network ${network}, on which its ${nic.name} is, loses frames by chance.`,
        evidence: [...lossWords(lab, network), `${count(frames)} lost on the cable of ${nic.name} while it was tried`],
        cause:
          "A bad cable or plug, a dying port, or a duplex that does not fit: some frames arrive and others do not, and who asked asks again, or gives up.",
        look: [
          `ethtool -S ${nic.name} | grep -i err`,
          `ip -s link show ${nic.name}`,
          "ping -c 100 -i 0.2 ADDRESS   (packet loss)",
        ],
        mends: [[{ machine: nic.table.machine, line: newCable(network), calm: network }]],
        advice: [`loss: and corrupt: of the network ${network} in the topology say how often.`],
      }));
  },
};

const newCable = (network: string): string => `Change the cables of ${network} for good ones.`;

/** As the topology says it. */
export const lossWords = ({ plan }: Lab, network: string): string[] =>
  plan.networks
    .filter(({ name, loss, corrupt }) => name === network && loss + corrupt > 0)
    .map(
      ({ loss, corrupt }) => `${network}: loss ${percent(loss)}${corrupt > 0 ? `, corrupt ${percent(corrupt)}` : ""}`,
    );

const percent = (share: number): string => `${Number((share * 100).toFixed(4))}%`;
