/**
 * A hostile guest beside two that only want to talk: it writes what it likes into its rings. Whether its device must be
 * switched off is told by an oracle of its own, written from the list of fatal cases (xen.md 2.6); nobody else suffers.
 */
import { beforeAll, describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import type { FrameSink, NetDevice } from "../../src/device/device.ts";
import { World } from "../../src/device/world.ts";
import { Random } from "../../src/engine/random.ts";
import type { Frame } from "../../src/packet/frame.ts";
import { CLASSIC } from "../../src/xen/border-classic.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { MODERN } from "../../src/xen/border-modern.ts";
import { SharedRing } from "../../src/xen/ring.ts";
import { Border, MILLISECOND, Rogue, SECOND, Tally } from "../kit/border.ts";
import { judges } from "../kit/fidelity.ts";
import { ALICE, BOB, frameOf } from "../kit/world.ts";

judges("hostile");

const WRITES = 300_000;
/** 64 bytes of header, then 256 entries of three words. */
const HEADER = 16;
const entryOf = (index: number): number => HEADER + 3 * (index & 255);

/** What netback must say to the requests from `consumed` to `produced`: fatal or not, and how many slots it answers. */
function judge(words: Uint32Array, consumed: number, produced: number): { fatal: boolean; slots: number } {
  let left = (produced - consumed) >>> 0;
  if (left > 256) return { fatal: true, slots: 0 };
  const slots = left;
  let at = consumed;
  const next = () => {
    const entry = entryOf(at++);
    left--;
    const [first, second, third] = words.subarray(entry, entry + 3);
    return { first: first!, second: second!, third: third! };
  };
  while (left > 0) {
    const request = next();
    const flags = request.second >>> 16;
    const offset = request.second & 0xffff;
    let size = request.third >>> 16;
    let segment: { size: number; type: number } | null = null;
    let joins = false;
    for (let more = (flags & 8) !== 0; more; ) {
      if (left === 0) return { fatal: true, slots };
      const extra = next();
      const type = extra.first & 0xff;
      if (type < 1 || type > 5) return { fatal: true, slots };
      if (type === 1) segment = { size: extra.first >>> 16, type: extra.second & 0xff };
      if (type === 2 || type === 3) joins = true;
      more = ((extra.first >>> 8) & 1) !== 0;
    }
    if (joins) continue;
    let broken = false;
    let behind = 0;
    for (let more = (flags & 4) !== 0; more; ) {
      if (left === 0 || behind >= 20) return { fatal: true, slots };
      const slot = next();
      const length = slot.third >>> 16;
      if (++behind > 18 || length > size) broken = true;
      size -= length;
      if ((slot.second & 0xffff) + length > 4096) return { fatal: true, slots };
      more = ((slot.second >>> 16) & 4) !== 0;
    }
    if (broken || size < 14) continue;
    if (offset + size > 4096) return { fatal: true, slots };
    if (segment !== null && (segment.size === 0 || segment.type < 1 || segment.type > 2)) return { fatal: true, slots };
  }
  return { fatal: false, slots };
}

/** Keeps the numbers of what came in, if its bytes are those it was sent with. */
class Witness implements FrameSink {
  readonly ids: number[] = [];
  spoilt = 0;

  receive(frame: Frame, device: NetDevice): void {
    for (let at = frame.at + 14; at < frame.end; at++)
      if (frame.bytes[at] !== (frame.id & 255)) {
        this.spoilt++;
        break;
      }
    this.ids.push(frame.id);
    device.world.frames.finish(frame, Fate.CONSUMED);
  }
}

class Patch implements FrameSink {
  private readonly to: NetDevice;

  constructor(to: NetDevice) {
    this.to = to;
  }

  receive(frame: Frame): void {
    this.to.transmit(frame);
  }
}

/** Two guests of one host, a wire between their vifs. */
class Bystanders {
  readonly first: Border;
  readonly second: Border;
  readonly witnesses = [new Witness(), new Witness()] as const;
  readonly sent: [number[], number[]] = [[], []];

  constructor(kind: BorderKind) {
    this.first = new Border(true, new World(3), kind);
    this.second = new Border(true, this.first.world, kind, this.first);
    this.first.vif.rxHandler = new Patch(this.second.vif);
    this.second.vif.rxHandler = new Patch(this.first.vif);
    this.first.front.upper = this.witnesses[0];
    this.second.front.upper = this.witnesses[1];
  }

  talk(length: number): void {
    this.sent[1].push(...this.first.send(3, length));
    this.sent[0].push(...this.second.send(3, length));
  }
}

class Attack {
  readonly kind: BorderKind;
  readonly others: Bystanders;
  private readonly dice: Random;
  private rogue: Rogue;
  private pages: number[] = [];
  writes = 0;
  disabled = 0;
  strikes = 0;
  /** Where oracle and netback do not agree. */
  readonly disputes: string[] = [];
  mostAlive = 0;
  /** Good frames of its own that reached dom0. */
  heard = 0;

  constructor(kind: BorderKind, seed: number) {
    this.kind = kind;
    this.others = new Bystanders(kind);
    this.dice = new Random(seed, "attack");
    this.rogue = this.infiltrate();
  }

  private infiltrate(): Rogue {
    const rogue = new Rogue(this.kind, this.others.first);
    rogue.vif.upper = new Tally();
    rogue.front.upper = new Tally();
    const { grants } = rogue.guest;
    const { dice } = this;
    this.pages = Array.from({ length: 40 }, () => rogue.page(dice.below(4096)));
    // Granted to another guest; never granted; a ring; receive buffers; the neighbour's numbers; nonsense.
    const ring = grants.reserve(1);
    grants.grantRing(ring, 0, new SharedRing());
    this.pages.push(rogue.page(4096, this.others.second.guest.id), 5000, ring, 264, 300, 8, 9, 0xffff_ffff);
    return rogue;
  }

  strike(): void {
    const { dice, rogue } = this;
    this.strikes++;
    const queue = rogue.vif.transmitQueue!;
    const { words } = rogue.transmitPage;
    const consumed = queue.ring.requestConsumer;
    const evil = dice.chance(0.7) ? 0 : 0.05;
    const count = 1 + dice.below(40);
    let written = 0;
    for (let i = 0; i < count; i++) {
      const wants = this.writeSlot(entryOf(consumed + i), evil, i + 1 === count);
      if (wants) this.writeExtra(entryOf(consumed + ++i));
      written = i + 1;
    }
    words[0] = consumed + Math.max(count, written);
    if (dice.chance(0.05)) this.scribble(words);
    if (dice.chance(0.05)) words[0] = consumed + (dice.chance(0.5) ? dice.next32() : dice.below(400));
    if (dice.chance(0.2)) this.scribble(rogue.receivePage.words);
    const verdict = judge(words.slice(), consumed, words[0]!);
    this.others.talk(60 + dice.below(1400));
    for (let i = dice.below(4); i > 0; i--) rogue.vif.transmit(frameOf(rogue.world, ALICE, BOB, 60 + dice.below(6000)));
    for (const channel of [8, 9]) rogue.guest.events.find(channel)?.notify();
    rogue.run(400_000);
    this.mostAlive = Math.max(this.mostAlive, rogue.world.frames.alive);
    this.compare(verdict, consumed);
  }

  /** Nearly right, unless `evil`; true when the slot promises an extra info. */
  private writeSlot(entry: number, evil: number, isLast: boolean): boolean {
    const { dice, rogue } = this;
    const { words } = rogue.transmitPage;
    const common = dice.chance(0.3) ? [1, 2, 3, 4, 4, 8, 12][dice.below(isLast ? 3 : 7)]! : 0;
    const flags = dice.chance(evil / 2) ? dice.below(16) : common;
    const offset = dice.below(evil > 0 ? 4096 : 2000);
    const size = dice.below(evil > 0 ? 3000 : 2000);
    words[entry] = dice.chance(evil / 4) ? dice.next32() : this.pages[dice.below(this.pages.length)]!;
    words[entry + 1] = dice.chance(evil / 4) ? dice.next32() : ((flags << 16) | offset) >>> 0;
    words[entry + 2] = dice.chance(evil / 4) ? dice.next32() : ((size << 16) | dice.below(256)) >>> 0;
    this.writes += 3;
    return (flags & 8) !== 0;
  }

  private writeExtra(entry: number): void {
    const { dice, rogue } = this;
    const { words } = rogue.transmitPage;
    const type = dice.chance(0.05) ? dice.below(256) : 1 + dice.below(5);
    const more = dice.chance(0.05) ? 1 : 0;
    words[entry] = ((dice.chance(0.1) ? 0 : 1448) << 16) | (more << 8) | type;
    words[entry + 1] = dice.chance(0.1) ? dice.next32() : 1;
    words[entry + 2] = dice.next32();
    this.writes += 3;
  }

  /** Anything anywhere, the header with its indices too. */
  private scribble(words: Uint32Array): void {
    const { dice } = this;
    for (let i = 1 + dice.below(8); i > 0; i--) {
      words[dice.chance(0.2) ? dice.below(4) : dice.below(1024)] = dice.next32();
      this.writes++;
    }
  }

  private compare({ fatal, slots }: { fatal: boolean; slots: number }, consumed: number): void {
    const { rogue } = this;
    const { disabled, transmitQueue } = rogue.vif;
    const { ring } = transmitQueue!;
    const expected = this.kind === MODERN && fatal;
    const isLie = fatal && slots === 0;
    if (disabled !== expected) this.dispute(`disabled is ${disabled}`);
    if (!disabled && !isLie && ring.requestConsumer !== consumed + slots) this.dispute("not all requests were taken");
    if (!disabled && !isLie && ring.responseProducer !== ring.requestConsumer) this.dispute("not all were answered");
    if (disabled) this.disabled++;
    if (disabled || isLie || ring.responseProducer !== ring.requestConsumer || this.strikes % 50 === 0) this.replace();
  }

  private dispute(what: string): void {
    this.disputes.push(`strike ${this.strikes}: ${what}; ${this.rogue.log.at(-2)}`);
  }

  /** The guest is destroyed; the next one starts from nothing. */
  private replace(): void {
    const { rogue } = this;
    this.heard += rogue.vif.counters.rxPackets;
    rogue.vif.disconnect();
    rogue.table.unregister(rogue.vif);
    for (const page of this.pages) {
      const frame = page < 5000 ? rogue.guest.grants.end(page) : null;
      if (frame?.alive) rogue.front.drop(frame, Fate.RING_TORN_DOWN);
    }
    rogue.front.disconnect();
    rogue.inside.unregister(rogue.front);
    rogue.hypervisor.destroy(rogue.guest);
    rogue.run(MILLISECOND);
    this.rogue = this.infiltrate();
  }

  finish(): void {
    this.replace();
    this.replace();
    this.others.first.run(SECOND);
  }
}

describe.each([MODERN, CLASSIC])("300,000 writes of a hostile guest into the rings of the $name border", (kind) => {
  let attack: Attack;

  beforeAll(() => {
    attack = new Attack(kind, 11);
    while (attack.writes < WRITES) attack.strike();
    attack.finish();
  }, 60_000);

  it("crash nothing, and its device is switched off exactly when the oracle says so", () => {
    expect(attack.disputes).toEqual([]);
    expect(attack.heard).toBeGreaterThan(10_000);
    if (kind === MODERN) expect(attack.disabled).toBeGreaterThan(50);
    else expect(attack.disabled).toBe(0);
  });

  it("leave the other guests alone: all they sent each other came, in order, every byte of it", () => {
    const { witnesses, sent } = attack.others;
    expect(sent[0].length).toBeGreaterThan(1000);
    expect(witnesses.map(({ ids }) => ids)).toEqual(sent);
    expect(witnesses.map(({ spoilt }) => spoilt)).toEqual([0, 0]);
  });

  it("take no more memory than rings and FIFO hold", () => {
    const { world } = attack.others.first;
    const { small, large } = world.frames as unknown as { small: unknown[]; large: unknown[] };
    expect(attack.mostAlive).toBeLessThan(1000);
    expect(small.length + large.length).toBeLessThan(2000);
  });
});
