/** debugfs of xen-netback, and lsmod: what the kernel shows of what is in use. */
import { expect, test } from "vitest";
import { seconds } from "../../src/engine/time.ts";
import { newMachine, typed } from "./on-machine.ts";
import { Dom0 } from "./xen-dom0.ts";

const DIRECTORY = "/sys/kernel/debug/xen-netback";

test("io_ring_q0 of a fresh connection, in the layout of Linux 6.1", () => {
  const dom0 = new Dom0();
  expect(dom0.type(`ls ${DIRECTORY}`).out).toBe("");
  dom0.type("xl create g1.cfg 'vif=[\"rate=200KB/s\"]'");
  dom0.wait(seconds(2));
  expect(dom0.type(`ls ${DIRECTORY} ${DIRECTORY}/vif1.0`).out).toContain("io_ring_q0\n");
  expect(dom0.type(`cat ${DIRECTORY}/vif1.0/io_ring_q0`).out.replace(/now: \d+/, "now: T")).toBe(`Queue 0
TX: nr_ents 256
req prod 0 (0) cons 0 (0) event 1 (1)
rsp prod 0 (base) pvt 0 (0) event 1 (1)
pending prod 256 pending cons 0 nr_pending_reqs 0
dealloc prod 0 dealloc cons 0 dealloc_queue 0

RX: nr_ents 256
req prod 256 (256) cons 0 (0) event 1 (1)
rsp prod 0 (base) pvt 0 (0) event 1 (1)

NAPI state: 10 NAPI weight: 64 TX queue len 0
Credit timer_pending: 0, credit: 10000, usec: 50000
remaining: 10000, expires: 0, now: T

Rx internal queue: len 0 max 524288 pkts 0 running
`);
});

test("towards a paused guest: the posted slots fill, the rest waits in the internal queue", () => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  const ring = (): string => dom0.type(`cat ${DIRECTORY}/vif1.0/io_ring_q0`).out;
  expect(ring()).toContain("credit: 18446744073709551615, usec: 0\nremaining: 18446744073709551615,");
  typed(dom0.xen.guests.get(1)!.machine, "ip link set eth0 up");
  dom0.type("xl pause g1");
  const vif = dom0.machine.table.find("vif1.0")!;
  for (let i = 0; i < 300; i++) vif.transmit(dom0.world.frames.create(60));
  dom0.wait(seconds(1));
  expect(ring()).toMatch(
    /RX: nr_ents 256\nreq prod 256 \(0\) cons 256 \(0\) event \d+ \(1\)\nrsp prod 256 \(base\) pvt 256 \(0\)/,
  );
  expect(ring()).toContain("Rx internal queue: len 2640 max 524288 pkts 44 running\n");
  dom0.type("xl unpause g1");
  dom0.wait(seconds(1));
  expect(ring()).toContain("pkts 0 running\n");
});

test("the directory goes with the connection; only kick may be written", () => {
  const dom0 = new Dom0();
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  expect(dom0.type(`echo kick > ${DIRECTORY}/vif1.0/io_ring_q0`).code).toBe(0);
  expect(dom0.type(`echo nonsense > ${DIRECTORY}/vif1.0/io_ring_q0`).code).toBe(1);
  dom0.type("xl network-detach g1 0");
  expect(dom0.type(`ls ${DIRECTORY}`).out).toBe("");
});

test("lsmod follows what is in use", () => {
  const head = "Module                  Size  Used by\n";
  expect(typed(newMachine(), "lsmod").out).toBe(head);
  expect(new Dom0(false).type("lsmod | grep -c bridge").out).toBe("0\n");
  const dom0 = new Dom0();
  const { out } = dom0.type("lsmod");
  expect(out).toMatch(/^xen_netback +\d+ {2}0$/m);
  expect(out).toMatch(/^bridge +\d+ {2}0$/m);
  expect(out).toMatch(/^stp +\d+ {2}1 bridge$/m);
  expect(out).toMatch(/^llc +\d+ {2}2 bridge,stp$/m);
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  expect(typed(dom0.xen.guests.get(1)!.machine, "lsmod").out).toContain("xen_netfront");
});
