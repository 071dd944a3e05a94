/** The world of `grammar.ts`, emulated and in a network namespace of the real kernel, by the same command lines. */
import { spawnSync } from "node:child_process";
import { toHex } from "../../../src/base/bytes.ts";
import type { NetDevice } from "../../../src/device/device.ts";
import type { Point, Tap } from "../../../src/device/point.ts";
import { ms, type Nanos } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { formatIpv4, formatMac } from "../../../src/packet/address.ts";
import type { Frame } from "../../../src/packet/frame.ts";
import { NetNamespace } from "../../kit/netns.ts";
import { withLoopback } from "../../machine/command/twin.ts";
import { typed } from "../../machine/on-machine.ts";
import { HOST, PORTS, portMac, type Shot, stationIp, stationMac } from "./grammar.ts";

const indices = Array.from({ length: PORTS }, (_, i) => i);

const SETUP: readonly string[] = [
  "ip link set lo up",
  "ip link add br0 type bridge",
  ...indices.flatMap((i) => [
    `ip link add p${i} address ${formatMac(portMac(i))} type veth peer name q${i}`,
    `ip link set q${i} up`,
    `ip link set p${i} up`,
    `ip link set p${i} master br0`,
  ]),
  "ip link set br0 up",
  `ip addr add ${formatIpv4(HOST)}/24 brd + dev br0`,
  ...indices.map((i) => `ip neigh add ${formatIpv4(stationIp(i))} lladdr ${formatMac(stationMac(i))} dev br0`),
  "sysctl -q -w net.ipv4.icmp_ratemask=0",
  "sysctl -q -w net.ipv4.icmp_msgs_per_sec=1000000",
  "sysctl -q -w net.ipv4.icmp_msgs_burst=1000000",
];

export interface Outcome {
  /** For each shot what came in where: "q1 0200...". */
  readonly seen: readonly (readonly string[])[];
  /** What `LIST` or another such line says in the end. */
  readonly list: string;
}

const LIST = "iptables -nvxL";

export class EmulatedBridge {
  readonly machine: Machine = withLoopback();
  private readonly ears: Ears;

  constructor(lines: readonly string[]) {
    for (const line of [...SETUP, ...lines]) {
      const { code, err } = typed(this.machine, line);
      if (code !== 0) throw new Error(`${line}: ${err}`);
    }
    this.settle();
    this.ears = new Ears(this.machine);
  }

  fire({ port, bytes }: Shot): string[] {
    this.device(`q${port}`).transmit(this.machine.world.frames.from(bytes));
    this.settle();
    return this.ears.heard.splice(0);
  }

  run(shots: readonly Shot[], list = LIST): Outcome {
    const seen = shots.map((each) => this.fire(each));
    return { seen, list: typed(this.machine, list).out };
  }

  device(name: string): NetDevice {
    return this.machine.table.find(name)!;
  }

  private settle(): void {
    const { scheduler } = this.machine.world;
    scheduler.runUntil((scheduler.now + ms(5)) as Nanos);
  }
}

class Ears implements Tap {
  readonly heard: string[] = [];

  constructor(machine: Machine) {
    for (const name of ["br0", ...indices.map((i) => `q${i}`)]) machine.table.find(name)!.rx.taps.add(this);
  }

  seen(frame: Frame, point: Point): void {
    this.heard.push(`${point.owner} ${toHex(frame.bytes, frame.at, frame.end)}`);
  }
}

export function throughKernel(lines: readonly string[], shots: readonly Shot[], list = LIST): Outcome {
  const real = new NetNamespace();
  try {
    real.prepare(
      "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1",
      // A bridge that snoops sends reports of its own.
      [...SETUP.map((line) => line.replace("type bridge", "type bridge mcast_snooping 0")), "sleep 0.2", ...lines].join(
        " && \\\n",
      ),
    );
    const script = new URL("../../kit/packet-twin.py", import.meta.url).pathname;
    const input = JSON.stringify(shots.map(({ port, bytes }) => [`q${port}`, toHex(bytes)]));
    const { stdout, stderr } = spawnSync("ip", ["netns", "exec", real.name, "python3", script], {
      input,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (stderr !== "") throw new Error(stderr);
    return { seen: JSON.parse(stdout) as string[][], list: real.run(list).out };
  } finally {
    real.remove();
  }
}

const ID = (14 + 4) * 2;
const CHECKSUM = (14 + 10) * 2;
const SOURCE = (14 + 12) * 2;

/** What the host itself sends carries identifications of its own choice. */
export function comparable(line: string): string {
  const [device = "", hex = ""] = line.split(" ");
  const source = [0, 2, 4, 6].map((i) => Number.parseInt(hex.slice(SOURCE + i, SOURCE + i + 2), 16)).join(".");
  if (!hex.slice(24).startsWith("0800") || source !== formatIpv4(HOST)) return line;
  const blank = (text: string, at: number): string => `${text.slice(0, at)}----${text.slice(at + 4)}`;
  return `${device} ${blank(blank(hex, ID), CHECKSUM)}`;
}
