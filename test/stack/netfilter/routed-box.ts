/**
 * A router twice, emulated and in a network namespace of the real kernel: p0 is its inner device (10.0.0.1/24), p1 the outer
 * one (198.51.100.1/24), q0 and q1 are their far ends, where frames go in and come out. Hosts 10.0.0.2 to .9 and
 * 198.51.100.2 to .9 are known neighbours.
 */
import { spawnSync } from "node:child_process";
import { put16, toHex } from "../../../src/base/bytes.ts";
import type { NetDevice } from "../../../src/device/device.ts";
import type { Point, Tap } from "../../../src/device/point.ts";
import { ms, type Nanos } from "../../../src/engine/time.ts";
import type { Machine } from "../../../src/machine/machine.ts";
import { formatMac, type Mac } from "../../../src/packet/address.ts";
import { finish, sum } from "../../../src/packet/checksum.ts";
import { Checksum, type Frame } from "../../../src/packet/frame.ts";
import { NetNamespace } from "../../kit/netns.ts";
import { withLoopback } from "../../machine/command/twin.ts";
import { typed } from "../../machine/on-machine.ts";
import type { Shot } from "./grammar.ts";

export const portMac = (index: number): Mac => (0x0200_0000_0010 + index) as Mac;
/** Of the host with this last number, behind port `index`. */
export const hostMac = (index: number, host: number): Mac => (0x0200_0000_0100 + 256 * index + host) as Mac;

const HOSTS = [2, 3, 4, 5, 6, 7, 8, 9];
const NETWORKS = ["10.0.0", "198.51.100"];

const SETUP: readonly string[] = [
  "ip link set lo up",
  ...NETWORKS.flatMap((network, i) => [
    `ip link add p${i} address ${formatMac(portMac(i))} type veth peer name q${i}`,
    `ip link set q${i} up`,
    `ip link set p${i} up`,
    `ip addr add ${network}.1/24 brd + dev p${i}`,
    ...HOSTS.map((host) => `ip neigh add ${network}.${host} lladdr ${formatMac(hostMac(i, host))} dev p${i}`),
  ]),
  "ip route add default via 198.51.100.9",
  "sysctl -q -w net.ipv4.ip_forward=1",
  "sysctl -q -w net.ipv4.icmp_ratemask=0",
  "sysctl -q -w net.ipv4.icmp_msgs_per_sec=1000000",
  "sysctl -q -w net.ipv4.icmp_msgs_burst=1000000",
];

export interface Outcome {
  /** For each shot what came out where: "q1 0200...". */
  readonly seen: readonly (readonly string[])[];
}

export class EmulatedRouter {
  readonly machine: Machine = withLoopback();
  private readonly ears: Ears;

  constructor(lines: readonly string[]) {
    for (const line of [...SETUP, ...lines]) {
      const { code, err } = typed(this.machine, line);
      if (code !== 0) throw new Error(`${line}: ${err}`);
    }
    this.wait(5);
    this.ears = new Ears(this.machine);
  }

  /** What came out of it, and where. */
  fire({ port, bytes }: Shot): string[] {
    this.device(`q${port}`).transmit(this.machine.world.frames.from(bytes));
    this.wait(5);
    return this.ears.heard.splice(0);
  }

  run(shots: readonly Shot[]): Outcome {
    return { seen: shots.map((each) => this.fire(each)) };
  }

  device(name: string): NetDevice {
    return this.machine.table.find(name)!;
  }

  wait(milliseconds: number): void {
    const { scheduler } = this.machine.world;
    scheduler.runUntil((scheduler.now + ms(milliseconds)) as Nanos);
  }
}

class Ears implements Tap {
  readonly heard: string[] = [];

  constructor(machine: Machine) {
    for (const name of ["q0", "q1"]) machine.table.find(name)!.rx.taps.add(this);
  }

  seen(frame: Frame, point: Point): void {
    this.heard.push(`${point.owner} ${toHex(finished(frame))}`);
  }
}

/** The real devices finish what they are given unfinished (tx off). */
function finished(frame: Frame): Uint8Array {
  const b = frame.bytes.slice(frame.at, frame.end);
  const { checksumStart, checksumOffset } = frame;
  if (frame.checksum === Checksum.PARTIAL)
    put16(b, checksumStart + checksumOffset, finish(sum(b, checksumStart, b.length)));
  return b;
}

/** `tell` finds a real router set up as `lines` say. */
export function inRealRouter<Told>(lines: readonly string[], tell: (router: NetNamespace) => Told): Told {
  const real = new NetNamespace();
  try {
    const quiet = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1";
    // What a guest left to its hardware is finished on the way in here; the emulated frames are finished too.
    const plain = [0, 1].map((i) => `ethtool -K p${i} tx off gro off >/dev/null 2>&1 || true`);
    real.prepare(quiet, [...SETUP, ...plain, "sleep 0.2", ...lines].join(" && \\\n"));
    return tell(real);
  } finally {
    real.remove();
  }
}

export const throughRealRouter = (lines: readonly string[], shots: readonly Shot[]): Outcome =>
  inRealRouter(lines, (real) => {
    const script = new URL("../../kit/packet-twin.py", import.meta.url).pathname;
    const input = JSON.stringify(shots.map(({ port, bytes }) => [`q${port}`, toHex(bytes)]));
    const { stdout, stderr } = spawnSync("ip", ["netns", "exec", real.name, "python3", script], {
      input,
      encoding: "utf8",
      maxBuffer: 1 << 26,
    });
    if (stderr !== "") throw new Error(stderr);
    return { seen: JSON.parse(stdout) as string[][] };
  });
