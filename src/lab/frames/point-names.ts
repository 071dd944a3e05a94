/**
 * The names of points as they were when frames passed: a vif may be renamed, and is gone after a reboot, but a record
 * keeps its name. A name is in the table once, under a small number.
 */

/** Names beyond this many: those that no record has any more are given up. */
const ROOM = 4096;

export class PointName {
  readonly machine: string;
  /** The device, or a stage of the stack. */
  readonly device: string;
  /** "xen1:vif1.0" */
  readonly text: string;
  /** In the table; -1 when it was given up. */
  index: number;

  constructor(machine: string, device: string, index: number) {
    this.machine = machine;
    this.device = device;
    this.text = `${machine}:${device}`;
    this.index = index;
  }
}

export class PointNames {
  private readonly byText = new Map<string, PointName>();
  private readonly byIndex: (PointName | null)[] = [];
  private readonly free: number[] = [];
  private readonly leastRoom: number;
  private room: number;

  constructor(room = ROOM) {
    this.leastRoom = room;
    this.room = room;
  }

  get size(): number {
    return this.byText.size;
  }

  get isFull(): boolean {
    return this.size >= this.room;
  }

  /** One more than the highest index there is. */
  get indices(): number {
    return this.byIndex.length;
  }

  at(index: number): PointName {
    return this.byIndex[index]!;
  }

  intern(machine: string, device: string): PointName {
    const known = this.byText.get(`${machine}:${device}`);
    if (known !== undefined) return known;
    const name = new PointName(machine, device, this.free.pop() ?? this.byIndex.length);
    this.byIndex[name.index] = name;
    this.byText.set(name.text, name);
    return name;
  }

  /** Gives up every name whose mark, by index, is 0. */
  keep(marks: Uint8Array): void {
    for (const name of [...this.byText.values()]) {
      if (marks[name.index] !== 0) continue;
      this.byText.delete(name.text);
      this.byIndex[name.index] = null;
      this.free.push(name.index);
      name.index = -1;
    }
    this.room = Math.max(this.leastRoom, 2 * this.size);
  }
}
