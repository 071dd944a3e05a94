import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { seconds } from "../../src/engine/time.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { FramePool } from "../../src/packet/frame-pool.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import * as udp from "../../src/packet/udp.ts";
import { fragment } from "../../src/stack/fragment.ts";
import type { Datagram } from "../../src/stack/socket/datagram.ts";
import { UdpSocket } from "../../src/stack/socket/udp.ts";
import { Inbox, ip, Pair } from "../kit/stack.ts";
import { expectBalanced, runFor } from "../kit/world.ts";

const A = ip("192.168.1.101");
const B = ip("192.168.1.102");

const filler = (size: number): Uint8Array => Uint8Array.from({ length: size }, (_, i) => (i * 7 + (i >>> 8)) & 255);

/** A UDP datagram from A to port 9 of B, as a frame. */
function datagram(pool: FramePool, size: number, id: number, options = ipv4.NO_OPTIONS): Frame {
  const frame = pool.create(14 + 20 + ((options.length + 3) & ~3) + 8 + size);
  const b = frame.bytes;
  const mac = { destination: 0x0016_3e00_0002, source: 0x0016_3e00_0001, etherType: ethernet.EtherType.IPV4 };
  const at = ethernet.emit(b, frame.at, mac as ethernet.Header);
  const flags = { tos: 0, id, dontFragment: false, moreFragments: false, fragmentOffset: 0, ttl: 64, protocol: 17 };
  const payload = ipv4.emit(b, at, { ...flags, source: A, destination: B, options, payloadLength: 8 + size });
  udp.emit(b, payload, { sourcePort: 1, destinationPort: 9, payload: filler(size) });
  udp.fillChecksum(b, payload, A, B);
  return frame;
}

/** Fragments of the datagram as bytes; the frames are ended. */
function piecesOf(size: number, mtu: number, id: number): Uint8Array[] {
  const pool = new FramePool();
  return fragment(pool, datagram(pool, size, id), mtu).map((piece) => piece.bytes.slice(piece.at, piece.end));
}

class Receiver {
  readonly pair = new Pair();
  readonly inbox = new Inbox<Datagram>();

  constructor() {
    new UdpSocket(this.pair.b.ns, this.inbox).bind(ip("0.0.0.0"), 9);
  }

  get snmp() {
    return this.pair.b.ns.snmp.ip;
  }

  take(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) this.pair.b.eth0.deliver(this.pair.world.frames.from(piece));
  }

  count(fate: (typeof Fate)[keyof typeof Fate]): number {
    return this.pair.world.frames.count(fate);
  }
}

const sizes = fc.integer({ min: 1, max: 8000 });
const mtus = fc.integer({ min: 68, max: 1500 });

describe("fragmenting", () => {
  it("makes pieces that fit, start at multiples of eight and hold everything once", () => {
    fc.assert(
      fc.property(sizes, mtus, (size, mtu) => {
        const pieces = piecesOf(size, mtu, 5);
        let next = 0;
        for (const [i, b] of pieces.entries()) {
          expect(ipv4.check(b, 14, b.length) && ipv4.verifyChecksum(b, 14)).toBe(true);
          expect(b.length).toBeLessThanOrEqual(14 + mtu);
          expect(ipv4.fragmentOffset(b, 14)).toBe(next);
          expect(ipv4.moreFragments(b, 14)).toBe(i < pieces.length - 1);
          next += ipv4.totalLength(b, 14) - 20;
        }
        expect(next).toBe(size + 8);
      }),
    );
  });

  it("copies only the options that ask for it", () => {
    const pool = new FramePool();
    const routerAlert = [0x94, 4, 0, 0];
    const recordRoute = [7, 7, 4, 0, 0, 0, 0, 0];
    const frame = datagram(pool, 3000, 1, Uint8Array.from([...routerAlert, ...recordRoute]));
    const options = fragment(pool, frame, 1500).map((each) => [...each.bytes.slice(each.at + 34, each.at + 46)]);
    expect(options).toEqual([
      [...routerAlert, ...recordRoute],
      [...routerAlert, 1, 1, 1, 1, 1, 1, 1, 0],
      [...routerAlert, 1, 1, 1, 1, 1, 1, 1, 0],
    ]);
  });
});

describe("reassembly", () => {
  it("puts fragments of any order and with duplicates together, each datagram once", () => {
    fc.assert(
      fc.property(sizes, mtus, fc.infiniteStream(fc.nat()), fc.nat(3), (size, mtu, chance, doubled) => {
        const receiver = new Receiver();
        const pieces = piecesOf(size, mtu, 5);
        const order = pieces.map((piece) => ({ piece, key: chance.next().value! })).sort((a, b) => a.key - b.key);
        const arriving = order.map(({ piece }) => piece);
        const last = arriving.pop()!;
        const again = arriving.slice(0, doubled);
        receiver.take([...arriving, ...again, last]);
        expect(receiver.inbox.messages.map((each) => each.data)).toEqual([filler(size)]);
        const isCut = pieces.length > 1;
        expect(receiver.count(Fate.REASSEMBLED)).toBe(isCut ? pieces.length : 0);
        expect(receiver.count(Fate.REASSEMBLY_OVERLAP)).toBe(again.length);
        expect(receiver.pair.b.ns.reassembly.memory).toBe(0);
        expectBalanced(receiver.pair.world);
      }),
    );
  });

  it("keeps apart what differs in id, and mixes nothing", () => {
    const receiver = new Receiver();
    const [one, two] = [piecesOf(3000, 1500, 1), piecesOf(3000, 1500, 2)];
    receiver.take([one[0]!, two[2]!, two[0]!, one[1]!, one[2]!]);
    expect(receiver.inbox.messages).toHaveLength(1);
    receiver.take([two[1]!]);
    expect(receiver.inbox.messages).toHaveLength(2);
  });

  it("gives the whole datagram up at an overlap", () => {
    const receiver = new Receiver();
    const coarse = piecesOf(3000, 1500, 1);
    const fine = piecesOf(3000, 1004, 1);
    receiver.take([coarse[0]!, fine[1]!]);
    expect(receiver.count(Fate.REASSEMBLY_OVERLAP)).toBe(2);
    expect([receiver.snmp.reasmOverlaps, receiver.snmp.reasmFails]).toEqual([1, 1]);
    receiver.take([coarse[1]!, coarse[2]!]);
    expect(receiver.inbox.messages).toEqual([]);
    runFor(receiver.pair.world, seconds(31));
    expectBalanced(receiver.pair.world);
  });

  it("gives a datagram up that would end in two places, and says of every piece that it was that", () => {
    const receiver = new Receiver();
    receiver.take([piecesOf(3000, 1500, 1)[2]!, piecesOf(6000, 1500, 1)[4]!]);
    expect(receiver.count(Fate.REASSEMBLY_GIVEN_UP)).toBe(2);
    expect(receiver.count(Fate.REASSEMBLY_OVERLAP)).toBe(0);
    expect(receiver.snmp.reasmFails).toBe(1);
    runFor(receiver.pair.world, seconds(31));
    expectBalanced(receiver.pair.world);
  });

  it("gives up after thirty seconds, and says so when it knows the beginning", () => {
    const receiver = new Receiver();
    receiver.take(piecesOf(3000, 1500, 1).slice(0, 2));
    receiver.take(piecesOf(3000, 1500, 2).slice(1));
    runFor(receiver.pair.world, seconds(29));
    expect(receiver.pair.log.seenFrames).toEqual([]);
    runFor(receiver.pair.world, seconds(2));
    const errors = receiver.pair.log.seenFrames.filter(({ bytes }) => ethernet.etherType(bytes, 0) === 0x0800);
    expect(errors.map(({ bytes }) => icmp.parse(bytes, 34, bytes.length))).toMatchObject([
      { kind: "time-exceeded", code: icmp.TimeExceeded.REASSEMBLY },
    ]);
    expect(receiver.count(Fate.REASSEMBLY_TIMEOUT)).toBe(4);
    expect(receiver.snmp.reasmTimeout).toBe(2);
    runFor(receiver.pair.world, seconds(5));
    expectBalanced(receiver.pair.world);
  });

  it("holds no more than ipfrag_high_thresh", () => {
    const receiver = new Receiver();
    receiver.pair.b.ns.sysctls.set("net/ipv4/ipfrag_high_thresh", "10000");
    for (let id = 0; id < 8; id++) receiver.take(piecesOf(3000, 1500, id).slice(0, 1));
    expect(receiver.count(Fate.REASSEMBLY_MEMORY)).toBe(3);
    expect(receiver.pair.b.ns.reassembly.memory).toBe(5 * 2048);
    runFor(receiver.pair.world, seconds(40));
    expect(receiver.pair.b.ns.reassembly.memory).toBe(0);
    expectBalanced(receiver.pair.world);
  });

  it("survives any bytes in place of fragments", () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.nat(0x3fff), fc.integer({ min: 0, max: 300 }), fc.nat(2)), { maxLength: 12 }),
        (parts) => {
          const receiver = new Receiver();
          for (const [flags, size, id] of parts) {
            const frame = datagram(receiver.pair.world.frames, size, id);
            const more = (flags & 0x2000) !== 0;
            ipv4.setFragment(frame.bytes, frame.at + 14, (flags & 0x1fff) * 8, more, false);
            ipv4.fillChecksum(frame.bytes, frame.at + 14);
            receiver.pair.b.eth0.deliver(frame);
          }
          runFor(receiver.pair.world, seconds(60));
          expectBalanced(receiver.pair.world);
        },
      ),
    );
  });
});
