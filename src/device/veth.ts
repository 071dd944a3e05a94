/**
 * A pair of devices, back to back: what one transmits, the other receives. Follows drivers/net/veth.c of Linux 6.1.
 * Both ends have carrier while both are up. The ends may live in different machines' tables (network namespaces).
 *
 * Not modelled: XDP, NAPI and GRO on veth, several queues.
 */
import { Fate } from "../base/fate.ts";
import type { Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import { type Frame, scrub } from "../packet/frame.ts";
import * as vlan from "../packet/vlan.ts";
import { Backlog } from "./backlog.ts";
import { type DeviceChange, type DeviceTraits, type DeviceWatcher, ETHERNET_TRAITS, NetDevice } from "./device.ts";
import type { DeviceTable } from "./device-table.ts";

const VETH_TRAITS: DeviceTraits = { ...ETHERNET_TRAITS, queued: false, carrier: false, driver: "veth" };
/** veth_get_link_ksettings: 10 Gbit/s, always. */
const SPEED = 10_000;
/** is_skb_forwardable leaves room for a tag, whether there is one or not. */
const FRAMING = ethernet.HEADER_LENGTH + vlan.TAG_LENGTH;

export class Veth extends NetDevice {
  readonly kind = "veth";
  /** Null until the pair is made. */
  peer: Veth | null = null;
  private readonly backlog: Backlog;

  constructor(table: DeviceTable, name: string, mac: Mac) {
    super(table, name, mac, VETH_TRAITS);
    this.txChecksum = true;
    this.backlog = new Backlog(this);
  }

  override get speed(): number {
    return SPEED;
  }

  protected override opened(): void {
    if (this.peer?.up !== true) return;
    this.setCarrier(true);
    this.peer.setCarrier(true);
  }

  protected override closed(): void {
    this.setCarrier(false);
    this.peer?.setCarrier(false);
  }

  /** veth_xmit: counted on both sides at once, before the peer's soft interrupt runs. */
  protected override startTransmit(frame: Frame): void {
    const peer = this.peer;
    if (peer === null || !this.carrier) this.reject(frame, Fate.NO_CARRIER);
    else if (frame.length > peer.mtu + FRAMING) this.reject(frame, Fate.FRAME_TOO_LONG);
    else this.pass(frame, frame.length, peer);
  }

  private pass(frame: Frame, length: number, peer: Veth): void {
    scrub(frame);
    if (peer.table !== this.table) frame.mark = 0;
    if (!peer.backlog.enqueue(frame)) {
      peer.counters.rxDropped++;
      this.reject(frame, Fate.BACKLOG_FULL);
      return;
    }
    this.counters.txPackets++;
    this.counters.txBytes += length;
    peer.counters.rxPackets++;
    peer.counters.rxBytes += length;
  }

  private reject(
    frame: Frame,
    fate: typeof Fate.NO_CARRIER | typeof Fate.FRAME_TOO_LONG | typeof Fate.BACKLOG_FULL,
  ): void {
    this.counters.txDropped++;
    this.drop(frame, fate);
  }

  /** What waits in the backlog when the device goes away (flush_backlog). */
  flushBacklog(): void {
    for (let frame = this.backlog.take(); frame !== null; frame = this.backlog.take())
      this.drop(frame, Fate.DEVICE_DOWN);
  }
}

/** `ip link add A type veth peer name B`. Deleting one end deletes the other. */
export class VethPair implements DeviceWatcher {
  readonly a: Veth;
  readonly b: Veth;

  constructor(a: Veth, b: Veth) {
    this.a = a;
    this.b = b;
    a.peer = b;
    b.peer = a;
    a.watchers.add(this);
    b.watchers.add(this);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change !== "unregistered") return;
    const leaving = device === this.a ? this.a : this.b;
    const other = leaving.peer;
    leaving.flushBacklog();
    leaving.peer = null;
    if (other !== null && other.table.find(other.name) === other && other.peer !== null) other.table.unregister(other);
  }
}
