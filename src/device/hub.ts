/**
 * A hub: every frame goes out of all other ports, so every station sees everything.
 *
 * Not modelled: that a real one repeats bits, not frames, and that two talking at once collide. Here each port has a
 * queue like a switch's; damaged frames are passed on as they are.
 */
import type { Frame } from "../packet/frame.ts";
import type { CableEnd } from "./cable.ts";
import { flood } from "./switch.ts";
import { type Fabric, SwitchPort } from "./switch-port.ts";
import type { World } from "./world.ts";

export class Hub implements Fabric {
  readonly world: World;
  readonly name: string;
  readonly ports: SwitchPort[] = [];

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

  forward(frame: Frame, ingress: SwitchPort, intact: boolean): void {
    flood(this.world, this.ports, frame, ingress, intact);
  }

  portLinkChanged(): void {}
}
