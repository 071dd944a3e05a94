/**
 * What every network device is: Linux's net_device and the two paths through it.
 *
 *   transmit(frame)  outward: dev_queue_xmit -> qdisc -> tap tx -> startTransmit (the driver)
 *   receive side     inward:  the driver counts, then deliver(frame) -> tap rx -> rx handler (a bridge) or upper (a stack)
 *
 * Ownership: whoever you hand a frame to owns it; flooding clones; taps borrow.
 * Follows net/core/dev.c. Not modelled: several hardware queues, XPS, GRO, software GSO.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { Signal } from "../base/signal.ts";
import type { Cpu } from "../engine/cpu.ts";
import type { Mac } from "../packet/address.ts";
import { Checksum, type Frame } from "../packet/frame.ts";
import { settle } from "../packet/frame-pool.ts";
import type { KernelLog } from "./kernel-log.ts";
import { completeChecksum } from "./offload.ts";
import type { Point } from "./point.ts";
import { Pfifo } from "./qdisc.ts";
import type { World } from "./world.ts";

/** Whoever takes frames that come in through a device: a bridge port, a stack. */
export interface FrameSink {
  receive(frame: Frame, device: NetDevice): void;
}

export type DeviceChange =
  | "registered"
  | "up"
  | "down"
  | "carrier"
  | "mtu"
  | "address"
  | "name"
  | "master"
  /** IFF_NOARP has changed. */
  | "arp"
  /** Another flag has: IFF_PROMISC, IFF_MULTICAST. */
  | "flags"
  /** NETDEV_NOTIFY_PEERS: the stack announces its addresses. */
  | "notify-peers"
  /** Netfront of 2.6.18 wants the switches to learn its address: an ARP reply to nobody. */
  | "fake-arp"
  | "unregistered";

/** Linux's netdevice notifiers. */
export interface DeviceWatcher {
  deviceChanged(device: NetDevice, change: DeviceChange): void;
}

/** The table that a device stands in, as the device and whoever holds one see it: dev_net(dev). */
export interface DeviceRegistry {
  readonly world: World;
  /** The machine's name: the first half of every point's name. */
  readonly machine: string;
  /** The machine's CPUs; pollers and kernel threads are spread over them. */
  readonly cpus: readonly Cpu[];
  readonly log: KernelLog;
  /** In order of index, as every Linux tool lists them. */
  readonly devices: readonly NetDevice[];
  find(name: string): NetDevice | null;
  rename(device: NetDevice, name: string): void;
  /** Down first, then out of its bridge (through the watchers), then gone with its points. */
  unregister(device: NetDevice): void;
  /** The next CPU for a poller or a kernel thread, in turn. */
  pickCpu(): Cpu;
  deviceChanged(device: NetDevice, change: DeviceChange): void;
}

export class Counters {
  rxPackets = 0;
  rxBytes = 0;
  rxErrors = 0;
  /** The driver's; tools show it and the next as one number, "dropped". */
  rxDropped = 0;
  /** dev->core_stats.rx_dropped: frames of protocols that nobody here speaks. */
  rxUnhandled = 0;
  rxMissed = 0;
  rxMulticast = 0;
  txPackets = 0;
  txBytes = 0;
  txErrors = 0;
  txDropped = 0;
  txCarrier = 0;
}

/** What a kind of device is born with. */
export interface DeviceTraits {
  /** "ether" for everything but loopback: the word after link/. */
  readonly link: "ether" | "loopback";
  readonly mtu: number;
  readonly minMtu: number;
  readonly maxMtu: number;
  /** Packets the qdisc holds; 0 with `queued` false means noqueue. */
  readonly txQueueLength: number;
  readonly queued: boolean;
  /** A device without carrier logic is always up (netloop, loopback). */
  readonly carrier: boolean;
  readonly driver: string;
  /** What the driver tells ethtool. */
  readonly busInfo: string;
  /** The bus of the device behind it, which `ip -d link` and the kernel's log tell; empty without one. */
  readonly bus: "" | "pci" | "xen" | "xen-backend";
}

export const ETHERNET_TRAITS: DeviceTraits = {
  link: "ether",
  mtu: 1500,
  minMtu: 68,
  maxMtu: 65_535,
  txQueueLength: 1000,
  queued: true,
  carrier: true,
  driver: "",
  busInfo: "",
  bus: "",
};

export abstract class NetDevice {
  readonly world: World;
  readonly table: DeviceRegistry;
  readonly traits: DeviceTraits;
  name: string;
  /** Given by the table at registration; 0 before and after. */
  index = 0;
  mac: Mac;
  /** dev->perm_addr: the address it was born with. */
  readonly permanentMac: Mac;
  mtu: number;
  /** IFF_UP: the administrator's word. */
  up = false;
  /** It has been up before: since then a qdisc is in place of noop (dev_activate). */
  activated = false;
  carrier: boolean;
  /** dev->carrier_up_count and carrier_down_count together: 0 where carrier was never looked at. */
  carrierChanges = 0;
  /** Without IFF_NOARP. */
  arp = true;
  /** IFF_MULTICAST */
  multicast = true;
  /** NETIF_F_IP_CSUM in use: frames may leave with their checksum not filled in (`ethtool -K DEV tx on`). */
  txChecksum = false;
  /** How many users want every frame: the bridge, tcpdump, `ip link set promisc on`. */
  promiscuity = 0;
  /** IFF_PROMISC by the administrator's word, the only one that tools show; counted in `promiscuity`. */
  promisc = false;
  txQueueLength: number;
  readonly counters = new Counters();
  /** Null: noqueue. */
  readonly qdisc: Pfifo | null;
  /** The driver asked for a rest (netif_tx_stop_queue). */
  stopped = false;
  /** How often the driver has stopped the queue. */
  stops = 0;
  /** The bridge this device is a port of. */
  master: NetDevice | null = null;
  /** Takes frames before the stack does: a bridge port. */
  rxHandler: FrameSink | null = null;
  upper: FrameSink | null = null;
  readonly watchers = new Signal<DeviceWatcher>();
  readonly rx: Point;
  readonly tx: Point;
  readonly lost: Point;

  constructor(table: DeviceRegistry, name: string, mac: Mac, traits: DeviceTraits) {
    this.table = table;
    this.world = table.world;
    this.name = name;
    this.mac = mac;
    this.permanentMac = mac;
    this.traits = traits;
    this.mtu = traits.mtu;
    this.carrier = traits.carrier;
    this.txQueueLength = traits.txQueueLength;
    this.qdisc = traits.queued ? new Pfifo() : null;
    this.rx = table.world.point(table.machine, name, "rx");
    this.tx = table.world.point(table.machine, name, "tx");
    this.lost = table.world.point(table.machine, name, "drop");
  }

  /** All its points: they follow its renames and go with it. */
  get points(): readonly Point[] {
    return [this.rx, this.tx, this.lost];
  }

  /** What `ip -d link` calls the kind ("bridge", "veth"); empty for real and Xen NICs. */
  abstract readonly kind: string;

  /** The driver's ndo_start_xmit: it owns the frame and has counted and finished it by the end of its way. */
  protected abstract startTransmit(frame: Frame): void;

  /** Outward (dev_queue_xmit). */
  transmit(frame: Frame): void {
    if (!this.up) return this.drop(frame, Fate.DEVICE_DOWN);
    // dev_deactivate puts the noop qdisc in place, of noqueue too, which drops without counting.
    if (!this.carrier) return this.drop(frame, Fate.NO_CARRIER);
    const qdisc = this.qdisc;
    if (qdisc === null) return this.toDriver(frame);
    if (this.stopped || qdisc.length > 0) {
      if (!qdisc.enqueue(frame, this.txQueueLength)) this.drop(frame, Fate.QDISC_FULL);
      return;
    }
    qdisc.passed(frame.length);
    this.toDriver(frame);
  }

  /** Inward (netif_receive_skb), after the driver has counted. */
  deliver(frame: Frame): void {
    if (!this.up) return this.drop(frame, Fate.DEVICE_DOWN);
    if (this.rx.taps.listeners !== null) this.rx.show(frame, Fate.NONE);
    if (this.rxHandler !== null) return this.rxHandler.receive(frame, this);
    this.toStack(frame);
  }

  /** RX_HANDLER_PASS: to the protocols, as from a device without a master. */
  toStack(frame: Frame): void {
    if (this.upper === null) return this.drop(frame, Fate.NO_UPPER);
    // skb_orphan_frags_rx: a stack may keep the frame, so lent pages go back before it gets it.
    settle(frame);
    this.upper.receive(frame, this);
  }

  /** Is a frame that came up with another destination than the device's own address for the host all the same? */
  isToHost(_frame: Frame): boolean {
    return false;
  }

  /** Ends the frame here. The driver keeps its own counters; this keeps the ledger and tells the taps. */
  drop(frame: Frame, fate: FateCode): void {
    this.world.end(frame, fate, this.lost);
  }

  /** netif_tx_stop_queue */
  stopQueue(): void {
    if (this.stopped) return;
    this.stopped = true;
    this.stops++;
  }

  /** netif_tx_wake_queue: lets the qdisc run until the driver stops it again. */
  wakeQueue(): void {
    if (!this.stopped) return;
    this.stopped = false;
    this.runQueue();
  }

  private runQueue(): void {
    const qdisc = this.qdisc;
    if (qdisc === null) return;
    while (!this.stopped && this.up && this.carrier) {
      const frame = qdisc.dequeue();
      if (frame === null) return;
      this.toDriver(frame);
    }
  }

  private toDriver(frame: Frame): void {
    // validate_xmit_skb: a device without checksum offload gets it filled in by software.
    if (frame.checksum === Checksum.PARTIAL && !this.txChecksum) completeChecksum(frame);
    if (this.tx.taps.listeners !== null) this.tx.show(frame, Fate.NONE);
    this.startTransmit(frame);
  }

  /** Mbit/s as the driver tells ethtool; 0 when it does not say. A bridge takes a port's path cost from it. */
  get speed(): number {
    return 0;
  }

  /** True when frames can pass: administratively up and with carrier. */
  get running(): boolean {
    return this.up && this.carrier;
  }

  /** IFF_UP. What the driver does on open and stop hangs on `opened` and `closed`. */
  setUp(up: boolean): void {
    if (this.up === up) return;
    this.up = up;
    if (up) this.activated = true;
    if (up) this.opened();
    else {
      this.flushQueue(Fate.DEVICE_DOWN);
      this.closed();
    }
    this.notify(up ? "up" : "down");
  }

  setCarrier(carrier: boolean): void {
    if (this.carrier === carrier) return;
    this.carrier = carrier;
    this.carrierChanges++;
    if (!carrier) this.flushQueue(Fate.NO_CARRIER);
    this.notify("carrier");
  }

  setMtu(mtu: number): void {
    if (this.mtu === mtu) return;
    this.mtu = mtu;
    this.notify("mtu");
  }

  setMac(mac: Mac): void {
    if (this.mac === mac) return;
    this.mac = mac;
    this.notify("address");
  }

  /** IFF_NOARP and IFF_MULTICAST as `ip link set DEV arp|multicast on|off` change them. */
  setFlag(flag: "arp" | "multicast", on: boolean): void {
    if (this[flag] === on) return;
    this[flag] = on;
    this.notify(flag === "arp" ? "arp" : "flags");
  }

  /** `ip link set DEV promisc on|off` */
  setPromisc(on: boolean): void {
    if (this.promisc === on) return;
    this.promisc = on;
    this.addPromiscuity(on ? 1 : -1);
  }

  /** dev_set_promiscuity: +1 or -1, with the kernel's log lines. */
  addPromiscuity(by: 1 | -1): void {
    const before = this.promiscuity > 0;
    this.promiscuity += by;
    const after = this.promiscuity > 0;
    if (before === after) return;
    this.table.log.print(`device ${this.name} ${after ? "entered" : "left"} promiscuous mode`);
    this.notify("flags");
  }

  /** netdev_info: a device on a bus is named with its driver and its place there. */
  say(text: string): void {
    const { driver, busInfo, bus } = this.traits;
    this.table.log.print(`${bus === "" ? "" : `${driver} ${busInfo} `}${this.name}: ${text}`);
  }

  notify(change: DeviceChange): void {
    this.table.deviceChanged(this, change);
    for (const watcher of [...(this.watchers.listeners ?? [])]) watcher.deviceChanged(this, change);
  }

  /** The driver's own statistics: `ethtool -S`. */
  statistics(): readonly (readonly [name: string, value: number])[] {
    return [];
  }

  /** ndo_open and ndo_stop. */
  protected opened(): void {}
  protected closed(): void {}

  /** Drops what still waits: the device went down or lost its carrier. */
  flushQueue(fate: FateCode): void {
    if (this.qdisc === null) return;
    for (let frame = this.qdisc.dequeue(); frame !== null; frame = this.qdisc.dequeue()) this.drop(frame, fate);
  }
}
