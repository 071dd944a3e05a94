/**
 * The set-up of a host, step by step: the lab is built and let run, and at the end of every command line that a set-up or
 * hotplug script has issued the host is looked at, on a copy: what its tools say, and whether a ping gets through. Going
 * back to a step is looking at what was kept of it.
 */
import { isDrop } from "../../base/fate.ts";
import { copyGraph } from "../../engine/copy.ts";
import type { Nanos } from "../../engine/time.ts";
import type { Machine } from "../../machine/machine.ts";
import type { StepRecord } from "../../machine/setup/step-log.ts";
import { formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { FATE_NAMES } from "../fates.ts";
import { Lab } from "../lab.ts";
import type { HostPlan, Plan } from "../topology/plan.ts";
import type { EventSnapshot } from "../view/event-log.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";

/** What a host's own tools say at one instant. */
export interface HostText {
  /** Of `ip link`, `ip addr`, `ip route` and `brctl show`, as printed. */
  readonly link: string;
  readonly addr: string;
  readonly route: string;
  readonly brctl: string;
  /** Of `iptables-save`, without its comments, counters, and chains that accept what no rule has decided about. */
  readonly rules: string;
  /** Lines of `sysctl -a`: where proxy_arp is 1, and ip_forward. */
  readonly sysctl: string;
}

export interface Probe {
  /** As it would be typed. */
  readonly line: string;
  readonly answered: boolean;
  /** What ping complains of, and the fates of the frames that were lost; nothing when it was answered. */
  readonly because: readonly string[];
}

/** The host after a step; of the first of all before anything was done. */
export interface HostState {
  readonly at: Nanos;
  readonly text: HostText;
  readonly host: HostSnapshot;
  /** Null where the host has nobody outside to ping. */
  readonly probe: Probe | null;
}

export interface RehearsedStep extends Readonly<Omit<StepRecord, "ended" | "exit" | "calls">> {
  /** From 1, in the order in which they were done. */
  readonly number: number;
  readonly ended: Nanos;
  readonly exit: number;
  readonly after: HostState;
}

export interface RehearsalOptions {
  /** Try a ping after every step; default true. */
  readonly probe?: boolean;
}

/** Each by its command line, and what of its output is kept. */
type Look = readonly [line: string, kept: (text: string) => string];
const LOOKS: Readonly<Record<Exclude<keyof HostText, "sysctl">, Look>> = {
  link: ["ip link", asPrinted],
  addr: ["ip addr", asPrinted],
  route: ["ip route", asPrinted],
  brctl: ["brctl show", asPrinted],
  rules: ["iptables-save", rulesOnly],
};
/** A look or a ping that is not over by then is left. */
const PATIENCE = 4e9;
/** Before a ping the links get the time to come up, as if the script had stopped after this step. */
const SETTLE = 3e8;

export class Rehearsal {
  readonly plan: Plan;
  readonly host: HostPlan;
  readonly before: HostState;
  readonly steps: RehearsedStep[] = [];
  private readonly lab: Lab;
  private readonly target: Ipv4 | null;
  private readonly probes: boolean;
  /** Records of the log that have been taken. */
  private taken = 0;
  private finished = false;

  /** `host` must be one of the plan's. */
  constructor(plan: Plan, host: HostPlan, options: RehearsalOptions = {}) {
    this.plan = plan;
    this.host = host;
    this.probes = options.probe ?? true;
    this.target = targetOf(plan, host);
    this.lab = new Lab(plan, { scenario: false, steps: true, events: true });
    this.before = this.look();
  }

  get done(): boolean {
    return this.finished;
  }

  /** The state in which step `number` found the host; steps count from 1. */
  found(number: number): HostState {
    return this.steps[number - 2]?.after ?? this.before;
  }

  /** What was said between toolstack, netback and netfront so far: states of both ends of each vif, words of scripts. */
  get handshake(): readonly EventSnapshot[] {
    const told = this.lab.events!.since(0).filter(({ kind }) => kind === "xenbus" || kind === "hotplug");
    return told.filter(({ machine }) => machine === this.host.name);
  }

  /** Goes on to the end of the next step; false when there is none any more. */
  advance(): boolean {
    const { lab } = this;
    while (!this.finished) {
      const record = lab.steps!.records[this.taken];
      if (record !== undefined) {
        this.taken++;
        if (record.machine !== this.host.name || record.calls) continue;
        this.take(record);
        return true;
      }
      if (lab.settled || lab.stuck || !lab.step()) this.finished = true;
    }
    return false;
  }

  /** All that is left, at once. */
  complete(): this {
    while (this.advance());
    return this;
  }

  private take(record: StepRecord): void {
    this.steps.push({
      ...record,
      number: this.steps.length + 1,
      ended: record.ended!,
      exit: record.exit ?? 1,
      // What only looks has changed nothing; the ping would say the same, and not for free.
      after:
        record.reads && this.steps.length > 0
          ? { ...this.look(false), probe: this.steps.at(-1)!.after.probe }
          : this.look(),
    });
  }

  private look(probe = this.probes): HostState {
    const twin = stopped(this.lab, this.host.name);
    const seen = ([line, kept]: Look): string => kept(said(twin, this.host.name, line));
    return {
      at: this.lab.now,
      text: {
        link: seen(LOOKS.link),
        addr: seen(LOOKS.addr),
        route: seen(LOOKS.route),
        brctl: seen(LOOKS.brctl),
        rules: seen(LOOKS.rules),
        sysctl: forwardingText(twin.machine(this.host.name)),
      },
      host: this.lab.snapshot().hosts.find(({ name }) => name === this.host.name)!,
      probe: probe && this.target !== null ? ping(twin, this.host.name, this.target) : null,
    };
  }
}

/** The host's gateway, or the first machine outside. */
function targetOf(plan: Plan, host: HostPlan): Ipv4 | null {
  const gateway = [...host.bridges, ...host.nics].find((device) => device.gateway !== null)?.gateway;
  if (gateway !== undefined && gateway !== null) return gateway;
  const outside = plan.machines.flatMap(({ nics }) => nics.flatMap(({ addresses }) => addresses));
  return outside[0]?.address ?? null;
}

/** A copy of the lab in which the host's set-up goes no further. */
function stopped(lab: Lab, host: string): Lab {
  const twin = copyGraph(lab);
  for (const process of [...twin.machine(host).processes.values()]) process.die("KILL");
  return twin;
}

function run(lab: Lab, machine: string, line: string) {
  const process = lab.machine(machine).spawn(line.split(" "));
  const limit = lab.now + PATIENCE;
  while (!process.hasEnded && lab.now < limit && lab.step());
  return process;
}

const said = (lab: Lab, machine: string, line: string): string => run(lab, machine, line).console?.text("stdout") ?? "";

function asPrinted(text: string): string {
  return text;
}

/** Packets go on while a script runs: what they count is no change that a step has made. */
function rulesOnly(text: string): string {
  return text.replace(/^(#.*|COMMIT|:\S+ ACCEPT .*)\n/gm, "").replace(/^(:\S+ \S+) \[\d+:\d+\]$/gm, "$1");
}

/** As sysctl(8) writes a path: a dot in a device's name becomes a slash. */
const sysctlName = (path: string): string => path.replace(/[./]/g, (letter) => (letter === "/" ? "." : "/"));

/** Of the hundreds of lines of `sysctl -a` those that decide whether the host routes and answers for others. */
function forwardingText({ net, table }: Machine): string {
  const line = (path: string): string => `${sysctlName(path)} = ${net.sysctls.get(path)}\n`;
  const answering = table.devices.filter(({ index }) => net.settings.conf.of(index).proxy_arp !== 0);
  const paths = answering.map(({ name }) => `net/ipv4/conf/${name}/proxy_arp`);
  const everywhere = net.settings.all.proxy_arp === 0 ? [] : ["net/ipv4/conf/all/proxy_arp"];
  return [...everywhere, ...paths, "net/ipv4/ip_forward"].map(line).join("");
}

function ping(lab: Lab, machine: string, target: Ipv4): Probe {
  const line = `ping -c 1 -W 1 ${formatIpv4(target)}`;
  lab.runUntil((lab.now + SETTLE) as Nanos);
  const before = lab.world.frames.fates.slice();
  const process = run(lab, machine, line);
  if (process.exitCode === 0) return { line, answered: true, because: [] };
  const complaints = (process.console?.text("stderr") ?? "").split("\n").map((each) => each.replace(/^ping: /, ""));
  const unreachable = /: (Destination \S+ Unreachable)/.exec(process.console?.text("stdout") ?? "");
  const lost = [...lab.world.frames.fates.keys()].filter(
    (code) => isDrop(code as never) && lab.world.frames.fates[code]! > before[code]!,
  );
  const because = [...complaints, unreachable?.[1] ?? "", ...lost.map((code) => FATE_NAMES[code] ?? String(code))];
  return { line, answered: false, because: because.filter((each) => each !== "") };
}
