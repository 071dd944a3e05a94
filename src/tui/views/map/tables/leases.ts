/** Addresses that domain 0's dnsmasq has leased out: `virsh net-dhcp-leases`. */
import type { LeaseSnapshot } from "../../../../lab/index.ts";
import { plural } from "../../../parts/words.ts";
import { PLAIN } from "../../../screen/style.ts";
import { cut } from "../../../screen/surface.ts";
import type { RowThing, Scene } from "../things.ts";
import type { HostTable } from "./table.ts";

const leasesOf = ({ host }: Scene): readonly LeaseSnapshot[] => host.routing.leases ?? [];

export const leases: HostTable = {
  id: "leases",
  word: "leases",
  isThere: ({ host }) => host.routing.leases !== null,
  title: ({ host }) => `leases ${host.name}`,
  note: (scene) => plural(leasesOf(scene).length, "lease"),
  empty: () => "dnsmasq runs and has leased nothing yet",
  columns: () => 1,
  rows: (scene) => leasesOf(scene).map((lease) => rowOf(scene, lease)),
  draw: (line, { text }) => void line.put(0, 0, cut(text, line.width), PLAIN),
};

/** The guest is known by its MAC address; what it calls itself stands behind it where that is another name. */
function rowOf(scene: Scene, { address, mac, hostname, secondsLeft }: LeaseSnapshot): RowThing {
  const { host, cards } = scene;
  const card = cards.find(({ vif }) => vif?.mac === mac);
  const guest = card?.guest.name ?? hostname ?? "?";
  const called = hostname === null || hostname === guest ? "" : ` (${hostname})`;
  const left = secondsLeft === null ? "for ever" : `${secondsLeft} s left`;
  return {
    kind: "row",
    id: `lease ${host.name} ${mac} ${address}`,
    machine: host.name,
    text: `${address.padEnd(15)} ${guest}${called}  ${mac}  ${left}`,
    filter: `eth.addr == ${mac}`,
    device: card?.outer ?? null,
    target: address,
  };
}
