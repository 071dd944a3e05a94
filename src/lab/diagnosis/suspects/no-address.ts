/** A device without an address that was to have one: of a machine of the goal, or on the way. */
import { formatCidr } from "../../../packet/address.ts";
import { machinesOf, on, type Suspect } from "../suspect.ts";
import { gatewayLines, planOf } from "./plan-of.ts";

export const noAddress: Suspect = {
  name: "no-address",
  find: (clues) =>
    machinesOf(clues).flatMap((machine) => {
      const { name } = machine;
      return machine.table.devices.flatMap((device) => {
        const planned = planOf(clues.lab.plan, name, device.name);
        const isBare =
          planned !== null && planned.addresses.length > 0 && machine.net.addresses.of(device).length === 0;
        if (!isBare || device.master !== null) return [];
        const lines = planned.addresses.map((address) => `ip addr add ${formatCidr(address)} brd + dev ${device.name}`);
        return [
          {
            at: name,
            what: `${device.name} has no address; it was to have ${planned.addresses.map(formatCidr).join(", ")}.`,
            evidence: [`ip addr show ${device.name}: no line inet`],
            cause: "Somebody has flushed or deleted it. Routes that need it went with it.",
            look: [`ip addr show ${device.name}`, "ip route"],
            mends: [on(name, ...lines, ...gatewayLines(planned))],
          },
        ];
      });
    }),
};
