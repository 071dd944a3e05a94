/**
 * A Linux bridge: `brctl addbr xenbr0`. The device itself is the host's own port; frames that come in through the other
 * ports are taken by `BridgeInput`. Follows br_if.c, br.c and br_device.c of net/bridge, Linux 6.1.
 *
 *   BridgeInput -> learn -> forwarding -> other ports' transmit
 *                                      -> deliver on the bridge device: the host
 *   the host -> transmit on the bridge device -> forwarding -> ports' transmit
 *
 * Not modelled: VLAN filtering, IGMP and MLD snooping (groups are flooded, as without a querier).
 */
import type { Nanos } from "../engine/time.ts";
import { seconds } from "../engine/time.ts";
import { formatMac, isStationAddress, type Mac, ZERO_MAC } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import { BridgeFdb } from "./bridge-fdb.ts";
import { BridgeForwarding } from "./bridge-forward.ts";
import { BridgeInput, type InputBridge } from "./bridge-input.ts";
import { BridgePort, PortState } from "./bridge-port.ts";
import { BridgeStp } from "./bridge-stp.ts";
import { type DeviceChange, type DeviceTraits, type DeviceWatcher, ETHERNET_TRAITS, NetDevice } from "./device.ts";
import type { DeviceTable } from "./device-table.ts";
import type { Point } from "./point.ts";

/** BR_MAX_PORTS less number 0, which is reserved. */
const MAX_PORTS = 1023;
/** ETH_DATA_LEN: the MTU of a bridge without ports. */
const DEFAULT_MTU = 1500;
/** net_ratelimit: at most 10 messages in 5 seconds. */
const RATE_LIMIT = { burst: 10, interval: seconds(5) };

/** A new bridge has carrier until its ports are looked at for the first time. */
const BRIDGE_TRAITS: DeviceTraits = { ...ETHERNET_TRAITS, queued: false, driver: "bridge", busInfo: "N/A" };

/**
 * "busy": EBUSY, it has a master already. "loop": ELOOP, a bridge cannot be a port. "invalid": EINVAL, loopback or a
 * device without a station address. "exfull": EXFULL, no port number is free.
 */
export type AddPortAnswer = "ok" | "busy" | "loop" | "invalid" | "exfull";

export class Bridge extends NetDevice implements InputBridge, DeviceWatcher {
  readonly kind = "bridge";
  readonly ports: BridgePort[] = [];
  readonly fdb: BridgeFdb;
  readonly stp: BridgeStp;
  readonly forwarding: BridgeForwarding;
  readonly passing: Point;
  /** The MAC half of the bridge id; zero without ports, whatever the device's own address is. */
  idMac: Mac = ZERO_MAC;
  /** Bits of 01:80:c2:00:00:0X that are passed on: `group_fwd_mask`. */
  groupForwardMask = 0;
  private readonly numbers = new Set<number>();
  /** No port number below is free. */
  private lowestNumber = 1;
  private macSetByUser = false;
  private mtuSetByUser = false;
  private warnedSince = 0 as Nanos;
  private warnings = 0;

  /** `mac` is the random address that the device has until its first port joins. */
  constructor(table: DeviceTable, name: string, mac: Mac) {
    super(table, name, mac, BRIDGE_TRAITS);
    this.fdb = new BridgeFdb(this);
    this.stp = new BridgeStp(this, this.fdb);
    this.forwarding = new BridgeForwarding(this, this.fdb);
    this.passing = table.world.point(table.machine, name, "forward");
    // Whoever takes the frame off the bridge fills it in: a NIC does, a vif passes the note on.
    this.txChecksum = true;
    this.watchers.add(this);
  }

  override get points(): readonly Point[] {
    return [...super.points, this.passing];
  }

  get topologyHold(): Nanos | null {
    return this.stp.topologyChange ? this.stp.forwardDelay : null;
  }

  /** eth_type_trans has looked at the port's own address, before the frame was the bridge's. */
  override isToHost(frame: Frame): boolean {
    return ethernet.destination(frame.bytes, frame.at) === this.forwarding.passedUpFrom?.device.mac;
  }

  protected override startTransmit(frame: Frame): void {
    this.counters.txPackets++;
    this.counters.txBytes += frame.length;
    this.forwarding.fromHost(frame);
  }

  protected override opened(): void {
    this.fdb.start();
    this.stp.bridgeOpened();
  }

  protected override closed(): void {
    this.stp.bridgeClosed();
    this.fdb.stop();
  }

  /** br_add_if */
  addPort(device: NetDevice): AddPortAnswer {
    if (device instanceof Bridge) return "loop";
    if (device.traits.link === "loopback" || !isStationAddress(device.mac)) return "invalid";
    if (device.master !== null) return "busy";
    const number = this.freeNumber();
    if (number > MAX_PORTS) return "exfull";
    const port = new BridgePort(device, number, this.stp.id, this.stp.portTimers());
    this.stp.initialise(port);
    this.stp.enter(port, PortState.DISABLED);
    this.link(port);
    this.fdb.portAdded(port);
    // One that joins can only make either of them less.
    const isFirst = this.ports.length === 1;
    if (isFirst || device.mac < this.idMac) this.recalculateMac();
    if (this.up && device.running) this.stp.enablePort(port);
    if (isFirst || device.mtu < this.mtu) this.adjustMtu();
    return "ok";
  }

  /** br_del_if; "invalid" is EINVAL: not a port of this bridge. */
  removePort(device: NetDevice): "ok" | "invalid" {
    const port = this.portOf(device);
    if (port === null) return "invalid";
    device.addPromiscuity(-1);
    this.stp.disablePort(port);
    this.unlink(port);
    this.fdb.flushPort(port, true);
    this.adjustMtu();
    this.recalculateMac();
    return "ok";
  }

  portOf(device: NetDevice): BridgePort | null {
    return device.master === this && device.rxHandler instanceof BridgeInput ? device.rxHandler.port : null;
  }

  private link(port: BridgePort): void {
    const device = port.device;
    this.ports.push(port);
    this.numbers.add(port.number);
    device.rxHandler = new BridgeInput(this, port);
    device.master = this;
    device.watchers.add(this);
    device.notify("master");
    device.addPromiscuity(1);
  }

  private unlink(port: BridgePort): void {
    const device = port.device;
    this.ports.splice(this.ports.indexOf(port), 1);
    this.numbers.delete(port.number);
    this.lowestNumber = Math.min(this.lowestNumber, port.number);
    device.rxHandler = null;
    device.master = null;
    device.watchers.remove(this);
    device.notify("master");
  }

  /** find_portno */
  private freeNumber(): number {
    while (this.numbers.has(this.lowestNumber)) this.lowestNumber++;
    return this.lowestNumber;
  }

  /** br_device_event */
  deviceChanged(device: NetDevice, change: DeviceChange): void {
    const port = this.portOf(device);
    if (port !== null) this.portChanged(port, change);
    else if (device === this && change === "registered") this.fdb.bridgeAddressChanging(this.mac);
    else if (device === this && change === "unregistered") this.dismantle();
  }

  private portChanged(port: BridgePort, change: DeviceChange): void {
    if (change === "up" || change === "carrier") this.checkCarrier(port);
    else if (change === "down" && this.up) this.stp.disablePort(port);
    else if (change === "mtu") this.adjustMtu();
    else if (change === "unregistered") this.removePort(port.device);
    else if (change === "address") {
      this.fdb.portAddressChanged(port);
      this.recalculateMac();
    }
  }

  /** br_port_carrier_check. A device that goes down is dealt with by "down", which follows. */
  private checkCarrier(port: BridgePort): void {
    port.refreshCost();
    if (!this.up || !port.device.up) return;
    const isDisabled = port.state === PortState.DISABLED;
    if (port.device.carrier && isDisabled) this.stp.enablePort(port);
    else if (!port.device.carrier && !isDisabled) this.stp.disablePort(port);
  }

  /** br_dev_delete */
  private dismantle(): void {
    for (const port of this.ports.toReversed()) this.removePort(port.device);
    this.fdb.stop();
  }

  /** `ip link set BR address MAC`: from now on the ports have no say. */
  override setMac(mac: Mac): void {
    this.macSetByUser = true;
    this.adoptMac(mac);
  }

  /** `ip link set BR mtu MTU`: from now on the ports have no say. */
  override setMtu(mtu: number): void {
    this.mtuSetByUser = true;
    super.setMtu(mtu);
  }

  /** br_stp_recalculate_bridge_id: the lowest address of all ports; all zero when the last one leaves. */
  private recalculateMac(): void {
    if (this.macSetByUser) return;
    const macs = this.ports.map((port) => port.device.mac);
    const lowest = macs.length === 0 ? ZERO_MAC : (Math.min(...macs) as Mac);
    if (lowest !== this.idMac) this.adoptMac(lowest);
  }

  private adoptMac(mac: Mac): void {
    this.fdb.bridgeAddressChanging(mac);
    const old = this.stp.id;
    this.idMac = mac;
    super.setMac(mac);
    this.stp.macChanged(old);
  }

  /** br_mtu_auto_adjust */
  private adjustMtu(): void {
    if (this.mtuSetByUser) return;
    const mtus = this.ports.map((port) => port.device.mtu);
    super.setMtu(mtus.length === 0 ? DEFAULT_MTU : Math.min(...mtus));
  }

  warnOwnAddress(port: BridgePort, source: Mac): void {
    const now = this.world.scheduler.now;
    if (now - this.warnedSince > RATE_LIMIT.interval) {
      this.warnedSince = now;
      this.warnings = 0;
    }
    if (this.warnings++ >= RATE_LIMIT.burst) return;
    const what = `received packet on ${port.device.name} with own address as source address`;
    this.say(`${what} (addr:${formatMac(source)}, vlan:0)`);
  }
}
