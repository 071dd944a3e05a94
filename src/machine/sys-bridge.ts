/**
 * `/sys/class/net/BRIDGE/bridge` and `/sys/class/net/PORT/brport`: what brctl and scripts read of a bridge and of its ports,
 * and set. Follows net/bridge/br_sysfs_br.c and br_sysfs_if.c of Linux 6.1. Times are hundredths of a second (USER_HZ).
 * Not modelled, and not there: multicast snooping, VLAN filtering, root and BPDU guard, proxy ARP, netfilter of one bridge.
 */
import type { Bridge } from "../device/bridge.ts";
import type { BridgePort } from "../device/bridge-port.ts";
import type { Timer } from "../engine/timer.ts";
import { formatMac, LINK_LOCAL_GROUPS, type Mac } from "../packet/address.ts";
import { ERRNO_TEXT } from "../stack/errno.ts";
import { idText } from "./command/brctl/facts.ts";
import { nanosToTicks } from "./command/brctl/numbers.ts";
import { applyToBridge, applyToPort } from "./command/ip/link-options.ts";
import { EACCES, Errno } from "./errno.ts";
import type { LiveDirectory } from "./files.ts";
import { type Attribute, AttributeDirectory, type Attributes } from "./sysfs.ts";

export class BridgeDirectory extends AttributeDirectory<Bridge> {
  get attributes(): Attributes<Bridge> {
    return BRIDGE;
  }
}

export class PortDirectory extends AttributeDirectory<BridgePort> {
  private readonly bridge: LiveDirectory;

  /** `bridge`: the directory of the device that the port is in. */
  constructor(port: BridgePort, bridge: LiveDirectory) {
    super(port);
    this.bridge = bridge;
  }

  get attributes(): Attributes<BridgePort> {
    return PORT;
  }

  protected override directories(): ReadonlyMap<string, LiveDirectory> {
    return new Map([["bridge", this.bridge]]);
  }
}

/** As `ip link set BRIDGE type bridge OPTION` changes it. */
const bridgeOption = (get: Attribute<Bridge>["get"], name: string): Attribute<Bridge> => ({
  get,
  set: (bridge, value) => errno(applyToBridge(bridge, { name, value })),
});

const portOption = (get: Attribute<BridgePort>["get"], name: string): Attribute<BridgePort> => ({
  get,
  set: (port, value) => errno(applyToPort(port, { name, value })),
});

const errno = (refusal: ReturnType<typeof applyToBridge>): Errno | null =>
  refusal === null ? null : new Errno(ERRNO_TEXT[refusal.errno]);

const left = (timer: Timer, now: number): number => (timer.due === null ? 0 : nanosToTicks(timer.due - now));
const bridgeTimer = (of: (bridge: Bridge) => Timer): Attribute<Bridge> => ({
  get: (bridge) => left(of(bridge), bridge.world.scheduler.now),
});
const portTimer = (of: (port: BridgePort) => Timer): Attribute<BridgePort> => ({
  get: (port) => left(of(port), port.device.world.scheduler.now),
});

const BRIDGE: Attributes<Bridge> = {
  ageing_time: bridgeOption(({ fdb }) => nanosToTicks(fdb.ageingTime), "ageing_time"),
  bridge_id: { get: ({ stp }) => idText(stp.id) },
  flush: { get: () => EACCES, set: flushBridge },
  forward_delay: bridgeOption(({ stp }) => nanosToTicks(stp.forwardDelay), "forward_delay"),
  gc_timer: bridgeTimer(({ fdb }) => fdb.collector),
  group_addr: { get: () => formatMac(LINK_LOCAL_GROUPS as Mac) },
  group_fwd_mask: bridgeOption(({ groupForwardMask }) => `0x${groupForwardMask.toString(16)}`, "group_fwd_mask"),
  hello_time: bridgeOption(({ stp }) => nanosToTicks(stp.helloTime), "hello_time"),
  hello_timer: bridgeTimer(({ stp }) => stp.helloTimer),
  max_age: bridgeOption(({ stp }) => nanosToTicks(stp.maxAge), "max_age"),
  priority: bridgeOption(({ stp }) => stp.priority, "priority"),
  root_id: { get: ({ stp }) => idText(stp.designatedRoot) },
  root_path_cost: { get: ({ stp }) => stp.rootPathCost },
  root_port: { get: ({ stp }) => stp.rootPort?.number ?? 0 },
  stp_state: bridgeOption(({ stp }) => Number(stp.enabled), "stp_state"),
  tcn_timer: bridgeTimer(({ stp }) => stp.notificationTimer),
  topology_change: { get: ({ stp }) => Number(stp.topologyChange) },
  topology_change_detected: { get: ({ stp }) => Number(stp.topologyChangeDetected) },
  topology_change_timer: bridgeTimer(({ stp }) => stp.topologyChangeTimer),
};

const PORT: Attributes<BridgePort> = {
  broadcast_flood: portOption((port) => Number(port.broadcastFlood), "bcast_flood"),
  change_ack: { get: ({ stp }) => Number(stp.acknowledge) },
  config_pending: { get: ({ stp }) => Number(stp.configPending) },
  designated_bridge: { get: ({ stp }) => idText(stp.designatedBridge) },
  designated_cost: { get: ({ stp }) => stp.designatedCost },
  designated_port: { get: ({ stp }) => stp.designatedPort },
  designated_root: { get: ({ stp }) => idText(stp.designatedRoot) },
  flush: { get: () => EACCES, set: flushPort },
  forward_delay_timer: portTimer(({ stp }) => stp.timers.forwardDelay),
  hairpin_mode: portOption((port) => Number(port.hairpin), "hairpin"),
  hold_timer: portTimer(({ stp }) => stp.timers.hold),
  isolated: portOption((port) => Number(port.isolated), "isolated"),
  learning: portOption((port) => Number(port.learning), "learning"),
  message_age_timer: portTimer(({ stp }) => stp.timers.messageAge),
  multicast_flood: portOption((port) => Number(port.multicastFlood), "mcast_flood"),
  path_cost: portOption((port) => port.pathCost, "cost"),
  port_id: { get: (port) => `0x${port.id.toString(16)}` },
  port_no: { get: (port) => `0x${port.number.toString(16)}` },
  priority: portOption((port) => port.priority, "priority"),
  state: { get: (port) => port.state },
  unicast_flood: portOption((port) => Number(port.flood), "flood"),
};

function flushBridge(bridge: Bridge): null {
  bridge.fdb.flush();
  return null;
}

function flushPort(port: BridgePort): null {
  (port.device.master as Bridge).fdb.flushPort(port, false);
  return null;
}
