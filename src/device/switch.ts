/**
 * The learning switch outside: store and forward, no management, no VLANs. IEEE 802.1D clause 7.
 *
 * Not modelled: STP (a loop of cables is a broadcast storm, as with any unmanaged switch), shared memory between ports,
 * latency of the fabric.
 */
import { Fate } from "../base/fate.ts";
import { type Nanos, seconds } from "../engine/time.ts";
import { highOf, lowOf, type Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import type { CableEnd } from "./cable.ts";
import { MacIndex, type MacKey } from "./mac-index.ts";
import { type Fabric, SwitchPort } from "./switch-port.ts";
import type { World } from "./world.ts";

/** IEEE 802.1D table 7-5 */
const AGEING_TIME = seconds(300);
/** Addresses that a small switch remembers; more are flooded. */
const TABLE_SIZE = 8192;

class Station implements MacKey {
  readonly high: number;
  readonly low: number;
  port: SwitchPort;
  seen: Nanos;

  constructor(high: number, low: number, port: SwitchPort, seen: Nanos) {
    this.high = high;
    this.low = low;
    this.port = port;
    this.seen = seen;
  }
}

export class Switch implements Fabric {
  readonly world: World;
  readonly name: string;
  readonly ports: SwitchPort[] = [];
  private readonly stations = new MacIndex<Station>();

  constructor(world: World, name: string) {
    this.world = world;
    this.name = name;
  }

  /** Plugs a cable into the next port, numbered from 1. */
  connect(end: CableEnd): SwitchPort {
    const port = new SwitchPort(this.world, this.name, this.ports.length + 1, this, end);
    this.ports.push(port);
    return port;
  }

  /** Where a station is known to be; null when it is not known, or no longer. */
  portOf(mac: Mac): SwitchPort | null {
    return this.portAt(highOf(mac), lowOf(mac));
  }

  private portAt(high: number, low: number): SwitchPort | null {
    const station = this.stations.find(high, low);
    return station === null || this.hasAged(station) ? null : station.port;
  }

  private hasAged(station: Station): boolean {
    return station.seen + AGEING_TIME <= this.world.scheduler.now;
  }

  forward(frame: Frame, ingress: SwitchPort, intact: boolean): void {
    if (!intact) ingress.drop(frame, Fate.CABLE_CORRUPT);
    else if (frame.length < ethernet.HEADER_LENGTH) ingress.drop(frame, Fate.FRAME_TOO_SHORT);
    else this.relay(frame, ingress);
  }

  private relay(frame: Frame, ingress: SwitchPort): void {
    const { bytes, at } = frame;
    if (ethernet.isFromStation(bytes, at)) this.learn(frame, ingress);
    const isToGroup = ethernet.isToGroup(bytes, at);
    const egress = isToGroup
      ? null
      : this.portAt(ethernet.destinationHigh(bytes, at), ethernet.destinationLow(bytes, at));
    if (ethernet.linkLocalGroup(bytes, at) >= 0) ingress.drop(frame, Fate.BRIDGE_LINK_LOCAL);
    else if (egress === null) flood(this.world, this.ports, frame, ingress, true);
    else if (egress === ingress) ingress.drop(frame, Fate.SWITCH_SAME_PORT);
    else egress.transmit(frame);
  }

  private learn({ bytes, at }: Frame, port: SwitchPort): void {
    const { now } = this.world.scheduler;
    const high = ethernet.sourceHigh(bytes, at);
    const low = ethernet.sourceLow(bytes, at);
    const station = this.stations.find(high, low);
    if (station !== null) {
      station.port = port;
      station.seen = now;
    } else if (this.hasRoom()) this.stations.insert(new Station(high, low, port, now));
  }

  /** Clears out what has aged when the table is full. */
  private hasRoom(): boolean {
    if (this.stations.size < TABLE_SIZE) return true;
    for (const station of this.stations.list()) if (this.hasAged(station)) this.stations.remove(station);
    return this.stations.size < TABLE_SIZE;
  }

  /** A port without link forgets its stations, so that they are found elsewhere. */
  portLinkChanged(port: SwitchPort, up: boolean): void {
    if (up) return;
    for (const station of this.stations.list()) if (station.port === port) this.stations.remove(station);
  }
}

/** To every port with link but the one of entry, a clone each and the frame itself to the last. */
export function flood(
  world: World,
  ports: readonly SwitchPort[],
  frame: Frame,
  ingress: SwitchPort,
  intact: boolean,
): void {
  let left = 0;
  for (const port of ports) if (port !== ingress && port.link) left++;
  if (left === 0) ingress.drop(frame, Fate.SWITCH_NO_PORT);
  for (let i = 0; left > 0; i++) {
    const port = ports[i]!;
    if (port === ingress || !port.link) continue;
    left--;
    port.transmit(left > 0 ? world.frames.clone(frame) : frame, intact);
  }
}
