/**
 * Tries in a copy of a lab whether a goal is reached once something has been mended, and keeps which frames were lost on
 * the way. The lab itself never hears of it.
 */
import { type FateCode, isDrop } from "../../base/fate.ts";
import { Bridge } from "../../device/bridge.ts";
import { portStateNames } from "../../device/bridge-port.ts";
import type { Point, Tap } from "../../device/point.ts";
import type { PointWatcher, World } from "../../device/world.ts";
import { copyGraph } from "../../engine/copy.ts";
import { type Nanos, seconds } from "../../engine/time.ts";
import type { Process } from "../../machine/process.ts";
import type { Ipv4 } from "../../packet/address.ts";
import * as ethernet from "../../packet/ethernet.ts";
import type { Frame } from "../../packet/frame.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import * as udp from "../../packet/udp.ts";
import { judge } from "../check.ts";
import type { Lab } from "../lab.ts";
import type { CheckPlan } from "../topology/plan.ts";
import type { Goal } from "./goal.ts";

/**
 * A line to be typed on a machine; or a sentence, and with `plug` the NIC whose cable is to be plugged in, with `calm` the
 * network whose cables are to lose nothing.
 */
export interface Mend {
  readonly machine: string;
  readonly line: string;
  readonly plug?: string;
  readonly calm?: string;
}

export interface LostFrame {
  readonly machine: string;
  /** The device or stage, "filter.FORWARD". */
  readonly owner: string;
  readonly fate: FateCode;
  readonly frame: number;
  /** Null: it was no IPv4. */
  readonly packet: LostPacket | null;
}

export interface LostPacket {
  readonly protocol: number;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  /** Null: it has no ports. */
  readonly destinationPort: number | null;
}

export interface Outcome {
  /** Reached, if later than the goal itself allows. */
  readonly ok: boolean;
  readonly took: Nanos;
  /** The copy, after it. */
  readonly lab: Lab;
  /** Leases that were asked for on it. */
  readonly asked: readonly Mend[];
  readonly lost: readonly LostFrame[];
  /** What it printed. */
  readonly said: string;
  /** Of what it printed and lost, without times: two outcomes that print and lose the same are the same. */
  readonly signature: string;
}

/** Longer than a port with the longest forward delay listens and learns. */
const PORTS_PATIENCE = seconds(62);
const PATIENCE = seconds(30);
const LINE_PATIENCE = seconds(30);
const LEASE_PATIENCE = seconds(20);
/** The kernel gives an unanswered ARP request three seconds: only then what waited for it is lost. */
const ARP_PATIENCE = seconds(4);
const LOOK_AGAIN = seconds(1);

/** With `asks` guests that have no lease ask for one before the goal is tried. */
export function attempt(base: Lab, mends: readonly Mend[], goal: Goal, asks: boolean): Outcome {
  const lab = copyGraph(base);
  lab.world.recorder.start();
  for (const { machine, line, plug, calm } of mends) {
    if (calm !== undefined) calmDown(lab, calm);
    else if (plug === undefined) type(lab, machine, line, LINE_PATIENCE);
    else lab.plug(machine, plug, true);
  }
  lab.comeUp();
  awaitPorts(lab);
  const witness = new Witness(lab.world);
  const asked = asks ? leaseLines(lab, goal) : [];
  for (const { machine, line } of asked) type(lab, machine, line, LEASE_PATIENCE);
  const began = lab.now;
  const { ok, said } = run(lab, goal);
  const took = (lab.now - began) as Nanos;
  if (!ok) lab.runUntil((lab.now + ARP_PATIENCE) as Nanos);
  const lost = witness.lost.map(({ machine, owner, fate }) => `${machine}:${owner} ${fate}`);
  return { ok, took, lab, asked, lost: witness.lost, said, signature: [said, ...new Set(lost)].join("\n") };
}

function calmDown({ wiring }: Lab, network: string): void {
  for (const link of wiring.links)
    if (link.network === network) link.cable.options = { ...link.cable.options, loss: 0, corrupt: 0 };
}

/** With more time than the check has: whether that is too little is another question. */
const patient = (check: CheckPlan): CheckPlan => ({ ...check, within: Math.max(check.within, PATIENCE) as Nanos });

function run(lab: Lab, goal: Goal): { ok: boolean; said: string } {
  const check = patient(goal.check);
  const { on, run: line, within } = check;
  const startedAt = lab.now;
  const process = type(lab, on, line, within);
  if (process === null) return { ok: false, said: `no ${on}` };
  const end = process.hasEnded ? "ended" : "late";
  if (end === "late") lab.machine(on).endJob(process);
  const console = process.console!;
  const result = judge(check, { machine: on, line, startedAt, console, process }, end, 0, lab.now);
  return { ok: result.ok, said: `${process.exitCode} ${console.text().replaceAll(/\d+(\.\d+)? ?ms/g, "ms")}` };
}

/** Types a line and lets time pass until it is done; null where there is no such machine. */
function type(lab: Lab, machine: string, line: string, patience: Nanos): Process | null {
  if (lab.find(machine) === null) return null;
  const process = lab.exec(machine, line);
  const limit = lab.now + patience;
  while (!process.hasEnded) {
    const next = lab.world.scheduler.next();
    if (next === null || next > limit) break;
    lab.runUntil(next, 1);
  }
  return process;
}

/** What guests of the goal would type that are to have an address by DHCP, and have none. */
export const leaseLines = (lab: Lab, { machines }: Goal): Mend[] =>
  lab.plan.hosts
    .flatMap(({ domains }) => domains)
    .flatMap(({ name: machine, inside }) => {
      const guest = machines.includes(machine) ? lab.find(machine) : null;
      return inside.flatMap(({ device: name, dhcp }) => {
        const device = dhcp === true ? (guest?.table.find(name) ?? null) : null;
        const isBare = device?.up === true && guest!.net.addresses.of(device).length === 0;
        return isBare ? [{ machine, line: `dhclient ${name}` }] : [];
      });
    });

function awaitPorts(lab: Lab): void {
  const limit = lab.now + PORTS_PATIENCE;
  while (lab.now < limit && lab.machineNames.some((name) => hasWaitingPort(lab, name)))
    lab.runUntil((lab.now + LOOK_AGAIN) as Nanos);
}

const hasWaitingPort = (lab: Lab, machine: string): boolean =>
  lab
    .machine(machine)
    .table.devices.some(
      (device) =>
        device instanceof Bridge &&
        [...device.ports].some(({ state }) => /^(listening|learning)$/.test(portStateNames[state]!)),
    );

/** Enough to see what ends the frames of one goal. */
const LOST_KEPT = 256;

class Witness implements PointWatcher, Tap {
  readonly lost: LostFrame[] = [];

  constructor(world: World) {
    world.watchPoints(this);
  }

  pointAdded(point: Point): void {
    if (point.kind === "drop") point.taps.add(this);
  }

  seen({ id, bytes, at }: Frame, { machine, owner }: Point, fate: FateCode): void {
    if (!isDrop(fate) || this.lost.length === LOST_KEPT) return;
    const isIp = ethernet.etherType(bytes, at) === ethernet.EtherType.IPV4;
    const packet = isIp ? packetOf(bytes, at + ethernet.HEADER_LENGTH) : null;
    this.lost.push({ machine, owner, fate, frame: id, packet });
  }
}

function packetOf(bytes: Uint8Array, at: number): LostPacket {
  const protocol = ipv4.protocol(bytes, at);
  const hasPorts = protocol === ipv4.Protocol.UDP || protocol === ipv4.Protocol.TCP;
  return {
    protocol,
    source: ipv4.source(bytes, at),
    destination: ipv4.destination(bytes, at),
    destinationPort: hasPorts ? udp.destinationPort(bytes, ipv4.payloadAt(bytes, at)) : null,
  };
}
