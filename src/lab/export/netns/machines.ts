/** Namespaces, switches, cables and pairs of netloop: what is there before the first line of a set-up runs. */
import { PERFECT_CABLE } from "../../../device/cable.ts";
import { formatMac } from "../../../packet/address.ts";
import type { NetworkPlan, Plan } from "../../topology/plan.ts";
import { formatBitRate, formatDuration } from "../../topology/units.ts";
import type { Timeline } from "../timeline.ts";
import { comment, heading, quote } from "./words.ts";

interface Plug {
  readonly network: string;
  readonly machine: string;
  readonly nic: string;
  readonly mac: string;
}

const plugsOf = (plan: Plan): Plug[] =>
  [...plan.machines, ...plan.hosts].flatMap(({ name, nics }) =>
    nics.map((nic) => ({ network: nic.network, machine: name, nic: nic.name, mac: formatMac(nic.mac) })),
  );

/** Switches have namespaces beside those of machines. */
const switchOf = (network: string): string => `switch-${network}`;

/** Ports are named by their machine as far as 15 characters allow, else by their number. */
function portName(plug: Plug, index: number): string {
  const name = `${plug.machine}-${plug.nic}`;
  return /^[\w.-]{1,15}$/.test(name) ? name : `port${index + 1}`;
}

export function machineLines(plan: Plan, timeline: Timeline): string[] {
  const plugs = plugsOf(plan);
  const guests = plan.hosts.flatMap(({ domains }) => domains);
  const names = [...plan.machines, ...plan.hosts, ...guests].map(({ name }) => name);
  return [
    ...heading("machines"),
    `for name in ${names.map(quote).join(" ")}; do machine "$name"; done`,
    ...names.flatMap((name) => fileLines(name, timeline)),
    ...heading("networks and cables"),
    ...plan.networks.flatMap((network) => networkLines(network, plugs)),
    ...loopLines(timeline),
  ];
}

function fileLines(name: string, { files }: Timeline): string[] {
  return [...(files.get(name) ?? [])].flatMap(([path, text]) => [
    `cat > "$state/machines/"${quote(name)}${path} << 'END'`,
    ...text.replace(/\n$/, "").split("\n"),
    "END",
  ]);
}

function networkLines(network: NetworkPlan, plugs: readonly Plug[]): string[] {
  const own = plugs.filter((plug) => plug.network === network.name);
  const cable = own.map(({ machine, nic, mac }) => [machine, nic, mac].map(quote).join(" "));
  const words = comment(`${network.name}, a ${network.kind}. ${notImposed(network)}`);
  if (network.kind === "cable")
    return own.length === 2 ? [...words, `pair ${cable.join(" ")}`, ...shapeLines(network, nicsOf(own))] : words;
  const name = quote(switchOf(network.name));
  return [
    ...words,
    `switch ${name} ${network.kind === "hub" ? 0 : 30_000}`,
    ...own.map((plug, index) => `plug ${name} ${quote(portName(plug, index))} ${cable[index]}`),
    ...(network.mtu === 1500 ? [] : mtuLines(name, own.map(portName), network.mtu)),
    ...shapeLines(network, [...nicsOf(own), ...own.map((plug, i) => `${name} ${quote(portName(plug, i))}`)]),
  ];
}

const nicsOf = (plugs: readonly Plug[]): string[] => plugs.map(({ machine, nic }) => `${quote(machine)} ${quote(nic)}`);

/** Each way of a cable by itself: from its NIC, and from the port of the switch. */
function shapeLines(network: NetworkPlan, ends: readonly string[]): string[] {
  const words = shapeOf(network);
  return words.length === 0 ? [] : ends.map((end) => `shape ${end} netem ${words.join(" ")}`);
}

/** A frame longer than what its port takes is lost there. */
const mtuLines = (name: string, ports: readonly string[], mtu: number): string[] =>
  [...ports, "switch"].map((port) => `ip -n "$prefix-"${name} link set ${quote(port)} mtu ${mtu}`);

/** What a cable of the lab does to frames, and a veth does not, in netem's words (tc-netem(8)). */
function shapeOf({ rate, delay, jitter, loss, duplicate, reorder, corrupt }: NetworkPlan): string[] {
  const percent = (word: string, share: number): string[] =>
    share > 0 ? [`${word} ${+(100 * share).toFixed(6)}%`] : [];
  // What netem reorders it does not delay. Without a delay, all but the share are what it "reorders".
  const isDelayed = delay + jitter > 0;
  const heldBack = isDelayed ? 0 : reorder;
  return [
    ...(isDelayed ? [`delay ${formatDuration(delay)}`] : []),
    ...(heldBack > 0 ? [`delay ${formatDuration(PERFECT_CABLE.reorderGap)}`] : []),
    ...(jitter > 0 ? [formatDuration(jitter)] : []),
    ...(rate > 0 ? [`rate ${formatBitRate(rate)}`] : []),
    ...percent("loss", loss),
    ...percent("duplicate", duplicate),
    ...percent("reorder", heldBack > 0 ? 1 - heldBack : reorder),
    ...percent("corrupt", corrupt),
  ];
}

function notImposed(network: NetworkPlan): string {
  const words = shapeOf(network);
  if (words.length === 0) return "";
  return `Left out but for --shape: ${words.join(", ")}. A veth hands a frame over at once; what netem adds is chance and time, not another path.`;
}

function loopLines({ loops }: Timeline): string[] {
  const pairs = [...loops].flatMap(([host, each]) => each.map(([vif, veth]) => ({ host, vif, veth })));
  if (pairs.length === 0) return [];
  return [
    ...heading("netloop's pairs"),
    ...comment(
      "On Xen 3 domain 0 is born with these. netloop's carrier is always there; that of a veth is only while both ends are up, so the kernel says NO-CARRIER here where netloop does not.",
    ),
    ...pairs.map(({ host, vif, veth }) =>
      ["pair", host, vif, "fe:ff:ff:ff:ff:ff", host, veth, "-"].map(quote).join(" "),
    ),
  ];
}

/** The command that pulls or plugs the cable of a NIC, whatever the NIC is called by then. */
export function cablePort(plan: Plan, machine: string, nic: string, state: "up" | "down"): string {
  const plugs = plugsOf(plan);
  const plug = plugs.find((each) => each.machine === machine && each.nic === nic.replace(/^p(?=eth)/, ""))!;
  const own = plugs.filter(({ network }) => network === plug.network);
  const network = plan.networks.find(({ name }) => name === plug.network)!;
  if (network.kind === "cable") {
    const other = own.find((each) => each !== plug)!;
    return `ip -n "$prefix-"${quote(other.machine)} link set ${quote(other.nic)} ${state}`;
  }
  return `ip -n "$prefix-"${quote(switchOf(plug.network))} link set ${quote(portName(plug, own.indexOf(plug)))} ${state}`;
}
