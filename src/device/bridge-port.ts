/**
 * A device as a port of a bridge: what is known of it. Follows struct net_bridge_port (br_private.h) and the port half
 * of br_if.c, Linux 6.1. What comes in through it is in `bridge-input.ts`.
 *
 * Not modelled: VLAN filtering, locked ports, proxy ARP and neighbour suppression, IGMP and MLD snooping.
 */
import type { Nanos } from "../engine/time.ts";
import type { Mac } from "../packet/address.ts";
import type { BridgeId } from "../packet/bpdu.ts";
import { type PortTimers, StpPort } from "./bridge-stp-port.ts";
import type { NetDevice } from "./device.ts";
import type { Point } from "./point.ts";

/** linux/if_bridge.h: BR_STATE_* */
export const PortState = { DISABLED: 0, LISTENING: 1, LEARNING: 2, FORWARDING: 3, BLOCKING: 4 } as const;
export type PortStateCode = (typeof PortState)[keyof typeof PortState];

/** As dmesg, `bridge link` and `brctl showstp` print them, by code. */
export const portStateNames = ["disabled", "listening", "learning", "forwarding", "blocking"] as const;

/** BR_PORT_BITS: the number's share of the port id. */
const PORT_BITS = 10;
/** br_if.c port_cost: IEEE 802.1D costs by Mbit/s; 100 when the driver does not say. */
const COSTS: readonly (readonly [speed: number, cost: number])[] = [
  [10_000, 2],
  [5_000, 3],
  [2_500, 4],
  [1_000, 5],
  [100, 19],
  [10, 100],
];
const UNKNOWN_COST = 100;
const COST_ABOVE_10G = 1;

export function portCost(speed: number): number {
  if (speed > 10_000) return COST_ABOVE_10G;
  return COSTS.find(([each]) => each === speed)?.[1] ?? UNKNOWN_COST;
}

/** The bridge as its parts see it: a device with ports. */
export interface BridgeDevice extends NetDevice {
  /** In order of joining. */
  readonly ports: readonly BridgePort[];
  /** The MAC half of the bridge id. */
  readonly idMac: Mac;
  /** Frames that pass by the host: they enter through a port and are not for the bridge device. */
  readonly passing: Point;
  /** How long addresses are kept while STP sees a topology change; null when it sees none. */
  readonly topologyHold: Nanos | null;
  /** br_info: a line in dmesg. */
  say(text: string): void;
}

export class BridgePort {
  readonly device: NetDevice;
  /** 1 to 1023, the lowest that was free. */
  readonly number: number;
  state: PortStateCode = PortState.DISABLED;
  /** 0 to 63: `bridge link set dev PORT priority`. */
  priority = 32;
  pathCost: number;
  /** The user set the cost: speed changes nothing any more. */
  hasAdminCost = false;
  hairpin = false;
  learning = true;
  /** Flooding of unknown unicast, of multicast and of broadcast. */
  flood = true;
  multicastFlood = true;
  broadcastFlood = true;
  isolated = false;
  /** What the spanning tree knows of it. */
  readonly stp: StpPort;

  constructor(device: NetDevice, number: number, bridge: BridgeId, timers: PortTimers) {
    this.device = device;
    this.number = number;
    this.pathCost = portCost(device.speed);
    this.stp = new StpPort(bridge, this.id, timers);
  }

  /** 0x8001 for the first port. */
  get id(): number {
    return (this.priority << PORT_BITS) | this.number;
  }

  /** br_port_carrier_check: the speed is known once there is carrier. */
  refreshCost(): void {
    if (!this.hasAdminCost && this.device.running) this.pathCost = portCost(this.device.speed);
  }
}
