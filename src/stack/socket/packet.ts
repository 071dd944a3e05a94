/**
 * A packet socket (AF_PACKET, SOCK_RAW): whole frames as the device sees them, for tcpdump, arping and DHCP clients.
 * Follows net/packet/af_packet.c and the two lists of net/core/dev.c: a socket for all types (`etherType` 0) hears both
 * ways and before a bridge takes the frame; one for a single type hears what comes in, when the stack gets it.
 */
import type { FateCode } from "../../base/fate.ts";
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../device/device.ts";
import type { Point, Tap } from "../../device/point.ts";
import type { Nanos } from "../../engine/time.ts";
import { ANY_IPV4 } from "../../packet/address.ts";
import { etherType as frameType } from "../../packet/ethernet.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import { type Refusal, refuse } from "../errno.ts";
import type { Namespace } from "../namespace.ts";
import { localError, Socket, type SocketError, type SocketOwner } from "./socket.ts";

export interface RawFrame {
  readonly device: NetDevice;
  readonly outgoing: boolean;
  readonly time: Nanos;
  /** Lineage id. */
  readonly id: number;
  /** TP_STATUS_CSUMNOTREADY: the transport checksum is not filled in yet. */
  readonly partial: boolean;
  /** A copy, from the Ethernet header on. */
  readonly data: Uint8Array;
}

export const ETH_P_ALL = 3;

export class PacketSocket extends Socket<RawFrame> implements Tap, DeviceWatcher {
  /** 0: all types (ETH_P_ALL). */
  readonly etherType: number;
  /** For who lists sockets: SOCK_DGRAM, whose program is spared the Ethernet header, is handed the whole frame here too. */
  type: "raw" | "dgram" = "raw";
  /** For who lists sockets: what socket(2) was asked for. A filter of the program's own may leave `etherType` of it. */
  protocol: number;
  private readonly tapped: NetDevice[] = [];
  private promiscuous = false;
  private isOpen = false;

  constructor(namespace: Namespace, owner: SocketOwner<RawFrame>, etherType = 0) {
    super(namespace, owner);
    this.etherType = etherType;
    this.protocol = etherType === 0 ? ETH_P_ALL : etherType;
  }

  get isBound(): boolean {
    return this.isOpen;
  }

  /** Starts to listen on one device, or on all there are and will be (null). ENETDOWN is for the caller to see in `device.up`. */
  open(device: NetDevice | null, promiscuous = false): Refusal | null {
    if (this.isOpen) return refuse("EINVAL");
    this.isOpen = true;
    this.device = device;
    this.promiscuous = promiscuous && device !== null;
    if (this.promiscuous) device!.addPromiscuity(1);
    this.namespace.table.watchers.add(this);
    for (const each of device === null ? this.namespace.table.devices : [device]) this.tap(each);
    return null;
  }

  /** Sends a whole frame. ENODEV without a device, ENETDOWN when it is down. */
  send(bytes: Uint8Array, device: NetDevice | null = this.device): SocketError | null {
    if (device === null) return localError("ENODEV", ANY_IPV4, 0);
    if (!device.up) return localError("ENETDOWN", ANY_IPV4, 0);
    device.transmit(this.namespace.world.frames.from(bytes));
    return null;
  }

  seen(frame: Frame, point: Point, _fate: FateCode): void {
    const device = this.tapped.find((each) => each.rx === point || each.tx === point);
    if (device === undefined || !this.wants(frame, device)) return;
    const message: RawFrame = {
      device,
      outgoing: point.kind === "tx",
      time: this.namespace.now,
      id: frame.id,
      partial: frame.checksum === Checksum.PARTIAL,
      data: frame.bytes.slice(frame.at, frame.end),
    };
    this.accept(message, frame.length);
  }

  deviceChanged(device: NetDevice, change: DeviceChange): void {
    if (change === "registered" && this.device === null) this.tap(device);
    if (change !== "unregistered" || !this.tapped.includes(device)) return;
    this.untap(device);
    if (this.device !== device) return;
    this.promiscuous = false;
    this.device = null;
    this.owner.failed(this, localError("ENETDOWN", ANY_IPV4, 0));
  }

  protected override unhook(): void {
    this.namespace.table.watchers.remove(this);
    for (const device of [...this.tapped]) this.untap(device);
    if (this.promiscuous) this.device?.addPromiscuity(-1);
  }

  private wants(frame: Frame, device: NetDevice): boolean {
    if (this.etherType === 0) return true;
    return device.rxHandler === null && frameType(frame.bytes, frame.at) === this.etherType;
  }

  private tap(device: NetDevice): void {
    this.tapped.push(device);
    device.rx.taps.add(this);
    if (this.etherType === 0) device.tx.taps.add(this);
  }

  private untap(device: NetDevice): void {
    this.tapped.splice(this.tapped.indexOf(device), 1);
    device.rx.taps.remove(this);
    device.tx.taps.remove(this);
  }
}
