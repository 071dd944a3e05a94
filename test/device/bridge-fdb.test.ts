import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { seconds } from "../../src/engine/time.ts";
import { type Mac, XEN_DUMMY_MAC } from "../../src/packet/address.ts";
import { BridgeBench, HOST } from "../kit/bridge-bench.ts";
import { judges } from "../kit/fidelity.ts";
import { ALICE, BOB, CAROL, mac, runFor } from "../kit/world.ts";

judges("bridge frames");

const P1 = mac("00:00:00:00:00:11");
const P2 = mac("00:00:00:00:00:12");

describe("local entries", () => {
  it("are two per port, newest first, as the recorded dump has them", () => {
    const bench = new BridgeBench([P1]);
    bench.send(0, BOB, ALICE);
    expect(bench.fdb).toEqual(["00163e00000a p1", "000000000011 p1 vlan 1 permanent", "000000000011 p1 permanent"]);
  });

  it("of a MAC that several ports share belong to the first, and move when it leaves", () => {
    const bench = new BridgeBench([XEN_DUMMY_MAC, XEN_DUMMY_MAC]);
    expect(bench.fdb).toEqual(["feffffffffff p1 vlan 1 permanent", "feffffffffff p1 permanent"]);
    bench.bridge.removePort(bench.ports[0]!);
    expect(bench.fdb).toEqual(["feffffffffff p2 vlan 1 permanent", "feffffffffff p2 permanent"]);
    bench.bridge.removePort(bench.ports[1]!);
    expect(bench.fdb).toEqual([]);
  });

  it("stay with the bridge device when the port leaves and the bridge keeps the MAC", () => {
    const bench = new BridgeBench([P1, P2]);
    bench.bridge.setMac(P1);
    bench.bridge.removePort(bench.ports[0]!);
    expect(bench.fdb).toContain("000000000011 - permanent");
  });

  it("follow a port's change of address", () => {
    const bench = new BridgeBench([P1, P2]);
    bench.ports[0]!.setMac(mac("00:00:00:00:00:44"));
    expect(bench.fdb.filter((line) => line.includes("p1"))).toEqual([
      "000000000044 p1 vlan 1 permanent",
      "000000000044 p1 permanent",
    ]);
    expect(bench.fdb.some((line) => line.startsWith("000000000011"))).toBe(false);
  });

  it("push out a learnt one, with the kernel's warning", () => {
    const bench = new BridgeBench([P1, P2]);
    bench.send(0, BOB, ALICE);
    bench.add(bench.device(ALICE));
    expect(bench.log).toContain(
      "xenbr0: adding interface p3 with same address as a received packet (addr:00:16:3e:00:00:0a, vlan:0)",
    );
    expect(bench.fdb.filter((line) => line.startsWith("00163e00000a"))).toEqual([
      ...["00163e00000a p3 vlan 1 permanent", "00163e00000a p3 permanent"],
    ]);
  });

  it("are never learnt over", () => {
    const bench = new BridgeBench([P1, P2]);
    bench.broadcast(1, P1);
    expect(bench.fdb.filter((line) => line.startsWith("000000000011"))).toEqual([
      ...["000000000011 p1 vlan 1 permanent", "000000000011 p1 permanent"],
    ]);
  });
});

describe("ageing", () => {
  it("first collects 100 ms after the bridge came up, then after 300 s: recorded as 295.26 s left 4.8 s later", () => {
    const bench = new BridgeBench([P1, P2]);
    const left = () => (bench.bridge.fdb.collector.due! - bench.world.scheduler.now) / 1e9;
    runFor(bench.world, seconds(4.84));
    expect(left()).toBeCloseTo(295.26, 2);
  });

  it("removes what was silent for 300 s; a frame renews it", () => {
    const bench = new BridgeBench([P1, P2]);
    runFor(bench.world, seconds(10));
    bench.send(0, BOB, ALICE);
    bench.send(0, BOB, CAROL);
    runFor(bench.world, seconds(100));
    bench.send(0, BOB, ALICE);
    expect(bench.bridge.fdb.age(bench.bridge.fdb.find(CAROL)!)).toBe(10_000);
    expect(bench.bridge.fdb.age(bench.bridge.fdb.find(P1)!)).toBe(0);
    runFor(bench.world, seconds(200.2));
    expect([bench.bridge.fdb.find(CAROL), bench.bridge.fdb.find(ALICE) !== null]).toEqual([null, true]);
    runFor(bench.world, seconds(100));
    expect(bench.bridge.fdb.find(ALICE)).toBeNull();
    expect(bench.bridge.fdb.find(P1)).not.toBeNull();
  });

  it("a shorter ageing time holds at once; 0 learns nothing", () => {
    const bench = new BridgeBench([P1, P2]);
    bench.send(0, BOB, ALICE);
    runFor(bench.world, seconds(20));
    bench.bridge.fdb.setAgeingTime(seconds(10));
    runFor(bench.world, 0);
    expect(bench.bridge.fdb.find(ALICE)).toBeNull();
    bench.bridge.fdb.setAgeingTime(seconds(0));
    bench.send(0, BOB, ALICE);
    runFor(bench.world, seconds(1));
    expect(bench.bridge.fdb.find(ALICE)).toBeNull();
    bench.bridge.fdb.setAgeingTime(seconds(300));
    bench.send(0, BOB, ALICE);
    expect(bench.bridge.fdb.find(ALICE)).not.toBeNull();
  });

  it("does not run while the bridge is down", () => {
    const bench = new BridgeBench([P1]);
    bench.bridge.setUp(false);
    expect(bench.bridge.fdb.collector.due).toBeNull();
  });
});

describe("entries by hand", () => {
  it("static ones send to their port and do not age; permanent ones go up", () => {
    const bench = new BridgeBench([P1, P2]);
    const [one, two] = bench.bridge.ports;
    expect(bench.bridge.fdb.addByUser(ALICE, one!, "static")).toBe("ok");
    expect(bench.bridge.fdb.addByUser(BOB, two!, "permanent")).toBe("ok");
    expect(bench.bridge.fdb.addByUser(ALICE, two!, "static")).toBe("exists");
    expect(bench.bridge.fdb.addByUser(mac("ff:ff:ff:ff:ff:ff"), two!, "static")).toBe("invalid");
    runFor(bench.world, seconds(1000));
    expect(bench.send(1, ALICE, CAROL)).toEqual(["p1"]);
    bench.send(0, BOB, CAROL);
    expect(bench.host.got).toHaveLength(1);
    expect(bench.bridge.fdb.removeByUser(ALICE, two!)).toBe("missing");
    expect(bench.bridge.fdb.removeByUser(ALICE, one!)).toBe("ok");
    bench.bridge.fdb.flush();
    expect(bench.bridge.fdb.find(CAROL)).toBeNull();
  });
});

it("holds 65,536 learnt addresses, says so once, and floods to the rest", () => {
  const bench = new BridgeBench([P1, P2]);
  for (let i = 0; i < 65_540; i++) bench.send(0, HOST, (0x0a00_0000_0000 + i) as Mac);
  expect(bench.log.filter((line) => line.includes("database full"))).toHaveLength(1);
  expect(bench.bridge.fdb.entries).toHaveLength(65_536 + 4);
});

// What the book says of a learning bridge, in the plainest form: a table that forgets by the clock.
class NaiveBridge {
  readonly known = new Map<number, { port: number; at: number }>();

  receive(now: number, from: number, destination: number, source: number, ports: number): string[] {
    this.known.set(source, { port: from, at: now });
    const entry = this.known.get(destination);
    if (entry !== undefined && entry.port !== from) return [`p${entry.port + 1}`];
    if (entry !== undefined) return [];
    return Array.from({ length: ports }, (_, i) => i)
      .filter((port) => port !== from)
      .map((port) => `p${port + 1}`)
      .reverse();
  }

  /** The collector is exact only to 10 ms: tests step in whole seconds and a half. */
  age(now: number): void {
    for (const [station, { at }] of this.known) if (now - at >= 300) this.known.delete(station);
  }

  down(port: number): void {
    for (const [station, entry] of this.known) if (entry.port === port) this.known.delete(station);
  }
}

it("agrees with a naive model on any traffic", () => {
  const COUNT = 4;
  const station = fc.integer({ min: 0, max: 7 });
  const step = fc.oneof(
    { weight: 8, arbitrary: fc.record({ from: fc.nat(COUNT - 1), to: station, source: station }) },
    { weight: 2, arbitrary: fc.record({ wait: fc.integer({ min: 1, max: 200 }) }) },
    { weight: 1, arbitrary: fc.record({ flap: fc.nat(COUNT - 1) }) },
  );
  const address = (index: number) => (0x0200_0000_0100 + index) as Mac;
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const bench = new BridgeBench(Array.from({ length: COUNT }, (_, i) => (0x10 + i) as Mac));
      const naive = new NaiveBridge();
      let now = 0;
      for (const each of steps) {
        if ("wait" in each) {
          now += each.wait;
          // A hair more than whole seconds: what is due at that second is gone in both.
          runFor(bench.world, each.wait * 1e9 - (bench.world.scheduler.now % 1e9) + 2e7);
          naive.age(now);
        } else if ("flap" in each) {
          bench.ports[each.flap]!.setUp(false);
          bench.ports[each.flap]!.setUp(true);
          naive.down(each.flap);
        } else {
          const got = bench.send(each.from, address(each.to), address(each.source));
          expect(got).toEqual(naive.receive(now, each.from, each.to, each.source, COUNT));
        }
      }
      expect(bench.world.frames.alive).toBe(0);
    }),
    { numRuns: 200 },
  );
});
