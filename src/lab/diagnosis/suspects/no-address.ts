/** A device without an address that was to have one: of a machine of the goal, or on the way. */
import { formatCidr, formatIpv4 } from "../../../packet/address.ts";
import { stationsOf } from "../stations.ts";
import { type Clues, machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";
import { gatewayLines, isRouted, planOf } from "./plan-of.ts";

export const noAddress: Suspect = {
  name: "no-address",
  find: (clues) => [...devices(clues), ...routedVifs(clues)],
};

const devices = (clues: Clues): Suspicion[] =>
  machinesOf(clues).flatMap((machine) => {
    const { name } = machine;
    return machine.table.devices.flatMap((device) => {
      const planned = planOf(clues.lab.plan, name, device.name);
      const isBare = planned !== null && planned.addresses.length > 0 && machine.net.addresses.of(device).length === 0;
      if (!isBare || device.master !== null) return [];
      const lines = planned.addresses.map((address) => `ip addr add ${formatCidr(address)} brd + dev ${device.name}`);
      return [
        {
          at: name,
          what: `${device.name} has no address; it was to have ${planned.addresses.map(formatCidr).join(", ")}.`,
          evidence: [`ip addr show ${device.name}: no line inet`],
          cause: "Somebody has flushed or deleted it. Routes that need it went with it.",
          look: [`ip addr show ${device.name}`, "ip route"],
          mends: [
            on(name, ...lines, ...(device.up ? [] : [`ip link set ${device.name} up`]), ...gatewayLines(planned)),
          ],
        },
      ];
    });
  });

/** A vif that domain 0 routes: its own end has the address that the guest has for its gateway. */
const routedVifs = ({ now, lab }: Clues): Suspicion[] => {
  const owned = stationsOf(now).map(({ address }) => address);
  return now.hosts.flatMap((host) =>
    host.guests.flatMap((guest) =>
      guest.vifs.flatMap((vif) => {
        const device = host.dom0.devices.find(({ name }) => name === vif.name);
        const gateway = planOf(lab.plan, guest.name, vif.guestDevice)?.gateway ?? null;
        if (device === undefined || device.addresses.length > 0 || !isRouted(lab.plan, guest.name, vif.guestDevice))
          return [];
        if (gateway === null || owned.includes(gateway)) return [];
        const address = formatIpv4(gateway);
        const routes = vif.addresses.map(
          (each) => `ip route replace ${each.split("/")[0]} dev ${device.name} src ${address}`,
        );
        return [
          {
            at: host.name,
            what: `${device.name} has no address; ${guest.name} has ${address} for its gateway.`,
            evidence: [`ip addr show ${device.name}: no line inet`],
            cause:
              "vif-nat and vif-route give the vif an address and make the route to the guest with it; somebody has taken it away.",
            look: [`ip addr show ${device.name}`, "ip route"],
            mends: [on(host.name, `ip addr add ${address}/32 dev ${device.name}`, ...routes)],
          },
        ];
      }),
    ),
  );
};
