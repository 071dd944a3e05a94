/** A NIC of a Xen host without link, and who on the host can see it. */
import type { DeviceSnapshot } from "../view/device-snapshot.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { Diagnoser, Found } from "./finding.ts";

export const deadCable: Diagnoser = {
  name: "dead-cable",
  find: ({ now }) =>
    now.hosts.flatMap((host) =>
      host.dom0.devices
        .filter((device) => device.kind === "nic" && device.up && !device.carrier)
        .map((nic) => findingOf(host, nic)),
    ),
};

function findingOf(host: HostSnapshot, nic: DeviceSnapshot): Found {
  const owner = host.dom0.devices.find((device) => device.name !== "lo" && device.addresses.length > 0);
  const hidden = owner !== undefined && owner !== nic && owner.up && owner.carrier;
  return {
    what: `${host.name}: the NIC ${nic.name} has no link${hidden ? `, and ${owner.name}, which has the host's address, does not show it` : ""}.`,
    evidence: [
      `${nic.name}: NO-CARRIER, state ${nic.state}${nic.plugged === false ? "; its cable is pulled" : ""}`,
      ...(owner === undefined || owner === nic
        ? []
        : [
            `${owner.name} (${owner.addresses.join(", ")}): ${owner.carrier ? "LOWER_UP" : "NO-CARRIER"}, state ${owner.state}`,
          ]),
    ],
    trial: [{ machine: host.name, line: plugIn(nic.name), plug: nic.name }],
    cause: hidden ? whyHidden(owner) : "The cable, the switch port or the switch itself is dead.",
    look: [
      `ip link show ${nic.name}`,
      `ethtool ${nic.name}`,
      ...(hidden ? [`ethtool -i ${owner.name}`] : []),
      "dmesg | tail",
    ],
    cure: [
      plugIn(nic.name),
      ...(hidden
        ? [
            `Let monitoring, bonding and clusters watch ${nic.name}, never ${owner.name}: cat /sys/class/net/${nic.name}/carrier`,
            `Where two NICs are there, bond them below ${nic.name}.`,
          ]
        : []),
    ],
  };
}

export const plugIn = (name: string): string => `Plug the cable of ${name} in.`;

const whyHidden = (owner: DeviceSnapshot): string =>
  owner.kind === "netloop"
    ? `${owner.name} is the renamed end of a netloop pair: it has no carrier logic, its link is up whatever the wire does.`
    : `${owner.name} is a bridge: it keeps its carrier as long as any other port, such as a running guest's vif, has one.`;
