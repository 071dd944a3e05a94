/**
 * What the counters of two snapshots say together: frames a second, what the last seconds looked like, and which way
 * something has just moved. Seconds are virtual.
 */
import type { DeviceSnapshot, LabSnapshot, MachineSnapshot, Nanos } from "../../lab/index.ts";

/** Seconds of history. */
export const HISTORY = 16;
const SECOND = 1e9;
/** Paints that a moving sign takes to cross a link. */
export const CROSSING = 6;

export interface DeviceRate {
  /** Frames in the last full second, both ways. */
  readonly perSecond: number;
  /** Frames a second of the last HISTORY seconds, oldest first; the last one is still growing. */
  readonly history: readonly number[];
  /** How far the sign of a frame that came in, or went out, is on its way along a link, 0 to 1; null: none is. */
  readonly inwards: number | null;
  readonly outwards: number | null;
}

const QUIET: DeviceRate = { perSecond: 0, history: new Array<number>(HISTORY).fill(0), inwards: null, outwards: null };

export class Rates {
  /** By machine and ifindex: names change. */
  private readonly devices = new Map<string, Meter>();
  /** By the names that the devices have now. */
  private points = new Map<string, Meter>();
  private lastNow = -1 as Nanos;

  /** Of "xen1:vif1.0". */
  of(point: string): DeviceRate {
    return this.points.get(point)?.rate ?? QUIET;
  }

  /** Something still crosses a link on the screen: one more paint is wanted. */
  get moving(): boolean {
    for (const meter of this.devices.values()) if (meter.moving) return true;
    return false;
  }

  /** Before each paint. */
  update(snapshot: LabSnapshot): void {
    const seen = new Set<string>();
    this.points = new Map();
    for (const machine of machinesOf(snapshot))
      for (const device of machine.devices) {
        const key = `${device.machine} ${device.index}`;
        const meter = this.meter(key, device);
        meter.update(device, snapshot.now);
        seen.add(key);
        this.points.set(`${device.machine}:${device.name}`, meter);
      }
    if (seen.size < this.devices.size)
      for (const key of this.devices.keys()) if (!seen.has(key)) this.devices.delete(key);
    this.lastNow = snapshot.now;
  }

  private meter(key: string, device: DeviceSnapshot): Meter {
    let meter = this.devices.get(key);
    if (meter === undefined || meter.isOlderThan(device)) {
      meter = new Meter(this.lastNow < 0 ? device : null);
      this.devices.set(key, meter);
    }
    return meter;
  }
}

const machinesOf = (snapshot: LabSnapshot): MachineSnapshot[] => [
  ...snapshot.machines,
  ...snapshot.hosts.flatMap((host) => [
    host.dom0,
    ...host.guests.map((guest) => guest.machine).filter((machine) => machine !== null),
  ]),
];

class Meter {
  private received: number;
  private sent: number;
  private second = -1;
  private readonly buckets = new Array<number>(HISTORY).fill(0);
  private sinceIn = CROSSING;
  private sinceOut = CROSSING;
  private made: DeviceRate | null = null;

  /** What the device had counted before anybody looked; nothing for one that is new. */
  constructor(before: DeviceSnapshot | null) {
    this.received = before?.counters.rxPackets ?? 0;
    this.sent = before?.counters.txPackets ?? 0;
  }

  /** Its counters went back: another device has the number now. */
  isOlderThan({ counters }: DeviceSnapshot): boolean {
    return counters.rxPackets < this.received || counters.txPackets < this.sent;
  }

  get moving(): boolean {
    return this.sinceIn < CROSSING || this.sinceOut < CROSSING;
  }

  get rate(): DeviceRate {
    this.made ??= {
      perSecond: this.buckets.at(-2)!,
      history: [...this.buckets],
      inwards: wayOf(this.sinceIn),
      outwards: wayOf(this.sinceOut),
    };
    return this.made;
  }

  update({ counters }: DeviceSnapshot, now: Nanos): void {
    const inwards = counters.rxPackets - this.received;
    const outwards = counters.txPackets - this.sent;
    this.turnTo(Math.floor(now / SECOND));
    this.buckets[HISTORY - 1]! += inwards + outwards;
    this.sinceIn = after(this.sinceIn, inwards);
    this.sinceOut = after(this.sinceOut, outwards);
    this.received = counters.rxPackets;
    this.sent = counters.txPackets;
    this.made = null;
  }

  private turnTo(second: number): void {
    const steps = this.second < 0 ? 0 : Math.min(HISTORY, second - this.second);
    for (let i = 0; i < steps; i++) {
      this.buckets.shift();
      this.buckets.push(0);
    }
    this.second = second;
  }
}

const wayOf = (since: number): number | null => (since < CROSSING ? since / (CROSSING - 1) : null);

/** A sign on its way goes on; a new one starts when the old has arrived. */
function after(since: number, frames: number): number {
  if (since < CROSSING - 1) return since + 1;
  return frames > 0 ? 0 : CROSSING;
}
