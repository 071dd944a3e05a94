/** Two hosts on a veth pair, 10.0.0.1 and 10.0.0.2, emulated and as two network namespaces of the real kernel. */

import { Loopback } from "../../../src/device/loopback.ts";
import { Veth, VethPair } from "../../../src/device/veth.ts";
import { World } from "../../../src/device/world.ts";
import { Machine } from "../../../src/machine/machine.ts";
import { Userland } from "../../../src/machine/userland.ts";
import { NetNamespace } from "../../kit/netns.ts";
import { mac } from "../../kit/world.ts";
import { typed } from "../on-machine.ts";

const NO_IPV6 = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1";

const HERE = [
  "ip link set lo up",
  "ip addr add 10.0.0.1/24 brd + dev a0",
  "ip link set a0 up",
  "ip route add unreachable 10.8.0.0/16",
  "ip route add prohibit 10.7.0.0/16",
  "ip route add blackhole 10.6.0.0/16",
];
const THERE = ["ip link set lo up", "ip addr add 10.0.0.2/24 brd + dev b0", "ip link set b0 up"];
const ROUTER = ["ip route add 10.9.0.0/16 via 10.0.0.2"];

export interface Pair<Host> {
  readonly here: Host;
  readonly there: Host;
}

export function emulatedPair(seed = 1): Pair<Machine> {
  const world = new World(seed);
  const [here, there] = (["here", "there"] as const).map((name) => new Machine(world, { name }, new Userland())) as [
    Machine,
    Machine,
  ];
  for (const { table } of [here, there]) table.register(new Loopback(table));
  const a = new Veth(here.table, "a0", mac("02:00:00:00:00:0a"));
  const b = new Veth(there.table, "b0", mac("02:00:00:00:00:0b"));
  here.table.register(a);
  there.table.register(b);
  new VethPair(a, b);
  for (const line of HERE) expectDone(here, line);
  for (const line of THERE) expectDone(there, line);
  for (const line of ROUTER) expectDone(here, line);
  return { here, there };
}

function expectDone(machine: Machine, line: string): void {
  const { code, err } = typed(machine, line);
  if (code !== 0 || err !== "") throw new Error(`${line}: ${code} ${err}`);
}

export function realPair(): Pair<NetNamespace> {
  const here = new NetNamespace();
  const there = new NetNamespace();
  here.prepare(
    NO_IPV6,
    `ip link add a0 address 02:00:00:00:00:0a type veth peer name b0 address 02:00:00:00:00:0b netns ${there.name}`,
  );
  there.prepare(NO_IPV6, ...THERE);
  here.prepare(...HERE, ...ROUTER);
  return { here, there };
}

export function removePair({ here, there }: Pair<NetNamespace>): void {
  here.remove();
  there.remove();
}
