/**
 * The capture of one point, by name: whether it is wanted, what of it, and what came. It outlives the devices of that
 * name: a vif that comes again goes on in the same file.
 */
import { Bridge } from "../../device/bridge.ts";
import type { NetDevice } from "../../device/device.ts";
import type { Point } from "../../device/point.ts";
import type { Nanos } from "../../engine/time.ts";
import { SNAPLEN } from "../../packet/capture/limits.ts";
import { compileFilter, type Filter } from "../../packet/filter.ts";
import type { CaptureFile } from "./capture-file.ts";
import { FrameTally, type ProtocolCount } from "./frame-tally.ts";
import { DIRECTION_FLAGS, type DirectionFlags } from "./packet-flags.ts";
import { describeDevice, kindWord, type Machines, whereWords } from "./point-words.ts";
import { type PointOutlets, PointTap } from "./taps.ts";

/** What of a point goes into a file. */
export interface CaptureRule {
  /** In the language of tcpdump; null: every frame. */
  readonly filter: string | null;
  /** What a promiscuous capture sees of a bridge: also what it passes on. */
  readonly promiscuous: boolean;
  /** Bytes kept of a frame. */
  readonly snaplen: number;
}

export const EVERYTHING: CaptureRule = { filter: null, promiscuous: true, snaplen: SNAPLEN };

/** `stopped`: it was on, and its file stays. `waiting`: it is wanted, and there is no such device now. */
export type CaptureState = "on" | "off" | "stopped" | "waiting";

/** A line of a listing of points. */
export interface CapturePointSummary {
  readonly machine: string;
  readonly device: string;
  /** "vif", "bridge", "nic", "netfront", "veth"; null while there is no such device. */
  readonly kind: string | null;
  /** What passes there, in a few words. */
  readonly where: string;
  readonly state: CaptureState;
  readonly frames: number;
  /** Of the frames, as long as they were. */
  readonly bytes: number;
  /** Of the file so far. */
  readonly fileBytes: number;
  readonly filter: string | null;
  readonly promiscuous: boolean;
  /** Bytes kept of a frame. */
  readonly snaplen: number;
  /** Relative, with extension; null: there is no file. */
  readonly path: string | null;
  /** Virtual time of the first and the last frame; null before the first. */
  readonly first: Nanos | null;
  readonly last: Nanos | null;
  /** Those that were seen, the most frequent first. */
  readonly protocols: readonly ProtocolCount[];
}

export class PointCapture {
  readonly machine: string;
  readonly device: string;
  /** Whether it is wanted; a wanted point without a device waits. */
  on: boolean;
  /** It was asked for by its name, not with all others. */
  named: boolean;
  private wantedRule: CaptureRule;
  private compiled: Filter | null;
  private readonly tally = new FrameTally();
  /** Its own file; null until it has been on while there was such a device. */
  file: CaptureFile | null = null;
  private attached: NetDevice | null = null;
  private readonly taps: { readonly point: Point; readonly tap: PointTap }[] = [];

  constructor(
    machine: string,
    device: string,
    rule: CaptureRule,
    want: { readonly on: boolean; readonly named: boolean },
  ) {
    this.machine = machine;
    this.device = device;
    this.wantedRule = rule;
    this.compiled = compiled(rule.filter);
    this.on = want.on;
    this.named = want.named;
  }

  get name(): string {
    return `${this.machine}:${this.device}`;
  }

  get rule(): CaptureRule {
    return this.wantedRule;
  }

  /** Holds from the next `attach` on. The filter compiles. */
  setRule(rule: CaptureRule): void {
    this.wantedRule = rule;
    this.compiled = compiled(rule.filter);
  }

  /** The device whose frames go into the files now; null: none. */
  get live(): NetDevice | null {
    return this.attached;
  }

  /** Frames of `device` go into these files from now on, its own first. */
  attach(device: NetDevice, files: readonly [CaptureFile, ...CaptureFile[]]): void {
    this.detach();
    this.attached = device;
    this.file = files[0];
    const { filter, snaplen, promiscuous } = this.rule;
    const description = describeDevice(device);
    const shown = { name: this.name, description, mac: device.mac, filter, snaplen };
    const outlets = files.map((file) => ({ file, interfaceId: file.interfaceFor(shown) }));
    const kept: PointOutlets = { filter: this.compiled, snaplen, outlets, tally: this.tally };
    this.listen(device, device.rx, DIRECTION_FLAGS.in, kept);
    this.listen(device, device.tx, DIRECTION_FLAGS.out, kept);
    if (device instanceof Bridge && promiscuous) this.listen(device, device.passing, DIRECTION_FLAGS.by, kept);
  }

  private listen(device: NetDevice, point: Point, direction: DirectionFlags, kept: PointOutlets): void {
    const tap = new PointTap(device, direction, kept);
    point.taps.add(tap);
    this.taps.push({ point, tap });
  }

  /** No frames any more; what is written stays. */
  detach(): void {
    this.attached = null;
    for (const { point, tap } of this.taps) point.taps.remove(tap);
    this.taps.length = 0;
  }

  /** `device`: that of this name, or null when there is none. */
  summary(device: NetDevice | null, machines: Machines): CapturePointSummary {
    const { frames, bytes, first, last, protocols } = this.tally;
    return {
      machine: this.machine,
      device: this.device,
      kind: device === null ? null : kindWord(device),
      where: device === null ? "no such device now" : whereWords(device, this.rule.promiscuous, machines),
      state: this.stateWith(device),
      frames,
      bytes,
      fileBytes: this.file?.size ?? 0,
      ...this.rule,
      path: this.file?.path ?? null,
      first,
      last,
      protocols,
    };
  }

  private stateWith(device: NetDevice | null): CaptureState {
    if (this.on && device !== null) return "on";
    if (this.on && this.named) return "waiting";
    return this.file === null ? "off" : "stopped";
  }
}

/** Whoever gives a filter has seen to it that it compiles: the topology's check, or `CaptureSet.change`. */
function compiled(text: string | null): Filter | null {
  if (text === null) return null;
  const result = compileFilter(text);
  return result.ok ? result.filter : null;
}
