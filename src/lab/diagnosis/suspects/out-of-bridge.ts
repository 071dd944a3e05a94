/** A vif or a NIC that is not in the bridge it belongs to. */
import { Bridge } from "../../../device/bridge.ts";
import type { DeviceSnapshot } from "../../view/device-snapshot.ts";
import type { HostSnapshot } from "../../view/host-snapshot.ts";
import { type Clues, on, type Suspect, type Suspicion } from "../suspect.ts";

export const outOfBridge: Suspect = {
  name: "out-of-bridge",
  find: (clues) => clues.now.hosts.flatMap((host) => [...vifs(host), ...nics(clues, host)]),
};

function vifs(host: HostSnapshot): Suspicion[] {
  return host.guests.flatMap((guest) =>
    guest.vifs.flatMap(({ name, bridge }) => {
      const device = host.dom0.devices.find((each) => each.name === name);
      const isWanted = bridge !== null && host.bridges.some((each) => each.device.name === bridge);
      if (device === undefined || !isWanted || device.master === bridge) return [];
      return [portOf(host.name, device.name, device.master, bridge, `${guest.name}'s`, "its configuration says")];
    }),
  );
}

/** A NIC without an address is of no use but as a port. */
function nics({ lab }: Clues, host: HostSnapshot): Suspicion[] {
  const planned = lab.plan.hosts.find(({ name }) => name === host.name)!;
  return host.dom0.devices
    .filter((device) => device.master === null && device.addresses.length === 0 && isPort(device, host))
    .flatMap(({ name }) => {
      const said = planned.bridges.filter(({ ports }) => ports.includes(name)).map((each) => each.name);
      const bridges =
        said.length > 0 || planned.networkScripts.length === 0 ? said : host.bridges.map((each) => each.device.name);
      return bridges
        .filter((bridge) => lab.machine(host.name).table.find(bridge) instanceof Bridge)
        .map((bridge) => portOf(host.name, name, null, bridge, "domain 0's", "it belongs into"));
    });
}

/** A NIC, or the end of a netloop pair whose other end has the host's address: vif0.0. */
const isPort = ({ kind, peer }: DeviceSnapshot, { dom0 }: HostSnapshot): boolean =>
  kind === "nic" ||
  (kind === "netloop" && dom0.devices.some(({ name, addresses }) => name === peer && addresses.length > 0));

function portOf(
  at: string,
  name: string,
  master: string | null,
  bridge: string,
  whose: string,
  says: string,
): Suspicion {
  const where = master === null ? "in no bridge" : `in the bridge ${master}`;
  return {
    at,
    what: `${whose} ${name} is ${where}, not in ${bridge}.`,
    evidence: [`${name}: ${master === null ? "no master" : `master ${master}`}; ${says} ${bridge}`],
    cause: `Somebody has taken it out (brctl delif, ip link set ${name} nomaster), or the bridge was made anew after it had joined. Nothing else tells: the device is up and has a link.`,
    look: ["brctl show", `ip link show ${name}   (master ${bridge} is missing)`],
    mends: [on(at, ...(master === null ? [] : [`brctl delif ${master} ${name}`]), `brctl addif ${bridge} ${name}`)],
  };
}
