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

test("frames move the indices; a paused guest's frames wait in the internal queue", () => {
  const dom0 = new Dom0();
  dom0.type("ip addr add 192.168.1.10/24 dev xenbr0");
  dom0.type("xl create g1.cfg");
  dom0.wait(seconds(2));
  const guest = dom0.xen.guests.get(1)!.machine;
  typed(guest, "ip link set eth0 up; ip addr add 192.168.1.101/24 dev eth0");
  dom0.wait(seconds(1));
  const ring = (): string => dom0.type(`cat ${DIRECTORY}/vif1.0/io_ring_q0`).out;
  const before = ring();
  dom0.type("ip neigh replace 192.168.1.101 lladdr 00:16:3e:00:00:01 dev xenbr0 nud permanent");
  expect(ring()).toContain("RX: nr_ents 256");
  expect(before).toMatch(/TX: nr_ents 256\nreq prod (\d+) \(0\) cons \1 \(0\) event/);
  expect(ring()).toContain("credit: 18446744073709551615, usec: 0\nremaining: 18446744073709551615,");
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
