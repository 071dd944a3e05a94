/**
 * One capture file in the making: a tap that turns frames into records. It holds bytes only until the outside takes
 * them; nothing here knows of files or promises.
 */

import { get48 } from "../../base/bytes.ts";
import { Fate, type FateCode } from "../../base/fate.ts";
import { Bridge } from "../../device/bridge.ts";
import type { NetDevice } from "../../device/device.ts";
import type { Point, Tap } from "../../device/point.ts";
import type { Scheduler } from "../../engine/scheduler.ts";
import { BROADCAST_MAC, isGroup, type Mac } from "../../packet/address.ts";
import { cappedSnaplen, SNAPLEN } from "../../packet/capture/limits.ts";
import { PcapWriter } from "../../packet/capture/pcap.ts";
import { type Filter, matches } from "../../packet/filter.ts";
import { Checksum, type Frame } from "../../packet/frame.ts";
import { PcapngWriter } from "./pcapng.ts";
import { BROADCAST, CHECKSUM_NOT_READY, INBOUND, MULTICAST, OUTBOUND, PROMISCUOUS, UNICAST } from "./pcapng-format.ts";

export type CaptureFormat = "pcapng" | "pcap";

export interface CaptureSettings {
  readonly format: CaptureFormat;
  readonly epoch: number;
  /** What the file's head declares; each point may keep less. */
  readonly snaplen: number;
}

/** What of a point goes into a file. */
export interface CaptureRule {
  readonly filter: Filter | null;
  /** The filter as it was written, for the file. */
  readonly filterText: string | null;
  /** What a promiscuous capture sees of a bridge: also what it passes on. */
  readonly promiscuous: boolean;
  /** Bytes kept of a frame. */
  readonly snaplen: number;
}

export const EVERYTHING: CaptureRule = { filter: null, filterText: null, promiscuous: true, snaplen: SNAPLEN };

export class CaptureFile {
  /** Relative path, with extension. */
  readonly path: string;
  readonly settings: CaptureSettings;
  private readonly scheduler: Scheduler;
  private readonly writer: PcapngWriter | PcapWriter;
  /** Interface ids by point name. */
  private readonly interfaces = new Map<string, number>();
  frames = 0;
  bytes = 0;

  constructor(path: string, application: string, scheduler: Scheduler, settings: CaptureSettings) {
    this.path = path;
    this.scheduler = scheduler;
    this.settings = settings;
    if (settings.format === "pcap") this.writer = new PcapWriter(settings.epoch, settings.snaplen);
    else {
      const writer = new PcapngWriter(settings.epoch);
      writer.section({
        hardware: "emulated",
        os: "xenlab virtual time",
        application,
      });
      this.writer = writer;
    }
  }

  /** Frames of `device` go into this file from now on; a device that comes again keeps its interface. */
  attach(device: NetDevice, description: string, rule: CaptureRule): void {
    const id = this.interfaceFor(`${device.table.machine}:${device.name}`, description, rule, device.mac);
    device.rx.taps.add(new PointTap(this, id, INBOUND, device, rule));
    device.tx.taps.add(new PointTap(this, id, OUTBOUND, device, rule));
    if (device instanceof Bridge && rule.promiscuous) {
      device.passing.taps.add(new PointTap(this, id, INBOUND | PROMISCUOUS, device, rule));
    }
  }

  /** No frames of `device` any more; what is written stays. The taps are found where they are: nothing here knows them. */
  detach(device: NetDevice): void {
    for (const { taps } of device.points)
      for (const tap of taps.listeners ?? []) if (tap instanceof PointTap && tap.file === this) taps.remove(tap);
  }

  interfaceFor(name: string, description: string, rule: CaptureRule, mac?: Mac): number {
    const known = this.interfaces.get(name);
    if (known !== undefined) return known;
    const id = this.writer instanceof PcapngWriter ? describe(this.writer, name, description, rule, mac) : 0;
    this.interfaces.set(name, id);
    return id;
  }

  /** Keeps at most `snaplen` bytes. `comment` empty: none. */
  write(interfaceId: number, frame: Frame, flags: number, snaplen: number, comment: string): void {
    const partial = frame.checksum === Checksum.PARTIAL ? CHECKSUM_NOT_READY : 0;
    const length = Math.min(frame.length, snaplen);
    const { now } = this.scheduler;
    const { bytes, at, id } = frame;
    this.writer.packet(interfaceId, now, bytes, at, length, frame.length, flags | partial, id, 0, comment);
    this.frames++;
    this.bytes += frame.length;
  }

  /** Bytes to append to the file, whole blocks; empty when nothing is new. */
  take(): Uint8Array {
    return this.writer.pending.take();
  }

  get pending(): number {
    return this.writer.pending.length;
  }
}

function describe(writer: PcapngWriter, name: string, description: string, rule: CaptureRule, mac?: Mac): number {
  return writer.interface({
    name,
    description,
    snaplen: rule.snaplen,
    os: "Linux",
    ...(mac === undefined ? {} : { mac }),
    ...(rule.filterText === null ? {} : { filter: rule.filterText }),
  });
}

class PointTap implements Tap {
  readonly file: CaptureFile;
  private readonly interfaceId: number;
  private readonly flags: number;
  private readonly device: NetDevice;
  private readonly filter: Filter | null;
  private readonly snaplen: number;

  constructor(file: CaptureFile, interfaceId: number, flags: number, device: NetDevice, rule: CaptureRule) {
    this.file = file;
    this.interfaceId = interfaceId;
    this.flags = flags;
    this.device = device;
    this.filter = rule.filter;
    this.snaplen = cappedSnaplen(rule.snaplen);
  }

  seen(frame: Frame, _point: Point, _fate: FateCode): void {
    if (this.filter !== null && !matches(this.filter, frame.bytes, frame.at, frame.end)) return;
    const flags = this.flags === (INBOUND | PROMISCUOUS) ? this.flags : this.flags | this.reception(frame);
    this.file.write(this.interfaceId, frame, flags, this.snaplen, "");
  }

  /** Linux pkt_type as pcapng words it; a foreign unicast address seen on the way in is promiscuous. */
  private reception(frame: Frame): number {
    const destination = get48(frame.bytes, frame.at) as Mac;
    if (destination === BROADCAST_MAC) return BROADCAST;
    if (isGroup(destination)) return MULTICAST;
    return this.flags === INBOUND && destination !== this.device.mac ? PROMISCUOUS : UNICAST;
  }
}

/** Writes dropped frames to a merged file's interface `drop`, each with its verdict as a comment. */
export class DropTap implements Tap {
  private readonly file: CaptureFile;
  private readonly interfaceId: number;
  /** Names by fate code: data, so that the tap can be copied. */
  private readonly names: readonly string[];

  constructor(file: CaptureFile, names: readonly string[]) {
    this.file = file;
    this.names = names;
    this.interfaceId = file.interfaceFor("drop", "frames that ended here, with the reason as a comment", EVERYTHING);
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    if (fate === Fate.NONE) return;
    const comment = `xenlab: dropped at ${point.name}: ${this.names[fate] ?? fate}`;
    this.file.write(this.interfaceId, frame, 0, SNAPLEN, comment);
  }
}
