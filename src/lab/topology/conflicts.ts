/** Addresses that two devices claim. A lab may want just that in order to show the trouble, so these are warnings. */
import { type Cidr, formatIpv4, formatMac, type Ipv4, type Mac, networkOf } from "../../packet/address.ts";
import { DEFAULT_BRIDGE } from "../../xen/vif-config.ts";
import type { Desk } from "./desk.ts";
import type { Path } from "./diagnostic.ts";
import { BRIDGELESS, scriptName } from "./host-mode.ts";
import type { DomainPlan, HostPlan, MachinePlan, NicPlan } from "./plan.ts";

/** Something with an address, and where nobody else may have it. */
interface Claim<T> {
  readonly value: T;
  readonly places: readonly string[];
  /** "eth0 of web1" */
  readonly who: string;
  readonly path: Path;
}

/** Where an interface of a host is, and the nets it has there. */
interface Foothold {
  readonly segment: string;
  readonly addresses: readonly Cidr[];
}

export function warnOfConflicts(desk: Desk, hosts: readonly HostPlan[], machines: readonly MachinePlan[]): void {
  const segments = new Segments(hosts);
  const macs: Claim<Mac>[] = [];
  const ips: Claim<Ipv4>[] = [];
  const addCard = (nic: NicPlan, owner: string, path: Path, more: readonly string[] = []): Foothold => {
    const segment = segments.of(`network ${nic.network}`);
    const places = [segment, ...more];
    const who = `${nic.name} of ${owner}`;
    macs.push({ value: nic.mac, places: [segment], who, path: [...path, "mac"] });
    for (const { address } of nic.addresses) ips.push({ value: address, places, who, path: [...path, "ip"] });
    return { segment, addresses: nic.addresses };
  };
  for (const host of hosts) {
    const path = ["hosts", host.name];
    const own = host.nics.map((nic) => addCard(nic, host.name, [...path, "nics", nic.name], [routesOf(host)]));
    for (const { name, ports, addresses } of host.bridges) {
      const segment = segments.of(`bridge ${host.name} ${name}`);
      own.push({ segment, addresses });
      const places = [segment, routesOf(host)];
      const at = addressPath(desk, path, name, ports);
      for (const { address } of addresses)
        ips.push({ value: address, places, who: `${name} of ${host.name}`, path: at });
    }
    for (const domain of host.domains) addGuest(host, domain, segments, own, macs, ips);
  }
  for (const machine of machines) {
    for (const nic of machine.nics) addCard(nic, machine.name, ["machines", machine.name, "nics", nic.name]);
  }
  warn(desk, "duplicate-mac", macs, (mac) => `the MAC address ${formatMac(mac)}`);
  warn(desk, "duplicate-ip", ips, (ip) => `the address ${formatIpv4(ip)}`);
}

/** The host's own addresses and its routed guests are one table to it. */
const routesOf = (host: HostPlan): string => `routes of ${host.name}`;

function addGuest(
  host: HostPlan,
  domain: DomainPlan,
  segments: Segments,
  own: readonly Foothold[],
  macs: Claim<Mac>[],
  ips: Claim<Ipv4>[],
): void {
  const path = ["hosts", host.name, "domains", domain.name];
  domain.vifs.forEach((vif, i) => {
    const isAlone = BRIDGELESS.includes(scriptName(vif.script ?? host.vifScript));
    const segment = isAlone
      ? `vif ${host.name} ${domain.name} ${i}`
      : segments.of(`bridge ${host.name} ${vif.bridge ?? DEFAULT_BRIDGE}`);
    const device = `eth${i}`;
    const who = `${device} of ${domain.name}`;
    macs.push({ value: vif.mac, places: [segment], who, path: [...path, "vif", i] });
    for (const { addresses } of domain.inside.filter((one) => one.device === device)) {
      for (const { address } of addresses) {
        const places = isAlone ? [routesOf(host), ...proxied(address, own)] : [segment];
        ips.push({ value: address, places, who, path: [...path, "inside", device, "ip"] });
      }
    }
  });
}

/** Where the host answers for a routed guest by proxy ARP: the guest has an address of a net of the host's there. */
const proxied = (guest: Ipv4, own: readonly Foothold[]): string[] =>
  own
    .filter(({ addresses }) =>
      addresses.some(({ address, prefix }) => networkOf(address, prefix) === networkOf(guest, prefix)),
    )
    .map(({ segment }) => segment);

/** An address of a bridge may have been written at its port. */
function addressPath(desk: Desk, host: Path, bridge: string, ports: readonly string[]): Path {
  const own = [...host, "bridges", bridge, "ip"];
  const port = ports.find((name) => desk.source.has([...host, "nics", name, "ip"]));
  return desk.source.has(own) || port === undefined ? own : [...host, "nics", port, "ip"];
}

function warn<T>(desk: Desk, code: string, claims: readonly Claim<T>[], describe: (value: T) => string): void {
  const first = new Map<string, Claim<T>>();
  for (const claim of claims) {
    const keys = claim.places.map((place) => `${place} ${String(claim.value)}`);
    const other = keys.map((key) => first.get(key)).find((each) => each !== undefined);
    if (other === undefined) for (const key of keys) first.set(key, claim);
    else desk.warn(claim.path, code, `${claim.who} has ${describe(claim.value)}, and so has ${other.who}`);
  }
}

/** Networks and bridges that one broadcast reaches; joined where a card is a port of a bridge. */
class Segments {
  private readonly parent = new Map<string, string>();

  constructor(hosts: readonly HostPlan[]) {
    for (const host of hosts) {
      for (const bridge of host.bridges) {
        for (const nic of host.nics.filter(({ name }) => bridge.ports.includes(name))) {
          this.parent.set(this.of(`bridge ${host.name} ${bridge.name}`), this.of(`network ${nic.network}`));
        }
      }
    }
  }

  of(name: string): string {
    const above = this.parent.get(name);
    return above === undefined || above === name ? name : this.of(above);
  }
}
