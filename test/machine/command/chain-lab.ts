/**
 * Three hosts in a row, emulated and as network namespaces of the real kernel: here (10.0.0.1) - router (10.0.0.2,
 * 10.1.0.1) - there (10.1.0.2). ICMP errors are not limited, so that no star is one of chance.
 */
import { Loopback } from "../../../src/device/loopback.ts";
import { Veth, VethPair } from "../../../src/device/veth.ts";
import { World } from "../../../src/device/world.ts";
import { Machine } from "../../../src/machine/machine.ts";
import { Userland } from "../../../src/machine/userland.ts";
import { NetNamespace } from "../../kit/netns.ts";
import { mac } from "../../kit/world.ts";
import { typed } from "../on-machine.ts";

const NAMES = ["here", "router", "there"] as const;
const UNLIMITED = "sysctl -qw net.ipv4.icmp_ratelimit=0";

const LINES: Readonly<Record<(typeof NAMES)[number], readonly string[]>> = {
  here: [
    "ip link set lo up",
    "ip addr add 10.0.0.1/24 brd + dev a0",
    "ip link set a0 up",
    "ip route add default via 10.0.0.2",
  ],
  router: [
    UNLIMITED,
    "sysctl -qw net.ipv4.ip_forward=1",
    "ip link set lo up",
    "ip addr add 10.0.0.2/24 brd + dev b0",
    "ip link set b0 up",
    "ip addr add 10.1.0.1/24 brd + dev b1",
    "ip link set b1 up",
    "ip route add unreachable 10.8.0.0/16",
    "ip route add prohibit 10.7.0.0/16",
  ],
  there: [
    UNLIMITED,
    "ip link set lo up",
    "ip addr add 10.1.0.2/24 brd + dev c0",
    "ip link set c0 up",
    "ip route add default via 10.1.0.1",
  ],
};

export type Chain<Host> = Readonly<Record<(typeof NAMES)[number], Host>>;

export function emulatedChain(): Chain<Machine> {
  const world = new World(1);
  const [here, router, there] = NAMES.map((name) => {
    const machine = new Machine(world, { name }, new Userland());
    machine.table.register(new Loopback(machine.table));
    return machine;
  }) as [Machine, Machine, Machine];
  const veth = (machine: Machine, name: string, last: string): Veth => {
    const device = new Veth(machine.table, name, mac(`02:00:00:00:00:${last}`));
    machine.table.register(device);
    return device;
  };
  new VethPair(veth(here, "a0", "0a"), veth(router, "b0", "b0"));
  new VethPair(veth(router, "b1", "b1"), veth(there, "c0", "c0"));
  const chain = { here, router, there };
  for (const name of NAMES) {
    for (const line of LINES[name]) {
      const { code, err } = typed(chain[name], line);
      if (code !== 0 || err !== "") throw new Error(`${name}: ${line}: ${code} ${err}`);
    }
  }
  return chain;
}

export function realChain(): Chain<NetNamespace> {
  const chain = { here: new NetNamespace(), router: new NetNamespace(), there: new NetNamespace() };
  const { here, router, there } = chain;
  here.prepare(
    `ip link add a0 address 02:00:00:00:00:0a type veth peer name b0 address 02:00:00:00:00:b0 netns ${router.name}`,
  );
  there.prepare(
    `ip link add c0 address 02:00:00:00:00:c0 type veth peer name b1 address 02:00:00:00:00:b1 netns ${router.name}`,
  );
  for (const name of NAMES) {
    chain[name].prepare("sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1");
    chain[name].prepare(...LINES[name]);
  }
  return chain;
}

export function removeChain(chain: Chain<NetNamespace>): void {
  for (const name of NAMES) chain[name].remove();
}
