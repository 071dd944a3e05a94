/** A device too narrow for IP (net/ipv4/devinet.c inetdev_event, inetdev_valid_mtu). */
import { expect, test } from "vitest";
import { Loopback } from "../../src/device/loopback.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { newMachine, typed } from "../machine/on-machine.ts";

function withLoopback(): Machine {
  const machine = newMachine();
  machine.table.register(new Loopback(machine.table));
  typed(machine, "ip link set lo up");
  return machine;
}

test("below 68 bytes a device loses its addresses and gets none, and widening it brings none back", () => {
  const machine = withLoopback();
  typed(machine, "ip link set lo mtu 68");
  expect(typed(machine, "ping -c 1 127.0.0.1").code).toBe(0);
  typed(machine, "ip link set lo mtu 67");
  expect(typed(machine, "ip -4 addr show lo").out).toBe("");
  expect(typed(machine, "ip addr add 127.0.0.1/8 dev lo").err).toBe("RTNETLINK answers: No buffer space available\n");
  for (const line of ["ping -c 1 127.0.0.1", "ping -c 1 nosuch", "dig @127.0.0.1 foo", "traceroute -n 127.0.0.1"])
    expect(typed(machine, line).code, line).not.toBe(0);
  typed(machine, "ip link set lo mtu 65536");
  expect(typed(machine, "ip -4 addr show lo").out).toBe("");
  expect(typed(machine, "ip addr add 127.0.0.1/8 dev lo").code).toBe(0);
  expect(typed(machine, "ping -c 1 127.0.0.1").code).toBe(0);
});

test("the longest packet that lo takes is IP's", () => {
  const machine = withLoopback();
  expect(typed(machine, "ping -c 1 -s 65508 127.0.0.1").err).toContain("message too long, mtu=65535");
});
