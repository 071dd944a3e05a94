/**
 * One record of a frame log, read where it lies: for those who look at very many. It is valid until the next frame
 * passes; whoever keeps something copies it (`FrameLog.record`).
 */
import { Fate, type FateCode } from "../../base/fate.ts";
import type { Nanos } from "../../engine/time.ts";
import { Headers } from "../../packet/headers.ts";
import type { PointName } from "./point-names.ts";

export const Direction = { IN: 0, OUT: 1, DROP: 2 } as const;
/** By code. */
export const DIRECTION_WORDS = ["in", "out", "drop"] as const;
export type DirectionCode = (typeof Direction)[keyof typeof Direction];

export class FrameView {
  number = 0;
  time = 0 as Nanos;
  name: PointName | null = null;
  direction: DirectionCode = Direction.IN;
  fate: FateCode = Fate.NONE;
  checksumPartial = false;
  lineage = 0;
  bytes: Uint8Array = new Uint8Array(0);
  at = 0;
  length = 0;
  /** `walked` has the headers of this record. */
  isWalked = false;
  private readonly walked = new Headers();

  /** Of this record, walked when first asked for. */
  get headers(): Headers {
    if (!this.isWalked) this.walked.walk(this.bytes, this.at, this.at + this.length);
    this.isWalked = true;
    return this.walked;
  }
}
