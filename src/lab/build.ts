/**
 * Makes the things of a plan: networks, cables, machines, Xen hosts, and the files and command lines that set them up.
 * Nothing here sets an address or makes a bridge: that is what the lines do when the run begins.
 */
import { invariant } from "../base/invariant.ts";
import { Cable } from "../device/cable.ts";
import { Hub } from "../device/hub.ts";
import { Loopback } from "../device/loopback.ts";
import { Nic, type NicOptions } from "../device/nic.ts";
import { Switch } from "../device/switch.ts";
import type { World } from "../device/world.ts";
import type { Nanos } from "../engine/time.ts";
import { ERAS, type Era } from "../machine/era.ts";
import { FileNode } from "../machine/files.ts";
import { installLibvirt } from "../machine/libvirt/install.ts";
import { Machine } from "../machine/machine.ts";
import { bridgeSteps } from "../machine/setup/bridge-host.ts";
import { dnsmasqConf } from "../machine/setup/dnsmasq-conf.ts";
import { nicSteps, sysctlSteps } from "../machine/setup/plain-host.ts";
import type { Step } from "../machine/setup/step.ts";
import { Userland } from "../machine/userland.ts";
import { XenHost } from "../machine/xen-host.ts";
import { installXend } from "../machine/xend/install.ts";
import { type Cidr, formatIpv4 } from "../packet/address.ts";
import { bookSteps, hostScripts, toldPlan, xendSteps } from "./build-xend.ts";
import { nicTimings, xenTimings } from "./timing.ts";
import { modeOf } from "./topology/host-mode.ts";
import type { DomainPlan, HostPlan, MachinePlan, NetworkPlan, NicPlan, Plan, ScriptFile } from "./topology/plan.ts";
import { daemonOf } from "./topology/service-names.ts";
import { Wiring } from "./wiring.ts";
import { xlConfig } from "./xl-config.ts";

/** A machine and the lines that bring it up. */
export interface Built {
  readonly machine: Machine;
  readonly setup: readonly Step[];
  /** What starts the domains once the set-up is done, a command line each. */
  readonly autostart: readonly string[];
}

/** Everything built, in the order of the topology. */
export interface BuiltLab {
  readonly machines: readonly Built[];
  readonly wiring: Wiring;
}

export function build(plan: Plan, world: World): BuiltLab {
  const networks = new Networks(plan.networks, world);
  const names = hostsFile(plan);
  const machines = [
    ...plan.machines.map((machine) => buildMachine(machine, plan, world, networks)),
    ...plan.hosts.map((host) => buildHost(host, plan, names, world, networks)),
  ];
  for (const { machine } of machines) machine.files.append("/etc/hosts", names);
  return { machines, wiring: networks.wiring };
}

/** Every machine knows every other by its name, whether somebody serves DNS or not. */
function hostsFile(plan: Plan): string {
  const line = (name: string, addresses: readonly Cidr[]): string =>
    addresses.length === 0 ? "" : `${formatIpv4(addresses[0]!.address)} ${name}\n`;
  const hosts = plan.hosts.flatMap((host) => [
    line(
      host.name,
      [...host.bridges, ...host.nics].flatMap(({ addresses }) => addresses),
    ),
    ...host.domains.map((domain) =>
      line(
        domain.name,
        domain.inside.flatMap(({ addresses }) => addresses),
      ),
    ),
  ]);
  const machines = plan.machines.map((machine) =>
    line(
      machine.name,
      machine.nics.flatMap(({ addresses }) => addresses),
    ),
  );
  return [...hosts, ...machines].join("");
}

/** 10BASE-T, 100BASE-TX, 1000BASE-T. */
const SPEEDS = [10, 100, 1000] as const;

/** Joins NICs: a switch or hub has a port for each, a cable exactly two ends. */
class Networks {
  private readonly world: World;
  private readonly plans = new Map<string, NetworkPlan>();
  private readonly fabrics = new Map<string, Switch | Hub>();
  private readonly halfCables = new Map<string, Cable>();
  readonly wiring = new Wiring();

  constructor(plans: readonly NetworkPlan[], world: World) {
    this.world = world;
    for (const plan of plans) {
      this.plans.set(plan.name, plan);
      if (plan.kind === "switch") this.fabrics.set(plan.name, new Switch(world, plan.name));
      if (plan.kind === "hub") this.fabrics.set(plan.name, new Hub(world, plan.name));
    }
  }

  /** Mbit/s that a NIC's link comes up with: the fastest of Gigabit Ethernet that is not above the network's rate. */
  speedOf(network: string): number {
    const { rate } = this.plans.get(network)!;
    const fitting = SPEEDS.filter((speed) => speed * 1e6 <= rate);
    return rate === 0 ? SPEEDS.at(-1)! : (fitting.at(-1) ?? SPEEDS[0]);
  }

  connect(nic: Nic, network: string): void {
    const plan = this.plans.get(network);
    invariant(plan !== undefined, `no network ${network}`);
    const fabric = this.fabrics.get(network);
    if (fabric === undefined) return this.connectDirectly(nic, plan);
    const cable = this.cable(plan, `${network}:${nic.table.machine}-${nic.name}`);
    fabric.connect(cable.b);
    nic.connect(cable.a);
    this.wiring.add(network, nic, cable);
  }

  private connectDirectly(nic: Nic, plan: NetworkPlan): void {
    const waiting = this.halfCables.get(plan.name);
    const cable = waiting ?? this.cable(plan, plan.name);
    nic.connect(waiting === undefined ? cable.a : cable.b);
    this.halfCables.set(plan.name, cable);
    this.wiring.add(plan.name, nic, cable);
  }

  /** What a network says holds from end to end: a way through a switch or hub is two cables, each has half of it. */
  private cable(plan: NetworkPlan, name: string): Cable {
    const { rate, mtu } = plan;
    const cables = plan.kind === "cable" ? 1 : 2;
    const share = (probability: number): number => (cables === 1 ? probability : 1 - Math.sqrt(1 - probability));
    return new Cable(this.world, name, {
      rate,
      mtu,
      loss: share(plan.loss),
      duplicate: share(plan.duplicate),
      reorder: share(plan.reorder),
      corrupt: share(plan.corrupt),
      delay: Math.round(plan.delay / cables) as Nanos,
      jitter: Math.round(plan.jitter / cables) as Nanos,
    });
  }
}

function plugIn(machine: Machine, nics: readonly NicPlan[], networks: Networks, timings: Partial<NicOptions>): void {
  machine.table.register(new Loopback(machine.table));
  nics.forEach((plan, index) => {
    const options = { busInfo: `0000:00:0${index + 1}.0`, speed: networks.speedOf(plan.network), ...timings };
    const nic = new Nic(machine.table, plan.name, plan.mac, options);
    machine.table.register(nic);
    networks.connect(nic, plan.network);
  });
}

const loopbackUp: Step = {
  run: "ip link set dev lo up",
  why: "Local addresses answer through it.",
};

function buildMachine(plan: MachinePlan, whole: Plan, world: World, networks: Networks): Built {
  const machine = new Machine(world, { name: plan.name, epoch: whole.epoch }, new Userland());
  plugIn(machine, plan.nics, networks, {});
  if (daemonsOf(plan).includes("dnsmasq")) machine.files.write("/etc/dnsmasq.conf", dnsmasqConf(plan));
  const forward = plan.forward ? [{ name: "net.ipv4.ip_forward", value: "1" }] : [];
  const setup = [
    loopbackUp,
    ...sysctlSteps([...forward, ...plan.sysctl]),
    ...plan.nics.flatMap((nic) => nicSteps({ ...nic, dhcp: nic.dhcp ? plan.name : null })),
    ...daemonsOf(plan).map((daemon) => ({
      run: `(${daemon} &)`,
      why: "A service the topology asks for.",
    })),
    ...plan.setup.map(ownLine),
  ];
  return { machine, setup, autostart: [] };
}

/** A dnsmasq that is told more than it is asked for serves both. */
function daemonsOf({ services, dnsmasq = [] }: MachinePlan): string[] {
  return [...new Set([...services.map(daemonOf), ...(dnsmasq.length > 0 ? ["dnsmasq"] : [])])];
}

/** `names` is what its guests' /etc/hosts begins with. */
function buildHost(written: HostPlan, whole: Plan, names: string, world: World, networks: Networks): Built {
  const era = ERAS[written.xen];
  const plan = toldPlan(written, era);
  const options = { name: plan.name, cpus: plan.vcpus, epoch: whole.epoch, ...era.kernel };
  const machine = new Machine(world, options, new Userland(era.tools));
  plugIn(machine, plan.nics, networks, nicTimings(plan.timing));
  const host = new XenHost(machine, {
    memory: plan.memory,
    timings: xenTimings(plan.timing),
    scripts: hostScripts(plan, era),
    border: era.border,
  });
  host.vifScript = plan.vifScript;
  if (era.xend !== null) installXend(host, era.xend, plan.vifScript);
  for (const script of plan.scripts) addScript(machine, script);
  for (const domain of plan.domains) install(host, domain, names);
  const setup = [
    loopbackUp,
    ...sysctlSteps(plan.sysctl),
    ...(usesIfup(plan, era) ? xendSteps(plan, era, machine) : []),
    ...bridgesSteps(plan, era),
    ...bookSteps(plan, era),
    ...installLibvirt(
      machine,
      byLibvirt(plan).map(({ definition }) => definition),
    ),
    ...plan.setup.map(ownLine),
  ];
  const create = era.toolstack === "xend" ? "xm create -q" : "xl create";
  const started = plan.domains.filter((domain) => domain.autostart);
  const autostart = started.map((domain) => `${create} ${configPath(domain.name)}`);
  return { machine, setup, autostart };
}

/** The textbook makes its virtual LAN itself. */
const byLibvirt = (plan: HostPlan): HostPlan["libvirt"] =>
  plan.telling !== "script" && modeOf(plan) === "nat" ? [] : plan.libvirt;

const usesIfup = (plan: HostPlan, era: Era): boolean =>
  era.toolstack === "xend" || (plan.telling !== "script" && modeOf(plan) === "bridge");

/** Bridges that the topology writes out, then the NICs that are in none; with xend ifup has brought those up. */
function bridgesSteps(plan: HostPlan, era: Era): Step[] {
  const ports = new Set(plan.bridges.flatMap((bridge) => bridge.ports));
  return [
    ...plan.nics.filter((nic) => ports.has(nic.name) && nic.mtu !== 1500).map(portMtu),
    ...plan.bridges.flatMap((bridge) => bridgeSteps(bridge)),
    ...(usesIfup(plan, era)
      ? []
      : plan.nics.filter((nic) => !ports.has(nic.name)).flatMap((nic) => nicSteps({ ...nic, dhcp: null }))),
  ];
}

const portMtu = (nic: NicPlan): Step => ({
  run: `ip link set dev ${nic.name} mtu ${nic.mtu}`,
  why: "The bridge takes the least MTU of its ports.",
});
const ownLine = (run: string): Step => ({ run, why: "As the topology says." });
const configPath = (name: string): string => `/etc/xen/${name}.cfg`;

/** A script of the user's own, beside those of Xen. */
function addScript(machine: Machine, { name, text }: ScriptFile): void {
  const path = `/etc/xen/scripts/${name}`;
  machine.files.write(path, text.endsWith("\n") ? text : `${text}\n`);
  const file = machine.files.file(path);
  if (file instanceof FileNode) file.executable = true;
}

/** A domain's config file in dom0, and what is on its disk. */
function install(host: XenHost, plan: DomainPlan, hosts: string): void {
  host.machine.files.write(configPath(plan.name), xlConfig(plan));
  const setup = plan.inside
    .flatMap((inside) => nicSteps({ ...inside, name: inside.device, dhcp: inside.dhcp ? plan.name : null }))
    .map((step) => step.run);
  host.images.set(plan.name, { hosts, setup, onBoot: plan.onBoot });
}
