/** Around the picture: the numbers of the run, the latest events, the thing that is selected. */

import type { EventSnapshot } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { isRouter } from "../../parts/routing-hosts.ts";
import { bytes, count, plural, stamp } from "../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { fitLeft, type Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";
import { distinctEntries } from "./tables/fdb.ts";
import { deviceOf, type Scene, type Thing } from "./things.ts";

export function drawInfo(surface: Surface, look: Look, scene: Scene, hosts: number, host: number): void {
  const { made, dropped, inFlight } = look.snapshot.frames;
  const captures = look.captures.filter(({ state }) => state === "on").length;
  const fdb = scene.bridges.reduce((sum, { bridge }) => sum + distinctEntries(bridge.fdb).length, 0);
  const pieces: readonly (readonly [string, Style])[] = [
    [hosts > 1 ? `host ${host + 1}/${hosts} ${scene.host.name}  ([ ] other hosts)` : "", Fg.cyan],
    [plural(made, "frame"), PLAIN],
    [`${count(dropped)} dropped`, dropped > 0 ? Fg.yellow | BOLD : DIM],
    [`${count(inFlight)} in flight`, inFlight > 0 ? PLAIN : DIM],
    [scene.bridges.length > 0 || !isRouter(scene.host) ? `FDB ${count(fdb)}` : "", DIM],
    [isRouter(scene.host) ? plural(scene.host.dom0.routes, "route") : "", DIM],
    [captures > 0 ? `◉ ${plural(captures, "capture")}` : "no captures", captures > 0 ? Fg.cyan : DIM],
  ];
  let x = 1;
  for (const [text, style] of pieces) if (text !== "") x = surface.put(x, 0, text, style) + 3;
}

const EVENT_SIGNS: Readonly<Record<string, readonly [sign: string, style: Style]>> = {
  drop: ["✗", Fg.red | BOLD],
  input: ["›", Fg.cyan],
};

export function drawEvents(surface: Surface, events: readonly EventSnapshot[]): void {
  drawRule(surface, 0, "Events", events.length === 0 ? "" : plural(events.at(-1)!.number, "event"));
  const rows = surface.height - 1;
  // Newest at the foot, as in a log.
  events.slice(-rows).forEach((event, index) => {
    const [sign, style] = EVENT_SIGNS[event.kind] ?? ["·", DIM];
    const times = event.count > 1 ? ` (${count(event.count)}×)` : "";
    surface.put(1, 1 + index, stamp(event.time).padStart(11), DIM);
    surface.put(13, 1 + index, sign, style);
    const x = surface.put(15, 1 + index, `${fitLeft(event.machine, 8)} `, Fg.cyan);
    surface.put(x, 1 + index, `${event.text}${times}`, PLAIN, surface.width - x - 1);
  });
  if (events.length === 0) surface.put(1, 1, "nothing has happened yet: space runs, . steps an event", DIM);
}

/** One line about the selected thing. */
export function selectionText(thing: Thing): string {
  if (thing.kind === "row") return thing.text;
  const device = deviceOf(thing);
  if (device === null) return `${thing.id}: not there yet`;
  const { rxPackets, rxBytes, txPackets, txBytes, rxDropped, txDropped } = device.counters;
  const queue =
    device.queue === null
      ? ""
      : `  queue ${device.queue.length}/${device.queue.limit}${device.queue.stopped ? " stopped" : ""}`;
  const cable = device.plugged === null ? "" : device.plugged ? "  cable in" : "  cable pulled";
  const state =
    thing.kind === "guest" && thing.vif !== null ? `  ${thing.vif.backend ?? "–"}/${thing.vif.frontend ?? "–"}` : "";
  return (
    `${device.machine}:${device.name}  ${device.state}${cable}${state}  ` +
    `rx ${count(rxPackets)} ${bytes(rxBytes)}  tx ${count(txPackets)} ${bytes(txBytes)}  drop ${count(rxDropped + txDropped)}${queue}`
  );
}
