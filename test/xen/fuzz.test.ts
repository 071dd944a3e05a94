/** Whatever a guest sends, as frames or as words on its ring: no crash, and every frame has a fate. */
import { beforeAll, describe, expect, it } from "vitest";
import { Random } from "../../src/engine/random.ts";
import { type ChecksumState, type Frame, HEADROOM } from "../../src/packet/frame.ts";
import { txEntry } from "../../src/xen/netif.ts";
import { Border, MILLISECOND, Rogue, SECOND, Tally } from "../kit/border.ts";
import { NAMED_ONLY, SAMPLES } from "../kit/sample-frames.ts";
import { expectBalanced } from "../kit/world.ts";

const FRAMES = 100_000;

class Mutator {
  readonly dice = new Random(20, "fuzz");
  private readonly seeds = [...SAMPLES.values(), ...NAMED_ONLY.values()];

  bytes(): Uint8Array {
    const { dice } = this;
    if (dice.chance(0.1)) return Uint8Array.from({ length: dice.below(300) }, () => dice.below(256));
    const bytes = this.seeds[dice.below(this.seeds.length)]!.slice();
    for (let i = dice.below(6); i > 0; i--) bytes[dice.below(bytes.length)] = dice.below(256);
    return dice.chance(0.2) ? bytes.subarray(0, dice.below(bytes.length + 1)) : bytes;
  }

  /** One of those, with a checksum state at random and sometimes long, or lying oddly in its buffer. */
  frame(border: Border): Frame {
    const { dice } = this;
    const bytes = this.bytes();
    const frame = border.world.frames.create(dice.chance(0.01) ? dice.below(65_536) : bytes.length);
    if (dice.chance(0.1)) frame.at = HEADROOM - 4 * dice.below(5);
    frame.bytes.set(bytes.subarray(0, frame.length), frame.at);
    frame.checksum = dice.below(3) as ChecksumState;
    return frame;
  }
}

function quiet<Kind extends Border>(border: Kind): Kind {
  border.vif.upper = new Tally();
  border.front.upper = new Tally();
  return border;
}

describe("100,000 random and mutated frames", () => {
  it("from a guest through netfront, and back to it", () => {
    const mutator = new Mutator();
    const border = quiet(new Border());
    for (let sent = 0; sent < FRAMES; sent += 20) {
      for (let i = 0; i < 10; i++) border.front.transmit(mutator.frame(border));
      for (let i = 0; i < 10; i++) border.vif.transmit(mutator.frame(border));
      border.run(20_000);
    }
    border.run(SECOND);
    expect([border.vif.disabled, border.front.broken, border.front.used]).toEqual([false, false, 0]);
    expect(border.world.frames.created).toBe(FRAMES);
    expectBalanced(border.world);
  });
});

/** Writes requests that are almost right, and now and then not at all. */
class Vandal {
  private readonly dice: Random;
  rogue = quiet(new Rogue());
  private pages: number[] = [];
  disabled = 0;
  sent = 0;

  constructor(seed: number) {
    this.dice = new Random(seed, "vandal");
  }

  private word(good: number, bad: number): number {
    return this.dice.chance(bad) ? this.dice.next32() : good;
  }

  private writeSlot(evil: number): void {
    const { dice, rogue } = this;
    const words = rogue.transmitPage.words;
    const entry = txEntry(rogue.front2.requestProducer++);
    const flags = dice.chance(0.3) ? dice.below(16) : 0;
    const offset = dice.below(evil > 0 ? 4096 : 2000);
    const size = dice.below(evil > 0 ? 5000 : 2000);
    words[entry] = this.word(this.pages[dice.below(this.pages.length)]!, evil);
    words[entry + 1] = this.word(((flags << 16) | offset) >>> 0, evil / 4);
    words[entry + 2] = this.word(((size << 16) | dice.below(256)) >>> 0, evil / 4);
    this.sent++;
  }

  /** A burst; then the answers are taken, so that there is room again. */
  strike(): void {
    const { dice } = this;
    if (this.pages.length === 0) this.pages = Array.from({ length: 48 }, () => this.rogue.page(dice.below(4096)));
    const evil = dice.chance(0.5) ? 0 : 0.1;
    const room = 256 - this.rogue.front2.used;
    for (let i = Math.min(room, 1 + dice.below(60)); i > 0; i--) this.writeSlot(evil);
    if (dice.chance(0.002)) this.rogue.front2.requestProducer += dice.below(1000);
    this.rogue.publish(100_000);
    void this.rogue.answers;
    if (this.rogue.vif.disabled || this.rogue.front2.used > 200) this.replace();
  }

  /** A disabled device is detached; the next one starts from nothing. */
  private replace(): void {
    const { rogue } = this;
    if (rogue.vif.disabled) this.disabled++;
    rogue.vif.disconnect();
    for (const page of this.pages) {
      const frame = rogue.guest.grants.end(page);
      if (frame?.alive) rogue.front.drop(frame, 52);
    }
    rogue.front.disconnect();
    rogue.run(MILLISECOND);
    expectBalanced(rogue.world);
    this.rogue = quiet(new Rogue());
    this.pages = [];
  }

  finish(): void {
    this.replace();
  }
}

describe("100,000 requests of garbage on a transmit ring", () => {
  let vandal: Vandal;

  beforeAll(() => {
    vandal = new Vandal(5);
    while (vandal.sent < FRAMES) vandal.strike();
    vandal.finish();
  });

  it("crash nothing; many a device was disabled on the way, and each time the ledger held", () => {
    expect(vandal.sent).toBeGreaterThanOrEqual(FRAMES);
    expect(vandal.disabled).toBeGreaterThan(100);
  });
});

describe("garbage from the guest on its receive ring", () => {
  it("is refused word by word, and frames are ended", () => {
    const dice = new Random(9, "posts");
    const border = quiet(new Border());
    for (let round = 0; round < 2000; round++) {
      const words = border.receivePage.words;
      for (let i = 0; i < 4; i++) {
        const slot = 16 + dice.below(512);
        if (dice.chance(0.5)) words[slot] = dice.chance(0.5) ? dice.next32() : 264 + dice.below(258);
      }
      border.feed(5, 60 + dice.below(9000));
      border.run(100_000);
    }
    border.run(SECOND);
    border.disconnect();
    border.run(SECOND);
    expectBalanced(border.world);
  });
});
