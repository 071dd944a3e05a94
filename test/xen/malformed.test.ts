/** xen.md 2.6: what netback does with requests that make no sense. The guest's driver is the test. */
import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { expectAlive, Rogue } from "../kit/border.ts";
import { judges } from "../kit/fidelity.ts";

judges("hostile");

const MORE = 4;
const EXTRA = 8;
const OKAY = 0;
const ERROR = -1;

/** Ids, sizes and flags of a frame of `extra` slots behind the first. */
function frameOf(rogue: Rogue, extra: number, size = 100): void {
  const total = 100 + extra * size;
  rogue.write({ reference: rogue.page(), id: 100, flags: extra > 0 ? MORE : 0, size: total });
  for (let i = 1; i <= extra; i++)
    rogue.write({ reference: rogue.page(), id: 100 + i, flags: i < extra ? MORE : 0, size });
}

describe("errors a guest survives", () => {
  it("a frame shorter than an Ethernet header", () => {
    const rogue = new Rogue();
    rogue.write({ reference: rogue.page(), id: 1, size: 13 });
    rogue.publish();
    expect(rogue.answers).toEqual([[1, ERROR]]);
    expect(rogue.world.frames.count(Fate.NETBACK_TOO_SHORT)).toBe(1);
    expectAlive(rogue);
  });

  it("a frame whose first slot holds no whole Ethernet header", () => {
    const rogue = new Rogue();
    rogue.write(
      { reference: rogue.page(), id: 1, flags: MORE, size: 100 },
      { reference: rogue.page(), id: 2, size: 90 },
    );
    rogue.publish();
    expect(rogue.answers).toEqual([
      [1, ERROR],
      [2, ERROR],
    ]);
    expectAlive(rogue);
  });

  it("18 slots behind the first are fine, 19 and 20 are not", () => {
    for (const [extra, status] of [
      [18, OKAY],
      [19, ERROR],
      [20, ERROR],
    ] as const) {
      const rogue = new Rogue();
      frameOf(rogue, extra);
      rogue.publish();
      expect(rogue.answers.sort(([a], [b]) => a - b)).toEqual(
        Array.from({ length: extra + 1 }, (_, i) => [100 + i, status]),
      );
      expect(rogue.host.got.map(({ length }) => length)).toEqual(status === OKAY ? [1900] : []);
      expect(rogue.world.frames.count(Fate.NETBACK_BAD_REQUEST)).toBe(status === OKAY ? 0 : 1);
      expectAlive(rogue);
    }
  });

  it("a slot larger than what is left of the frame (64 KiB and more overflow so)", () => {
    const rogue = new Rogue();
    rogue.write(
      { reference: rogue.page(), id: 1, flags: MORE, size: 200 },
      { reference: rogue.page(), id: 2, flags: MORE, size: 201 },
      { reference: rogue.page(), id: 3, size: 10 },
    );
    rogue.publish();
    expect(rogue.answers.map(([, status]) => status)).toEqual([ERROR, ERROR, ERROR]);
    expectAlive(rogue);
  });

  it("a grant for somebody else: that slot is an error, its siblings are not", () => {
    const rogue = new Rogue();
    rogue.write(
      { reference: rogue.page(), id: 1, flags: MORE, size: 300 },
      { reference: rogue.page(4096, 9), id: 2, flags: MORE, size: 100 },
      { reference: rogue.page(), id: 3, size: 100 },
    );
    rogue.publish();
    expect(rogue.answers).toEqual([
      [1, OKAY],
      [2, ERROR],
      [3, OKAY],
    ]);
    expect(rogue.world.frames.count(Fate.NETBACK_GRANT_REFUSED)).toBe(1);
    expectAlive(rogue);
  });

  it("a reference that was never granted, or is none at all", () => {
    const rogue = new Rogue();
    rogue.write({ reference: 5000, id: 1, size: 60 }, { reference: 0xffff_ffff, id: 2, size: 60 });
    rogue.publish();
    expect(rogue.answers).toEqual([
      [1, ERROR],
      [2, ERROR],
    ]);
    expectAlive(rogue);
  });

  it("csum_blank on what has no TCP or UDP header: answered okay, the frame dropped", () => {
    const rogue = new Rogue();
    rogue.write({ reference: rogue.page(), id: 1, flags: 1, size: 60 });
    rogue.publish();
    expect(rogue.answers).toEqual([[1, OKAY]]);
    expect(rogue.world.frames.count(Fate.NETBACK_BAD_REQUEST)).toBe(1);
    expectAlive(rogue);
  });
});

describe("errors that cost a guest its device", () => {
  it.each<[string, (rogue: Rogue) => void]>([
    [
      "Asked for 1 slots but exceeds this limit",
      (rogue) =>
        rogue.write(
          { reference: rogue.page(), flags: MORE, size: 200 },
          { reference: rogue.page(), flags: MORE, size: 50 },
        ),
    ],
    ["Malicious frontend using 20 slots, threshold 20", (rogue) => frameOf(rogue, 21)],
    [
      "Cross page boundary, txreq.offset: 4000, size: 100",
      (rogue) => rogue.write({ reference: rogue.page(), offset: 4000, size: 100 }),
    ],
    [
      "Cross page boundary, txp->offset: 4090, size: 7",
      (rogue) =>
        rogue.write(
          { reference: rogue.page(), flags: MORE, size: 200 },
          { reference: rogue.page(), offset: 4090, size: 7 },
        ),
    ],
    ["Missing extra info", (rogue) => rogue.write({ reference: rogue.page(), flags: EXTRA, size: 60 })],
    ...[0, 6, 255].map((type): [string, (rogue: Rogue) => void] => [
      `Invalid extra type: ${type}`,
      (rogue) => {
        rogue.write({ reference: rogue.page(), flags: EXTRA, size: 60 });
        rogue.writeExtra(type);
      },
    ]),
    [
      "GSO size must not be zero.",
      (rogue) => {
        rogue.write({ reference: rogue.page(), flags: EXTRA, size: 60 });
        rogue.writeExtra(1, false, 0, 1);
      },
    ],
    [
      "Bad GSO type 3.",
      (rogue) => {
        rogue.write({ reference: rogue.page(), flags: EXTRA, size: 60 });
        rogue.writeExtra(1, false, 1448, 3);
      },
    ],
    [
      "Impossible number of requests. req_prod 257, req_cons 0, size 256",
      (rogue) => {
        rogue.front2.requestProducer = 257;
      },
    ],
    [
      "Impossible number of requests. req_prod -1, req_cons 0, size 256",
      (rogue) => {
        rogue.front2.requestProducer = 2 ** 32 - 1;
      },
    ],
  ])("%s", (sentence, misbehave) => {
    const rogue = new Rogue();
    misbehave(rogue);
    rogue.publish();
    if (!rogue.vif.disabled) {
      rogue.guest.events.find(8)!.notify();
      rogue.run(1_000_000);
    }
    const prefix = "vif vif-1-0 vif1.0:";
    expect(rogue.log.slice(-2)).toEqual([`${prefix} ${sentence}`, `${prefix} fatal error; disabling device`]);
    expect([rogue.vif.disabled, rogue.vif.carrier]).toEqual([true, false]);
    rogue.write({ reference: rogue.page(), size: 60 });
    rogue.publish();
    rogue.feed(1);
    rogue.run();
    expect([rogue.host.got, rogue.received.got]).toEqual([[], []]);
  });

  it("take the frames with them that waited for the guest", () => {
    const rogue = new Rogue();
    rogue.guest.pause();
    rogue.feed(300);
    rogue.run(1_000_000);
    rogue.write({ reference: rogue.page(), offset: 4095, size: 60 });
    rogue.publish();
    expect(rogue.world.frames.count(Fate.NETBACK_DISABLED)).toBe(44);
    expect(rogue.vif.receiveQueue!.fifoLength).toBe(0);
  });
});
