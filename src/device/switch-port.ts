/**
 * A port of an outside switch or hub: a plug with a bounded queue in front of its wire.
 */
import { Fate, type FateCode } from "../base/fate.ts";
import { FixedRing } from "../base/fixed-ring.ts";
import type { Frame } from "../packet/frame.ts";
import type { CableEnd, Plug } from "./cable.ts";
import type { Point } from "./point.ts";
import type { World } from "./world.ts";

/** Bytes that wait for one port: what small shared-memory switches give it. */
const QUEUE_LIMIT = 512 * 1024;

/** What a port is part of. */
export interface Fabric {
  /** A frame came in through `port`. */
  forward(frame: Frame, port: SwitchPort, intact: boolean): void;
  portLinkChanged(port: SwitchPort, up: boolean): void;
}

export class SwitchPort implements Plug {
  readonly number: number;
  readonly lost: Point;
  private readonly world: World;
  private readonly fabric: Fabric;
  private readonly end: CableEnd;
  private readonly queue = new FixedRing<Frame>(16);
  private readonly damaged = new Set<Frame>();
  private queuedBytes = 0;
  private pumping = false;

  /** `owner` and `number` name the port where its drops are shown: "lan:3". */
  constructor(world: World, owner: string, number: number, fabric: Fabric, end: CableEnd) {
    this.world = world;
    this.number = number;
    this.fabric = fabric;
    this.end = end;
    this.lost = world.point(owner, String(number), "drop");
    end.attach(this);
    end.setReady(true);
  }

  get link(): boolean {
    return this.end.link;
  }

  get backlogBytes(): number {
    return this.queuedBytes;
  }

  arrived(frame: Frame, intact: boolean): void {
    this.fabric.forward(frame, this, intact);
  }

  linkChanged(up: boolean): void {
    if (!up) while (this.queue.length > 0) this.drop(this.next()!, Fate.CABLE_UNPLUGGED);
    this.fabric.portLinkChanged(this, up);
  }

  /** Out through this port, when its wire is free. A hub passes on what is not `intact`. */
  transmit(frame: Frame, intact = true): void {
    if (!this.link) this.drop(frame, Fate.CABLE_UNPLUGGED);
    else if (this.queuedBytes + frame.length > QUEUE_LIMIT) this.drop(frame, Fate.SWITCH_QUEUE_FULL);
    else this.enqueue(frame, intact);
  }

  private enqueue(frame: Frame, intact: boolean): void {
    if (!intact) this.damaged.add(frame);
    this.queue.push(frame);
    this.queuedBytes += frame.length;
    this.pump();
  }

  sent(): void {
    this.pump();
  }

  /** A wire without rate answers `sent` at once: hence a loop. */
  private pump(): void {
    if (this.pumping) return;
    this.pumping = true;
    while (!this.end.busy && this.queue.length > 0) {
      const frame = this.next()!;
      this.end.send(frame, !this.damaged.delete(frame));
    }
    this.pumping = false;
  }

  private next(): Frame | null {
    const frame = this.queue.shift();
    if (frame !== null) this.queuedBytes -= frame.length;
    return frame;
  }

  drop(frame: Frame, fate: FateCode): void {
    if (this.damaged.size > 0) this.damaged.delete(frame);
    this.world.end(frame, fate, this.lost);
  }
}
