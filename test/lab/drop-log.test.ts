import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { World } from "../../src/device/world.ts";
import { copyGraph } from "../../src/engine/copy.ts";
import { DropLog } from "../../src/lab/drop-log.ts";
import { ALICE, BOB, frameOf, newTable, StubDevice } from "../kit/world.ts";

class Bench {
  readonly world = new World(7);
  readonly table = newTable(this.world, "xen1");
  readonly drops = new DropLog(this.world);

  device(name: string): StubDevice {
    const device = new StubDevice(this.table, name, BOB);
    this.table.register(device);
    return device;
  }

  /** Ends `count` frames at `device`, which is down. */
  lose(device: StubDevice, count: number): void {
    for (let i = 0; i < count; i++) device.transmit(frameOf(this.world, ALICE, BOB));
  }

  down(name: string): number {
    return this.drops.count(Fate.DEVICE_DOWN, name);
  }
}

describe("the drop log", () => {
  it("counts by point and fate", () => {
    const bench = new Bench();
    const vif = bench.device("vif1.0");
    bench.device("vif2.0");
    bench.lose(vif, 3);
    vif.drop(frameOf(bench.world, ALICE, BOB), Fate.QDISC_FULL);
    expect(bench.down("xen1:vif1.0")).toBe(3);
    expect(bench.drops.count(Fate.QDISC_FULL, "xen1:vif1.0")).toBe(1);
    expect(bench.down("xen1:vif2.0")).toBe(0);
    expect(bench.down("nobody:eth0")).toBe(0);
    expect(bench.drops.byPoint.map(([name]) => name)).toEqual(["xen1:vif1.0"]);
  });

  it("follows a rename", () => {
    const bench = new Bench();
    const vif = bench.device("vif1.0");
    bench.lose(vif, 2);
    bench.table.rename(vif, "web1-lan");
    bench.lose(vif, 1);
    expect([bench.down("xen1:vif1.0"), bench.down("xen1:web1-lan")]).toEqual([0, 3]);
  });

  it("keeps the counts of a device that is gone, and adds its successor's", () => {
    const bench = new Bench();
    const first = bench.device("vif1.0");
    bench.lose(first, 2);
    bench.table.unregister(first);
    const second = bench.device("vif1.0");
    bench.lose(second, 4);
    expect(bench.down("xen1:vif1.0")).toBe(6);
    expect(bench.drops.byPoint.map(([name, counts]) => [name, counts[Fate.DEVICE_DOWN]])).toEqual([["xen1:vif1.0", 6]]);
    bench.table.unregister(second);
    expect(bench.down("xen1:vif1.0")).toBe(6);
  });

  it("counts frames that end at a device after it is gone, the first included", () => {
    const bench = new Bench();
    const quiet = bench.device("vif1.0");
    const busy = bench.device("vif2.0");
    bench.lose(busy, 1);
    for (const device of [quiet, busy]) {
      bench.table.unregister(device);
      bench.lose(device, 2);
    }
    expect([bench.down("xen1:vif1.0"), bench.down("xen1:vif2.0")]).toEqual([2, 3]);
  });

  it("goes on by itself in a copy", () => {
    const bench = new Bench();
    const vif = bench.device("vif1.0");
    bench.lose(vif, 1);
    const twin = copyGraph({ bench, vif });
    twin.bench.lose(twin.vif, 5);
    expect([bench.down("xen1:vif1.0"), twin.bench.down("xen1:vif1.0")]).toEqual([1, 6]);
  });
});
