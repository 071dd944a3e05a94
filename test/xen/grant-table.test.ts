/** Grants and event channels: who may touch what, and the numbers a first vif gets (recorded on Xen 4.17). */
import { describe, expect, it } from "vitest";
import { InvariantError } from "../../src/base/invariant.ts";
import { FramePool } from "../../src/packet/frame-pool.ts";
import { EventChannels } from "../../src/xen/event-channel.ts";
import { GrantStatus, GrantTable } from "../../src/xen/grant-table.ts";
import { SharedRing } from "../../src/xen/ring.ts";
import { Border } from "../kit/border.ts";

const DOM0 = 0;
const OTHER = 5;

function granted(readOnly: boolean) {
  const table = new GrantTable();
  const frame = new FramePool().create(1000);
  const reference = table.reserve(1);
  table.grant(reference, DOM0, frame, 0, readOnly);
  return { table, frame, reference };
}

describe("a grant table", () => {
  it("allows what was granted, to whom it was granted", () => {
    const { table, reference } = granted(false);
    expect(table.check(reference, DOM0, 0, 4096, true)).toBe(GrantStatus.OKAY);
    expect(table.check(reference, DOM0, 4095, 1, false)).toBe(GrantStatus.OKAY);
    expect(table.check(reference, DOM0, 4096, 0, false)).toBe(GrantStatus.OKAY);
  });

  it.each<[string, (r: number) => [number, number, number, number, boolean], GrantStatus]>([
    ["a reference nobody granted", (r: number) => [r + 1, DOM0, 0, 1, false], GrantStatus.BAD_REFERENCE],
    ["a reserved reference", () => [3, DOM0, 0, 1, false], GrantStatus.BAD_REFERENCE],
    ["a reference beyond the table", () => [0xffff_ffff, DOM0, 0, 1, false], GrantStatus.BAD_REFERENCE],
    ["another domain", (r: number) => [r, OTHER, 0, 1, false], GrantStatus.PERMISSION_DENIED],
    ["writing what is read-only", (r: number) => [r, DOM0, 0, 1, true], GrantStatus.PERMISSION_DENIED],
    ["bytes beyond the page", (r: number) => [r, DOM0, 4000, 97, false], GrantStatus.BAD_COPY_ARGUMENT],
  ])("refuses %s", (_name, ask, status) => {
    const { table, reference } = granted(true);
    expect(table.check(...ask(reference))).toBe(status);
  });

  it("refuses what was granted and has ended, and hands the page back", () => {
    const { table, frame, reference } = granted(false);
    expect(table.end(reference)).toBe(frame);
    expect(table.end(reference)).toBeNull();
    expect(table.check(reference, DOM0, 0, 1, false)).toBe(GrantStatus.BAD_REFERENCE);
  });

  it("maps a ring for its backend only, and lets nobody copy through a ring's page", () => {
    const table = new GrantTable();
    const ring = new SharedRing();
    const reference = table.reserve(1);
    table.grantRing(reference, DOM0, ring);
    expect(table.mapRing(reference, DOM0)).toBe(ring);
    expect(table.mapRing(reference, OTHER)).toBeNull();
    expect(table.mapRing(reference + 1, DOM0)).toBeNull();
    expect(table.mapRing(-1, DOM0)).toBeNull();
    expect(table.check(reference, DOM0, 0, 60, true)).toBe(GrantStatus.PERMISSION_DENIED);
    table.end(reference);
    expect(table.mapRing(reference, DOM0)).toBeNull();
  });

  it("gives a row of references out again only when it was given back", () => {
    const table = new GrantTable();
    expect([table.reserve(256), table.reserve(256), table.reserve(1)]).toEqual([8, 264, 520]);
    table.unreserve(264, 256);
    table.unreserve(520, 1);
    expect([table.reserve(1), table.reserve(256), table.reserve(256)]).toEqual([520, 264, 521]);
  });

  it("takes back nothing that is still in use", () => {
    const { table, reference } = granted(false);
    expect(() => table.unreserve(reference, 1)).toThrow(InvariantError);
  });

  it("grows as far as a guest with many vifs needs it", () => {
    const table = new GrantTable();
    const frame = new FramePool().create(60);
    for (let row = 0; row < 40; row++) {
      const first = table.reserve(256);
      for (let i = 0; i < 256; i++) table.grant(first + i, row, frame, 3, true);
      expect(table.check(first + 255, row, 0, 60, false)).toBe(GrantStatus.OKAY);
      expect(table.pageOf(first + 255)).toBe(3);
    }
  });
});

describe("event channels", () => {
  it("are two ends that one backend may join, once", () => {
    const guest = new EventChannels();
    const dom0 = new EventChannels();
    const end = guest.allocate();
    const far = dom0.bind(guest.find(end.port))!;
    expect([far.peer, end.peer]).toEqual([end, far]);
    expect(dom0.bind(guest.find(end.port))).toBeNull();
    expect(dom0.bind(guest.find(99))).toBeNull();
    end.notify();
    expect([end.sent, far.sent]).toEqual([1, 0]);
  });

  it("leave the other end unbound when one is closed, and the port free", () => {
    const guest = new EventChannels();
    const dom0 = new EventChannels();
    const end = guest.allocate();
    const far = dom0.bind(end)!;
    dom0.close(far);
    expect([end.peer, dom0.find(far.port)]).toEqual([null, null]);
    expect(dom0.bind(end)!.port).toBe(far.port);
    guest.close(end);
    expect(guest.allocate().port).toBe(end.port);
  });
});

describe("the numbers of vifs, as recorded", () => {
  it("are rings 520 and 521 and ports 8 and 9 for the first, 1034, 1035, 10 and 11 for the second", () => {
    const border = new Border(false);
    const first = border.front.connect(DOM0);
    expect(Object.values(first)).toEqual([520, 521, 8, 9]);
    border.front.transmitRing = null;
    border.front.receiveRing = null;
    expect(Object.values(border.front.connect(DOM0))).toEqual([1034, 1035, 10, 11]);
  });

  it("come back after a reconnect: nothing leaks on either side", () => {
    const border = new Border();
    for (let i = 0; i < 5; i++) {
      border.disconnect();
      border.connect();
    }
    expect([border.front.transmitRing !== null, border.guest.events.find(10), border.dom0.events.find(10)]).toEqual([
      true,
      null,
      null,
    ]);
    border.disconnect();
    expect(Object.values(border.front.connect(DOM0))).toEqual([520, 521, 8, 9]);
  });
});
