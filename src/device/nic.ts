/**
 * A physical network port: eth0, peth0. Follows Intel's e1000 driver of Linux 6.1 and the recorded host.
 *
 *   transmit -> qdisc -> pad -> TX ring (256) -> checksum -> cable
 *   cable -> address filter -> RX ring (256) -> interrupt -> poll, up to 64 -> deliver
 *
 * Not modelled: TSO, interrupt throttling, multicast filters (every group is taken), flow control, wake on LAN.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { FixedRing } from "../base/fixed-ring.ts";
import { type Costs, Server, type Worker } from "../engine/cpu.ts";
import type { EventTarget } from "../engine/scheduler.ts";
import { ms, type Nanos } from "../engine/time.ts";
import { Timer } from "../engine/timer.ts";
import { BROADCAST_MAC, isGroup, type Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import * as vlan from "../packet/vlan.ts";
import type { CableEnd, Plug } from "./cable.ts";
import { ETHERNET_TRAITS, NetDevice } from "./device.ts";
import type { DeviceTable } from "./device-table.ts";
import { NicTally, nicStatistics } from "./nic-statistics.ts";
import { completeChecksum, pad } from "./offload.ts";

/** E1000_DEFAULT_TXD and _RXD */
const RING_SIZE = 256;
/** TX_WAKE_THRESHOLD: a stopped queue goes on when so many descriptors are free. */
const WAKE_THRESHOLD = 32;
/** From open to link; the recorded host took 150 to 170 ms. */
export const LINK_UP_TIME: Nanos = ms(150);
/** Without jumbo frames switched on by the MTU, the hardware takes this much payload. */
const STANDARD_MTU = 1500;
const FRAMING = ethernet.HEADER_LENGTH + vlan.TAG_LENGTH;

/** Interrupt latency, then driver and stack entry per frame, then the cache misses of its bytes. */
export const NIC_COSTS: Costs = { wake: 5_000, perItem: 1_200, perByte: 0.25 };

export interface NicOptions {
  readonly driver: string;
  readonly busInfo: string;
  /** Mbit/s, full duplex. */
  readonly speed: number;
  readonly costs: Costs;
  /** From open to link. */
  readonly linkUpTime: Nanos;
}

const DEFAULTS: NicOptions = {
  driver: "e1000",
  busInfo: "0000:00:01.0",
  speed: 1000,
  costs: NIC_COSTS,
  linkUpTime: LINK_UP_TIME,
};

const LINK_UP = 1;

export class Nic extends NetDevice implements Plug, Worker, EventTarget {
  /** Nothing after `ip -d link`: a real device has no kind. */
  readonly kind = "";
  private readonly tally = new NicTally();
  private readonly linkSpeed: number;
  private readonly linkUpTime: Nanos;
  private readonly txRing = new FixedRing<Frame>(RING_SIZE);
  private readonly rxRing = new FixedRing<Frame>(RING_SIZE);
  private readonly poll: Server;
  private readonly linkTimer: Timer;
  private end: CableEnd | null = null;
  /** Bytes of the frame that is on its way out, for counting when it is gone. */
  private leaving = 0;
  private pumping = false;

  constructor(table: DeviceTable, name: string, mac: Mac, options: Partial<NicOptions> = {}) {
    const { driver, busInfo, speed, costs, linkUpTime } = { ...DEFAULTS, ...options };
    super(table, name, mac, {
      ...ETHERNET_TRAITS,
      minMtu: 46,
      maxMtu: 16_110,
      carrier: false,
      driver,
      busInfo,
      bus: "pci",
    });
    const { scheduler } = table.world;
    this.linkSpeed = speed;
    this.linkUpTime = linkUpTime;
    this.txChecksum = true;
    this.poll = new Server(`napi/${name}`, scheduler, table.pickCpu(), this, costs);
    this.linkTimer = new Timer(scheduler, this, LINK_UP);
  }

  /** Puts the cable in; once. */
  connect(end: CableEnd): void {
    this.end = end;
    end.attach(this);
    if (this.up) end.setReady(true);
  }

  /** Unknown without link, as ethtool has it. */
  override get speed(): number {
    return this.running ? this.linkSpeed : 0;
  }

  /** Up and still finding out what the other end can. */
  get negotiating(): boolean {
    return this.linkTimer.due !== null;
  }

  /** Descriptors in use: waiting, and the one on the wire. */
  get txInUse(): number {
    return this.txRing.length + (this.end?.busy === true ? 1 : 0);
  }

  get rxInUse(): number {
    return this.rxRing.length;
  }

  protected override opened(): void {
    this.end?.setReady(true);
    if (this.end?.link === true) this.linkTimer.armAfter(this.linkUpTime);
  }

  protected override closed(): void {
    this.linkTimer.cancel();
    this.flushRings(Fate.DEVICE_DOWN);
    this.setCarrier(false);
    this.end?.setReady(false);
  }

  linkChanged(up: boolean): void {
    if (!this.up) return;
    if (up) this.linkTimer.armAfter(this.linkUpTime);
    else this.linkLost();
  }

  private linkLost(): void {
    this.linkTimer.cancel();
    if (!this.carrier) return;
    this.table.log.print(`${this.traits.driver}: ${this.name} NIC Link is Down`);
    this.flushTxRing(Fate.NO_CARRIER);
    this.setCarrier(false);
  }

  handle(_operation: number): void {
    const link = `${this.linkSpeed} Mbps Full Duplex, Flow Control: RX`;
    this.table.log.print(`${this.traits.driver}: ${this.name} NIC Link is Up ${link}`);
    this.setCarrier(true);
  }

  protected override startTransmit(frame: Frame): void {
    pad(frame);
    this.txRing.push(frame);
    if (this.txInUse >= RING_SIZE) this.stopQueue();
    this.pump();
  }

  /** Hands the next frame to the wire when that is free. A wire without rate answers at once: hence a loop. */
  private pump(): void {
    const end = this.end;
    if (this.pumping || end === null) return;
    this.pumping = true;
    while (!end.busy) {
      const frame = this.txRing.shift();
      if (frame === null) break;
      completeChecksum(frame);
      this.leaving = frame.length;
      this.tally.sent(frame);
      end.send(frame, true);
    }
    this.pumping = false;
  }

  sent(): void {
    this.counters.txPackets++;
    this.counters.txBytes += this.leaving;
    this.pump();
    if (!this.stopped || RING_SIZE - this.txInUse < WAKE_THRESHOLD) return;
    this.tally.restarts++;
    this.wakeQueue();
  }

  arrived(frame: Frame, intact: boolean): void {
    const fate = this.judge(frame, intact);
    if (fate !== Fate.NONE) this.drop(frame, fate);
    else {
      this.rxRing.push(frame);
      this.poll.wake();
    }
  }

  /** Why the hardware does not take the frame, or NONE. Frames for other stations are nobody's loss: not counted. */
  private judge(frame: Frame, intact: boolean): FateCode {
    if (!this.up) return Fate.DEVICE_DOWN;
    if (!this.carrier) return Fate.NO_CARRIER;
    if (!intact) return this.malformed(Fate.CABLE_CORRUPT);
    if (frame.length < ethernet.HEADER_LENGTH) return this.malformed(Fate.FRAME_TOO_SHORT);
    if (frame.length > Math.max(this.mtu, STANDARD_MTU) + FRAMING) return this.malformed(Fate.FRAME_TOO_LONG);
    if (!this.wants(ethernet.destination(frame.bytes, frame.at))) return Fate.OTHER_HOST;
    if (this.rxRing.length < RING_SIZE) return Fate.NONE;
    this.counters.rxMissed++;
    return Fate.NIC_RING_FULL;
  }

  private malformed(fate: FateCode): FateCode {
    this.counters.rxErrors++;
    this.tally.malformed(fate);
    return fate;
  }

  private wants(destination: Mac): boolean {
    return destination === this.mac || this.promiscuity > 0 || isGroup(destination);
  }

  /** The NAPI poll (e1000_clean_rx_irq). */
  work(server: Server, budget: number): boolean {
    for (let left = budget; left > 0; left--) {
      const frame = this.rxRing.shift();
      if (frame === null) return false;
      server.spend(frame.length);
      this.count(frame);
      this.deliver(frame);
    }
    return this.rxRing.length > 0;
  }

  private count(frame: Frame): void {
    const destination = ethernet.destination(frame.bytes, frame.at);
    this.counters.rxPackets++;
    this.counters.rxBytes += frame.length;
    if (isGroup(destination) && destination !== BROADCAST_MAC) this.counters.rxMulticast++;
    this.tally.received(frame);
  }

  private flushRings(fate: FateCode): void {
    this.flushTxRing(fate);
    for (let frame = this.rxRing.shift(); frame !== null; frame = this.rxRing.shift()) this.drop(frame, fate);
  }

  private flushTxRing(fate: FateCode): void {
    for (let frame = this.txRing.shift(); frame !== null; frame = this.txRing.shift()) this.drop(frame, fate);
    // The driver starts afresh: a stopped queue would stay so for ever. What waits in the qdisc is dropped by whoever calls.
    this.stopped = false;
  }

  override statistics(): readonly (readonly [name: string, value: number])[] {
    return nicStatistics(this.counters, this.tally);
  }
}
