/** Netfront and vif of every kind of border keep the contract of every network device. */
import { Fate } from "../../src/base/fate.ts";
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../src/device/device.ts";
import { World } from "../../src/device/world.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { CLASSIC, CLASSIC_UNQUEUED } from "../../src/xen/border-classic.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import { STOP_AT } from "../../src/xen/netfront-transmit.ts";
import { DeviceSubject, deviceContract } from "../contract/device.ts";
import { Border } from "../kit/border.ts";

/** What the xenbus drivers do when a device is removed. */
class Drivers implements DeviceWatcher {
  private readonly border: Border;

  constructor(border: Border) {
    this.border = border;
    border.inside.watchers.add(this);
    border.table.watchers.add(this);
  }

  deviceChanged(_device: NetDevice, change: DeviceChange): void {
    if (change === "unregistered") this.border.disconnect();
  }
}

abstract class BorderSubject extends DeviceSubject {
  readonly border: Border;
  readonly drivers: Drivers;
  /** Requests and responses lie in the ring until the device is up again. */
  override readonly keepsWhileDown = true;

  constructor(kind: BorderKind = MODERN) {
    super();
    this.border = new Border(false, new World(3), kind);
    this.drivers = new Drivers(this.border);
  }

  get world(): World {
    return this.border.world;
  }

  start(): void {
    this.border.connect();
  }
}

class NetfrontSubject extends BorderSubject {
  override readonly room: number = STOP_AT + 1000;

  get device(): NetDevice {
    return this.border.front;
  }

  arrive(frame: Frame): void {
    this.border.vif.transmit(frame);
  }

  get sentIds(): number[] {
    return this.border.host.ids;
  }

  get receivedIds(): number[] {
    return this.border.received.ids;
  }

  loseCarrier(): boolean {
    this.border.front.disconnect();
    return true;
  }
}

class VifSubject extends BorderSubject {
  get device(): NetDevice {
    return this.border.vif;
  }

  arrive(frame: Frame): void {
    this.border.front.transmit(frame);
  }

  get sentIds(): number[] {
    return this.border.received.ids;
  }

  get receivedIds(): number[] {
    return this.border.host.ids;
  }

  loseCarrier(): boolean {
    this.border.vif.disconnect();
    return true;
  }
}

/** Its queue stops one slot earlier, and its carrier is not Linux's to see. */
class ClassicNetfrontSubject extends NetfrontSubject {
  override readonly room = 236 + 1000;
  override readonly withoutCarrier = Fate.NETFRONT_NO_CARRIER;
}

/** Of the guest's first 64 slots all but the 20 it keeps, with the one that stops the queue, and the queue. */
class ClassicVifSubject extends VifSubject {
  override readonly room = 64 - 20 + 1 + 32;
}

deviceContract("netfront", () => new NetfrontSubject());
deviceContract("vif", () => new VifSubject());
deviceContract("classic netfront", () => new ClassicNetfrontSubject(CLASSIC));
deviceContract("classic vif", () => new ClassicVifSubject(CLASSIC));
deviceContract("classic vif without a queue", () => new VifSubject(CLASSIC_UNQUEUED));
