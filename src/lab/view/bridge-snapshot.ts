/** A Linux bridge at one instant: what `brctl show`, `showstp` and `showmacs` print of it, by the same functions. */
import type { Bridge } from "../../device/bridge.ts";
import { type BridgePort, portStateNames } from "../../device/bridge-port.ts";
import type { Nanos } from "../../engine/time.ts";
import { bridgeId, type PortEntry, portsByName, shownMacs } from "../../machine/command/brctl/facts.ts";
import { formatMac } from "../../packet/address.ts";
import type { DeviceSnapshot } from "./device-snapshot.ts";

export interface BridgeSnapshot {
  readonly device: DeviceSnapshot;
  /** "8000.003048aabb01" */
  readonly id: string;
  readonly stp: boolean;
  readonly forwardDelay: Nanos;
  readonly ageingTime: Nanos;
  /** In the order of `brctl showstp`: by name. */
  readonly ports: readonly PortSnapshot[];
  /** The lines of `brctl showmacs`, in its order. */
  readonly fdb: readonly FdbSnapshot[];
}

export interface PortSnapshot {
  readonly number: number;
  readonly device: string;
  readonly state: (typeof portStateNames)[number];
  readonly cost: number;
  /** Until it listens or learns no longer; null while it does neither. */
  readonly forwardDelayLeft: Nanos | null;
}

export interface FdbSnapshot {
  readonly mac: string;
  /** The port's. */
  readonly port: number;
  readonly device: string;
  readonly isLocal: boolean;
  /** Since it was last seen as a source; 0 for what never ages. */
  readonly age: Nanos;
}

export function bridgeSnapshot(bridge: Bridge, device: DeviceSnapshot): BridgeSnapshot {
  return {
    device,
    id: bridgeId(bridge),
    stp: bridge.stp.enabled,
    forwardDelay: bridge.stp.forwardDelay,
    ageingTime: bridge.fdb.ageingTime,
    ports: portsByName(bridge).map((port) => portSnapshot(port, bridge.world.scheduler.now)),
    fdb: shownMacs(bridge).map((entry) => fdbSnapshot(entry, bridge.fdb.idle(entry))),
  };
}

function portSnapshot(port: BridgePort, now: Nanos): PortSnapshot {
  const state = portStateNames[port.state];
  const due = state === "listening" || state === "learning" ? port.stp.timers.forwardDelay.due : null;
  return {
    number: port.number,
    device: port.device.name,
    state,
    cost: port.pathCost,
    forwardDelayLeft: due === null ? null : ((due - now) as Nanos),
  };
}

const fdbSnapshot = ({ mac, port, local }: PortEntry, age: Nanos): FdbSnapshot => ({
  mac: formatMac(mac),
  port: port.number,
  device: port.device.name,
  isLocal: local,
  age,
});
