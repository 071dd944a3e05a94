import { describe, expect, it } from "vitest";
import { World } from "../../src/device/world.ts";
import { type CaptureOptions, CaptureSet } from "../../src/lab/capture/capture-set.ts";
import { readCapture } from "../../src/lab/capture/reader.ts";
import type { CapturePoint } from "../../src/lab/topology/plan.ts";
import { ALICE, BOB, frameOf, newTable, StubDevice } from "../kit/world.ts";

const PCAPNG = { format: "pcapng", merged: false } as const;
const MERGED = { format: "pcapng", merged: true } as const;

const wanted = (device: string, changes: Partial<CapturePoint> = {}): CapturePoint => ({
  ...{ machine: "xen1", device, filter: null, promiscuous: true, snaplen: 262_144 },
  ...changes,
});

class Bench {
  readonly world = new World(7);
  readonly table = newTable(this.world, "xen1");
  readonly set: CaptureSet;

  constructor(points: readonly CapturePoint[] | "all", options: CaptureOptions = PCAPNG) {
    const capture = points === "all" ? { all: true, points: [] } : { all: false, points };
    this.set = new CaptureSet(this.world, new Map(), { name: "bench", epoch: 0, capture }, options);
    this.set.follow(this.table);
  }

  device(name: string): StubDevice {
    const device = new StubDevice(this.table, name, BOB);
    this.table.register(device);
    device.setUp(true);
    return device;
  }

  send(device: StubDevice, length = 60): void {
    device.transmit(frameOf(this.world, ALICE, BOB, length));
  }

  get frames(): Record<string, number> {
    return Object.fromEntries(this.set.summaries.map(({ path, frames }) => [path, frames]));
  }

  read(path: string) {
    return readCapture(this.set.list.find((file) => file.path === path)!.take());
  }
}

describe("a device that is renamed", () => {
  it("is captured under its new name, no longer under the old one", () => {
    const bench = new Bench("all", MERGED);
    const vif = bench.device("vif1.0");
    bench.send(vif);
    bench.table.rename(vif, "web1-lan");
    bench.send(vif);
    bench.send(vif);
    expect(bench.frames).toEqual({ "merged.pcapng": 3, "xen1-vif1.0.pcapng": 1, "xen1-web1-lan.pcapng": 2 });
    const { interfaces, packets } = bench.read("merged.pcapng");
    expect(packets.map((packet) => interfaces[packet.interface]!.name)).toEqual([
      "xen1:vif1.0",
      "xen1:web1-lan",
      "xen1:web1-lan",
    ]);
  });

  it("starts to be captured when only its new name is wanted, and stops when only the old one is", () => {
    const bench = new Bench([wanted("web1-lan"), wanted("vif2.0")]);
    const first = bench.device("vif1.0");
    const second = bench.device("vif2.0");
    bench.send(second);
    bench.table.rename(first, "web1-lan");
    bench.table.rename(second, "web2-lan");
    for (const device of [first, second]) bench.send(device);
    expect(bench.frames).toEqual({ "xen1-vif2.0.pcapng": 1, "xen1-web1-lan.pcapng": 1 });
  });
});

describe("a device that comes again", () => {
  it("goes on in its file, on its interface", () => {
    const bench = new Bench([wanted("vif1.0")]);
    for (let i = 0; i < 3; i++) {
      const vif = bench.device("vif1.0");
      bench.send(vif);
      bench.table.unregister(vif);
    }
    const { interfaces, packets } = bench.read("xen1-vif1.0.pcapng");
    expect([interfaces.length, packets.length]).toEqual([1, 3]);
  });
});

describe("summaries", () => {
  it("name what was asked for and never came", () => {
    const bench = new Bench([wanted("vif1.0"), wanted("vif9.0")], MERGED);
    bench.send(bench.device("vif1.0"));
    expect(bench.set.summaries).toEqual([
      { path: "merged.pcapng", frames: 1, bytes: 60, missing: false },
      { path: "xen1-vif1.0.pcapng", frames: 1, bytes: 60, missing: false },
      { path: "xen1-vif9.0.pcapng", frames: 0, bytes: 0, missing: true },
    ]);
    bench.device("vif9.0");
    expect(bench.set.summaries.map(({ missing }) => missing)).toEqual([false, false, false]);
  });
});

describe("the merged file", () => {
  it("honours each point's filter", () => {
    const bench = new Bench([wanted("vif1.0", { filter: "greater 100" }), wanted("vif2.0")], MERGED);
    for (const device of [bench.device("vif1.0"), bench.device("vif2.0")]) {
      bench.send(device, 60);
      bench.send(device, 200);
    }
    expect(bench.frames).toEqual({ "merged.pcapng": 3, "xen1-vif1.0.pcapng": 1, "xen1-vif2.0.pcapng": 2 });
  });

  it.each(["pcapng", "pcap"] as const)("honours each point's snaplen (%s)", (format) => {
    const bench = new Bench([wanted("vif1.0", { snaplen: 64 }), wanted("vif2.0")], { format, merged: true });
    for (const device of [bench.device("vif1.0"), bench.device("vif2.0")]) bench.send(device, 200);
    const { packets } = bench.read(`merged.${format}`);
    expect(packets.map((packet) => [packet.bytes.length, packet.originalLength])).toEqual([
      [64, 200],
      [200, 200],
    ]);
  });
});

describe("points whose names run into one", () => {
  it("have a file each", () => {
    const bench = new Bench("all");
    const other = newTable(bench.world, "xen1-lan");
    bench.set.follow(other);
    bench.send(bench.device("lan-eth0"));
    const eth0 = new StubDevice(other, "eth0", BOB);
    other.register(eth0);
    eth0.setUp(true);
    bench.send(eth0);
    bench.send(eth0);
    expect(bench.frames).toEqual({ "xen1-lan-eth0.pcapng": 1, "xen1-lan-eth0-2.pcapng": 2 });
  });
});
