/** Xen hosts with their cards and bridges, and the plain machines outside. */

import { ZERO } from "../../engine/time.ts";
import { DEFAULT_XEN, ERAS, type Era, type XenVersion } from "../../machine/era.ts";
import { checkLine } from "../../machine/program/dnsmasq/read-settings.ts";
import { type Cidr, formatCidr } from "../../packet/address.ts";
import { DEFAULT_BRIDGE } from "../../xen/vif-config.ts";
import type { Desk } from "./desk.ts";
import { adviseWord, type Path, quoteWord } from "./diagnostic.ts";
import { BRIDGELESS, scriptName } from "./host-mode.ts";
import { HOST_PREFIX, OUTSIDE_PREFIX } from "./mac-addresses.ts";
import { keysOf } from "./names.ts";
import type { BridgePlan, HostPlan, MachinePlan, NicPlan, SysctlPlan } from "./plan.ts";
import { resolveDomain, scriptsOf } from "./resolve-domain.ts";
import { resolveLibvirt } from "./resolve-libvirt.ts";
import { checkGateway, type Ground, resolveAddresses, resolveNics, toIpv4 } from "./resolve-network.ts";
import { resolveScripts, VIF_SCRIPTS } from "./resolve-scripts.ts";
import { bridgesOfScript, resolveNetworkScripts } from "./resolve-xend.ts";
import type { BridgeInput, HostInput, MachineInput } from "./schema.ts";
import { parseDuration } from "./units.ts";

export function resolveHost(ground: Ground, name: string, input: HostInput): HostPlan {
  const path = ["hosts", name];
  const era = ERAS[(input.xen ?? DEFAULT_XEN) as XenVersion];
  const networkScripts = resolveNetworkScripts(ground, path, input, era);
  const cards = resolveNics(ground, name, HOST_PREFIX, [...path, "nics"], input.nics ?? {});
  refuseDhcp(ground.desk, path, input.nics);
  const libvirt = resolveLibvirt(ground, path, input, cards);
  const bridges = resolveBridges(ground, path, input, cards, era);
  const bridgeNames = [
    ...new Set([
      ...bridges.map((bridge) => bridge.name),
      ...keysOf(input.bridges, ground.desk, [...path, "bridges"]),
      ...networkScripts.flatMap((script) => bridgesOfScript(script, era, cards)),
      ...libvirt.map((network) => network.bridge),
    ]),
  ];
  const { vifScript, scripts } = resolveScripts(ground, path, input, era.toolstack === "xend");
  const surroundings = {
    bridges: bridgeNames,
    scripts: [...VIF_SCRIPTS, ...scripts.map((script) => script.name)],
    vifScript,
  };
  const domains = Object.entries(input.domains ?? {}).map(([domain, values]) =>
    resolveDomain(ground, domain, [...path, "domains", domain], values ?? {}, surroundings),
  );
  return {
    name,
    xen: era.version,
    distro: input.distro ?? "upstream",
    telling: input.telling ?? "script",
    vcpus: input.vcpus ?? 4,
    memory: input.memory ?? 1024,
    nics: cards.map((nic) => (isPort(nic, bridges) ? { ...nic, addresses: [], gateway: null } : nic)),
    bridges,
    networkScripts,
    interfaces: input.interfaces ?? null,
    vifScript,
    scripts,
    libvirt,
    domains,
    sysctl: toSysctls(input.sysctl),
    timing: Object.fromEntries(
      Object.entries(input.timing ?? {}).map(([key, time]) => [key, parseDuration(time) ?? ZERO]),
    ),
    setup: input.setup ?? [],
  };
}

export function resolveMachine(ground: Ground, name: string, input: MachineInput): MachinePlan {
  return {
    name,
    nics: resolveNics(ground, name, OUTSIDE_PREFIX, ["machines", name, "nics"], input.nics ?? {}),
    services: input.services ?? [],
    ...resolveDnsmasq(ground.desk, ["machines", name, "dnsmasq"], input.dnsmasq ?? []),
    sysctl: toSysctls(input.sysctl),
    forward: input.forward ?? false,
    setup: input.setup ?? [],
  };
}

/** Each line is judged by dnsmasq's own reader. */
function resolveDnsmasq(desk: Desk, path: Path, lines: readonly string[]): { dnsmasq?: readonly string[] } {
  for (const [i, line] of lines.entries()) {
    const wrong = checkLine(line);
    if (wrong !== null) desk.error([...path, i], "bad-value", `dnsmasq does not understand this line: ${wrong}`);
  }
  return lines.length === 0 ? {} : { dnsmasq: lines };
}

/** DHCP for dom0 itself would need a client that follows its address onto the bridge. */
function refuseDhcp(desk: Desk, path: Path, nics: HostInput["nics"]): void {
  for (const [name, nic] of Object.entries(nics ?? {})) {
    if (!nic?.dhcp) continue;
    desk.errorAtKey(
      [...path, "nics", name, "dhcp"],
      "not-modelled",
      "dhcp is not modelled for the NICs of a Xen host",
      {
        expected: "ip: 192.168.1.10/24",
      },
    );
  }
}

const isPort = (nic: NicPlan, bridges: readonly BridgePlan[]): boolean =>
  bridges.some((bridge) => bridge.ports.includes(nic.name));

/** Some vif is to join one; a host without guests has one in case. */
function needsBridge(input: HostInput): boolean {
  if (input.libvirt !== undefined) return false;
  const vifScript = input["vif-script"] ?? "vif-bridge";
  const scripts = Object.values(input.domains ?? {}).flatMap((domain) => scriptsOf(domain ?? {}));
  const used = scripts.length === 0 ? [vifScript] : scripts.map((script) => script ?? vifScript);
  return used.some((script) => !BRIDGELESS.includes(scriptName(script)));
}

/** A host about whose bridges nothing is said has the one that xl looks for, with its first card, or those of libvirt. */
function resolveBridges(
  ground: Ground,
  path: Path,
  input: HostInput,
  cards: readonly NicPlan[],
  era: Era,
): BridgePlan[] {
  const at = [...path, "bridges"];
  const unsaid =
    era.toolstack === "xl" && input.bridges === undefined && !ground.desk.source.has(at) && needsBridge(input);
  const first = cards.slice(0, 1).map((nic) => nic.name);
  const written = unsaid ? { [DEFAULT_BRIDGE]: { ports: first } } : (input.bridges ?? {});
  const owners = new Map<string, string>();
  return Object.entries(written).map(([name, bridge]) => {
    if (keysOf(input.nics, ground.desk, [...path, "nics"]).includes(name)) {
      ground.desk.errorAtKey(
        [...at, name],
        "duplicate-name",
        `the name ${quoteWord(name)} is taken by a NIC of this host`,
      );
    }
    const ports = checkPorts(ground, path, name, bridge ?? {}, owners, input);
    return resolveBridge(
      ground,
      [...at, name],
      name,
      bridge ?? {},
      cards.filter((nic) => ports.includes(nic.name)),
    );
  });
}

function resolveBridge(
  { desk }: Ground,
  path: Path,
  name: string,
  input: BridgeInput,
  ports: readonly NicPlan[],
): BridgePlan {
  const addresses = distinct([
    ...resolveAddresses(desk, [...path, "ip"], input.ip),
    ...ports.flatMap((nic) => nic.addresses),
  ]);
  const own = toIpv4(input.gateway);
  if (own !== null) checkGateway(desk, [...path, "gateway"], own, addresses, name);
  return {
    name,
    ports: ports.map((nic) => nic.name),
    addresses,
    gateway: own ?? ports.find((nic) => nic.gateway !== null)?.gateway ?? null,
    stp: input.stp ?? false,
    forwardDelay: input["forward-delay"] ?? 0,
    ageing: input.ageing ?? 300,
    mtu: input.mtu ?? null,
  };
}

function distinct(addresses: readonly Cidr[]): Cidr[] {
  return [...new Map(addresses.map((cidr) => [formatCidr(cidr), cidr])).values()];
}

/** The ports that exist and belong to no other bridge. */
function checkPorts(
  { desk }: Ground,
  path: Path,
  bridge: string,
  input: BridgeInput,
  owners: Map<string, string>,
  host: HostInput,
): string[] {
  const cards = keysOf(host.nics, desk, [...path, "nics"]);
  return (input.ports ?? []).filter((port, i) => {
    const at = [...path, "bridges", bridge, "ports", i];
    const owner = owners.get(port);
    if (!cards.includes(port)) {
      desk.error(at, "unknown-device", `the host has no NIC ${quoteWord(port)}`, adviseWord(port, cards));
    } else if (owner !== undefined) {
      desk.error(at, "duplicate-port", `${quoteWord(port)} is a port of ${quoteWord(owner)} already`);
    } else {
      owners.set(port, bridge);
      return true;
    }
    return false;
  });
}

const toSysctls = (input: Readonly<Record<string, string | number>> | undefined): SysctlPlan[] =>
  Object.entries(input ?? {}).map(([name, value]) => ({
    name,
    value: String(value),
  }));
