import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { Bridge } from "../../src/device/bridge.ts";
import type { Point } from "../../src/device/point.ts";
import { World } from "../../src/device/world.ts";
import { CaptureSet } from "../../src/lab/capture/capture-set.ts";
import { DropLog } from "../../src/lab/drop-log.ts";
import { Trace } from "../../src/lab/trace.ts";
import { ALICE, BOB, frameOf, newTable, StubDevice, TapLog } from "../kit/world.ts";

/** Objects reachable from `root`, as copyLab would copy them. */
function objectsIn(root: object): number {
  const seen = new Set<object>([root]);
  const pending: object[] = [root];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    const inner = next instanceof Map ? [...next].flat() : next instanceof Set ? [...next] : Object.values(next);
    for (const value of ArrayBuffer.isView(next) ? [] : inner) {
      if (typeof value !== "object" || value === null || seen.has(value)) continue;
      seen.add(value);
      pending.push(value);
    }
  }
  return seen.size;
}

class Retirements {
  readonly gone: Point[] = [];
  pointAdded(): void {}
  pointRetired(point: Point): void {
    this.gone.push(point);
  }
}

describe("the points of a world", () => {
  it("go with their device; their ids stay theirs and keep a name", () => {
    const world = new World(7);
    const table = newTable(world, "xen1");
    const vif = new StubDevice(table, "vif1.0", BOB);
    const watcher = new Retirements();
    world.watchPoints(watcher);
    const log = new TapLog(world).listenEverywhere();
    table.register(vif);
    table.rename(vif, "web1-lan");
    table.unregister(vif);
    expect(world.points).toEqual([]);
    expect(watcher.gone).toEqual([vif.rx, vif.tx, vif.lost]);
    expect(world.pointName(vif.lost.id)).toBe("xen1:web1-lan");
    const next = new StubDevice(table, "vif2.0", BOB);
    expect([next.rx.id, next.tx.id, next.lost.id]).toEqual([3, 4, 5]);
    expect(world.pointName(4)).toBe("xen1:vif2.0");
    expect(world.pointName(99)).toBeNull();
    expect([vif.rx.taps.listeners, vif.tx.taps.listeners]).toEqual([null, null]);
    vif.transmit(frameOf(world, ALICE, BOB));
    expect(log.lines).toEqual([`0 xen1:web1-lan drop ${Fate.DEVICE_DOWN} #1 60`]);
  });

  it("include what a bridge passes on", () => {
    const world = new World(7);
    const table = newTable(world, "xen1");
    const bridge = new Bridge(table, "xenbr0", ALICE);
    table.register(bridge);
    expect(world.points).toHaveLength(4);
    table.rename(bridge, "br9");
    expect(world.points.map((point) => point.name)).toEqual(Array(4).fill("xen1:br9"));
    table.unregister(bridge);
    expect(world.points).toEqual([]);
  });

  it("are retired once", () => {
    const world = new World(7);
    const watcher = new Retirements();
    const point = world.point("web1", "ip", "drop");
    world.watchPoints(watcher);
    world.retire(point);
    world.retire(point);
    expect(watcher.gone).toEqual([point]);
  });

  it("are forgotten by name after 4,096 others", () => {
    const world = new World(7);
    for (let i = 0; i < 4097; i++) world.retire(world.point("web1", `vif${i}.0`, "rx"));
    expect([world.pointName(0), world.pointName(1)]).toEqual([null, "web1:vif1.0"]);
  });

  it("of dead devices keep nothing alive, whoever watches", () => {
    const world = new World(7);
    const table = newTable(world, "xen1");
    const plan = { name: "t", epoch: 0, capture: { all: true, points: [] } };
    const lab = {
      world,
      drops: new DropLog(world),
      trace: new Trace(world),
      captures: new CaptureSet(world, new Map(), plan, { format: "pcapng", merged: true }),
    };
    lab.captures.follow(table);
    const cycle = () => {
      const vif = new StubDevice(table, "vif1.0", BOB);
      table.register(vif);
      vif.setUp(true);
      vif.setUp(false);
      vif.transmit(frameOf(world, ALICE, BOB));
      table.unregister(vif);
      lab.trace.take();
    };
    cycle();
    const before = objectsIn(lab);
    for (let i = 0; i < 200; i++) cycle();
    expect(objectsIn(lab)).toBe(before);
    expect(lab.drops.count(Fate.DEVICE_DOWN, "xen1:vif1.0")).toBe(201);
  });
});
