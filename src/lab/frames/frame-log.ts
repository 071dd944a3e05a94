/**
 * The frame log: every frame at every point, with its bytes, until newer ones need the room. Records are columns of
 * numbers, their bytes lie in a ring; both grow up to their limits as frames come, and then the oldest go first. A
 * 60-byte frame costs about 40 ns at each point it passes (measured, with the call of the tap).
 *
 * What a bridge passes on is left out: it shows at its ports anyway.
 */
import type { FateCode } from "../../base/fate.ts";
import { invariant } from "../../base/invariant.ts";
import type { Point, PointKind, Tap } from "../../device/point.ts";
import type { PointWatcher, World } from "../../device/world.ts";
import type { Nanos } from "../../engine/time.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import { ByteRing } from "./byte-ring.ts";
import { DIRECTION_WORDS, Direction, type DirectionCode, type FrameView } from "./frame-view.ts";
import { type PointName, PointNames } from "./point-names.ts";

export interface FrameLogLimits {
  /** Records kept at most: a power of two. */
  readonly records: number;
  /** Bytes of frames kept at most: a power of two, 128 KiB or more. */
  readonly bytes: number;
}

const LIMITS: FrameLogLimits = { records: 1 << 17, bytes: 1 << 25 };
const FIRST_RECORDS = 1 << 10;

// The column of notes: direction in two bits, one for a checksum that is not filled in, then the fate.
const DIRECTION_BITS = 3;
const PARTIAL_BIT = 4;
const FATE_SHIFT = 3;

const DIRECTIONS: Readonly<Record<Exclude<PointKind, "forward">, DirectionCode>> = {
  rx: Direction.IN,
  tx: Direction.OUT,
  drop: Direction.DROP,
};

/** One frame at one point; its own copy. */
export interface FrameRecord {
  /** From 1, in the order in which frames passed; never given twice. */
  readonly number: number;
  readonly time: Nanos;
  /** "xen1:vif1.0", as it was called then. */
  readonly point: string;
  readonly machine: string;
  /** The device, or the stage of the stack. */
  readonly device: string;
  readonly direction: "in" | "out" | "drop";
  /** Lineage: the same frame has the same number everywhere. */
  readonly frame: number;
  /** Bytes on the wire. */
  readonly length: number;
  /** Fate.NONE unless it ended here. */
  readonly fate: FateCode;
  /** The L4 checksum is not filled in yet. */
  readonly checksumPartial: boolean;
  readonly bytes: Uint8Array;
}

export class FrameLog implements PointWatcher {
  private readonly world: World;
  private readonly mostRecords: number;
  private readonly names: PointNames;
  /** Number of the oldest record there is; `end` while there is none. */
  first = 1;
  /** One more than the number of the newest: the records are [first, end). */
  end = 1;
  // Columns by (number - 1) & mask.
  private mask = -1;
  private times = new Float64Array(0);
  private lineages = new Float64Array(0);
  /** Where in the ring the bytes begin. */
  private starts = new Float64Array(0);
  private pointNames = new Int32Array(0);
  private lengths = new Uint16Array(0);
  private notes = new Uint16Array(0);
  private readonly ring: ByteRing;

  constructor(world: World, limits: FrameLogLimits = LIMITS, names = new PointNames()) {
    const { records, bytes } = limits;
    invariant(records > 0 && (records & (records - 1)) === 0, `a frame log of ${records} records`);
    this.world = world;
    this.mostRecords = records;
    this.ring = new ByteRing(bytes);
    this.names = names;
    world.watchPoints(this);
  }

  pointAdded(point: Point): void {
    if (point.kind !== "forward") point.taps.add(new PointRecorder(this, point, DIRECTIONS[point.kind]));
  }

  /** Records that had to make room. */
  get forgotten(): number {
    return this.first - 1;
  }

  has(number: number): boolean {
    return number >= this.first && number < this.end;
  }

  /** Null when it is forgotten, or yet to come. */
  record(number: number): FrameRecord | null {
    if (!this.has(number)) return null;
    const slot = this.slot(number);
    const notes = this.notes[slot]!;
    const { text, machine, device } = this.names.at(this.pointNames[slot]!);
    const at = this.ring.index(this.starts[slot]!);
    const length = this.lengths[slot]!;
    return {
      number,
      time: this.times[slot] as Nanos,
      ...{ point: text, machine, device },
      direction: DIRECTION_WORDS[(notes & DIRECTION_BITS) as DirectionCode],
      frame: this.lineages[slot]!,
      length,
      fate: (notes >>> FATE_SHIFT) as FateCode,
      checksumPartial: (notes & PARTIAL_BIT) !== 0,
      bytes: this.ring.bytes.slice(at, at + length),
    };
  }

  /** Moves `view` to the record; false when it is forgotten, or yet to come. */
  read(number: number, view: FrameView): boolean {
    if (!this.has(number)) return false;
    const slot = this.slot(number);
    const notes = this.notes[slot]!;
    view.number = number;
    view.time = this.times[slot] as Nanos;
    view.name = this.names.at(this.pointNames[slot]!);
    view.direction = (notes & DIRECTION_BITS) as DirectionCode;
    view.fate = (notes >>> FATE_SHIFT) as FateCode;
    view.checksumPartial = (notes & PARTIAL_BIT) !== 0;
    view.lineage = this.lineages[slot]!;
    view.bytes = this.ring.bytes;
    view.at = this.ring.index(this.starts[slot]!);
    view.length = this.lengths[slot]!;
    view.isWalked = false;
    return true;
  }

  /** Null when it is forgotten, or yet to come. */
  time(number: number): Nanos | null {
    return this.has(number) ? (this.times[this.slot(number)] as Nanos) : null;
  }

  /** Null when it is forgotten, or yet to come. */
  lineage(number: number): number | null {
    return this.has(number) ? this.lineages[this.slot(number)]! : null;
  }

  /** Number of the first record at `time` or later; `end` when there is none. */
  numberAt(time: Nanos): number {
    let low = this.first;
    let high = this.end;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.times[this.slot(middle)]! < time) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  /** For `PointRecorder`: the name of a point as it is now. */
  learn(machine: string, device: string): PointName {
    if (this.names.isFull) this.giveUpNames();
    return this.names.intern(machine, device);
  }

  /** For `PointRecorder`. Borrows the frame. */
  add(frame: Frame, name: PointName, direction: DirectionCode, fate: FateCode): void {
    const number = this.end++;
    if (number - this.first > this.mask) this.makeRoom();
    const slot = (number - 1) & this.mask;
    this.times[slot] = this.world.scheduler.now;
    this.lineages[slot] = frame.id;
    this.pointNames[slot] = name.index;
    this.lengths[slot] = frame.length;
    const partial = frame.checksum === Checksum.PARTIAL ? PARTIAL_BIT : 0;
    this.notes[slot] = direction | partial | (fate << FATE_SHIFT);
    this.starts[slot] = this.ring.write(frame);
    this.forget(this.ring.oldest);
  }

  /** The records whose bytes the newest has overwritten. */
  private forget(oldest: number): void {
    while (this.starts[this.slot(this.first)]! < oldest) this.first++;
  }

  /** For one more record. */
  private makeRoom(): void {
    const capacity = Math.min(Math.max(FIRST_RECORDS, 2 * (this.mask + 1)), this.mostRecords);
    if (capacity === this.mask + 1) this.first++;
    else this.grow(capacity);
  }

  private grow(capacity: number): void {
    const { times, lineages, starts, pointNames, lengths, notes } = this;
    const oldMask = this.mask;
    this.mask = capacity - 1;
    this.times = new Float64Array(capacity);
    this.lineages = new Float64Array(capacity);
    this.starts = new Float64Array(capacity);
    this.pointNames = new Int32Array(capacity);
    this.lengths = new Uint16Array(capacity);
    this.notes = new Uint16Array(capacity);
    for (let number = this.first; number < this.end - 1; number++) {
      const from = (number - 1) & oldMask;
      const to = this.slot(number);
      this.times[to] = times[from]!;
      this.lineages[to] = lineages[from]!;
      this.starts[to] = starts[from]!;
      this.pointNames[to] = pointNames[from]!;
      this.lengths[to] = lengths[from]!;
      this.notes[to] = notes[from]!;
    }
  }

  private giveUpNames(): void {
    const marks = new Uint8Array(this.names.indices);
    for (let number = this.first; number < this.end; number++) marks[this.pointNames[this.slot(number)]!] = 1;
    this.names.keep(marks);
  }

  private slot(number: number): number {
    return (number - 1) & this.mask;
  }
}

/** One per point, so that a frame finds its point's name and direction without looking them up. */
class PointRecorder implements Tap {
  private readonly log: FrameLog;
  private readonly direction: DirectionCode;
  private name: PointName;

  constructor(log: FrameLog, point: Point, direction: DirectionCode) {
    this.log = log;
    this.direction = direction;
    this.name = log.learn(point.machine, point.owner);
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    const { name } = this;
    if (name.device !== point.owner || name.index < 0) this.name = this.log.learn(point.machine, point.owner);
    this.log.add(frame, this.name, this.direction, fate);
  }
}
