/**
 * The forwarding database of a bridge: which MAC was seen behind which port. Follows net/bridge/br_fdb.c of Linux 6.1.
 *
 * Without VLAN filtering every lookup is in VLAN 0; the kernel still keeps a second local entry per port in the default
 * VLAN 1, which only the tools show (`bridge fdb`: "vlan 1 ... permanent").
 *
 * Ageing is the collector's work alone: as in the kernel, an entry past its time is used until the collector comes by.
 * Not modelled: learning per VLAN, offload, sticky entries, entries with several destinations.
 */
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos, seconds } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import { formatMac, highOf, isStationAddress, lowOf, type Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { BridgeDevice, BridgePort } from "./bridge-port.ts";
import { MacIndex, type MacKey } from "./mac-index.ts";

/** br_vlan.c: the VLAN of untagged frames, `vlan_default_pvid`. */
const DEFAULT_VLAN = 1;
/** Above the sixteen bits of an address that share its number. */
const VLAN_SHIFT = 16;
/** br_stp_enable_bridge: HZ/10 after the bridge comes up. */
const FIRST_COLLECTION = ms(100);
/** br_fdb_cleanup: collections are at least this far apart. */
const SHORTEST_COLLECTION = ms(10);
/** Linux 6.1 knows no limit; a lab's memory does (promise P7). */
const MAX_LEARNED = 65_536;

const COLLECT = 1;

/** What `learn` found. */
export const Learnt = { KNOWN: 0, NEW: 1, MOVED: 2, OWN: 3, REFUSED: 4 } as const;
export type LearntCode = (typeof Learnt)[keyof typeof Learnt];

/** How `bridge fdb add` wants it: `permanent` is local to the host, `static` and `dynamic` are behind the port. */
export type FdbEntryKind = "permanent" | "static" | "dynamic";

export class FdbEntry implements MacKey {
  readonly mac: Mac;
  readonly high: number;
  readonly low: number;
  /** In order of coming: its place in a dump. */
  readonly order: number;
  /** 0, or 1 for the twin of a local entry. */
  readonly vlan: number;
  /** Null: the bridge device's own address, which no port has. */
  port: BridgePort | null;
  /** Frames for it go up to the host. */
  readonly local: boolean;
  /** Never ages: local, or static by the user's word. */
  readonly fixed: boolean;
  byUser = false;
  /** When it was last seen as a source, and last used as a destination. */
  updated: Nanos;
  used: Nanos;

  constructor(order: number, mac: Mac, vlan: number, port: BridgePort | null, kind: FdbEntryKind, now: Nanos) {
    this.order = order;
    this.mac = mac;
    this.high = (vlan << VLAN_SHIFT) | highOf(mac);
    this.low = lowOf(mac);
    this.vlan = vlan;
    this.port = port;
    this.local = kind === "permanent";
    this.fixed = kind !== "dynamic";
    this.updated = now;
    this.used = now;
  }
}

export class BridgeFdb implements EventTarget {
  private readonly bridge: BridgeDevice;
  private readonly index = new MacIndex<FdbEntry>();
  readonly collector: Timer;
  /** Nanoseconds; a topology change shortens it for a while (`__br_set_topology_change`). */
  ageingTime = seconds(300);
  /** What the administrator set: it returns when the topology change is over. */
  configuredAgeingTime = seconds(300);
  private made = 0;
  private learned = 0;
  private saidFull = false;

  constructor(bridge: BridgeDevice) {
    this.bridge = bridge;
    this.collector = new Timer(bridge.world.scheduler, this, COLLECT);
  }

  private get now(): Nanos {
    return this.bridge.world.scheduler.now;
  }

  /** hold_time */
  get holdTime(): Nanos {
    return this.bridge.topologyHold ?? this.ageingTime;
  }

  find(mac: Mac, vlan = 0): FdbEntry | null {
    return this.index.find((vlan << VLAN_SHIFT) | highOf(mac), lowOf(mac));
  }

  /** Where the frame whose Ethernet header stands at `at` is to go. */
  findDestination(b: Uint8Array, at: number): FdbEntry | null {
    return this.index.find(ethernet.destinationHigh(b, at), ethernet.destinationLow(b, at));
  }

  /** br_fdb_update: the frame whose Ethernet header stands at `at` came in through `port`. */
  learn(b: Uint8Array, at: number, port: BridgePort): LearntCode {
    const entry = this.index.find(ethernet.sourceHigh(b, at), ethernet.sourceLow(b, at));
    if (entry === null) return this.admit(ethernet.source(b, at), port);
    if (entry.local) return Learnt.OWN;
    entry.updated = this.now;
    if (entry.port === port) return Learnt.KNOWN;
    entry.port = port;
    return Learnt.MOVED;
  }

  private admit(mac: Mac, port: BridgePort): LearntCode {
    if (this.holdTime === 0) return Learnt.KNOWN;
    if (this.learned >= MAX_LEARNED) {
      if (!this.saidFull) this.bridge.say(`forwarding database full (${MAX_LEARNED} entries), no more is learnt`);
      this.saidFull = true;
      return Learnt.REFUSED;
    }
    this.add(mac, 0, port, "dynamic");
    return Learnt.NEW;
  }

  /** Newest first, as `bridge fdb` dumps them. */
  get entries(): FdbEntry[] {
    return this.index.list().sort((a, b) => b.order - a.order);
  }

  /** Past its time and not collected yet: `bridge fdb` calls it stale, `brctl showmacs` leaves it out. */
  isExpired(entry: FdbEntry): boolean {
    return !entry.fixed && entry.updated + this.holdTime <= this.now;
  }

  /** Hundredths of a second since it was seen as a source; 0 for what never ages. */
  age(entry: FdbEntry): number {
    return Math.floor(this.idle(entry) / 1e7);
  }

  /** The same in nanoseconds. */
  idle(entry: FdbEntry): Nanos {
    return (entry.fixed ? 0 : this.now - entry.updated) as Nanos;
  }

  /** Takes effect at once: the collector runs in this instant (br_set_ageing_time). */
  setAgeingTime(time: Nanos): void {
    this.ageingTime = time;
    this.configuredAgeingTime = time;
    if (this.bridge.up) this.collector.arm(this.now);
  }

  /** The bridge came up. */
  start(): void {
    this.collector.armAfter(FIRST_COLLECTION);
  }

  stop(): void {
    this.collector.cancel();
  }

  /** br_fdb_cleanup: removes what has expired and comes back when the next entry will. */
  handle(_operation: number): void {
    const hold = this.holdTime;
    let wait: number = hold;
    for (const entry of this.index.list()) {
      if (entry.fixed) continue;
      const left = entry.updated + hold - this.now;
      if (left <= 0) this.remove(entry);
      else if (left < wait) wait = left;
    }
    // With ageing 0 nothing is learnt, so there is nothing to come back for; the kernel polls every 10 ms for it.
    if (hold > 0) this.collector.armAfter(Math.max(wait, SHORTEST_COLLECTION) as Nanos);
  }

  /** A port joins: its address belongs to the host from now on. The first port with an address owns the entry. */
  portAdded(port: BridgePort): void {
    this.addLocal(port.device.mac, 0, port);
    this.addLocal(port.device.mac, DEFAULT_VLAN, port);
  }

  /** br_fdb_changeaddr */
  portAddressChanged(port: BridgePort): void {
    for (const entry of this.entries)
      if (entry.port === port && entry.local && !entry.byUser) this.removeLocal(entry, port);
    this.portAdded(port);
  }

  /** br_fdb_change_mac_address: the bridge device itself is about to be `mac`. */
  bridgeAddressChanging(mac: Mac): void {
    for (const vlan of [0, DEFAULT_VLAN]) {
      const old = this.find(this.bridge.mac, vlan);
      if (old?.local === true && old.port === null && !old.byUser) this.removeLocal(old, null);
      this.addLocal(mac, vlan, null);
    }
  }

  /** br_fdb_delete_by_port: what was learnt there, or everything when the port leaves. */
  flushPort(port: BridgePort, everything: boolean): void {
    for (const entry of this.entries) {
      if (entry.port !== port || (entry.fixed && !everything)) continue;
      if (entry.local) this.removeLocal(entry, port);
      else this.remove(entry);
    }
  }

  /** `ip link set BR type bridge fdb_flush`, /sys/class/net/BR/bridge/flush */
  flush(): void {
    for (const entry of this.entries) if (!entry.fixed) this.remove(entry);
  }

  /** `bridge fdb add MAC dev PORT master [permanent|static|dynamic]`; "exists" as NLM_F_EXCL has it. */
  addByUser(mac: Mac, port: BridgePort, kind: FdbEntryKind): "ok" | "exists" | "invalid" {
    if (!isStationAddress(mac)) return "invalid";
    if (this.find(mac) !== null) return "exists";
    this.add(mac, 0, port, kind).byUser = true;
    return "ok";
  }

  /** `bridge fdb del MAC dev PORT master` */
  removeByUser(mac: Mac, port: BridgePort): "ok" | "missing" {
    const entry = this.find(mac);
    if (entry === null || entry.port !== port) return "missing";
    this.remove(entry);
    return "ok";
  }

  private addLocal(mac: Mac, vlan: number, port: BridgePort | null): void {
    if (!isStationAddress(mac)) return;
    const known = this.find(mac, vlan);
    if (known?.local === true) return;
    if (known !== null) {
      const who = (port?.device ?? this.bridge).name;
      this.bridge.say(
        `adding interface ${who} with same address as a received packet (addr:${formatMac(mac)}, vlan:${vlan})`,
      );
      this.remove(known);
    }
    this.add(mac, vlan, port, "permanent");
  }

  /** fdb_delete_local: another port, or the bridge device, may have the same address and inherits the entry. */
  private removeLocal(entry: FdbEntry, leaving: BridgePort | null): void {
    const heir = this.bridge.ports.findLast((port) => port !== leaving && port.device.mac === entry.mac);
    const bridgeInherits = heir === undefined && leaving !== null && this.bridge.mac === entry.mac;
    entry.port = heir ?? null;
    entry.byUser = false;
    if (heir === undefined && !bridgeInherits) this.remove(entry);
  }

  private add(mac: Mac, vlan: number, port: BridgePort | null, kind: FdbEntryKind): FdbEntry {
    const entry = new FdbEntry(this.made++, mac, vlan, port, kind, this.now);
    this.index.insert(entry);
    if (!entry.fixed) this.learned++;
    return entry;
  }

  private remove(entry: FdbEntry): void {
    this.index.remove(entry);
    if (!entry.fixed) this.learned--;
  }
}
