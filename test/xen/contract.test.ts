/** Netfront and vif keep the contract of every network device. */
import type { DeviceChange, DeviceWatcher, NetDevice } from "../../src/device/device.ts";
import type { World } from "../../src/device/world.ts";
import type { Frame } from "../../src/packet/frame.ts";
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
  readonly border = new Border(false);
  readonly drivers = new Drivers(this.border);
  /** Requests and responses lie in the ring until the device is up again. */
  override readonly keepsWhileDown = true;

  get world(): World {
    return this.border.world;
  }

  start(): void {
    this.border.connect();
  }
}

class NetfrontSubject extends BorderSubject {
  override readonly room = STOP_AT + 1000;

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

deviceContract("netfront", () => new NetfrontSubject());
deviceContract("vif", () => new VifSubject());
