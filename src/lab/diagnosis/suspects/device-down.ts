/** A device on the way that somebody has switched off. */
import type { NetDevice } from "../../../device/device.ts";
import type { Machine } from "../../../machine/machine.ts";
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { Vif } from "../../../xen/vif.ts";
import type { Plan } from "../../topology/plan.ts";
import { isNear, routersFor, stationsOf } from "../stations.ts";
import { type Clues, machinesOf, on, type Suspect, type Suspicion } from "../suspect.ts";
import type { Mend } from "../trial.ts";
import { gatewayLines, planOf } from "./plan-of.ts";

export const deviceDown: Suspect = {
  name: "device-down",
  find: (clues) =>
    machinesOf(clues).flatMap((machine) =>
      machine.table.devices
        .filter((device) => !device.up && device.name !== "lo" && isUsed(machine, device, clues.lab.plan))
        .map((device) => suspicionOf(clues, machine, device)),
    ),
};

/** A host has devices that nobody uses, and those are down rightly. */
const isUsed = ({ name, net }: Machine, device: NetDevice, plan: Plan): boolean =>
  device.master !== null ||
  device instanceof Vif ||
  net.addresses.of(device).length > 0 ||
  "ports" in device ||
  planOf(plan, name, device.name) !== null;

function suspicionOf(clues: Clues, machine: Machine, device: NetDevice): Suspicion {
  const { name } = device;
  const up = on(machine.name, `ip link set ${name} up`);
  const back = routesBack(clues, machine, device);
  const master = device.master === null ? "" : `, a port of ${device.master.name},`;
  return {
    at: machine.name,
    what: `${name}${master} is down.`,
    evidence: [`ip link show ${name}: no UP among its flags, state DOWN`],
    cause: `Somebody has said ip link set ${name} down, or nobody has ever said up. A device that is down takes and gives no frame; its routes are gone with it, and do not all come back by themselves.`,
    look: [`ip link show ${name}`, "ip route"],
    mends: [[...up, ...back]],
  };
}

/** What only a default route leads to. */
const SOMEWHERE = 0xc633_6401 as Ipv4;

/** Routes that went with the device: the subnet's comes back by itself, the others do not. */
function routesBack(clues: Clues, machine: Machine, device: NetDevice): Mend[] {
  const { lab } = clues;
  const planned = planOf(lab.plan, machine.name, device.name);
  if (!(device instanceof Vif) && machine.net.fib.lookup(SOMEWHERE) !== null) return [];
  const gateway = planned === null ? [] : gatewayLines(planned);
  if (gateway.length > 0) return on(machine.name, ...gateway);
  if (device instanceof Vif) return on(machine.name, ...hostRoutes(clues, machine, device));
  const stations = stationsOf(clues.now);
  const own = stations.find((each) => each.machine === machine.name && each.device === device.name);
  const router = own === undefined ? undefined : routersFor(own, stations).find((each) => isNear(own, each));
  return router === undefined ? [] : on(machine.name, `ip route replace default via ${formatIpv4(router.address)}`);
}

/** As vif-route made them, of ip= in the vif's configuration. */
const hostRoutes = ({ now }: Clues, { name }: Machine, device: NetDevice): string[] =>
  device.master !== null
    ? []
    : now.hosts
        .filter((host) => host.name === name)
        .flatMap(({ guests }) => guests.flatMap(({ vifs }) => vifs.filter((vif) => vif.name === device.name)))
        .flatMap(({ addresses }) => addresses)
        .map((address) => `ip route replace ${address.split("/")[0]} dev ${device.name}`);
