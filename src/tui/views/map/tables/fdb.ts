/** The forwarding databases of a host's bridges: `brctl showmacs`. */

import type { BridgeSnapshot, FdbSnapshot } from "../../../../lab/index.ts";
import { sparkline } from "../../../parts/gauge.ts";
import { isRouter } from "../../../parts/routing-hosts.ts";
import { DIM, Fg, PLAIN } from "../../../screen/style.ts";
import { fitLeft, fitRight } from "../../../screen/surface.ts";
import type { RowThing, Scene } from "../things.ts";
import type { HostTable } from "./table.ts";

interface FdbRow extends RowThing {
  readonly entry: FdbSnapshot;
}

/** Where two stand side by side. */
const TWO = 78;

export const fdb: HostTable = {
  id: "fdb",
  word: "FDB",
  isThere: (scene) => scene.bridges.length > 0 || !isRouter(scene.host),
  title: ({ bridges }) => ["FDB", ...bridges.map(({ bridge }) => bridge.device.name)].join(" "),
  note: ({ bridges }) => (bridges[0] === undefined ? "" : `ageing ${bridges[0].bridge.ageingTime / 1e9} s`),
  empty: ({ bridges }) => (bridges.length === 0 ? "no bridge yet" : "nothing is known yet"),
  columns: (width) => (width >= TWO ? 2 : 1),

  /** What was learnt is what one looks for; the host's own addresses never change. */
  rows(scene) {
    const rows = scene.bridges.flatMap(({ bridge }) =>
      distinctEntries(bridge.fdb).map((entry) => rowOf(scene, bridge, entry)),
    );
    return [...rows.filter(({ entry }) => !entry.isLocal), ...rows.filter(({ entry }) => entry.isLocal)];
  },

  draw(line, row, _scene, look) {
    const { entry, machine } = row as FdbRow;
    const age = entry.isLocal ? "  local" : fitRight((entry.age / 1e9).toFixed(2), 7);
    const text = `${fitRight(String(entry.port), 2)} ${fitLeft(entry.device, 8)} ${entry.mac} ${age}`;
    const end = line.put(0, 0, text, entry.isLocal ? DIM : PLAIN);
    const { history } = look.rates.of(`${machine}:${entry.device}`);
    if (line.width < text.length + history.length + 1 || entry.isLocal) return;
    line.put(end + 1, 0, sparkline(history, history.length), Fg.blue);
  },
};

/** Every local address is there twice, once for VLAN 1: nothing is to be learnt from that here. */
export const distinctEntries = (entries: readonly FdbSnapshot[]): readonly FdbSnapshot[] => [
  ...new Map(entries.map((entry) => [`${entry.port} ${entry.mac}`, entry])).values(),
];

const rowOf = ({ host }: Scene, { device: bridge }: BridgeSnapshot, entry: FdbSnapshot): FdbRow => ({
  kind: "row",
  id: `fdb ${host.name} ${bridge.name} ${entry.port} ${entry.mac}`,
  machine: host.name,
  text: `${bridge.name} port ${entry.port} ${entry.device} ${entry.mac}${entry.isLocal ? " local" : ""}`,
  filter: `eth.addr == ${entry.mac}`,
  device: host.dom0.devices.find(({ name }) => name === entry.device) ?? null,
  target: null,
  entry,
});
