/**
 * The learning switch outside: store and forward, no management, no VLANs. IEEE 802.1D clause 7.
 *
 * Not modelled: STP (a loop of cables is a broadcast storm, as with any unmanaged switch), shared memory between ports,
 * latency of the fabric.
 */
import { Fate } from "../base/fate.ts";
import { type Nanos, seconds } from "../engine/time.ts";
import { isGroup, isLinkLocalGroup, isStationAddress, type Mac } from "../packet/address.ts";
import * as ethernet from "../packet/ethernet.ts";
import type { Frame } from "../packet/frame.ts";
import type { CableEnd } from "./cable.ts";
import { type Fabric, SwitchPort } from "./switch-port.ts";
import type { World } from "./world.ts";

/** IEEE 802.1D table 7-5 */
const AGEING_TIME = seconds(300);
/** Addresses that a small switch remembers; more are flooded. */
const TABLE_SIZE = 8192;

class Station {
  port: SwitchPort;
  seen: Nanos;

  constructor(port: SwitchPort, seen: Nanos) {
    this.port = port;
    this.seen = seen;
  }
}

export class Switch implements Fabric {
  readonly world: World;
  readonly name: string;
  readonly ports: SwitchPort[] = [];
  private readonly stations = new Map<number, Station>();

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
    const station = this.stations.get(mac);
    if (station === undefined || station.seen + AGEING_TIME <= this.world.scheduler.now) return null;
    return station.port;
  }

  forward(frame: Frame, ingress: SwitchPort, intact: boolean): void {
    if (!intact) ingress.drop(frame, Fate.CABLE_CORRUPT);
    else if (frame.length < ethernet.HEADER_LENGTH) ingress.drop(frame, Fate.FRAME_TOO_SHORT);
    else this.relay(frame, ingress);
  }

  private relay(frame: Frame, ingress: SwitchPort): void {
    this.learn(ethernet.source(frame.bytes, frame.at), ingress);
    const destination = ethernet.destination(frame.bytes, frame.at);
    const egress = isGroup(destination) ? null : this.portOf(destination);
    if (isLinkLocalGroup(destination)) ingress.drop(frame, Fate.BRIDGE_LINK_LOCAL);
    else if (egress === null) flood(this.world, this.ports, frame, ingress, true);
    else if (egress === ingress) ingress.drop(frame, Fate.SWITCH_SAME_PORT);
    else egress.transmit(frame);
  }

  private learn(mac: Mac, port: SwitchPort): void {
    const now = this.world.scheduler.now;
    const station = this.stations.get(mac);
    if (station !== undefined) {
      station.port = port;
      station.seen = now;
    } else if (isStationAddress(mac) && this.hasRoom()) this.stations.set(mac, new Station(port, now));
  }

  /** Clears out what has aged when the table is full. */
  private hasRoom(): boolean {
    if (this.stations.size < TABLE_SIZE) return true;
    for (const mac of this.stations.keys()) if (this.portOf(mac as Mac) === null) this.stations.delete(mac);
    return this.stations.size < TABLE_SIZE;
  }

  /** A port without link forgets its stations, so that they are found elsewhere. */
  portLinkChanged(port: SwitchPort, up: boolean): void {
    if (up) return;
    for (const [mac, station] of this.stations) if (station.port === port) this.stations.delete(mac);
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
