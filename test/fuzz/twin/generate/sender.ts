/** What the stations send, one after the other; what came before is remembered where it matters. */

import type { Mac } from "../../../../src/packet/address.ts";
import { arpFrame } from "./arp.ts";
import type { Chance } from "./chance.ts";
import { anything, groupAddress, oddSource, tagged } from "./link.ts";
import type { Scene, Station } from "./scene.ts";

export interface Sent {
  readonly on: string;
  readonly bytes: Uint8Array;
}

export class Sender {
  private readonly chance: Chance;
  private readonly scene: Scene;

  constructor(chance: Chance, scene: Scene) {
    this.chance = chance;
    this.scene = scene;
  }

  next(): Sent[] {
    const { chance, scene } = this;
    const station = chance.pick(scene.stations);
    const on = chance.maybe(0.05) ? chance.pick(scene.stations).on : station.on;
    const bytes = chance.maybe(0.5) ? arpFrame(chance, scene, station) : this.noise(station);
    return [{ on, bytes: chance.maybe(0.08) ? tagged(chance, bytes) : bytes }];
  }

  private noise(station: Station): Uint8Array {
    const { chance } = this;
    const source = chance.maybe(0.1) ? chance.pick([oddSource(chance), this.macOf(station)]) : station.mac;
    return anything(chance, chance.maybe(0.3) ? groupAddress(chance) : this.macOf(station), source);
  }

  /** Somebody's, as seen by the station. */
  private macOf(station: Station): Mac {
    const { chance, scene } = this;
    return chance.maybe(0.3) ? chance.pick(scene.doors[station.on]!) : chance.pick(scene.stations).mac;
  }
}
