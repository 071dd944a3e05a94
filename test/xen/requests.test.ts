/** Requests on the transmit ring that are more than one slot of one frame: extra infos, odd places, pages sent twice. */
import { describe, expect, it } from "vitest";
import { expectAlive, Rogue } from "../kit/border.ts";

const MORE = 4;
const EXTRA = 8;
const OKAY = 0;
const ERROR = -1;
const NULL = 1;

describe("extra infos", () => {
  it("are answered with a placeholder each, after the main slot", () => {
    const rogue = new Rogue();
    rogue.write({ reference: rogue.page(), id: 5, flags: EXTRA | MORE, size: 150 });
    rogue.writeExtra(4, true);
    rogue.writeExtra(5);
    rogue.write({ reference: rogue.page(), id: 6, size: 50 });
    rogue.publish();
    expect(rogue.answers.map(([id, status]) => (status === NULL ? NULL : [id, status]))).toEqual([
      [5, OKAY],
      NULL,
      NULL,
      [6, OKAY],
    ]);
    expect(rogue.host.got[0]!.length).toBe(150);
  });

  it("are answered so also after an error", () => {
    const rogue = new Rogue();
    rogue.write({ reference: rogue.page(), id: 5, flags: EXTRA, size: 5 });
    rogue.writeExtra(4);
    rogue.publish();
    expect(rogue.answers.map(([, status]) => status)).toEqual([ERROR, NULL]);
    expectAlive(rogue);
  });

  it("that join or leave a multicast group are no frame", () => {
    const rogue = new Rogue();
    for (const type of [2, 3]) {
      rogue.write({ reference: 0, id: type, flags: EXTRA, size: 0 });
      rogue.writeExtra(type);
    }
    rogue.publish();
    expect(rogue.answers.map(([, status]) => status)).toEqual([OKAY, NULL, OKAY, NULL]);
    expect(rogue.host.got).toEqual([]);
    expectAlive(rogue);
  });

  it("of a GSO frame, which is not modelled, lead to an error", () => {
    const rogue = new Rogue();
    rogue.write({ reference: rogue.page(), id: 1, flags: EXTRA, size: 3000 });
    rogue.writeExtra(1, false, 1448, 1);
    rogue.publish();
    expect(rogue.answers.map(([, status]) => status)).toEqual([ERROR, NULL]);
    expectAlive(rogue);
  });
});

describe("what crosses the border", () => {
  it("is exactly the bytes the requests name, wherever they lie", () => {
    const rogue = new Rogue();
    const references = [rogue.page(4000), rogue.page(4000)];
    for (const [i, reference] of references.entries()) {
      const { bytes } = rogue.guest.grants.sentFrame(reference)!;
      for (let at = 0; at < 4096; at++) bytes[at] = (at * 3 + i) & 255;
    }
    rogue.write(
      { reference: references[0]!, offset: 1001, flags: MORE, size: 500 },
      { reference: references[1]!, offset: 3, size: 301 },
    );
    rogue.publish();
    const expected = [
      ...Array.from({ length: 199 }, (_, i) => ((1001 + i) * 3) & 255),
      ...Array.from({ length: 301 }, (_, i) => ((3 + i) * 3 + 1) & 255),
    ];
    expect(rogue.host.got[0]!.bytes).toBe(Buffer.from(expected).toString("hex"));
  });

  it("is a frame of its own each time when a guest sends one page twice", () => {
    const rogue = new Rogue();
    const reference = rogue.page();
    rogue.write({ reference, id: 1, size: 60 }, { reference, id: 2, size: 60 });
    rogue.publish();
    expect(rogue.answers.map(([, status]) => status)).toEqual([OKAY, OKAY]);
    expect(rogue.host.got).toHaveLength(2);
    expect(rogue.host.ids[0]).not.toBe(rogue.host.ids[1]);
    expect(rogue.world.frames.alive).toBe(0);
  });
});
