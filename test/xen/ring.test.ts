/** xen/include/public/io/ring.h and netif.h: the layout as a C compiler lays it out, and when an event is sent. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { high, low, pack, rxEntry, signedHigh, txEntry } from "../../src/xen/netif.ts";
import { BackRing, FrontRing, RING_SIZE, SharedRing } from "../../src/xen/ring.ts";
import { judges } from "../kit/fidelity.ts";

judges("rings");

const bytesOf = (page: SharedRing): DataView => new DataView(page.words.buffer);

describe("the shared page", () => {
  it("is one page of 4,096 bytes with a header of 64 and 256 slots of 12 (TX) or 8 bytes (RX)", () => {
    expect(new SharedRing().words.byteLength).toBe(4096);
    expect([4 * txEntry(0), 4 * txEntry(1), 4 * txEntry(255)]).toEqual([64, 76, 64 + 255 * 12]);
    expect([4 * rxEntry(0), 4 * rxEntry(1), 4 * rxEntry(255)]).toEqual([64, 72, 64 + 255 * 8]);
    expect([txEntry(256), rxEntry(256 * 7 + 3)]).toEqual([txEntry(0), rxEntry(3)]);
    expect([txEntry(2 ** 32 - 1), rxEntry(2 ** 32)]).toEqual([txEntry(255), rxEntry(0)]);
  });

  it("starts with both producers at 0 and both event marks at 1", () => {
    const view = bytesOf(new SharedRing());
    expect([0, 4, 8, 12].map((at) => view.getUint32(at, true))).toEqual([0, 1, 0, 1]);
  });

  it("has req_prod at 0, req_event at 4, rsp_prod at 8, rsp_event at 12", () => {
    const page = new SharedRing();
    const front = new FrontRing(page);
    const back = new BackRing(page);
    front.requestProducer = 9;
    front.push();
    back.requestConsumer = 6;
    back.responseProducer = 5;
    back.push();
    back.askAt(10);
    front.responseConsumer = 5;
    front.finalCheck();
    expect([0, 4, 8, 12].map((at) => bytesOf(page).getUint32(at, true))).toEqual([9, 10, 5, 6]);
    expect([page.requestProducer, page.requestEvent, page.responseProducer, page.responseEvent]).toEqual([9, 10, 5, 6]);
  });

  it("lays a TX request out as gref 0, offset 4, flags 6, id 8, size 10, and its answer as id 0, status 2", () => {
    const page = new SharedRing();
    const at = txEntry(3);
    page.words[at] = 0x11223344;
    page.words[at + 1] = pack(0x5566, 0x7788);
    page.words[at + 2] = pack(0x99aa, 0xbbcc);
    const view = bytesOf(page);
    const base = 64 + 3 * 12;
    expect(view.getUint32(base, true)).toBe(0x11223344);
    expect([4, 6, 8, 10].map((o) => view.getUint16(base + o, true))).toEqual([0x5566, 0x7788, 0x99aa, 0xbbcc]);
    page.words[at] = pack(0x0102, -1);
    expect([view.getUint16(base, true), view.getInt16(base + 2, true)]).toEqual([0x0102, -1]);
  });

  it("lays an RX request out as id 0, gref 4, and its answer as id 0, offset 2, flags 4, status 6", () => {
    const page = new SharedRing();
    const at = rxEntry(200);
    const base = 64 + 200 * 8;
    const view = bytesOf(page);
    page.words[at] = 0xbeef;
    page.words[at + 1] = 0xdeadbeef;
    expect([view.getUint16(base, true), view.getUint32(base + 4, true)]).toEqual([0xbeef, 0xdeadbeef]);
    page.words[at] = pack(0x0a0b, 0x0c0d);
    page.words[at + 1] = pack(7, -3);
    expect([0, 2, 4].map((o) => view.getUint16(base + o, true))).toEqual([0x0a0b, 0x0c0d, 7]);
    expect(view.getInt16(base + 6, true)).toBe(-3);
  });

  it("packs and unpacks halves of words", () => {
    fc.assert(
      fc.property(fc.nat(0xffff), fc.integer({ min: -0x8000, max: 0x7fff }), (a, b) => {
        expect([low(pack(a, b)), signedHigh(pack(a, b)), high(pack(a, b))]).toEqual([a, b, b & 0xffff]);
      }),
    );
  });
});

/** A ring in which `start` messages have already passed each way, everything answered. */
function ringAt(start: number): { page: SharedRing; front: FrontRing; back: BackRing } {
  const page = new SharedRing();
  page.words.set([start, start + 1, start, start + 1]);
  const front = new FrontRing(page);
  const back = new BackRing(page);
  front.requestProducer = front.responseConsumer = start;
  back.requestConsumer = back.responseProducer = start;
  return { page, front, back };
}

describe("the two halves", () => {
  it("count free slots, waiting requests and waiting responses", () => {
    const { front, back } = ringAt(0);
    front.requestProducer += 10;
    expect([back.waiting, front.used]).toEqual([0, 10]);
    front.push();
    back.requestConsumer += 4;
    back.responseProducer += 3;
    expect([back.waiting, back.claimed, front.waiting]).toEqual([6, 6, 0]);
    back.push();
    front.responseConsumer += 1;
    expect([front.waiting, front.used]).toEqual([2, 9]);
  });

  it("never see more requests than they could answer without writing over one", () => {
    const { page, back } = ringAt(0);
    back.requestConsumer = 200;
    page.words[0] = 456;
    expect([back.claimed, back.waiting]).toEqual([256, 56]);
  });

  it("show a frontend's lie: more requests than the ring has", () => {
    const { page, back } = ringAt(5);
    page.words[0] = 5 + 257;
    expect([back.claimed > RING_SIZE, back.waiting]).toEqual([true, 256]);
    page.words[0] = 4;
    expect(back.claimed).toBe(2 ** 32 - 1);
  });

  it("show a backend's lie: more responses than there can be", () => {
    const { page, front } = ringAt(2 ** 32 - 3);
    page.words[2] = 254;
    expect(front.waiting).toBe(257);
  });
});

/** The rule of ring.h, from its words: an event iff the consumer's mark lies in what was just published. */
const noticed = (before: bigint, after: bigint, mark: bigint): boolean => mark > before && mark <= after;

describe("notification avoidance", () => {
  const turn = fc.record({
    who: fc.constantFrom("front", "back", "frontSleeps", "backSleeps"),
    count: fc.integer({ min: 1, max: 40 }),
  });
  const starts = fc.oneof(fc.constant(0), fc.integer({ min: 2 ** 32 - 300, max: 2 ** 32 + 300 }), fc.nat(2 ** 32 - 1));

  it("sends what a model with endless indices sends, also across 2^32", () => {
    fc.assert(
      fc.property(starts, fc.array(turn, { maxLength: 120 }), (start, turns) => {
        const { front, back } = ringAt(start);
        const model = { produced: 0n, consumed: 0n, answered: 0n, heard: 0n, requestMark: 1n, responseMark: 1n };
        for (const { who, count } of turns) {
          const n = BigInt(count);
          if (who === "front") {
            const room = 256n - (model.produced - model.heard);
            const more = n < room ? n : room;
            front.requestProducer += Number(more);
            const expected = noticed(model.produced, model.produced + more, model.requestMark);
            model.produced += more;
            expect(front.push()).toBe(expected);
          } else if (who === "back") {
            const there = model.produced - model.consumed;
            const more = n < there ? n : there;
            model.consumed += more;
            back.requestConsumer += Number(more);
            back.responseProducer += Number(more);
            const expected = noticed(model.answered, model.answered + more, model.responseMark);
            model.answered += more;
            expect(back.push()).toBe(expected);
          } else if (who === "backSleeps") {
            const there = model.produced > model.consumed;
            if (!there) model.requestMark = model.consumed + 1n;
            expect(back.finalCheck()).toBe(there);
          } else {
            const there = model.answered > model.heard;
            if (there) {
              front.responseConsumer += Number(model.answered - model.heard);
              model.heard = model.answered;
            }
            model.responseMark = model.heard + 1n;
            expect(front.finalCheck()).toBe(false);
          }
          expect(back.waiting).toBe(Number(model.produced - model.consumed));
          expect(front.waiting).toBe(Number(model.answered - model.heard));
        }
      }),
      { numRuns: 500 },
    );
  });

  it("sends nothing to a backend that polls, and the first request after it slept at once", () => {
    const { front, back } = ringAt(2 ** 32 - 20);
    const events: boolean[] = [];
    for (let i = 0; i < 100; i++) {
      front.requestProducer++;
      events.push(front.push());
      back.requestConsumer++;
      back.responseProducer++;
      back.push();
      front.responseConsumer++;
    }
    expect(events.filter(Boolean)).toHaveLength(1);
    expect(back.finalCheck()).toBe(false);
    front.requestProducer++;
    expect(front.push()).toBe(true);
    front.requestProducer++;
    expect(front.push()).toBe(false);
  });
});
