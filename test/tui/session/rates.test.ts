/** Frames a second and signs that move, from counters alone. */
import { describe, expect, test } from "vitest";
import type { DeviceSnapshot, LabSnapshot, Nanos } from "../../../src/lab/index.ts";
import { CROSSING, HISTORY, Rates } from "../../../src/tui/session/rates.ts";

interface Counted {
  readonly name: string;
  readonly index?: number;
  readonly rx?: number;
  readonly tx?: number;
}

/** A host with these devices, at so many seconds. */
function at(seconds: number, ...devices: readonly Counted[]): LabSnapshot {
  const dom0 = {
    name: "xen1",
    devices: devices.map(({ name, index = 1, rx = 0, tx = 0 }) => ({
      ...({} as DeviceSnapshot),
      machine: "xen1",
      name,
      index,
      counters: { ...({} as DeviceSnapshot["counters"]), rxPackets: rx, txPackets: tx },
    })),
  };
  return {
    ...({} as LabSnapshot),
    now: Math.round(seconds * 1e9) as Nanos,
    machines: [],
    hosts: [{ ...({} as LabSnapshot["hosts"][number]), dom0: dom0 as never, guests: [] }],
  };
}

const history = (rates: Rates, point = "xen1:eth0"): readonly number[] => rates.of(point).history;

describe("rates", () => {
  test("nothing is known of a device that nobody saw", () => {
    const rates = new Rates();
    expect(rates.of("xen1:eth0")).toEqual({
      perSecond: 0,
      history: Array(HISTORY).fill(0),
      inwards: null,
      outwards: null,
    });
    expect(rates.moving).toBe(false);
  });

  test("frames of both ways count in the second in which they were seen", () => {
    const rates = new Rates();
    rates.update(at(0, { name: "eth0" }));
    rates.update(at(0.4, { name: "eth0", rx: 3 }));
    rates.update(at(0.9, { name: "eth0", rx: 3, tx: 2 }));
    expect(history(rates).slice(-2)).toEqual([0, 5]);
    expect(rates.of("xen1:eth0").perSecond, "the last full second").toBe(0);
    rates.update(at(1.1, { name: "eth0", rx: 4, tx: 2 }));
    expect(history(rates).slice(-2)).toEqual([5, 1]);
    expect(rates.of("xen1:eth0").perSecond).toBe(5);
    rates.update(at(4, { name: "eth0", rx: 4, tx: 2 }));
    expect(history(rates).slice(-5)).toEqual([5, 1, 0, 0, 0]);
    expect(history(rates)).toHaveLength(HISTORY);
  });

  test("after a long leap nothing of the old is left", () => {
    const rates = new Rates();
    rates.update(at(0, { name: "eth0" }));
    rates.update(at(1, { name: "eth0", rx: 9 }));
    rates.update(at(1_000, { name: "eth0", rx: 9 }));
    expect(history(rates)).toEqual(Array(HISTORY).fill(0));
  });

  test("what was counted before anybody looked is no burst; a device that comes later begins at nothing", () => {
    const rates = new Rates();
    rates.update(at(50, { name: "eth0", rx: 1_000 }));
    expect(history(rates).at(-1)).toBe(0);
    rates.update(at(51, { name: "eth0", rx: 1_000 }, { name: "vif1.0", index: 7, rx: 4 }));
    expect(history(rates, "xen1:vif1.0").at(-1)).toBe(4);
  });

  test("a device that gets another name takes its history along", () => {
    const rates = new Rates();
    rates.update(at(0, { name: "eth0", index: 2 }));
    rates.update(at(1, { name: "eth0", index: 2, rx: 100 }));
    rates.update(at(2, { name: "peth0", index: 2, rx: 101 }, { name: "eth0", index: 9 }));
    expect(history(rates, "xen1:peth0").slice(-2), "as network-bridge does it").toEqual([100, 1]);
    expect(history(rates, "xen1:eth0").slice(-2)).toEqual([0, 0]);
  });

  test("a new device with an old number begins anew, one that is gone is forgotten", () => {
    const rates = new Rates();
    rates.update(at(0, { name: "eth0", rx: 10 }));
    rates.update(at(1, { name: "eth0", rx: 3 }));
    expect(history(rates).at(-1), "its first three frames").toBe(3);
    rates.update(at(2));
    expect(history(rates)).toEqual(Array(HISTORY).fill(0));
  });
});

describe("signs that move", () => {
  test("cross in so many paints, each way for itself, and then rest", () => {
    const rates = new Rates();
    rates.update(at(0, { name: "eth0" }));
    const seen: (number | null)[] = [];
    rates.update(at(0.1, { name: "eth0", rx: 1 }));
    for (let paint = 0; paint < CROSSING + 2; paint++) {
      seen.push(rates.of("xen1:eth0").inwards);
      expect(rates.of("xen1:eth0").outwards).toBeNull();
      expect(rates.moving).toBe(paint < CROSSING);
      rates.update(at(0.1, { name: "eth0", rx: 1 }));
    }
    expect(seen).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1, null, null]);
  });

  test("under load the next one starts when the last has arrived", () => {
    const rates = new Rates();
    const seen: (number | null)[] = [];
    rates.update(at(0, { name: "eth0" }));
    for (let paint = 1; paint <= 14; paint++) {
      rates.update(at(paint / 15, { name: "eth0", tx: 100 * paint }));
      seen.push(rates.of("xen1:eth0").outwards);
    }
    expect(seen).toEqual([0, 0.2, 0.4, 0.6, 0.8, 1, 0, 0.2, 0.4, 0.6, 0.8, 1, 0, 0.2]);
  });
});
