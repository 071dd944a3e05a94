/**
 * What the traps look at: the plan, and each host as its boot leaves it, or the scenario after that. The lab is built and
 * comes up; of the scenario only those lines are typed that configure domain 0, nothing that sends packets is run.
 */
import { seconds } from "../../engine/time.ts";
import type { StepRecord } from "../../machine/setup/step-log.ts";
import { type Cidr, formatCidr, formatIpv4, type Ipv4, networkOf, parseCidr } from "../../packet/address.ts";
import { Lab } from "../lab.ts";
import type { DomainPlan, HostPlan, LibvirtPlan, Plan, VifPlan } from "../topology/plan.ts";
import type { DeviceSnapshot } from "../view/device-snapshot.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { LabSnapshot } from "../view/lab-snapshot.ts";
import { SavedRules } from "./saved-rules.ts";

export interface Scene {
  readonly plan: Plan;
  readonly now: LabSnapshot;
  readonly hosts: readonly HostFacts[];
}

/** A guest's NIC: what was asked for, and what there is of it in domain 0. */
export interface VifFacts {
  readonly domain: DomainPlan;
  readonly plan: VifPlan;
  readonly handle: number;
  /** "web1's vif1.0", or "web1's vif" while there is none. */
  readonly title: string;
  /** In domain 0; null when it never came to be. */
  readonly device: DeviceSnapshot | null;
  /** What connects it: "vif-bridge", "vif-route", "vif-nat" or a script of the user's own. */
  readonly script: string;
}

export interface HostFacts {
  readonly name: string;
  readonly plan: HostPlan;
  readonly now: HostSnapshot;
  readonly rules: SavedRules;
  /** Of ebtables. */
  readonly bridgeRules: SavedRules;
  readonly steps: readonly StepRecord[];
  readonly vifs: readonly VifFacts[];
  /** Lines of `ip route`. */
  readonly routes: readonly string[];
  /** A file of /proc/sys by its dotted name; null when there is none. */
  sysctl(name: string): string | null;
}

/** Commands that change how a host is set up, and send nothing. */
const CONFIGURES =
  /^(iptables|ip6tables|ebtables|iptables-restore|sysctl|brctl|bridge|ip|virsh|modprobe|ifconfig|route)\b/;
const PATIENCE = seconds(30);

export class DryRun {
  private readonly plan: Plan;
  private readonly lab: Lab;

  constructor(plan: Plan) {
    this.plan = plan;
    this.lab = new Lab(plan, { scenario: false, steps: true });
    this.lab.comeUp();
  }

  look(): Scene {
    const { lab, plan } = this;
    const now = lab.snapshot();
    const snapshotOf = (name: string): HostSnapshot => now.hosts.find((host) => host.name === name)!;
    return { plan, now, hosts: plan.hosts.map((host) => factsOf(lab, host, snapshotOf(host.name))) };
  }

  typeScenario(): void {
    const { scenario, hosts } = this.plan;
    for (const line of scenario) {
      const isHost = line.kind === "run" && hosts.some(({ name }) => name === line.on);
      if (line.kind !== "run" || !isHost || !CONFIGURES.test(line.run)) continue;
      said(this.lab, line.on, line.run);
      this.lab.steps!.records.push({ ...TYPED, ...this.moment(), machine: line.on, run: line.run });
    }
  }

  private moment(): Pick<StepRecord, "began" | "ended"> {
    return { began: this.lab.now, ended: this.lab.now };
  }
}

const TYPED = {
  ...{ script: "", device: "", why: "The scenario types it.", heading: null, also: null },
  ...{ reads: false, exit: 0, calls: false },
} as const;

function said(lab: Lab, machine: string, line: string): string {
  const process = lab.exec(machine, line);
  const limit = lab.now + PATIENCE;
  while (!process.hasEnded && lab.now < limit && lab.step());
  return process.console?.text("stdout") ?? "";
}

function factsOf(lab: Lab, plan: HostPlan, now: HostSnapshot): HostFacts {
  const { files } = lab.machine(plan.name);
  const steps = lab.steps!.records.filter(({ machine, calls }) => machine === plan.name && !calls);
  return {
    name: plan.name,
    plan,
    now,
    rules: new SavedRules(said(lab, plan.name, "iptables-save")),
    bridgeRules: new SavedRules(said(lab, plan.name, "ebtables-save")),
    steps,
    vifs: plan.domains.flatMap((domain) => domain.vifs.map((vif, i) => vifFacts(plan, now, domain, vif, i))),
    routes: said(lab, plan.name, "ip route")
      .split("\n")
      .filter((line) => line !== ""),
    sysctl: (name) => {
      const text = files.read(`/proc/sys/${name.replaceAll(".", "/")}`);
      return typeof text === "string" ? text.trim() : null;
    },
  };
}

function vifFacts(host: HostPlan, now: HostSnapshot, domain: DomainPlan, plan: VifPlan, i: number): VifFacts {
  const handle = plan.devid ?? i;
  const seen = now.guests.find(({ name }) => name === domain.name)?.vifs.find((vif) => vif.handle === handle);
  const device = now.dom0.devices.find(({ name }) => name === seen?.name) ?? null;
  return {
    domain,
    plan,
    handle,
    title: `${domain.name}'s ${seen?.name ?? "vif"}`,
    device,
    script: (plan.script ?? host.vifScript).split(" ")[0]!.replace(/^.*\//, ""),
  };
}

/** By the scenario. */
export const isTyped = ({ why }: StepRecord): boolean => why === TYPED.why;

/** "network-bridge start: iptables -F FORWARD" for the last line that looks so; null when nothing does. */
export function stepWhere({ steps }: HostFacts, pattern: RegExp): string | null {
  const step = steps.findLast(({ run }) => pattern.test(run));
  if (step === undefined) return null;
  if (isTyped(step)) return `the scenario: ${step.run}`;
  return step.script === "" ? `the host's own set-up: ${step.run}` : `${step.script}: ${step.run}`;
}

/** Not in a bridge: domain 0 forwards for it. */
export const routedVifs = ({ vifs }: HostFacts): VifFacts[] =>
  vifs.filter(({ device, script }) => device?.master === null && /^vif-(route|nat)/.test(script));

export const bridgedVifs = ({ vifs }: HostFacts): VifFacts[] =>
  vifs.filter(({ device }) => (device?.master ?? null) !== null);

/** A network of libvirt that guests are on, and that domain 0 routes for. */
export interface RoutedNetwork {
  readonly plan: LibvirtPlan;
  readonly bridge: string;
  /** "192.168.122.0/24", of its first address. */
  readonly subnet: string;
  readonly vifs: readonly VifFacts[];
}

export const routedNetworks = (host: HostFacts): RoutedNetwork[] =>
  host.plan.libvirt.flatMap((plan) => {
    const { bridge, definition } = plan;
    const [ip] = definition.ips;
    const vifs = bridgedVifs(host).filter(({ device }) => device!.master === bridge);
    if (definition.forward.mode === "none" || ip === undefined || vifs.length === 0) return [];
    return [{ plan, bridge, subnet: formatCidr({ ...ip, address: networkOf(ip.address, ip.prefix) }), vifs }];
  });

/** The device, other than a vif, on whose network the address lies. */
export function deviceTowards({ now, vifs }: HostFacts, address: Ipv4): DeviceSnapshot | null {
  const isVif = (device: DeviceSnapshot): boolean => vifs.some((vif) => vif.device === device);
  return (
    now.dom0.devices.find(
      (device) => !isVif(device) && device.addresses.some((text) => holds(parseCidr(text), address)),
    ) ?? null
  );
}

function holds(network: Cidr | null, address: Ipv4): boolean {
  if (network === null || network.prefix === 0) return false;
  return (network.address ^ address) >>> (32 - network.prefix) === 0;
}

/** The addresses that a guest gives its own device behind this vif. */
export const insideAddresses = ({ domain, handle }: VifFacts): string[] =>
  domain.inside
    .filter(({ device }) => device === `eth${handle}`)
    .flatMap(({ addresses }) => addresses.map(({ address }) => formatIpv4(address)));
