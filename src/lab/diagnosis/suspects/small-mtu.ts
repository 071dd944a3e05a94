/** A device whose MTU is too small for IPv4: its addresses and routes are gone. */
import { formatCidr } from "../../../packet/address.ts";
import { machinesOf, on, type Suspect } from "../suspect.ts";
import { gatewayLines, planOf } from "./plan-of.ts";

/** linux/inetdevice.h, IPV4_MIN_MTU: below it inetdev_event destroys what the device has of IPv4. */
const IPV4_MIN_MTU = 68;
const USUAL = 1500;

export const smallMtu: Suspect = {
  name: "small-mtu",
  find: (clues) =>
    machinesOf(clues).flatMap(({ name: at, table }) =>
      table.devices
        .filter(({ mtu }) => mtu < IPV4_MIN_MTU)
        .map(({ name, mtu }) => {
          const planned = planOf(clues.lab.plan, at, name);
          const addresses = planned?.addresses ?? [];
          return {
            at,
            what: `the MTU of ${name} is ${mtu}: too small for IPv4, which has left the device.`,
            evidence: [`ip link show ${name}: mtu ${mtu}`, `ip addr show ${name}: no line inet`],
            cause: `Below ${IPV4_MIN_MTU} bytes the kernel takes IPv4 off a device, with its addresses and routes. They do not come back with the MTU.`,
            look: [`ip addr show ${name}`, "ip route"],
            mends: [
              on(
                at,
                `ip link set ${name} mtu ${USUAL}`,
                ...addresses.map((address) => `ip addr add ${formatCidr(address)} brd + dev ${name}`),
                ...(planned === null ? [] : gatewayLines(planned)),
              ),
            ],
          };
        }),
    ),
};
