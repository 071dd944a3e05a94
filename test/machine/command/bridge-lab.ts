/** The same small set of devices in an emulated machine and, by shell lines, in a real network namespace. */
import { Loopback } from "../../../src/device/loopback.ts";
import { Veth, VethPair } from "../../../src/device/veth.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { mac } from "../../kit/world.ts";
import { newMachine } from "../on-machine.ts";

const PAIRS = [
  ["v0", "02:00:00:00:00:02", "v1", "02:00:00:00:00:12"],
  ["w0", "02:00:00:00:00:03", "w1", "02:00:00:00:00:13"],
] as const;

/** Without IPv6, whose groups and router solicitations the model does not have. */
export const SETUP: readonly string[] = [
  "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1",
  ...PAIRS.map(([a, macA, b, macB]) => `ip link add ${a} address ${macA} type veth peer name ${b} address ${macB}`),
];

/** lo, v0-v1, w0-w1; all down. Indices as in a fresh namespace: a peer is registered first. */
export function bridgeLab(): Machine {
  const machine = newMachine();
  const { table } = machine;
  if (table.find("lo") === null) table.register(new Loopback(table));
  for (const [a, macA, b, macB] of PAIRS) {
    const far = new Veth(table, b, mac(macB));
    table.register(far);
    const near = new Veth(table, a, mac(macA));
    table.register(near);
    new VethPair(near, far);
  }
  return machine;
}
