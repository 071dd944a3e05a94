/** P8: the border copied at any instant of guest-to-guest traffic; original and copy go on alike. */
import { describe, expect, it } from "vitest";
import type { FrameSink, NetDevice } from "../../src/device/device.ts";
import { World } from "../../src/device/world.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { Random } from "../../src/engine/random.ts";
import type { Frame } from "../../src/packet/frame.ts";
import type { BorderKind } from "../../src/xen/border-kind.ts";
import { BORDER_KINDS } from "../../src/xen/border-kinds.ts";
import { Border, SECOND, Tally } from "../kit/border.ts";
import { expectBalanced } from "../kit/world.ts";

/** The other guest's vif: what comes in here goes out there. */
class Patch implements FrameSink {
  private readonly other: NetDevice;

  constructor(other: NetDevice) {
    this.other = other;
  }

  receive(frame: Frame): void {
    this.other.transmit(frame);
  }
}

class TwoGuests {
  readonly web1: Border;
  readonly web2: Border;
  readonly tallies = [new Tally(), new Tally()] as const;
  readonly dice = new Random(8, "traffic");

  constructor(kind: BorderKind) {
    this.web1 = new Border(true, new World(3), kind);
    this.web2 = new Border(true, this.web1.world, kind);
    this.web1.front.upper = this.tallies[0];
    this.web2.front.upper = this.tallies[1];
    this.web1.vif.rxHandler = new Patch(this.web2.vif);
    this.web2.vif.rxHandler = new Patch(this.web1.vif);
    this.web1.vif.transmitQueue!.credit.set(3_000_000, 5000, this.web1.world.scheduler.now);
  }

  /** A burst each way, of frames of every size, and a little time. */
  step(): void {
    for (const guest of [this.web1, this.web2]) {
      const length = [42, 128, 129, 1514, 9014, 65_535][this.dice.below(6)]!;
      guest.send(this.dice.below(length > 9000 ? 8 : 150), length);
    }
    if (this.dice.chance(0.1)) this.web2.guest.pause();
    if (this.dice.chance(0.3)) this.web2.guest.unpause();
    this.web1.run(this.dice.below(120_000));
  }

  finish(): void {
    this.web2.guest.unpause();
    this.web1.run(15 * SECOND);
  }

  get deliveries(): string {
    const counts = [this.web1, this.web2].map(({ front, vif }) =>
      JSON.stringify([front.counters, vif.counters, front.used, vif.statistics()]),
    );
    return [...this.tallies.flatMap(({ lines }) => lines), ...counts].join("\n");
  }
}

describe.each(BORDER_KINDS)("two guests of the $name kind, copied in the middle of it", (kind) => {
  it("deliver the same bytes at the same times with the same numbers, from 50 instants on", () => {
    const pair = new TwoGuests(kind);
    let busy = 0;
    for (let instant = 0; instant < 50; instant++) {
      for (let i = 0; i < 1 + (instant % 3); i++) pair.step();
      if (pair.web1.front.used > 0 || pair.web2.vif.receiveQueue!.fifoLength > 0) busy++;
      const twins = [copyGraph(pair), copyGraph(pair)];
      for (const twin of twins) {
        for (let i = 0; i < 3; i++) twin.step();
        twin.finish();
        expectBalanced(twin.web1.world);
      }
      expect(twins[1]!.deliveries).toBe(twins[0]!.deliveries);
    }
    expect(busy).toBeGreaterThan(25);
    pair.finish();
    expectBalanced(pair.web1.world);
  });

  it("leave the original as it was, and the copy goes the original's way", () => {
    const pair = new TwoGuests(kind);
    for (let i = 0; i < 5; i++) pair.step();
    const copy = copyGraph(pair);
    for (const each of [copy, pair]) {
      for (let i = 0; i < 5; i++) each.step();
      each.finish();
    }
    expect(copy.deliveries).toBe(pair.deliveries);
    expect(copy.web1.world === pair.web1.world).toBe(false);
  });
});
