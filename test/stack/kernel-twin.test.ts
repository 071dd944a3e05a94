/**
 * Addresses and routes against the kernel of this machine: the same random commands on both sides, then the same tables
 * and the same refusals. Runs in network namespaces of its own.
 */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { Loopback } from "../../src/device/loopback.ts";
import { Veth, VethPair } from "../../src/device/veth.ts";
import { World } from "../../src/device/world.ts";
import { Random } from "../../src/engine/random.ts";
import { broadcastOf, formatIpv4 } from "../../src/packet/address.ts";
import { netlinkText, type Refusal } from "../../src/stack/errno.ts";
import { NetworkStack } from "../../src/stack/network-stack.ts";
import { type Route, TableId } from "../../src/stack/route-table.ts";
import { judges } from "../kit/fidelity.ts";
import { cidr, ip } from "../kit/stack.ts";
import { requireTool } from "../kit/tools.ts";
import { mac, newTable } from "../kit/world.ts";

judges("routes");

const canUnshare = requireTool("unshare") && requireTool("ip") && spawnSync("unshare", ["-n", "true"]).status === 0;

const DEVICES = ["eth0", "eth1"] as const;
const ADDRESSES = [
  "10.0.0.1/24",
  "10.0.0.2/24",
  "10.0.0.2/25",
  "10.0.1.1/24",
  "192.168.0.1/16",
  "10.0.0.9/32",
  "10.9.0.1/30",
];
const PREFIXES = ["0.0.0.0/0", "172.16.0.0/12", "10.0.0.0/24", "10.0.0.77/32", "10.0.0.1/24"];
const GATEWAYS = ["10.0.0.254", "10.0.1.254", "192.168.3.3", "8.8.8.8", "10.0.0.255", "10.0.0.1"];

/** One command: its text for `ip -batch`, and what we do for it. */
interface Command {
  readonly text: string;
  readonly run: (twin: Twin) => Refusal | null;
}

class Twin {
  readonly ns: NetworkStack;
  readonly devices = new Map<string, Veth>();

  constructor() {
    const table = newTable(new World(1));
    this.ns = new NetworkStack(table);
    const lo = new Loopback(table);
    table.register(lo);
    lo.setUp(true);
    for (const name of ["eth0", "peer0", "eth1", "peer1"]) {
      const device = new Veth(table, name, mac("02:00:00:00:00:01"));
      this.devices.set(name, device);
      table.register(device);
    }
    new VethPair(this.device("eth0"), this.device("peer0"));
    new VethPair(this.device("eth1"), this.device("peer1"));
    for (const name of ["eth0", "peer0", "peer1"]) this.device(name).setUp(true);
  }

  device(name: string): Veth {
    return this.devices.get(name)!;
  }

  get state(): string[] {
    const { fib, addresses } = this.ns;
    const routes = [TableId.MAIN, TableId.LOCAL].flatMap((id) => fib.table(id)!.list().map(tellRoute));
    const own = DEVICES.flatMap((name) =>
      addresses
        .of(this.device(name))
        .map(
          (each) => `${name} ${formatIpv4(each.address)}/${each.prefix} ${each.secondary ? "secondary" : "primary"}`,
        ),
    );
    return [...own, ...routes];
  }
}

const TYPES = ["", "unicast", "local", "broadcast", "", "", "blackhole", "unreachable", "prohibit"];

const tellRoute = (route: Route): string =>
  [
    route.table === TableId.LOCAL ? "local" : "main",
    TYPES[route.type],
    route.prefix === 0 ? "default" : `${formatIpv4(route.destination)}${route.prefix === 32 ? "" : `/${route.prefix}`}`,
    route.via ? formatIpv4(route.via) : "-",
    route.device?.name ?? "-",
    route.source ? formatIpv4(route.source) : "-",
    route.metric,
    route.scope,
  ].join(" ");

interface KernelRoute {
  readonly type?: string;
  readonly dst: string;
  readonly gateway?: string;
  readonly dev?: string;
  readonly prefsrc?: string;
  readonly metric?: number;
  readonly scope?: string;
  readonly table?: string;
}
const SCOPES: Readonly<Record<string, number>> = { host: 254, link: 253 };

const tellKernelRoute = (route: KernelRoute): string =>
  [
    route.table ?? "main",
    route.type ?? "unicast",
    route.dst,
    route.gateway ?? "-",
    route.type === undefined || ["unicast", "local", "broadcast"].includes(route.type) ? (route.dev ?? "-") : "-",
    route.prefsrc ?? "-",
    route.metric ?? 0,
    SCOPES[route.scope ?? ""] ?? 0,
  ].join(" ");

function commandFrom(random: Random): Command {
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const dev = pick(DEVICES);
  const address = pick(ADDRESSES);
  const prefix = pick(PREFIXES);
  const via = pick(GATEWAYS);
  const metric = pick([0, 0, 5]);
  const request = (text: string) => ({ destination: cidr(text).address, prefix: cidr(text).prefix });
  const tail = metric === 0 ? "" : ` metric ${metric}`;
  switch (random.below(9)) {
    case 0:
    case 1: {
      const broadcast = broadcastOf(cidr(address).address, cidr(address).prefix);
      return {
        text: `addr add ${address} brd + dev ${dev}`,
        run: ({ ns, devices }) =>
          ns.addresses.add(devices.get(dev)!, {
            ...cidr(address),
            broadcast: cidr(address).prefix < 31 ? broadcast : null,
          }),
      };
    }
    case 2:
      return {
        text: `addr add ${address} dev ${dev}`,
        run: ({ ns, devices }) => ns.addresses.add(devices.get(dev)!, cidr(address)),
      };
    case 3:
      return {
        text: `addr del ${address} dev ${dev}`,
        run: ({ ns, devices }) => ns.addresses.remove(devices.get(dev)!, cidr(address)),
      };
    case 4: {
      const mode = pick(["add", "replace", "append"] as const);
      return {
        text: `route ${mode} ${prefix} via ${via}${tail}`,
        run: ({ ns }) => ns.fib.add({ ...request(prefix), via: ip(via), metric }, mode),
      };
    }
    case 5:
      return {
        text: `route add ${prefix} dev ${dev}${tail}`,
        run: ({ ns, devices }) => ns.fib.add({ ...request(prefix), device: devices.get(dev)!, metric }),
      };
    case 6:
      return {
        text: `route add ${prefix} via ${via} dev ${dev} onlink${tail}`,
        run: ({ ns, devices }) =>
          ns.fib.add({ ...request(prefix), via: ip(via), device: devices.get(dev)!, onlink: true, metric }),
      };
    case 7: {
      const source = cidr(address).address;
      return {
        text: `route add ${prefix} dev ${dev} src ${formatIpv4(source)}${tail}`,
        run: ({ ns, devices }) => ns.fib.add({ ...request(prefix), device: devices.get(dev)!, source, metric }),
      };
    }
    default: {
      const up = random.chance(0.6);
      return {
        text: `link set ${dev} ${up ? "up" : "down"}`,
        run: ({ devices }) => {
          devices.get(dev)!.setUp(up);
          return null;
        },
      };
    }
  }
}

/** Newer kernels have found sentences for some of 6.1's numbers. */
const OLDER_WORDS: Readonly<Record<string, string>> = {
  "Error: ipv4: Address already assigned.": "RTNETLINK answers: File exists",
  "Error: ipv4: Address not found.": "RTNETLINK answers: Cannot assign requested address",
};

/** The kernel's answer to each command, and its tables in the end. */
function runKernel(commands: readonly Command[]): { refusals: (string | null)[]; state: string[] } {
  const script = `
    ip link add eth0 type veth peer name peer0; ip link add eth1 type veth peer name peer1
    sysctl -q -w net.ipv4.conf.all.promote_secondaries=0 net.ipv4.conf.default.promote_secondaries=0 \
      net.ipv4.conf.eth0.promote_secondaries=0 net.ipv4.conf.eth1.promote_secondaries=0
    ip link set lo up; ip link set eth0 up; ip link set peer0 up; ip link set peer1 up; sleep 0.05
    ip -force -batch - >&2 2>&2; echo ---; ip -4 -j addr; echo ---; ip -j route show table all`;
  const input = commands.map((each) => each.text).join("\n");
  const { stdout, stderr } = spawnSync("unshare", ["-n", "sh", "-c", script], { input, encoding: "utf8" });
  const [, addressText = "[]", routeText = "[]"] = stdout.split("---\n");
  const refusals: (string | null)[] = commands.map(() => null);
  const lines = stderr.split("\n");
  for (const [i, line] of lines.entries()) {
    const number = /^Command failed -:(\d+)/.exec(line)?.[1];
    const said = lines[i - 1]!;
    if (number !== undefined) refusals[Number(number) - 1] = OLDER_WORDS[said] ?? said;
  }
  return { refusals, state: [...tellAddresses(addressText), ...tellRoutes(routeText)] };
}

interface KernelLink {
  readonly ifname?: string;
  readonly addr_info?: readonly { local: string; prefixlen: number; secondary?: boolean }[];
}

function tellAddresses(text: string): string[] {
  const links = (JSON.parse(text) as KernelLink[]).filter((each) => each.ifname?.startsWith("eth"));
  return links.flatMap(({ ifname, addr_info = [] }) =>
    addr_info.map(
      (each) => `${ifname} ${each.local}/${each.prefixlen} ${each.secondary === true ? "secondary" : "primary"}`,
    ),
  );
}

const tellRoutes = (text: string): string[] =>
  (JSON.parse(text) as KernelRoute[])
    .filter((each) => !each.dst.includes(":") && each.dst !== "multicast")
    .map(tellKernelRoute);

const byTable = (lines: readonly string[]): string[] => [
  ...lines.filter((line) => line.startsWith("eth")),
  ...lines.filter((line) => line.startsWith("main")),
  ...lines.filter((line) => line.startsWith("local")),
];

describe.skipIf(!canUnshare)("addresses and routes beside the real kernel", () => {
  it("give the same tables and the same refusals for the same commands", () => {
    for (let seed = 1; seed <= 24; seed++) {
      const random = new Random(seed, "kernel-twin");
      const commands = Array.from({ length: 14 }, () => commandFrom(random));
      const twin = new Twin();
      const refusals = commands.map((each) => each.run(twin)).map((each) => (each === null ? null : netlinkText(each)));
      const kernel = runKernel(commands);
      const script = commands.map((each) => each.text);
      expect({ seed, script: script.map((line, i) => `${line} -> ${refusals[i]}`) }).toEqual({
        seed,
        script: script.map((line, i) => `${line} -> ${kernel.refusals[i]}`),
      });
      expect({ script, state: byTable(twin.state) }).toEqual({ script, state: byTable(kernel.state) });
    }
  });
});
