/** A box outside whose cable is out: nothing on a host shows it but that nobody answers. */
import { plugIn } from "../dead-cable.ts";
import type { Suspect } from "../suspect.ts";

export const cableOut: Suspect = {
  name: "dead-cable",
  find: ({ now }) =>
    now.machines.flatMap(({ name: machine, devices }) =>
      devices
        .filter(({ up, plugged }) => up && plugged === false)
        .map(({ name, state }) => ({
          at: machine,
          what: `the cable of ${name} is out.`,
          evidence: [`${name}: NO-CARRIER, state ${state}`],
          cause: "The host's own NIC has a link, to the switch: it does not know of cables beyond.",
          look: [`ip link show ${name}`, `ethtool ${name}`],
          mends: [[{ machine, line: plugIn(`${machine}:${name}`), plug: name }]],
        })),
    ),
};
