/** The same frames through the model and through this machine's own kernel bridge, in a network namespace. */
import { execFileSync, spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { put16, toHex } from "../../src/base/bytes.ts";
import { Random } from "../../src/engine/random.ts";
import { formatMac, type Mac } from "../../src/packet/address.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import { BridgeBench } from "../kit/bridge-bench.ts";
import { judges } from "../kit/fidelity.ts";
import { requireTool } from "../kit/tools.ts";
import { mac, TapLog } from "../kit/world.ts";

judges("bridge frames");

const COUNT = 4;
const SMALL_MTU = 1000;
const portMac = (index: number): Mac => (0x0200_0000_0010 + index) as Mac;
const stations = Array.from({ length: 5 }, (_, i) => (0x0200_0000_0100 + i) as Mac);
const destinations = [
  ...stations,
  ...stations,
  ...["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:05", "01:80:c2:00:00:00", "01:80:c2:00:00:01", "01:80:c2:00:00:0e"].map(mac),
  portMac(0),
  portMac(2),
];
const sources = [...stations, ...stations, ...stations, mac("03:00:00:00:00:01"), 0 as Mac, portMac(1)];

/** From the host (-1) or into port 0 to 3. */
interface Shot {
  readonly port: number;
  readonly bytes: Uint8Array;
}

function plan(seed: number, count: number): Shot[] {
  const random = new Random(seed, "bridge-kernel");
  const pick = <Item>(items: readonly Item[]): Item => items[random.below(items.length)]!;
  return Array.from({ length: count }, (_, number) => {
    const port = random.below(COUNT + 1) - 1;
    // A veth takes nothing in that is longer than its own MTU, so the small port gets short frames only.
    const bytes = new Uint8Array(port === COUNT - 1 ? 60 : pick([60, 60, 60, SMALL_MTU + 18, SMALL_MTU + 19]));
    const source = port < 0 ? portMac(0) : pick(sources);
    ethernet.emit(bytes, 0, { destination: pick(destinations), source, etherType: 0x88b5 });
    put16(bytes, 14, number);
    return { port, bytes };
  });
}

interface Outcome {
  readonly seen: string[][];
  readonly fdb: string[];
}

function throughModel(shots: readonly Shot[]): Outcome {
  const bench = new BridgeBench();
  bench.table.rename(bench.bridge, "br0");
  for (let i = 0; i < COUNT; i++) bench.add(bench.device(portMac(i), `p${i}`));
  bench.ports[COUNT - 1]!.setMtu(SMALL_MTU);
  const taps = new TapLog(bench.world);
  for (const device of [bench.bridge, ...bench.ports]) for (const point of [device.rx, device.tx]) point.taps.add(taps);
  const seen = shots.map(({ port, bytes }) => {
    const frame = bench.world.frames.from(bytes);
    if (port < 0) bench.bridge.transmit(frame);
    else bench.ports[port]!.arrive(frame);
    return taps.lines.splice(0).map((line) => line.split(" ").slice(1, 3).join(" ").replace("xen1:", ""));
  });
  const fdb = bench.bridge.fdb.entries
    .filter((entry) => entry.vlan === 0)
    .map((entry) => `${formatMac(entry.mac)} ${entry.port!.device.name}${entry.local ? " permanent" : ""}`);
  return { seen, fdb: fdb.sort() };
}

function throughKernel(shots: readonly Shot[]): Outcome {
  const name = `xenlab-bridge-${process.pid}`;
  const inside = (command: string, input = "") =>
    execFileSync("ip", ["netns", "exec", name, "sh", "-ec", command], { encoding: "utf8", input });
  execFileSync("ip", ["netns", "add", name]);
  try {
    inside(setUp());
    const script = new URL("../kit/bridge-twin.py", import.meta.url).pathname;
    const input = JSON.stringify(shots.map(({ port, bytes }) => [port, toHex(bytes)]));
    const seen = JSON.parse(inside(`python3 ${script}`, input)) as string[][];
    const fdb = [...inside("bridge fdb show br br0").matchAll(/^(\S+) dev (\S+) (?!vlan)master br0 ?(permanent)?/gm)];
    return { seen, fdb: fdb.map(([, ...words]) => words.filter((word) => word !== undefined).join(" ")).sort() };
  } finally {
    execFileSync("ip", ["netns", "del", name]);
  }
}

function setUp(): string {
  const lines = [
    "echo 1 > /proc/sys/net/ipv6/conf/all/disable_ipv6",
    "echo 1 > /proc/sys/net/ipv6/conf/default/disable_ipv6",
    "ip link add br0 type bridge forward_delay 0 mcast_snooping 0",
    "ip link set br0 up",
  ];
  for (let i = 0; i < COUNT; i++) {
    lines.push(`ip link add p${i} address ${formatMac(portMac(i))} type veth peer name q${i}`);
    lines.push(`ip link set q${i} up; ip link set p${i} up; ip link set p${i} master br0`);
  }
  lines.push(`ip link set p${COUNT - 1} mtu ${SMALL_MTU}`, "ip link set br0 mtu 1500", "sleep 0.3");
  return lines.join("\n");
}

/** Namespaces need root, and a container may forbid them all the same. */
function canUseNamespaces(): boolean {
  const name = `xenlab-probe-${process.pid}`;
  if (!["ip", "bridge", "python3"].every((tool) => requireTool(tool))) return false;
  const made = spawnSync("ip", ["netns", "add", name]).status === 0;
  const works = made && spawnSync("ip", ["-n", name, "link", "add", "br0", "type", "bridge"]).status === 0;
  if (made) spawnSync("ip", ["netns", "del", name]);
  return works;
}

describe.runIf(canUseNamespaces())("against the kernel's own bridge", () => {
  it("frames leave by the same ports in the same order, and the same addresses are learnt", () => {
    const shots = plan(42, 500);
    const model = throughModel(shots);
    const kernel = throughKernel(shots);
    const said = (outcome: Outcome) =>
      outcome.seen.map((seen, i) => `${i} in ${shots[i]!.port} ${toHex(shots[i]!.bytes, 0, 12)}: ${seen.join(", ")}`);
    expect(said(model)).toEqual(said(kernel));
    expect(model.fdb).toEqual(kernel.fdb);
    expect(kernel.seen.flat().length).toBeGreaterThan(shots.length);
  });
});
