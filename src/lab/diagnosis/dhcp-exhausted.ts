/** A guest without an address, and a network of libvirt that has none left to give. */
import { formatIpv4, type Ipv4, parseIpv4 } from "../../packet/address.ts";
import type { LibvirtPlan } from "../topology/plan.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { Diagnoser, Found } from "./finding.ts";

export const dhcpExhausted: Diagnoser = {
  name: "dhcp-exhausted",
  find: ({ now, plan }) =>
    now.hosts.flatMap((host) => {
      const planned = plan.hosts.find(({ name }) => name === host.name)!;
      const asking = planned.domains.flatMap(({ name, inside }) =>
        inside.filter(({ dhcp }) => dhcp === true).map(({ device }) => `${name} ${device}`),
      );
      return planned.libvirt.flatMap((network) => {
        const without = bareOn(host, network.bridge).filter((who) => asking.includes(who));
        const pool = poolOf(network);
        const free = pool.filter((address) => !isTaken(host, network, address));
        return without.length === 0 || pool.length === 0 || free.length > 0
          ? []
          : [findingOf(host, network, pool, without)];
      });
    }),
};

/** "web1 eth0": devices behind the bridge that have no address. */
const bareOn = ({ guests }: HostSnapshot, bridge: string): string[] =>
  guests.flatMap((guest) =>
    guest.vifs
      .filter((vif) => guest.state === "running" && vif.bridge === bridge && vif.addresses.length === 0)
      .map(({ guestDevice }) => `${guest.name} ${guestDevice}`),
  );

/** Larger ones are not walked through: nobody fills them in a lab. */
const LARGEST = 4096;

/** Every address of its ranges. */
export const poolOf = ({ definition }: Pick<LibvirtPlan, "definition">): Ipv4[] =>
  definition.ips.flatMap(({ ranges }) =>
    ranges.flatMap(({ start, end }) =>
      end - start >= LARGEST ? [] : Array.from({ length: end - start + 1 }, (_, i) => (start + i) as Ipv4),
    ),
  );

const isTaken = ({ routing }: HostSnapshot, { definition }: LibvirtPlan, address: Ipv4): boolean =>
  routing.leases?.some((lease) => parseIpv4(lease.address) === address) === true ||
  definition.ips.some(({ hosts }) => hosts.some((fixed) => fixed.address === address));

function findingOf(
  host: HostSnapshot,
  { definition, bridge }: LibvirtPlan,
  pool: readonly Ipv4[],
  who: readonly string[],
): Found {
  const { name } = definition;
  const range = `${formatIpv4(pool[0]!)} to ${formatIpv4(pool.at(-1)!)}`;
  const leases = (host.routing.leases ?? []).filter(({ address }) => pool.includes(parseIpv4(address)!));
  return {
    what: `${host.name}: the network ${name} has no address left for ${who.join(", ")}.`,
    evidence: [
      `its range is ${range}: ${pool.length === 1 ? "1 address" : `${pool.length} addresses`}`,
      ...leases.slice(0, 8).map(({ address, mac, hostname }) => `${address} is leased to ${hostname ?? mac}`),
    ],
    cause:
      "A lease is kept until it ends, an hour unless the XML says other, whether its holder still runs or not. Who asks while all are taken gets no answer, and goes on asking.",
    look: [`virsh net-dhcp-leases ${name}`, "grep 'no address available' /var/log/syslog"],
    cure: [
      `virsh net-edit ${name}: a larger <range start='...' end='...'/>`,
      `virsh net-destroy ${name}; virsh net-start ${name}; and each vif of a running guest back: brctl addif ${bridge} vifX.Y`,
      `on ${who[0]!.split(" ")[0]}: dhclient ${who[0]!.split(" ")[1]}`,
    ],
  };
}
