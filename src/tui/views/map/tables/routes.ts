/** The main routing table of domain 0: `ip route`. */

import type { RouteSnapshot } from "../../../../lab/index.ts";
import { isRouter } from "../../../parts/routing-hosts.ts";
import { plural } from "../../../parts/words.ts";
import { DIM, PLAIN } from "../../../screen/style.ts";
import { cut } from "../../../screen/surface.ts";
import type { RowThing, Scene } from "../things.ts";
import type { HostTable } from "./table.ts";

interface RouteRow extends RowThing {
  readonly route: RouteSnapshot;
}

/** Where two stand side by side: of the longest lines the end is cut. */
const TWO = 76;

export const routes: HostTable = {
  id: "routes",
  word: "routes",
  isThere: ({ host }) => isRouter(host),
  title: ({ host }) => `ip route ${host.name}`,
  note: ({ host }) => plural(host.dom0.routes, "route"),
  empty: () => "no route at all: every interface is down, or has no address",
  columns: (width) => (width >= TWO ? 2 : 1),
  rows: (scene) => scene.host.routing.routes.map((route) => rowOf(scene, route)),
  draw(line, row) {
    const { route, device } = row as RouteRow;
    const isDead = device !== null && !(device.up && device.carrier);
    line.put(0, 0, cut(route.text, line.width), isDead ? DIM : PLAIN);
  },
};

const rowOf = ({ host }: Scene, route: RouteSnapshot): RouteRow => ({
  kind: "row",
  id: `route ${host.name} ${route.destination} ${route.device ?? ""} ${route.metric}`,
  machine: host.name,
  text: route.text,
  filter: filterOf(host.name, route),
  device: host.dom0.devices.find(({ name }) => name === route.device) ?? null,
  target: route.via ?? (/^[\d.]+$/.test(route.destination) ? route.destination : null),
  route,
});

/** What goes to its destination or comes from there; the default route is told by its device. */
function filterOf(machine: string, { destination, device }: RouteSnapshot): string | null {
  if (destination !== "default") return `ip.addr == ${destination}`;
  return device === null ? null : `port == ${machine}:${device}`;
}
