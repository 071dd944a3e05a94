/** The taps that turn frames into records: one at each point of a captured device, one at every drop point. */
import { Fate, type FateCode } from "../../base/fate.ts";
import type { NetDevice } from "../../device/device.ts";
import type { Point, Tap } from "../../device/point.ts";
import type { Scheduler } from "../../engine/scheduler.ts";
import { cappedSnaplen, SNAPLEN } from "../../packet/capture/limits.ts";
import { type Filter, matches } from "../../packet/filter.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import { FATE_NAMES } from "../fates.ts";
import { type CaptureFile, DROP_INTERFACE, dropComment } from "./capture-file.ts";
import type { FrameTally } from "./frame-tally.ts";
import { checksumFlag, type DirectionFlags, packetFlags } from "./packet-flags.ts";

/** A file, and the interface of it that a point's frames belong to. */
export interface Outlet {
  readonly file: CaptureFile;
  readonly interfaceId: number;
}

/** What of a point is kept, and where it goes. */
export interface PointOutlets {
  readonly filter: Filter | null;
  /** Bytes kept of a frame. */
  readonly snaplen: number;
  readonly outlets: readonly Outlet[];
  readonly tally: FrameTally;
}

export class PointTap implements Tap {
  private readonly scheduler: Scheduler;
  private readonly device: NetDevice;
  private readonly direction: DirectionFlags;
  private readonly filter: Filter | null;
  private readonly snaplen: number;
  private readonly outlets: readonly Outlet[];
  private readonly tally: FrameTally;

  constructor(device: NetDevice, direction: DirectionFlags, { filter, snaplen, outlets, tally }: PointOutlets) {
    this.scheduler = device.world.scheduler;
    this.device = device;
    this.direction = direction;
    this.filter = filter;
    this.snaplen = cappedSnaplen(snaplen);
    this.outlets = outlets;
    this.tally = tally;
  }

  seen(frame: Frame): void {
    const { bytes, at, end, length, id } = frame;
    if (this.filter !== null && !matches(this.filter, bytes, at, end)) return;
    const { now } = this.scheduler;
    const flags = packetFlags(this.direction, bytes, at, this.device.mac, frame.checksum === Checksum.PARTIAL);
    const kept = Math.min(length, this.snaplen);
    this.tally.count(now, bytes, at, end);
    for (const { file, interfaceId } of this.outlets)
      file.packet(interfaceId, now, bytes, at, kept, length, flags, id, "");
  }
}

/** Writes dropped frames to a merged file's interface `drop`, each with its verdict as a comment. */
export class DropTap implements Tap {
  private readonly scheduler: Scheduler;
  private readonly file: CaptureFile;
  private readonly interfaceId: number;

  constructor(file: CaptureFile, scheduler: Scheduler) {
    this.scheduler = scheduler;
    this.file = file;
    this.interfaceId = file.interfaceFor(DROP_INTERFACE);
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    if (fate === Fate.NONE) return;
    const { bytes, at, length, id } = frame;
    const flags = checksumFlag(frame.checksum === Checksum.PARTIAL);
    const comment = dropComment(point.name, FATE_NAMES[fate]!);
    const kept = Math.min(length, SNAPLEN);
    this.file.packet(this.interfaceId, this.scheduler.now, bytes, at, kept, length, flags, id, comment);
  }
}
