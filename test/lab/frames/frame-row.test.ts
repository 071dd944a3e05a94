import { expect, it } from "vitest";
import { Fate } from "../../../src/base/fate.ts";
import { frameRow } from "../../../src/lab/frames/frame-row.ts";
import { LogBench } from "../../kit/frame-log.ts";
import { SAMPLES } from "../../kit/sample-frames.ts";

it("is the record with its meaning", () => {
  const bench = new LogBench();
  bench.at(1);
  const frame = bench.frame(SAMPLES.get("ping")!);
  bench.show(frame, bench.point("xen1:vif1.0", "tx"));
  expect(frameRow(bench.log, 1)).toEqual({
    ...{ number: 1, time: 1e9, point: "xen1:vif1.0", machine: "xen1", device: "vif1.0", direction: "out" },
    ...{ frame: frame.id, length: 98, fate: "", isDrop: false },
    ...{ source: "192.168.1.101", destination: "192.168.1.102", protocol: "ICMP" },
    info: "echo request, id 122, seq 3, length 64",
  });
});

it("tells a loss from an end that is right", () => {
  const bench = new LogBench();
  const ip = bench.point("xen1:ip", "drop");
  bench.show(bench.frame(SAMPLES.get("arp request")!), ip, Fate.ARP_NOT_FOR_US);
  bench.show(bench.frame(SAMPLES.get("ping")!), ip, Fate.NEIGHBOUR_FAILED);
  expect([1, 2].map((number) => frameRow(bench.log, number))).toMatchObject([
    { direction: "drop", fate: "arp-not-for-us", isDrop: false },
    { direction: "drop", fate: "neighbour-failed", isDrop: true },
  ]);
});

it("of a record that is forgotten, or yet to come, there is none", () => {
  const bench = new LogBench({ records: 2, bytes: 1 << 17 });
  const vif = bench.point("xen1:vif1.0");
  for (let i = 0; i < 3; i++) bench.pass(SAMPLES.get("udp")!, vif);
  expect([1, 2, 3, 4].map((number) => frameRow(bench.log, number) === null)).toEqual([true, false, false, true]);
});
