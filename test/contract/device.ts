/**
 * The contract of every kind of network device: two verbs, one owner of each frame, the ledger, taps that see each frame
 * once, counters, and a state that can be copied in the middle of traffic. Each test/device/<kind>.test.ts runs it.
 */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { NetDevice } from "../../src/device/device.ts";
import type { World } from "../../src/device/world.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { ALICE, BOB, expectBalanced, frameOf, runFor, TapLog } from "../kit/world.ts";

/** A device with surroundings. A class without closures: the suite copies it whole. */
export abstract class DeviceSubject {
  abstract readonly world: World;
  abstract readonly device: NetDevice;
  /** Sets the device and all it needs up; carrier follows within a second. */
  abstract start(): void;
  /** A frame comes to the device from outside, as on its wire. */
  abstract arrive(frame: Frame): void;
  /** Frames that the other side got from the device, and that the device handed up. */
  abstract readonly sentIds: number[];
  abstract readonly receivedIds: number[];
  /** Takes the carrier away; false where the kind has none to lose. */
  abstract loseCarrier(): boolean;
  /** Bytes that the device counts for an incoming frame of 60 bytes. */
  readonly rxBytes: number = 60;
  /** What is done with a frame when there is no carrier. */
  readonly withoutCarrier: number = Fate.NO_CARRIER;
  /** How many frames of a burst find room before the qdisc overflows; null where it never does. */
  readonly room: number | null = null;
  /** True where frames under way are kept while the device is down, and come out when it is up again: Xen's rings. */
  readonly keepsWhileDown: boolean = false;
}

export function deviceContract(name: string, make: () => DeviceSubject): void {
  const started = (): DeviceSubject => {
    const subject = make();
    subject.start();
    settle(subject);
    return subject;
  };

  describe(`${name} keeps the device contract`, () => {
    it("transmits outward and counts", () => {
      const subject = started();
      const ids = send(subject, 3);
      settle(subject);
      expect(subject.sentIds).toEqual(ids);
      expect(subject.device.counters).toMatchObject({ txPackets: 3, txBytes: 180, txDropped: 0 });
      expectBalanced(subject.world);
    });

    it("receives inward and counts", () => {
      const subject = started();
      const ids = arrive(subject, 3);
      settle(subject);
      expect(subject.receivedIds).toEqual(ids);
      expect(subject.device.counters).toMatchObject({ rxPackets: 3, rxBytes: 3 * subject.rxBytes, rxDropped: 0 });
      expectBalanced(subject.world);
    });

    it("drops what is sent while it is down, and says why", () => {
      const subject = make();
      const taps = new TapLog(subject.world).listenEverywhere();
      send(subject, 2);
      expect(subject.world.frames.count(Fate.DEVICE_DOWN)).toBe(2);
      expect(taps.count("drop")).toBe(2);
      expect(taps.count("tx")).toBe(0);
      expectBalanced(subject.world);
    });

    it("drops what comes in while it is down", () => {
      const subject = started();
      subject.device.setUp(false);
      arrive(subject, 2);
      settle(subject);
      expect(subject.receivedIds).toEqual([]);
      reopen(subject);
      expectBalanced(subject.world);
    });

    it("drops without carrier", () => {
      const subject = started();
      if (!subject.loseCarrier()) return;
      send(subject, 2);
      settle(subject);
      expect(subject.world.frames.count(subject.withoutCarrier as 11)).toBe(2);
      expectBalanced(subject.world);
    });

    it("holds a burst and drops what does not fit", () => {
      const subject = started();
      if (subject.room === null) return;
      const burst = subject.room + 5;
      send(subject, burst);
      expect(subject.world.frames.count(Fate.QDISC_FULL)).toBe(5);
      expect(subject.device.qdisc?.dropped).toBe(5);
      expect(subject.device.stops).toBe(1);
      settle(subject);
      expect(subject.sentIds).toHaveLength(subject.room);
      expect(subject.device.qdisc?.sentPackets).toBe(subject.room);
      expectBalanced(subject.world);
    });

    it("ends what waits when it goes down", () => {
      const subject = started();
      send(subject, 300);
      arrive(subject, 20);
      subject.device.setUp(false);
      settle(subject);
      reopen(subject);
      expectBalanced(subject.world);
    });

    it("shows each frame once at tx and once at rx", () => {
      const subject = started();
      const { device, world } = subject;
      const taps = new TapLog(world);
      for (const point of [device.rx, device.tx, device.lost]) point.taps.add(taps);
      const out = send(subject, 2);
      settle(subject);
      // On lo the same frames come in again.
      const echoed = taps.count("rx");
      const back = arrive(subject, 2);
      settle(subject);
      const mine = (kind: string, ids: number[]) =>
        ids.map((id) => taps.lines.filter((line) => line.includes(` ${kind} `) && line.includes(`#${id} `)).length);
      expect(mine("tx", out)).toEqual([1, 1]);
      expect(mine("rx", back)).toEqual([1, 1]);
      expect([0, 2]).toContain(echoed);
      expect(taps.count("drop")).toBe(0);
    });

    it("can be copied in the middle of traffic: both go on alike", () => {
      const subject = started();
      new TapLog(subject.world).listenEverywhere();
      send(subject, 40);
      arrive(subject, 40);
      runFor(subject.world, 3_000);
      const twin = copyGraph(subject);
      for (const each of [subject, twin]) {
        send(each, 10);
        settle(each);
        expectBalanced(each.world);
      }
      expect(linesOf(twin.world)).toEqual(linesOf(subject.world));
      expect(twin.sentIds).toEqual(subject.sentIds);
      expect(twin.device.counters).toEqual(subject.device.counters);
      expect(twin.world === subject.world).toBe(false);
    });

    it("frees everything when it is unregistered", () => {
      const subject = started();
      send(subject, 50);
      arrive(subject, 50);
      subject.device.table.unregister(subject.device);
      settle(subject);
      expect(subject.device.table.find(subject.device.name)).toBeNull();
      expectBalanced(subject.world);
    });
  });
}

/** The lines of the first tap that listens anywhere. */
function linesOf(world: World): string[] {
  const point = world.points.find((each) => each.taps.listeners !== null);
  return (point!.taps.listeners![0] as TapLog).lines;
}

function send(subject: DeviceSubject, count: number): number[] {
  return Array.from({ length: count }, () => {
    const frame = frameOf(subject.world, BOB, subject.device.mac);
    const { id } = frame;
    subject.device.transmit(frame);
    return id;
  });
}

function arrive(subject: DeviceSubject, count: number): number[] {
  return Array.from({ length: count }, () => {
    const frame = frameOf(subject.world, subject.device.mac, ALICE);
    const { id } = frame;
    subject.arrive(frame);
    return id;
  });
}

function reopen(subject: DeviceSubject): void {
  if (!subject.keepsWhileDown) return;
  subject.device.setUp(true);
  settle(subject);
}

const settle = (subject: DeviceSubject): void => runFor(subject.world, 1_000_000_000);
