/**
 * Promise P2 in every test, without a line in any: frames created + cloned = fates + in flight, where a frame in flight is
 * one that something of the lab still holds. A frame dropped silently is nowhere.
 *
 * `watchLedgers` is called by test/setup.ts. It hears of every network namespace that gets its first device, whoever makes
 * it: a lab of the kit, `openLab`, a session of the terminal, two boxes on a cable. Copies of a lab come about without
 * it: their tests ask `expectLedger`.
 */
import { afterAll, afterEach, beforeEach, expect } from "vitest";
import { DeviceTable } from "../../src/device/device-table.ts";
import { Frame } from "../../src/packet/frame.ts";
import { FramePool } from "../../src/packet/frame-pool.ts";

const forFile = new Set<DeviceTable>();
let open = forFile;

const { register } = DeviceTable.prototype;
DeviceTable.prototype.register = function (device) {
  open.add(this);
  register.call(this, device);
};

export function watchLedgers(): void {
  beforeEach(() => {
    open = new Set();
  });
  // A test that failed may have stopped amid an event.
  afterEach(({ task }) => {
    const opened = open;
    open = forFile;
    if (task.result?.state !== "fail") expectLedger(...opened);
  });
  // Those that the tests of a file share are asked once all are done.
  afterAll(() => {
    const opened = [...forFile];
    forFile.clear();
    expectLedger(...opened);
  });
}

/** At any moment between two events: what was made and has not ended is somewhere in what `roots` are made of. */
export function expectLedger(...roots: readonly object[]): void {
  const { underWay, held } = count(roots);
  expect(underWay, "made, less ended, is what is still under way").toBe(held);
}

function count(roots: readonly object[]): { underWay: number; held: number } {
  const seen = new Set(roots);
  const pending = [...roots];
  let [underWay, held] = [0, 0];
  for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
    if (next instanceof FramePool) underWay += next.alive;
    else if (next instanceof Frame && next.alive) held++;
    if (ArrayBuffer.isView(next)) continue;
    const inside =
      next instanceof Map ? [...next.keys(), ...next.values()] : next instanceof Set ? [...next] : Object.values(next);
    for (const each of inside) {
      if (typeof each !== "object" || each === null || seen.has(each)) continue;
      seen.add(each);
      pending.push(each);
    }
  }
  return { underWay, held };
}
