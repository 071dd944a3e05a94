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
  const { name, mode, xen } = host;
  const drawn = new HostDrawing(host, edges);
  drawn.guests();
  drawn.netloop();
  drawn.bridges();
  drawn.stack();
  drawn.nics();
  return { title: `${name}: Xen ${xen}, ${mode === "nat" ? "NAT" : mode} mode`, nodes: drawn.nodes };
}

class HostDrawing {
  readonly nodes: Node[] = [];
  private readonly host: HostSnapshot;
  private readonly edges: Edge[];

  constructor(host: HostSnapshot, edges: Edge[]) {
    this.host = host;
    this.edges = edges;
  }

  guests(): void {
    for (const guest of this.host.guests) for (const vif of guest.vifs) this.vif(guest, vif);
  }

  private vif({ name, domid }: HostSnapshot["guests"][number], vif: VifSnapshot): void {
    const absent = domid === null;
    const port = vif.name ?? `vif of ${name}`;
    const end = this.add("guest", `${name} ${vif.handle}`, guestLines(name, vif), absent);
    const own = this.add("port", port, [port, ...(vif.rate === null ? [] : ["rate limited"])], absent);
    this.link(end, own, absent);
    if (!absent) this.link(own, this.inward(this.device(vif.name)));
  }

  /** Domain 0 as a guest of its own bridge. */
  netloop(): void {
    for (const { name, peer, master } of this.host.dom0.devices) {
      if (peer === null || master === null) continue;
      const end = this.device(peer)!;
      const outer = this.add("guest", end.name, ["domain 0", `${end.name} ${end.addresses.join(" ")}`, end.mac]);
      const port = this.add("port", name, [name, "netloop"]);
      this.link(outer, port);
      this.link(port, this.id("bridge", master));
    }
  }

  bridges(): void {
    for (const { device, stp } of this.host.bridges)
      this.add("bridge", device.name, [device.name, ...device.addresses, ...(stp ? ["spanning tree"] : [])]);
  }

  /** The IP stack, where it is on the way. */
  stack(): void {
    const { mode, dom0, bridges } = this.host;
    if (mode === "bridge" && dom0.devices.every(({ network, master }) => network === null || master !== null)) return;
    const stack = this.add("stack", "ip", stackLines(this.host));
    for (const { device } of bridges) if (device.addresses.length > 0) this.link(this.id("bridge", device.name), stack);
  }

  nics(): void {
    for (const nic of this.host.dom0.devices.filter(({ network }) => network !== null)) {
      const end = this.add("nic", nic.name, [nic.name, ...nic.addresses, nic.mac]);
      this.link(this.inward(nic), end);
      this.link(end, idOf("network", nic.network!, ""), nic.plugged === false);
    }
  }

  private device(name: string | null): DeviceSnapshot | undefined {
    return this.host.dom0.devices.find((each) => each.name === name);
  }

  /** Where what a device carries goes: into its bridge, or to the IP stack. */
  private inward(device: DeviceSnapshot | undefined): string {
    return device?.master == null ? this.id("stack", "ip") : this.id("bridge", device.master);
  }

  private id(column: Column, name: string): string {
    return idOf(column, this.host.name, name);
  }

  private add(column: Column, name: string, lines: readonly string[], absent = false): string {
    this.nodes.push(node(column, this.host.name, name, lines, absent));
    return this.id(column, name);
  }

  private link(from: string, to: string, broken = false): void {
    this.edges.push({ from, to, broken });
  }
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
