/** A plan as YAML in the long form, nothing left out: the same plan comes out when it is read again. */
import { Scalar, stringify } from "yaml";
import { ERAS } from "../../machine/era.ts";
import { DEFAULT_NETWORK } from "../../machine/libvirt/default-network.ts";
import { type Cidr, formatCidr, formatIpv4, formatMac, type Ipv4 } from "../../packet/address.ts";
import type {
  BridgePlan,
  CapturePlan,
  CheckPlan,
  DomainPlan,
  Expectation,
  HostPlan,
  InsidePlan,
  MachinePlan,
  NetworkPlan,
  NicPlan,
  Plan,
  ScenarioPlan,
  SysctlPlan,
} from "./plan.ts";
import { formatBitRate, formatDuration, formatEpoch } from "./units.ts";

export function printPlan(plan: Plan): string {
  const tree = {
    name: plan.name,
    about: plan.about,
    seed: plan.seed,
    epoch: formatEpoch(plan.epoch),
    ...given("until", plan.until === null ? undefined : formatDuration(plan.until)),
    networks: byName(plan.networks, printNetwork),
    hosts: byName(plan.hosts, printHost),
    machines: byName(plan.machines, printMachine),
    capture: printCapture(plan.capture),
    scenario: plan.scenario.map(printStep),
    checks: plan.checks.map(printCheck),
  };
  return stringify(tree, { lineWidth: 0, aliasDuplicateObjects: false });
}

function byName<T extends { readonly name: string }>(items: readonly T[], print: (item: T) => object): object {
  return Object.fromEntries(items.map((item) => [item.name, print(item)]));
}

/** A key that stands only when it has a value. */
const given = (key: string, value: unknown): object =>
  value === undefined || value === null || (Array.isArray(value) && value.length === 0) ? {} : { [key]: value };

/** YAML 1.1 takes 52:54:00:12:34:56 for a number; not every reader of a plan is ours. */
function quoted(text: string): Scalar {
  const scalar = new Scalar(text);
  scalar.type = Scalar.QUOTE_DOUBLE;
  return scalar;
}

function printNetwork({ name: _, ...network }: NetworkPlan): object {
  const { rate, delay, jitter } = network;
  return {
    ...network,
    rate: formatBitRate(rate),
    delay: formatDuration(delay),
    jitter: formatDuration(jitter),
  };
}

function printHost(host: HostPlan): object {
  return {
    xen: host.xen,
    distro: host.distro,
    telling: host.telling,
    vcpus: host.vcpus,
    memory: host.memory,
    nics: byName(host.nics, printNic),
    bridges: byName(host.bridges, printBridge),
    ...(ERAS[host.xen].toolstack === "xl"
      ? {}
      : { "network-script": host.networkScripts.length === 0 ? "none" : host.networkScripts }),
    ...given("interfaces", host.interfaces),
    "vif-script": host.vifScript,
    ...given(
      "scripts",
      host.scripts.length === 0 ? null : Object.fromEntries(host.scripts.map(({ name, text }) => [name, text])),
    ),
    ...given(
      "libvirt",
      host.libvirt.map(({ xml }) => (xml === DEFAULT_NETWORK ? "default" : xml)),
    ),
    domains: byName(host.domains, printDomain),
    sysctl: printSysctl(host.sysctl),
    timing: Object.fromEntries(Object.entries(host.timing).map(([key, nanos]) => [key, formatDuration(nanos)])),
    setup: host.setup,
  };
}

function printNic(nic: NicPlan): object {
  return {
    network: nic.network,
    mac: quoted(formatMac(nic.mac)),
    ...printAddresses(nic),
    ...printNames(nic),
    mtu: nic.mtu,
  };
}

function printBridge(bridge: BridgePlan): object {
  return {
    ports: bridge.ports,
    ...printAddresses(bridge),
    stp: bridge.stp,
    "forward-delay": bridge.forwardDelay,
    ageing: bridge.ageing,
    ...given("mtu", bridge.mtu),
  };
}

function printAddresses({ addresses, gateway }: { addresses: readonly Cidr[]; gateway: Ipv4 | null }): object {
  const list = addresses.map(formatCidr);
  return {
    ...given("ip", list.length === 1 ? list[0] : list),
    ...given("gateway", gateway === null ? null : formatIpv4(gateway)),
  };
}

function printDomain(domain: DomainPlan): object {
  return {
    vcpus: domain.vcpus,
    memory: domain.memory,
    vif: domain.vifs.map((vif) => vif.text),
    inside: Object.fromEntries(domain.inside.map((inside) => [inside.device, printInside(inside)])),
    "on-boot": domain.onBoot,
    autostart: domain.autostart,
  };
}

const printNames = ({ dhcp, dns = [] }: Pick<InsidePlan, "dhcp" | "dns">): object => {
  const list = dns.map(formatIpv4);
  return {
    ...given("dhcp", dhcp ?? null),
    ...given("dns", list.length === 0 ? null : list.length === 1 ? list[0] : list),
  };
};

const printInside = (inside: InsidePlan): object => ({
  ...printAddresses(inside),
  ...printNames(inside),
  ...given("mtu", inside.mtu),
});

function printMachine(machine: MachinePlan): object {
  return {
    nics: byName(machine.nics, printNic),
    services: machine.services,
    ...given("dnsmasq", machine.dnsmasq ?? null),
    sysctl: printSysctl(machine.sysctl),
    forward: machine.forward,
    setup: machine.setup,
  };
}

const printSysctl = (list: readonly SysctlPlan[]): object =>
  Object.fromEntries(list.map(({ name, value }) => [name, value]));

function printCapture(capture: CapturePlan): unknown {
  if (capture.all) return "all";
  if (capture.points.length === 0) return "none";
  return capture.points.map(({ machine, device, filter, promiscuous, snaplen }) => ({
    point: `${machine}:${device}`,
    ...given("filter", filter),
    promiscuous,
    snaplen,
  }));
}

function printStep(step: ScenarioPlan): object {
  const at = formatDuration(step.at);
  return step.kind === "run"
    ? { at, on: step.on, run: step.run }
    : { at, [step.kind]: `${step.machine}:${step.device}` };
}

function printCheck(check: CheckPlan): object {
  const { name, on, run } = check;
  const after = given("after", check.after === null ? null : formatDuration(check.after));
  return {
    name,
    on,
    run,
    expect: printExpectation(check.expect),
    within: formatDuration(check.within),
    ...after,
  };
}

function printExpectation(expect: Expectation): unknown {
  switch (expect.kind) {
    case "exit":
      return { exit: expect.code };
    case "stdout":
      return { stdout: `/${expect.pattern}/${expect.flags}` };
    case "dropped":
      return {
        dropped: expect.at === null ? expect.code : `${expect.code} at ${expect.at}`,
      };
    default:
      return expect.kind;
  }
}
