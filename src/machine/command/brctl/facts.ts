/** What brctl says of a bridge, and in which order: collected once for whoever shows a bridge. */
import type { Bridge } from "../../../device/bridge.ts";
import type { FdbEntry } from "../../../device/bridge-fdb.ts";
import type { BridgePort } from "../../../device/bridge-port.ts";
import type { NetDevice } from "../../../device/device.ts";
import { formatMac } from "../../../packet/address.ts";
import type { BridgeId } from "../../../packet/bpdu.ts";

export const byName = (a: NetDevice, b: NetDevice): number => (a.name < b.name ? -1 : 1);

/** As `brctl show` and `showstp` list them. */
export const portsByName = (bridge: Bridge): BridgePort[] =>
  bridge.ports.toSorted((a, b) => byName(a.device, b.device));

/** "8000.feffffffffff" */
export const idText = ({ priority, mac }: BridgeId): string =>
  `${hex4(priority)}.${formatMac(mac).replaceAll(":", "")}`;
export const bridgeId = (bridge: Bridge): string => idText(bridge.stp.id);

export const hex4 = (value: number): string => value.toString(16).padStart(4, "0");

/** An entry that a port has: the bridge's own is not among what `brctl showmacs` reads. */
export type PortEntry = FdbEntry & { readonly port: BridgePort };

/** What `brctl showmacs` lists, in its order. */
export function shownMacs({ fdb }: Bridge): PortEntry[] {
  const shown = fdb.entries.filter((entry): entry is PortEntry => entry.port !== null && !fdb.isExpired(entry));
  return shown.sort((a, b) => a.mac - b.mac);
}
