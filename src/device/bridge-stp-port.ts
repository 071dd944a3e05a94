/**
 * What the spanning tree knows of a port, and how ports are compared. Follows the second half of struct net_bridge_port and
 * the comparisons of net/bridge/br_stp.c, Linux 6.1 (IEEE 802.1D-1998, 8.6).
 */
import type { Nanos } from "../engine/time.ts";
import type { Timer } from "../engine/timer.ts";
import { type BridgeId, type Config, compareIds, sameId } from "../packet/bpdu.ts";

export interface PortTimers {
  /** Walks the port through listening and learning. */
  readonly forwardDelay: Timer;
  /** Runs while somebody else is designated on the segment: their word is good for so long. */
  readonly messageAge: Timer;
  /** At most one configuration in a second. */
  readonly hold: Timer;
}

/** A port's address in the tree: what its bridge says of itself, or what it heard from a better one on its segment. */
export class StpPort {
  designatedRoot: BridgeId;
  designatedCost = 0;
  designatedBridge: BridgeId;
  designatedPort: number;
  /** When the root would have sent what was heard last. */
  heardAt = 0 as Nanos;
  /** The next configuration answers a topology change notification. */
  acknowledge = false;
  /** A configuration waits for the hold timer. */
  configPending = false;
  readonly timers: PortTimers;

  constructor(own: BridgeId, portId: number, timers: PortTimers) {
    this.designatedRoot = own;
    this.designatedBridge = own;
    this.designatedPort = portId;
    this.timers = timers;
  }
}

/** A port as candidate for the root port. */
export interface Candidate {
  readonly id: number;
  readonly pathCost: number;
  readonly stp: StpPort;
}

/** br_should_become_root_port, between two: less than 0 when `a` is nearer to the better root. */
export function compareWays(a: Candidate, b: Candidate): number {
  return (
    compareIds(a.stp.designatedRoot, b.stp.designatedRoot) ||
    a.stp.designatedCost + a.pathCost - (b.stp.designatedCost + b.pathCost) ||
    compareIds(a.stp.designatedBridge, b.stp.designatedBridge) ||
    a.stp.designatedPort - b.stp.designatedPort ||
    a.id - b.id
  );
}

/** br_supersedes_port_info: better than what is known, or news from the bridge that said it. */
export function supersedes(config: Config, { stp }: Candidate, own: BridgeId): boolean {
  const order =
    compareIds(config.root, stp.designatedRoot) ||
    config.cost - stp.designatedCost ||
    compareIds(config.bridge, stp.designatedBridge);
  if (order !== 0) return order < 0;
  return !sameId(config.bridge, own) || config.port <= stp.designatedPort;
}
