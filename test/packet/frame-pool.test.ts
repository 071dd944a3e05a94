import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fate, type FateCode } from "../../src/base/fate.ts";
import { InvariantError } from "../../src/base/invariant.ts";
import { Checksum, type Frame, HEADROOM, type Lender } from "../../src/packet/frame.ts";
import { copyInto, FramePool, MAX_FRAME, settle } from "../../src/packet/frame-pool.ts";

class Desk implements Lender {
  readonly back: number[] = [];

  returned(loan: number): void {
    this.back.push(loan);
  }
}

const sameBytes = (a: Frame, b: Frame): boolean =>
  Buffer.compare(a.bytes.subarray(a.at, a.end), b.bytes.subarray(b.at, b.end)) === 0;
const bytesOf = (frame: Frame): number[] => [...frame.bytes.subarray(frame.at, frame.end)];

function filled(pool: FramePool, length: number, start = 1): Frame {
  const frame = pool.create(length);
  for (let i = 0; i < length; i++) frame.bytes[frame.at + i] = (start + i * 7) & 255;
  return frame;
}

describe("the ledger", () => {
  it("holds at every moment: created + cloned = fates + alive", () => {
    const step = fc.record({ kind: fc.constantFrom("create", "clone", "finish", "cross"), pick: fc.nat() });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const pool = new FramePool();
        const living: Frame[] = [];
        const ends = [Fate.DELIVERED, Fate.CONSUMED, Fate.QDISC_FULL] as const;
        for (const { kind, pick } of steps) {
          const at = pick % Math.max(1, living.length);
          if (kind === "create") living.push(pool.create(pick % 3000));
          else if (living.length === 0) continue;
          else if (kind === "clone") living.push(pool.clone(living[at]!));
          else if (kind === "finish") pool.finish(living.splice(at, 1)[0]!, ends[pick % 3]!);
          else {
            const heir = pool.blank(living[at]!.length);
            pool.succeed(living[at]!, heir);
            pool.release(living[at]!);
            living[at] = heir;
          }
          const ended = pool.fates.reduce((sum, count) => sum + count, 0);
          expect(pool.alive).toBe(living.length);
          expect(pool.created + pool.cloned).toBe(ended + living.length);
          expect(living.every((frame) => frame.alive && !frame.free && frame.id > 0)).toBe(true);
        }
      }),
    );
  });

  it("counts each fate, and gives every frame a number of its own", () => {
    const pool = new FramePool();
    const ids = [1, 2, 3].map(() => {
      const frame = pool.create(60);
      const { id } = frame;
      pool.finish(frame, Fate.NO_ROUTE);
      return id;
    });
    expect(ids).toEqual([1, 2, 3]);
    expect([pool.count(Fate.NO_ROUTE), pool.count(Fate.NONE)]).toEqual([3, 0]);
  });

  it("hands a buffer out again, clean of its last life", () => {
    const pool = new FramePool();
    const frame = pool.create(100);
    frame.at = 30;
    frame.checksum = Checksum.PARTIAL;
    pool.finish(frame, Fate.DELIVERED);
    expect(frame).toMatchObject({ id: 0, alive: false, free: true });
    const next = pool.create(60);
    expect(next).toBe(frame);
    expect(next).toMatchObject({ at: HEADROOM, length: 60, checksum: Checksum.NONE, free: false, lender: null });
  });

  it.each<[string, (pool: FramePool, frame: Frame) => void]>([
    [
      "a second end",
      (pool, frame) => {
        pool.finish(frame, Fate.DELIVERED);
        pool.finish(frame, Fate.DELIVERED);
      },
    ],
    ["the release of a living frame", (pool, frame) => pool.release(frame)],
    [
      "a double release",
      (pool, frame) => {
        pool.succeed(frame, pool.blank(60));
        pool.release(frame);
        pool.release(frame);
      },
    ],
    ["an heir that lives already", (pool, frame) => pool.succeed(frame, pool.create(60))],
    [
      "a clone of the dead",
      (pool, frame) => {
        pool.finish(frame, Fate.DELIVERED);
        pool.clone(frame);
      },
    ],
    ["more bytes than netif.h can say", (pool) => pool.create(MAX_FRAME + 1)],
  ])("%s is a bug, and said so", (_name, act) => {
    const pool = new FramePool();
    expect(() => act(pool, pool.create(60))).toThrow(InvariantError);
  });
});

describe("crossing a border", () => {
  it("moves the identity into the heir and leaves a husk, so that one frame is counted once", () => {
    const pool = new FramePool();
    const husk = filled(pool, 60);
    const heir = pool.blank(60);
    pool.succeed(husk, heir);
    copyInto(husk, heir);
    expect([husk.alive, heir.alive, heir.id, pool.alive]).toEqual([false, true, 1, 1]);
    expect(bytesOf(heir)).toEqual(bytesOf(husk));
    pool.release(husk);
    pool.finish(heir, Fate.DELIVERED as FateCode);
    expect(pool.alive).toBe(0);
  });

  it("returns borrowed pages when the frame ends, is cloned, or leaves the host: once", () => {
    const pool = new FramePool();
    const desk = new Desk();
    const lent = [3, 4, 5].map((loan) => Object.assign(pool.create(500), { lender: desk, loan }));
    pool.finish(lent[0]!, Fate.CONSUMED);
    const twin = pool.clone(lent[1]!);
    settle(lent[2]!);
    expect(desk.back).toEqual([3, 4, 5]);
    expect(twin).toMatchObject({ lender: null, id: lent[1]!.id });
    for (const frame of [twin, lent[1]!, lent[2]!]) pool.finish(frame, Fate.CONSUMED);
    expect(desk.back).toEqual([3, 4, 5]);
  });
});

describe("copies", () => {
  /** Around a word, the word-copy limit, the small buffer, a page, and the largest there is. */
  const length = fc.oneof(
    fc.nat(12),
    fc.integer({ min: 185, max: 200 }),
    fc.integer({ min: 1970, max: 1990 }),
    fc.integer({ min: 4090, max: 4100 }),
    fc.integer({ min: 65_500, max: MAX_FRAME }),
    fc.nat(MAX_FRAME),
  );

  it("are exact for every length and size class, wherever in its buffer the frame lies", () => {
    fc.assert(
      fc.property(length, fc.integer({ min: -8, max: 4200 }), fc.nat(255), (size, shift, start) => {
        const pool = new FramePool();
        const frame = filled(pool, size, start);
        // A header pushed in front, or a frame cut out of the depth of a bigger one.
        const at = Math.min(frame.at + shift, frame.bytes.length - size);
        frame.bytes.copyWithin(at, frame.at, frame.end);
        frame.at = at;
        frame.checksum = Checksum.PARTIAL;
        frame.checksumStart = 34;
        frame.checksumOffset = 50;
        const twin = pool.clone(frame);
        expect(twin.length).toBe(size);
        expect(twin.end).toBeLessThanOrEqual(twin.bytes.length);
        expect(twin).toMatchObject({ checksum: Checksum.PARTIAL, checksumStart: 34, checksumOffset: 50 });
        expect(sameBytes(frame, twin)).toBe(true);
      }),
      { numRuns: 400 },
    );
  });

  it("keep a short frame that was cut out of a long one's far end", () => {
    const pool = new FramePool();
    const long = filled(pool, 9000);
    for (const size of [20, 150, 192, 193, 1000, 1984]) {
      for (const shift of [0, 1, 2, 3]) {
        long.at = 6000 + shift;
        long.length = size;
        const twin = pool.clone(long);
        expect(twin.bytes.length).toBe(2048);
        expect(bytesOf(twin)).toEqual(bytesOf(long));
        pool.finish(twin, Fate.CONSUMED);
      }
    }
  });

  it("take a frame that has grown by a tag beyond the small size into a large buffer", () => {
    const pool = new FramePool();
    const frame = filled(pool, 1984);
    frame.at -= 4;
    frame.length += 4;
    const twin = pool.clone(frame);
    expect(twin.bytes.length).toBeGreaterThan(2048);
    expect(bytesOf(twin)).toEqual(bytesOf(frame));
  });
});
