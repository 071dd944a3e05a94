/**
 * Lines for frames that were lost: where, why, and the first of them as tcpdump prints it. A flood of drops is a line a
 * second, and a drop that repeats while nothing else happens stays one line.
 */
import { type FateCode, isDrop } from "../../base/fate.ts";
import type { Point, Tap } from "../../device/point.ts";
import type { PointWatcher, World } from "../../device/world.ts";
import { seconds } from "../../engine/time.ts";
import { describe } from "../../packet/describe.ts";
import type { Frame } from "../../packet/frame.ts";
import { FATE_NAMES } from "../fates.ts";
import type { EventLine, EventLog } from "./event-log.ts";

/** Repeats share a line at least for so long. */
const SHARED: number = seconds(1);

export class DropEvents implements PointWatcher {
  private readonly world: World;
  private readonly log: EventLog;

  constructor(world: World, log: EventLog) {
    this.world = world;
    this.log = log;
  }

  pointAdded(point: Point): void {
    if (point.kind === "drop") point.taps.add(new DropTap(this.world, this.log));
  }
}

/** One per point: it goes with the point and needs no table. */
class DropTap implements Tap {
  private readonly world: World;
  private readonly log: EventLog;
  /** The newest line of each fate here; null until something is lost: most points never see it. */
  private lines: Map<FateCode, EventLine> | null = null;

  constructor(world: World, log: EventLog) {
    this.world = world;
    this.log = log;
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    if (!isDrop(fate)) return;
    this.lines ??= new Map();
    const line = this.lines.get(fate);
    if (line !== undefined && this.isOpen(line)) this.log.repeat(line);
    else this.lines.set(fate, this.begin(frame, point, fate));
  }

  private isOpen({ number, time }: EventLine): boolean {
    return number === this.log.last || this.world.scheduler.now - time < SHARED;
  }

  private begin(frame: Frame, point: Point, fate: FateCode): EventLine {
    const text = `${FATE_NAMES[fate]}: ${describe(frame.bytes, frame.at, frame.end)}`;
    const { machine, device } = placeOf(point);
    return this.log.add("drop", machine, text, { device, frame: frame.id });
  }
}

/** A cable has no machine: its owner begins with the network's name, "lan:xen1-eth0". */
function placeOf({ machine, owner }: Point): Pick<EventLine, "machine" | "device"> {
  if (machine !== "") return { machine, device: owner };
  const colon = owner.indexOf(":");
  return colon < 0
    ? { machine: owner, device: null }
    : { machine: owner.slice(0, colon), device: owner.slice(colon + 1) };
}
