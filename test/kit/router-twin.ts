/**
 * A router twice: emulated, and in a network namespace of the real kernel. Its devices e0, e1, e2 end in q0, q1, q2, where
 * a test sends frames and hears what comes out.
 */
import { spawnSync } from "node:child_process";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import type { Point, Tap } from "../../src/device/point.ts";
import { type Nanos, seconds } from "../../src/engine/time.ts";
import type { Machine } from "../../src/machine/machine.ts";
import { formatMac, type Mac } from "../../src/packet/address.ts";
import type { Frame } from "../../src/packet/frame.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import { withLoopback } from "../machine/command/twin.ts";
import { typed } from "../machine/on-machine.ts";
import { NetNamespace } from "./netns.ts";

const WIRES = [0, 1, 2] as const;
export const routerMac = (wire: number): Mac => (0x0200_0000_0010 + wire) as Mac;
export const stationMac = (wire: number, n = 0): Mac => (0x0200_0000_0100 + wire * 16 + n) as Mac;

/** A line that the router's administrator types, or a frame that arrives on a wire. */
export type Act =
  | { readonly run: string }
  | { readonly wire: number; readonly bytes: Uint8Array; readonly wait?: number };

/** What each act brought: frames as "q1 0200...", or what a line printed. */
export type Outcome = readonly (readonly string[])[];

const BASE: readonly string[] = [
  "ip link set lo up",
  ...WIRES.flatMap((i) => [`ip link set e${i} up`, `ip addr add 10.0.${i}.1/24 brd + dev e${i}`]),
  "sysctl -q -w net.ipv4.ip_forward=1",
  "sysctl -q -w net.ipv4.icmp_ratelimit=0",
  "sysctl -q -w net.ipv4.icmp_msgs_per_sec=1000000",
  "sysctl -q -w net.ipv4.icmp_msgs_burst=1000000",
  // What a distribution may have set for its namespaces.
  "sysctl -q -w net.ipv4.conf.all.rp_filter=0",
  ...WIRES.map((i) => `sysctl -q -w net.ipv4.conf.e${i}.rp_filter=0`),
];

/** In a real kernel all that a frame brings at once takes no longer, seconds. */
const AT_ONCE = 0.001;

/** The way of the mark that tells when a real router is done: see router-twin.py. */
const MARK_WAY: readonly string[] = [
  "ip link add brs type bridge",
  "ip link set brs up",
  ...[0, 1].map((i) => `ip link set t${i} master brs up`),
];

const pair = (near: string, far: string, address = ""): string =>
  `ip link add ${near} ${address} type veth peer name ${far}`;
/** IPv6 speaks unasked. */
const SILENCE = "sysctl -qw net.ipv6.conf.all.disable_ipv6=1 net.ipv6.conf.default.disable_ipv6=1";

export function inKernel(acts: readonly Act[]): Outcome {
  const router = new NetNamespace();
  const far = new NetNamespace();
  try {
    const wires = [
      ...WIRES.map((i) => pair(`e${i}`, `q${i}`, `address ${formatMac(routerMac(i))}`)),
      ...[0, 1].map((i) => pair(`t${i}`, `s${i}`)),
    ].map((line) => `${line} netns ${far.name}`);
    router.prepare([SILENCE, `ip netns exec ${far.name} ${SILENCE}`, ...wires, ...MARK_WAY, ...BASE].join(" && "));
    far.prepare(
      [...WIRES.map((i) => `q${i}`), "s0", "s1"].map((name) => `ip link set ${name} arp off up`).join(" && "),
    );
    const steps = acts.map((act) =>
      "run" in act ? act : { on: `q${act.wire}`, frame: toHex(act.bytes), wait: act.wait ?? 0 },
    );
    const script = new URL("router-twin.py", import.meta.url).pathname;
    const { stdout, stderr } = spawnSync("ip", ["netns", "exec", far.name, "python3", script, router.name], {
      input: JSON.stringify(steps),
      encoding: "utf8",
      maxBuffer: 1 << 26,
      env: { ...process.env, LC_ALL: "C" },
    });
    if (stderr !== "") throw new Error(stderr);
    return (JSON.parse(stdout) as string[][]).map((each) => each.map(comparable));
  } finally {
    router.remove();
    far.remove();
  }
}

class Ears implements Tap {
  readonly heard: string[] = [];

  seen(frame: Frame, point: Point): void {
    this.heard.push(`${point.owner} ${toHex(frame.bytes, frame.at, frame.end)}`);
  }
}

export class EmulatedRouter {
  readonly machine: Machine = withLoopback();
  private readonly ears = new Ears();

  constructor() {
    for (const i of WIRES) {
      this.type(pair(`e${i}`, `q${i}`, `address ${formatMac(routerMac(i))}`));
      this.type(`ip link set q${i} arp off up`);
    }
    for (const line of BASE) this.type(line);
    // The far ends are nobody's: what comes out there is heard and no more.
    for (const i of WIRES) {
      const far = this.machine.table.find(`q${i}`)!;
      far.upper = null;
      far.rx.taps.add(this.ears);
    }
    this.wait(1);
  }

  act(act: Act): string[] {
    this.ears.heard.length = 0;
    if ("run" in act) return [this.type(act.run)];
    this.machine.table.find(`q${act.wire}`)!.transmit(this.machine.world.frames.from(act.bytes));
    this.wait(act.wait ?? AT_ONCE);
    return this.ears.heard.map(comparable);
  }

  private type(line: string): string {
    const { out, err } = typed(this.machine, line);
    return out + err;
  }

  private wait(time: number): void {
    const { scheduler } = this.machine.world;
    scheduler.runUntil((scheduler.now + seconds(time)) as Nanos);
  }
}

export function inModel(acts: readonly Act[]): Outcome {
  const router = new EmulatedRouter();
  return acts.map((act) => router.act(act));
}

/** Packets of the router's own carry an identification by chance; that their checksums are right is checked here. */
function comparable(line: string): string {
  const [name, hex] = line.split(" ");
  const bytes = hex === undefined || !/^q\d$/.test(name!) ? null : fromHex(hex);
  if (bytes === null || bytes.length < 34 || bytes[12] !== 8 || bytes[13] !== 0) return line;
  if (!ipv4.verifyChecksum(bytes, 14)) return `${line} with a wrong checksum`;
  const isOurs = ipv4.ttl(bytes, 14) >= 64;
  if (isOurs) ipv4.setId(bytes, 14, 0);
  ipv4.fillChecksum(bytes, 14);
  return `${name} ${toHex(bytes)}`;
}
