/** A lab as a picture needs it, read off a lab that is up: who hangs on what, in five columns from guests to the outside. */
import { Lab } from "../../lab.ts";
import type { Plan } from "../../topology/plan.ts";
import type { DeviceSnapshot } from "../../view/device-snapshot.ts";
import type { HostSnapshot } from "../../view/host-snapshot.ts";
import type { VifSnapshot } from "../../view/vif-snapshot.ts";

export type Column = "guest" | "port" | "bridge" | "stack" | "nic" | "network" | "machine";

export interface Node {
  /** Unique, of letters, digits and _. */
  readonly id: string;
  readonly column: Column;
  /** The first is its name, the others are facts. */
  readonly lines: readonly string[];
  /** It is planned, and not there. */
  readonly absent: boolean;
}

export interface Edge {
  readonly from: string;
  readonly to: string;
  /** A pulled cable, a vif that is not there. */
  readonly broken: boolean;
}

/** The nodes of one host; those outside are in none. */
export interface Group {
  readonly title: string;
  readonly nodes: readonly Node[];
}

export interface Diagram {
  readonly title: string;
  readonly about: string;
  readonly groups: readonly Group[];
  readonly outside: readonly Node[];
  readonly edges: readonly Edge[];
}

export function diagramOf(plan: Plan): Diagram {
  const lab = new Lab(plan, { scenario: false });
  lab.comeUp();
  const { hosts, networks, machines } = lab.snapshot();
  const edges: Edge[] = [];
  const groups = hosts.map((host) => groupOf(host, edges));
  const outside = [
    ...networks.map((network) => node("network", network.name, "", [network.name, network.kind])),
    ...machines.map(({ name, devices, services }) => {
      const nics = devices.filter(({ network }) => network !== null);
      for (const nic of nics) edges.push(cable(nic, idOf("machine", name, "")));
      const facts = nics.flatMap(({ name: nic, addresses }) => addresses.map((address) => `${nic} ${address}`));
      return node("machine", name, "", [name, ...facts, ...(services.length > 0 ? [services.join(", ")] : [])]);
    }),
  ];
  return { title: plan.name, about: plan.about, groups, outside, edges };
}

const idOf = (column: Column, machine: string, name: string): string =>
  `${column}_${machine}_${name}`.replace(/\W/g, (letter) => `_${letter.charCodeAt(0)}_`);

const node = (column: Column, machine: string, name: string, lines: readonly string[], absent = false): Node => ({
  id: idOf(column, machine, name),
  column,
  lines,
  absent,
});

/** From a NIC, or the machine that has it, to the network. */
const cable = ({ network, plugged }: DeviceSnapshot, end: string): Edge => ({
  from: idOf("network", network!, ""),
  to: end,
  broken: plugged === false,
});

function groupOf(host: HostSnapshot, edges: Edge[]): Group {
  const { name, bridges, guests, dom0, mode, xen } = host;
  const id = (column: Column, device: string): string => idOf(column, name, device);
  const link = (from: string, to: string, broken = false): number => edges.push({ from, to, broken });
  const nodes: Node[] = [];
  /** Where what a device carries goes: into its bridge, or to the IP stack. */
  const inward = (device: DeviceSnapshot | undefined): string =>
    device?.master == null ? id("stack", "ip") : id("bridge", device.master);
  for (const guest of guests)
    for (const vif of guest.vifs) {
      const absent = guest.domid === null;
      nodes.push(node("guest", name, `${guest.name} ${vif.handle}`, guestLines(guest.name, vif), absent));
      const port = vif.name ?? `vif of ${guest.name}`;
      nodes.push(node("port", name, port, [port, ...(vif.rate === null ? [] : ["rate limited"])], absent));
      link(id("guest", `${guest.name} ${vif.handle}`), id("port", port), absent);
      const device = dom0.devices.find((each) => each.name === vif.name);
      if (!absent) link(id("port", port), inward(device));
    }
  for (const device of dom0.devices) {
    if (device.peer === null || device.master === null) continue;
    const end = dom0.devices.find((each) => each.name === device.peer)!;
    nodes.push(node("guest", name, end.name, ["domain 0", `${end.name} ${end.addresses.join(" ")}`, end.mac]));
    nodes.push(node("port", name, device.name, [device.name, "netloop"]));
    link(id("guest", end.name), id("port", device.name));
    link(id("port", device.name), id("bridge", device.master));
  }
  for (const { device, stp } of bridges)
    nodes.push(
      node("bridge", name, device.name, [device.name, ...device.addresses, ...(stp ? ["spanning tree"] : [])]),
    );
  const routed = mode !== "bridge" || dom0.devices.some((each) => each.network !== null && each.master === null);
  if (routed) {
    nodes.push(node("stack", name, "ip", stackLines(host)));
    for (const { device } of bridges)
      if (device.addresses.length > 0) link(id("bridge", device.name), id("stack", "ip"));
  }
  for (const nic of dom0.devices.filter(({ network }) => network !== null)) {
    nodes.push(node("nic", name, nic.name, [nic.name, ...nic.addresses, nic.mac]));
    link(inward(nic), id("nic", nic.name));
    edges.push({ from: id("nic", nic.name), to: idOf("network", nic.network!, ""), broken: nic.plugged === false });
  }
  return { title: `${name}: Xen ${xen}, ${mode === "nat" ? "NAT" : mode} mode`, nodes };
}

const guestLines = (guest: string, { guestDevice, addresses, mac }: VifSnapshot): string[] => [
  guest,
  `${guestDevice} ${addresses.join(" ")}`.trim(),
  mac,
];

function stackLines({ routing }: HostSnapshot): string[] {
  const { ipForward, proxyArp, nat } = routing;
  const targets = [...new Set(nat.map(({ kind }) => kind.toUpperCase()))];
  return [
    "IP of domain 0",
    `ip_forward ${ipForward ? 1 : 0}`,
    ...(proxyArp.length > 0 ? [`proxy_arp ${proxyArp.join(" ")}`] : []),
    ...targets,
  ];
}
