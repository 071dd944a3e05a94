/**
 * Second stage: raw topology -> plan. Defaults filled, the short form written out, names unique, references checked,
 * MAC addresses made from the seed. Pure; what is wrong is told with its place, all of it.
 */
import { parseMac } from "../../packet/address.ts";
import { parseVifConfig } from "../../xen/vif-config.ts";
import { CommandLines } from "./command-lines.ts";
import { warnOfConflicts } from "./conflicts.ts";
import { Desk } from "./desk.ts";
import { type Diagnostic, sortDiagnostics } from "./diagnostic.ts";
import { MacAddresses } from "./mac-addresses.ts";
import { collectNames, type Names } from "./names.ts";
import { parseTopology, type RawTopology } from "./parse.ts";
import type { HostPlan, MachinePlan, Plan } from "./plan.ts";
import { deviceNumbers, writtenVifs } from "./resolve-domain.ts";
import { resolveHost, resolveMachine } from "./resolve-host.ts";
import { checkCables, type Ground, resolveNetworks } from "./resolve-network.ts";
import { type Cast, resolveCapture, resolveChecks, resolveScenario } from "./resolve-play.ts";
import { devicesOfScripts } from "./resolve-xend.ts";
import type { TopologyInput } from "./schema.ts";
import { expandShortForm } from "./short-form/index.ts";
import { SysctlNames } from "./sysctls.ts";
import { parseDuration, parseEpoch } from "./units.ts";

export interface Resolved {
  /** null when there is an error; warnings leave a plan */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

const DEFAULT_SEED = 1;
const DEFAULT_EPOCH = "2026-01-01T00:00:00Z";

/** Reads a file that a topology names, as the topology writes it. */
export type ReadFile = (path: string) => string | null;

/** Both stages at once: everything that is wrong with a text, in the order of the file. */
export function loadTopology(text: string, readFile?: ReadFile): Resolved {
  const { raw, diagnostics } = parseTopology(text);
  if (raw === null) return { plan: null, diagnostics };
  const resolved = resolveTopology(raw, readFile);
  return {
    plan: resolved.plan,
    diagnostics: sortDiagnostics([...diagnostics, ...resolved.diagnostics]),
  };
}

export function resolveTopology(raw: RawTopology, readFile: ReadFile = () => null): Resolved {
  const desk = new Desk(raw);
  const input = expandShortForm(raw.value, raw.complete, desk);
  const names = collectNames(input, desk);
  const seed = input.seed ?? DEFAULT_SEED;
  const ground: Ground = {
    desk,
    macs: reserveGiven(input, seed),
    ...resolveNetworks(input, desk),
    readFile,
  };
  const hosts = Object.entries(input.hosts ?? {}).map(([name, host]) => resolveHost(ground, name, host ?? {}));
  const machines = Object.entries(input.machines ?? {}).map(([name, machine]) =>
    resolveMachine(ground, name, machine ?? {}),
  );
  checkCables(
    desk,
    ground.networks,
    [...hosts, ...machines].flatMap(({ nics }) => nics),
  );
  warnOfConflicts(desk, hosts, machines);
  checkSysctls(desk, input);
  const lines = new CommandLines(desk, hosts, machines);
  checkSetUps(lines, hosts, machines);
  const cast = castOf(names, hosts, machines, raw.complete, lines);
  const plan: Plan = {
    name: input.name ?? "lab",
    about: input.about ?? "",
    seed,
    epoch: parseEpoch(input.epoch ?? DEFAULT_EPOCH)!,
    networks: ground.networks,
    hosts,
    machines,
    capture: resolveCapture(desk, cast, input.capture),
    scenario: resolveScenario(desk, cast, input.scenario ?? []),
    checks: resolveChecks(desk, cast, input.checks ?? []),
    until: parseDuration(input.until),
  };
  return {
    plan: desk.failed || !raw.complete ? null : plan,
    diagnostics: sortDiagnostics(desk.diagnostics),
  };
}

function checkSysctls(desk: Desk, input: TopologyInput): void {
  const names = new SysctlNames();
  for (const [kind, owners] of [
    ["hosts", input.hosts],
    ["machines", input.machines],
  ] as const)
    for (const [name, owner] of Object.entries(owners ?? {})) names.check(desk, [kind, name, "sysctl"], owner?.sysctl);
}

function checkSetUps(lines: CommandLines, hosts: readonly HostPlan[], machines: readonly MachinePlan[]): void {
  for (const [kind, owners] of [
    ["hosts", hosts],
    ["machines", machines],
  ] as const)
    for (const { name, setup } of owners)
      for (const [i, line] of setup.entries()) lines.check([kind, name, "setup", i], name, line);
  for (const { name, domains } of hosts)
    for (const domain of domains)
      for (const [i, line] of domain.onBoot.entries())
        lines.check(["hosts", name, "domains", domain.name, "on-boot", i], domain.name, line);
}

/** Every address that the file gives, before the first is made. */
function reserveGiven(input: TopologyInput, seed: number): MacAddresses {
  const macs = new MacAddresses(seed);
  const hosts = Object.values(input.hosts ?? {});
  const cards = [...hosts, ...Object.values(input.machines ?? {})].flatMap((owner) => Object.values(owner?.nics ?? {}));
  const domains = hosts.flatMap((host) => Object.values(host?.domains ?? {}));
  const vifs = domains.flatMap((domain) => writtenVifs(domain ?? {}) ?? []);
  const given = [
    ...cards.map((nic) => parseMac(nic?.mac ?? "")),
    ...vifs.map((text) => parseVifConfig(text).config.mac),
  ];
  for (const mac of given) if (mac !== null) macs.reserve(mac);
  return macs;
}

/** When parts of the file were unusable, nobody can say which devices there would be. */
function castOf(
  names: Names,
  hosts: readonly HostPlan[],
  machines: readonly MachinePlan[],
  complete: boolean,
  lines: CommandLines,
): Cast {
  const devices = new Map<string, string[]>();
  const cards = new Map<string, string[]>();
  for (const { name, nics } of [...hosts, ...machines]) {
    cards.set(
      name,
      nics.map((nic) => nic.name),
    );
    devices.set(name, ["lo", ...nics.map((nic) => nic.name)]);
  }
  for (const host of hosts) {
    devices
      .get(host.name)!
      .push(
        ...host.libvirt.map(({ bridge }) => bridge),
        ...host.bridges.map((bridge) => bridge.name),
        ...devicesOfScripts(host),
        ...vifDevices(host),
      );
    for (const domain of host.domains) devices.set(domain.name, ["lo", ...domain.vifs.map((_, i) => `eth${i}`)]);
  }
  return {
    names,
    lines,
    devices: (machine) => (complete ? (devices.get(machine) ?? null) : null),
    cards: (machine) => (complete ? (cards.get(machine) ?? []) : null),
  };
}

/** Domain ids count from 1 in the order in which the guests start. */
function vifDevices(host: HostPlan): string[] {
  const started = host.domains.filter((domain) => domain.autostart);
  return started.flatMap(({ vifs }, i) => {
    const numbers = deviceNumbers(vifs);
    return vifs.map((vif, j) => vif.vifname ?? `vif${i + 1}.${numbers[j]}`);
  });
}
