/**
 * Points: the named places where frames can be watched. A device has three (rx, tx, drop), a stage of the stack one
 * (drop). Whoever listens borrows the frame and copies what it keeps.
 */
import type { FateCode } from "../base/fate.ts";
import { Signal } from "../base/signal.ts";
import type { Frame } from "../packet/frame.ts";

/** `forward`: frames a bridge passes on without giving them to its own host; seen only by promiscuous captures. */
export type PointKind = "rx" | "tx" | "drop" | "forward";

export interface Tap {
  /** `fate` is Fate.NONE except at drop points. */
  seen(frame: Frame, point: Point, fate: FateCode): void;
}

export class Point {
  readonly id: number;
  readonly machine: string;
  /** Device or stage, e.g. "vif1.0"; follows renames. */
  owner: string;
  readonly kind: PointKind;
  readonly taps = new Signal<Tap>();

  constructor(id: number, machine: string, owner: string, kind: PointKind) {
    this.id = id;
    this.machine = machine;
    this.owner = owner;
    this.kind = kind;
  }

  get name(): string {
    return `${this.machine}:${this.owner}`;
  }

  /** Shows the frame to every tap. Callers test `taps.listeners` first: with nobody there a point costs 1 ns. */
  show(frame: Frame, fate: FateCode): void {
    for (const tap of this.taps.listeners!) tap.seen(frame, this, fate);
  }
}
