/** A bridge xenbr0 with stub devices as ports, for tests. */
import { Bridge } from "../../src/device/bridge.ts";
import type { BridgePort } from "../../src/device/bridge-port.ts";
import type { DeviceTable } from "../../src/device/device-table.ts";
import type { World } from "../../src/device/world.ts";
import { ZERO } from "../../src/engine/time.ts";
import type { Mac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { broadcastFrom, Collector, frameOf, mac, newTable, StubDevice } from "./world.ts";

export const HOST = mac("02:00:00:00:00:01");

/** A frame from `address` has come in through the port of that index. */
export function learn(bridge: Bridge, address: Mac, port: number): void {
  const header = new Uint8Array(ethernet.HEADER_LENGTH);
  ethernet.setSource(header, 0, address);
  bridge.fdb.learn(header, 0, bridge.ports[port]!);
}

export class BridgeBench {
  readonly table: DeviceTable = newTable();
  readonly world: World = this.table.world;
  readonly bridge: Bridge;
  readonly host = new Collector();
  readonly ports: StubDevice[] = [];
  /** Names of the ports in the order in which they were told to transmit. */
  readonly order: string[] = [];

  /** `macs`: one running port each, joined in order; the bridge is up with forward delay 0, as Xen makes it. */
  constructor(macs: readonly Mac[] = []) {
    this.bridge = new Bridge(this.table, "xenbr0", HOST);
    this.bridge.stp.setForwardDelay(ZERO);
    this.bridge.upper = this.host;
    this.table.register(this.bridge);
    this.bridge.setUp(true);
    for (const each of macs) this.add(this.device(each));
  }

  device(address: Mac, name = `p${this.ports.length + 1}`): StubDevice {
    const device = new StubDevice(this.table, name, address, this.order);
    this.table.register(device);
    device.setUp(true);
    this.ports.push(device);
    return device;
  }

  add(device: StubDevice): BridgePort {
    const answer = this.bridge.addPort(device);
    if (answer !== "ok") throw new Error(`port refused: ${answer}`);
    return this.bridge.portOf(device)!;
  }

  /** A frame comes in by port `from` (0 is the first); answers the ports it left by, in order. */
  send(from: number, destination: Mac, source: Mac, length = 60): string[] {
    return this.watch(() => this.ports[from]!.arrive(frameOf(this.world, destination, source, length)));
  }

  broadcast(from: number, source: Mac): string[] {
    return this.watch(() => this.ports[from]!.arrive(broadcastFrom(this.world, source)));
  }

  fromHost(destination: Mac, length = 60): string[] {
    return this.watch(() => this.bridge.transmit(frameOf(this.world, destination, this.bridge.mac, length)));
  }

  private watch(act: () => void): string[] {
    const before = this.order.length;
    act();
    return this.order.slice(before);
  }

  get log(): string[] {
    return this.table.log.lines.map((line) => line.text);
  }

  /** "MAC port [vlan 1] [permanent]" as `bridge fdb` says it, newest first. */
  get fdb(): string[] {
    return this.bridge.fdb.entries.map((entry) => {
      const words = [entry.mac.toString(16).padStart(12, "0"), entry.port?.device.name ?? "-"];
      if (entry.vlan === 1) words.push("vlan 1");
      if (entry.local) words.push("permanent");
      return words.join(" ");
    });
  }
}
