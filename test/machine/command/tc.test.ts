/** tc's listing of queueing disciplines. */
import { describe, expect, it } from "vitest";
import { judges } from "../../kit/fidelity.ts";
import { requireTool } from "../../kit/tools.ts";
import { mac, StubDevice } from "../../kit/world.ts";
import { EmulatedBox, mayMakeNamespaces, RealBox } from "./twin.ts";

judges("ethtool");

const isPossible = ["ip", "tc"].every(requireTool) && mayMakeNamespaces();

describe("tc", () => {
  it("shows the pfifo of a device with a queue, and its counters", () => {
    const box = new EmulatedBox();
    const eth0 = new StubDevice(box.machine.table, "eth0", mac("00:16:3e:00:00:01"));
    box.machine.table.register(eth0);
    expect(box.run("tc qdisc").out).toBe("");
    box.run("ip link set eth0 up");
    eth0.qdisc!.passed(98);
    expect(box.run("tc qdisc").out).toBe("qdisc pfifo 0: dev eth0 root refcnt 2 limit 1000p\n");
    expect(box.run("tc -s qdisc show dev eth0").out).toBe(
      "qdisc pfifo 0: root refcnt 2 limit 1000p\n Sent 98 bytes 1 pkt (dropped 0, overlimits 0 requeues 0) \n backlog 0b 0p requeues 0\n",
    );
    expect(JSON.parse(box.run("tc -s -j qdisc").out)).toMatchObject([
      { kind: "pfifo", dev: "eth0", bytes: 98, options: { limit: 1000 } },
    ]);
  });

  it("says that it changes nothing", () => {
    const box = new EmulatedBox();
    for (const line of ["tc qdisc add dev lo root tbf rate 1mbit", "tc class show dev lo", "tc filter show dev lo"]) {
      expect(box.run(line)).toMatchObject({ code: 1, err: expect.stringMatching(/^tc: .*: not modelled\n$/) });
    }
  });

  it.skipIf(!isPossible)("prints and refuses as the real tc", () => {
    const real = new RealBox();
    const emulated = new EmulatedBox();
    try {
      const setUp = ["ip link set lo up", "ip link add v0 type veth peer name v1", "ip link set v0 up"];
      const shows = [
        "tc qdisc",
        "tc -s qdisc",
        "tc qdisc show dev v0",
        "tc -s qdisc ls dev v0",
        "tc -j qdisc",
        "tc -j -p -s qdisc",
        "tc -V",
      ];
      const wrong = [
        "tc foo",
        "tc qdisc foo",
        "tc -z",
        "tc qdisc show foo",
        "tc qdisc show dev nosuch",
        "tc qdisc show dev",
      ];
      for (const line of [...setUp, ...shows, "tc qdisc show dev lo", "tc qdisc show dev v1", ...wrong]) {
        expect({ line, ...emulated.run(line) }).toEqual({ line, ...real.run(line) });
      }
    } finally {
      real.close();
    }
  });
});
