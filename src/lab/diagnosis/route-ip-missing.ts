/** A routed guest without a route: its configuration has no ip=, and domain 0 looks for it on the LAN. */
import { ERAS, type XenVersion } from "../../machine/era.ts";
import type { Plan } from "../topology/plan.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { VifSnapshot } from "../view/vif-snapshot.ts";
import type { Diagnoser } from "./finding.ts";
import { on } from "./suspect.ts";

export const routeIpMissing: Diagnoser = {
  name: "route-ip-missing",
  find: ({ now, plan }) =>
    now.hosts
      .filter(({ mode }) => mode === "route")
      .flatMap((host) =>
        host.guests.flatMap((guest) =>
          guest.state === "running"
            ? guest.vifs
                .filter((vif) => isConnected(vif) && unreached(host, vif).length > 0)
                .map((vif) => findingOf(host, guest.name, vif, versionOf(plan, host)))
            : [],
        ),
      ),
};

const isConnected = ({ name, hotplugStatus }: VifSnapshot): boolean => name !== null && hotplugStatus === "connected";

/** Of the guest's addresses those that no route through its vif leads to; a bridged one needs none. */
function unreached(host: HostSnapshot, vif: VifSnapshot): string[] {
  const device = host.dom0.devices.find(({ name }) => name === vif.name);
  if (device === undefined || device.master !== null || !device.up) return [];
  const led = host.routing.routes.filter((route) => route.device === vif.name).map(({ destination }) => destination);
  return vif.addresses.map((address) => address.split("/")[0]!).filter((address) => !led.includes(address));
}

const versionOf = (plan: Plan, { name }: HostSnapshot): XenVersion =>
  plan.hosts.find((host) => host.name === name)!.xen;

function findingOf(host: HostSnapshot, guest: string, vif: VifSnapshot, xen: XenVersion) {
  const addresses = unreached(host, vif);
  const own = host.dom0.devices.find(({ name }) => name === vif.name)?.addresses[0]?.split("/")[0];
  return {
    what: `${host.name}: there is no route to ${guest}: nobody reaches it, domain 0 neither.`,
    evidence: [
      `${guest} has ${addresses.join(", ")}; no route leads there through ${vif.name}`,
      ...host.routing.routes.filter(({ device }) => device !== null).map(({ text }) => text),
    ],
    cause: `vif-route makes a route for each address in ip= of the vif, and for none without: domain 0 takes ${guest} for a box on the LAN and asks for it there. The script says nothing, and the vif is connected.`,
    look: [
      `ip route get ${addresses[0]}`,
      `xenstore-ls /local/domain/0/backend/vif | grep ' ip '`,
      `grep vif /etc/xen/${guest}.cfg`,
    ],
    trial: on(host.name, ...mendRoute(addresses, vif.name!, own ?? null, xen, guest).slice(0, addresses.length)),
    cure: mendRoute(addresses, vif.name!, own ?? null, xen, guest),
  };
}

/** The lines that vif-route of that era would have run for these addresses, in its words. */
export const mendRoute = (
  addresses: readonly string[],
  vif: string,
  source: string | null,
  xen: XenVersion,
  guest: string,
): string[] => {
  const { routeMetric } = ERAS[xen];
  const rest = `${source === null ? "" : ` src ${source}`}${routeMetric === null ? "" : ` metric ${routeMetric}`}`;
  return [
    ...addresses.map((address) => `ip route add ${address} dev ${vif}${rest}`),
    `For good: ip=${addresses.join(" ")} in the vif of ${guest}'s configuration.`,
  ];
};
