import { describe, expect, it } from "vitest";
import { put16 } from "../../src/base/bytes.ts";
import { Fate } from "../../src/base/fate.ts";
import { Cable, type CableOptions } from "../../src/device/cable.ts";
import { Nic } from "../../src/device/nic.ts";
import { ms, us } from "../../src/engine/time.ts";
import { type Ipv4, multicastMac } from "../../src/packet/address.ts";
import * as checksum from "../../src/packet/checksum.ts";
import { Checksum, type Frame, type Lender } from "../../src/packet/frame.ts";
import { DeviceSubject, deviceContract } from "../contract/device.ts";
import {
  ALICE,
  BOB,
  broadcastFrom,
  Collector,
  expectBalanced,
  frameOf,
  newTable,
  PlugProbe,
  runFor,
  TapLog,
} from "../kit/world.ts";

const ETH0 = BOB;

class NicSubject extends DeviceSubject {
  readonly table = newTable();
  readonly world = this.table.world;
  readonly cable: Cable;
  readonly device: Nic;
  readonly far: PlugProbe;
  readonly stack = new Collector();
  // 255 wait in the ring, one is on the wire, 1000 in the qdisc.
  override readonly room = 1256;

  constructor(options: Partial<CableOptions> = {}) {
    super();
    this.cable = new Cable(this.world, "lan:xen1-eth0", { rate: 1e9, delay: us(50), ...options });
    this.device = new Nic(this.table, "eth0", ETH0);
    this.device.upper = this.stack;
    this.table.register(this.device);
    this.device.connect(this.cable.a);
    this.far = new PlugProbe(this.world, this.cable.b);
  }

  start(): void {
    this.device.setUp(true);
  }
  arrive(frame: Frame): void {
    this.device.arrived(frame, true);
  }
  get sentIds(): number[] {
    return this.far.got.map((each) => each.id);
  }
  get receivedIds(): number[] {
    return this.stack.ids;
  }
  loseCarrier(): boolean {
    this.cable.setPlugged(false);
    return true;
  }
}

deviceContract("nic", () => new NicSubject());
deviceContract("nic on an infinitely fast cable", () => {
  const subject = new NicSubject({ rate: 0 });
  // Nothing ever waits then, so there is no burst that overflows.
  return Object.assign(subject, { room: null });
});

function linkedNic(options: Partial<CableOptions> = {}): NicSubject {
  const subject = new NicSubject(options);
  subject.start();
  runFor(subject.world, 1e9);
  return subject;
}

const log = (subject: NicSubject): string[] => subject.table.log.lines.map((line) => line.text);

describe("link", () => {
  it("comes up a while after the device was opened, with the driver's line", () => {
    const subject = new NicSubject();
    subject.start();
    runFor(subject.world, ms(149));
    expect({ carrier: subject.device.carrier, speed: subject.device.speed }).toEqual({ carrier: false, speed: 0 });
    runFor(subject.world, ms(2));
    expect({ carrier: subject.device.carrier, speed: subject.device.speed }).toEqual({ carrier: true, speed: 1000 });
    expect(log(subject)).toEqual(["e1000: eth0 NIC Link is Up 1000 Mbps Full Duplex, Flow Control: RX"]);
  });

  it("goes with the cable and comes back with it", () => {
    const subject = linkedNic();
    subject.cable.setPlugged(false);
    expect(subject.device.carrier).toBe(false);
    expect(log(subject).at(-1)).toBe("e1000: eth0 NIC Link is Down");
    subject.cable.setPlugged(true);
    runFor(subject.world, 1e9);
    expect(subject.device.carrier).toBe(true);
  });

  it("needs both ends: a NIC that is down takes the peer's link along", () => {
    const subject = linkedNic();
    subject.device.setUp(false);
    expect(subject.far.links).toEqual([true, false]);
  });

  it("stays down when the cable is pulled before it came up", () => {
    const subject = new NicSubject();
    subject.start();
    runFor(subject.world, ms(100));
    subject.cable.setPlugged(false);
    runFor(subject.world, 1e9);
    expect(subject.device.carrier).toBe(false);
    expect(log(subject)).toEqual([]);
  });
});

describe("transmit", () => {
  it("pads to 60 bytes on the wire, with zeroes, and shows the tap what the host sent", () => {
    const { device, world, far } = linkedNic();
    const taps = new TapLog(world);
    device.tx.taps.add(taps);
    const frame = frameOf(world, ALICE, ETH0, 42);
    frame.bytes.fill(0xee, frame.end, frame.end + 30);
    device.transmit(frame);
    runFor(world, 1e9);
    expect(taps.lines[0]).toMatch(/ 42$/);
    expect(far.got[0]).toMatchObject({ length: 60 });
    expect(far.got[0]!.bytes.slice(84)).toBe("00".repeat(18));
    expect(device.counters.txBytes).toBe(60);
  });

  it("fills a partial checksum in on the wire only", () => {
    const { device, world, far } = linkedNic();
    const frame = frameOf(world, ALICE, ETH0, 62);
    const start = frame.at + 34;
    frame.checksum = Checksum.PARTIAL;
    frame.checksumStart = 34;
    frame.checksumOffset = 6;
    const pseudo = checksum.partial(0x0a00_0001 as Ipv4, 0x0a00_0002 as Ipv4, 17, 28);
    put16(frame.bytes, start + 6, pseudo);
    const expected = checksum.finish(checksum.sum(frame.bytes, start, frame.end));
    const atTap: string[] = [];
    device.tx.taps.add({
      seen: (seen) => void atTap.push(Buffer.from(seen.bytes).toString("hex", start + 6, start + 8)),
    });
    device.transmit(frame);
    runFor(world, 1e9);
    expect(Number.parseInt(atTap[0]!, 16)).toBe(pseudo);
    expect(Number.parseInt(far.got[0]!.bytes.slice(80, 84), 16)).toBe(expected);
  });

  it("returns lent pages when the last bit has left, not before", () => {
    const { device, world } = linkedNic({ rate: 1e6 });
    const lender = new (class implements Lender {
      readonly back: number[] = [];
      returned(loan: number): void {
        this.back.push(loan);
      }
    })();
    const frame = frameOf(world, ALICE, ETH0, 60);
    frame.lender = lender;
    frame.loan = 17;
    device.transmit(frame);
    runFor(world, us(671));
    expect(lender.back).toEqual([]);
    runFor(world, us(2));
    expect(lender.back).toEqual([17]);
  });

  it("stops the queue at 256 descriptors and goes on when 32 are free", () => {
    const { device, world } = linkedNic();
    for (let i = 0; i < 257; i++) device.transmit(frameOf(world, ALICE, ETH0, 60));
    expect({ stopped: device.stopped, inUse: device.txInUse, waiting: device.qdisc!.length }).toEqual({
      stopped: true,
      inUse: 256,
      waiting: 1,
    });
    runFor(world, 31 * 672);
    expect(device.stopped).toBe(true);
    runFor(world, 672);
    expect(device.stopped).toBe(false);
    runFor(world, 1e9);
    expect(Object.fromEntries(device.statistics())).toMatchObject({ tx_packets: 257, tx_restart_queue: 1 });
    expectBalanced(world);
  });

  it("sends on a wire without rate in the same instant, in order", () => {
    const { device, world, far } = linkedNic({ rate: 0, delay: 0 as never });
    const before = world.scheduler.now;
    for (let i = 0; i < 400; i++) device.transmit(frameOf(world, ALICE, ETH0, 60));
    runFor(world, 0);
    expect(far.got).toHaveLength(400);
    expect(far.got.every((each) => each.time === before)).toBe(true);
    expect(device.counters.txPackets).toBe(400);
  });
});

describe("receive", () => {
  it("takes its own address, broadcast and groups; others only when promiscuous", () => {
    const { device, world, stack } = linkedNic();
    const group = multicastMac(0xe000_0001 as Ipv4);
    device.arrived(frameOf(world, ETH0, ALICE), true);
    device.arrived(broadcastFrom(world, ALICE), true);
    device.arrived(frameOf(world, group, ALICE), true);
    device.arrived(frameOf(world, ALICE, ALICE), true);
    runFor(world, 1e9);
    expect(stack.got).toHaveLength(3);
    expect(world.frames.count(Fate.OTHER_HOST)).toBe(1);
    expect(device.counters).toMatchObject({ rxPackets: 3, rxBytes: 180, rxMulticast: 1, rxDropped: 0, rxErrors: 0 });
    device.addPromiscuity(1);
    device.arrived(frameOf(world, ALICE, ALICE), true);
    runFor(world, 1e9);
    expect(stack.got).toHaveLength(4);
  });

  it("counts damaged, short and long frames as errors", () => {
    const { device, world } = linkedNic();
    device.arrived(frameOf(world, ETH0, ALICE), false);
    device.arrived(frameOf(world, ETH0, ALICE, 10), true);
    device.arrived(frameOf(world, ETH0, ALICE, 1519), true);
    device.arrived(frameOf(world, ETH0, ALICE, 1518), true);
    runFor(world, 1e9);
    expect(world.frames.count(Fate.CABLE_CORRUPT)).toBe(1);
    expect(device.counters).toMatchObject({ rxErrors: 3, rxPackets: 1 });
    expect(Object.fromEntries(device.statistics())).toMatchObject({
      rx_crc_errors: 1,
      rx_short_length_errors: 1,
      rx_long_length_errors: 1,
      rx_length_errors: 2,
      rx_bytes: 1522,
    });
    expectBalanced(world);
  });

  it("misses frames when the ring of 256 is full", () => {
    const { device, world, stack } = linkedNic();
    for (let i = 0; i < 300; i++) device.arrived(frameOf(world, ETH0, ALICE), true);
    expect(device.counters.rxMissed).toBe(44);
    expect(world.frames.count(Fate.NIC_RING_FULL)).toBe(44);
    runFor(world, 1e9);
    expect(stack.got).toHaveLength(256);
    expectBalanced(world);
  });

  it("polls up to 64 frames at a time and spends time on them", () => {
    const { device, world, stack } = linkedNic();
    for (let i = 0; i < 100; i++) device.arrived(frameOf(world, ETH0, ALICE), true);
    const start = world.scheduler.now;
    runFor(world, 1e9);
    const times = [...new Set(stack.got.map((each) => each.time - start))];
    expect(stack.got.filter((each) => each.time - start === times[0])).toHaveLength(64);
    // 5 us to wake, then 64 frames of 1200 + 60/4 ns each.
    expect(times).toEqual([5_000, 5_000 + 64 * 1215]);
  });

  it("takes jumbo frames once the MTU says so", () => {
    const { device, world, stack } = linkedNic();
    device.setMtu(9000);
    device.arrived(frameOf(world, ETH0, ALICE, 9014), true);
    runFor(world, 1e9);
    expect(stack.got).toHaveLength(1);
  });
});
