/** A bridge of guests that no NIC is a port of, and a NIC that serves for nothing else, behind which their neighbours are. */
import type { HostPlan } from "../../topology/plan.ts";
import type { HostSnapshot } from "../../view/host-snapshot.ts";
import type { LabSnapshot } from "../../view/lab-snapshot.ts";
import { isNear, stationsOf } from "../stations.ts";
import { on, type Suspect } from "../suspect.ts";
import { Wires } from "../wires.ts";

export const noUplink: Suspect = {
  name: "no-uplink",
  find: ({ lab, now }) =>
    now.hosts.flatMap((host) =>
      missingUplinks(host, lab.plan.hosts.find(({ name }) => name === host.name)!, now).map(
        ({ bridge, nic, lines }) => ({
          at: host.name,
          what: `the bridge ${bridge} has no way out: no NIC is a port of it.`,
          evidence: [`${nic} is in no bridge, has no address, and leads to the network that the guests look for`],
          cause:
            "Guests of such a bridge reach each other and domain 0, and nobody outside: their frames find no port.",
          look: ["brctl show", `ip link show ${nic}`],
          mends: [on(host.name, ...lines)],
          advice: [`For good: bridge_ports ${nic} in /etc/network/interfaces (ports: [${nic}] in the topology).`],
        }),
      ),
    ),
};

interface MissingUplink {
  readonly bridge: string;
  readonly nic: string;
  readonly lines: readonly string[];
}

/** A bridge may well be without: only one whose guests have neighbours, or their gateway, behind the idle NIC wants it. */
export function missingUplinks(host: HostSnapshot, plan: HostPlan, now: LabSnapshot): MissingUplink[] {
  const wires = new Wires(now);
  const stations = stationsOf(now);
  const { devices } = host.dom0;
  const idle = devices.filter(({ kind, master, addresses, name }) => {
    const isPlanned = plan.bridges.some(({ ports }) => ports.includes(name));
    return kind === "nic" && master === null && addresses.length === 0 && !isPlanned;
  });
  const open = host.bridges
    .map(({ device }) => device.name)
    .filter((bridge) => !plan.libvirt.some((network) => network.bridge === bridge))
    .filter((bridge) => !devices.some(({ kind, master }) => kind === "nic" && master === bridge));
  return open.flatMap((bridge) => {
    const inside = stations.filter(({ wire }) => wire === wires.of(host.name, bridge));
    return idle
      .filter(({ name }) =>
        stations.some((far) => far.wire === wires.of(host.name, name) && inside.some((own) => isNear(own, far))),
      )
      .map(({ name: nic, up }) => ({
        ...{ bridge, nic },
        lines: [`brctl addif ${bridge} ${nic}`, ...(up ? [] : [`ip link set ${nic} up`])],
      }));
  });
}
