/** Below the picture: the numbers of the run, the forwarding databases, the latest events, the thing that is selected. */
import type { BridgeSnapshot, EventSnapshot, FdbSnapshot } from "../../../lab/index.ts";
import { drawRule } from "../../parts/box.ts";
import { sparkline } from "../../parts/gauge.ts";
import { bytes, count, plural, stamp } from "../../parts/words.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { fitLeft, fitRight, type Surface } from "../../screen/surface.ts";
import type { Look } from "../view.ts";
import { deviceOf, type Scene, type Thing } from "./things.ts";

export function drawInfo(surface: Surface, look: Look, scene: Scene, hosts: number, host: number): void {
  const { made, dropped, inFlight } = look.snapshot.frames;
  const captures = look.captures.filter(({ state }) => state === "on").length;
  const fdb = scene.bridges.reduce((sum, { bridge }) => sum + distinct(bridge.fdb).length, 0);
  const pieces: readonly (readonly [string, Style])[] = [
    [hosts > 1 ? `host ${host + 1}/${hosts} ${scene.host.name}  ([ ] other hosts)` : "", Fg.cyan],
    [plural(made, "frame"), PLAIN],
    [`${count(dropped)} dropped`, dropped > 0 ? Fg.yellow | BOLD : DIM],
    [`${count(inFlight)} in flight`, inFlight > 0 ? PLAIN : DIM],
    [`FDB ${count(fdb)}`, DIM],
    [captures > 0 ? `◉ ${plural(captures, "capture")}` : "no captures", captures > 0 ? Fg.cyan : DIM],
  ];
  let x = 1;
  for (const [text, style] of pieces) if (text !== "") x = surface.put(x, 0, text, style) + 3;
}

export function drawFdb(surface: Surface, look: Look, scene: Scene): void {
  const entries = scene.bridges.flatMap(({ bridge }) => distinct(bridge.fdb).map((entry) => ({ bridge, entry })));
  const bridge = scene.bridges[0]?.bridge;
  const title = bridge === undefined ? "FDB" : `FDB ${scene.bridges.map((each) => each.bridge.device.name).join(" ")}`;
  drawRule(surface, 0, title, bridge === undefined ? "" : `ageing ${bridge.ageingTime / 1e9} s`);
  if (entries.length === 0) {
    surface.put(1, 1, bridge === undefined ? "no bridge yet" : "nothing is known yet", DIM);
    return;
  }
  // What was learnt is what one looks for; the host's own addresses never change.
  const sorted = [...entries.filter(({ entry }) => !entry.isLocal), ...entries.filter(({ entry }) => entry.isLocal)];
  const columns = 2;
  const rows = surface.height - 1;
  const width = Math.floor((surface.width - 1) / columns);
  const room = rows * columns;
  const hidden = sorted.length - room;
  sorted.slice(0, hidden > 0 ? room - 1 : room).forEach(({ bridge: owner, entry }, index) => {
    const x = 1 + Math.floor(index / rows) * width;
    drawFdbEntry(surface, x, 1 + (index % rows), width - 1, owner, entry, look);
  });
  if (hidden > 0) surface.put(1 + (columns - 1) * width, rows, `and ${count(hidden + 1)} more`, DIM);
}

/** Every local address is there twice, once for VLAN 1: nothing is to be learnt from that here. */
const distinct = (entries: readonly FdbSnapshot[]): readonly FdbSnapshot[] => [
  ...new Map(entries.map((entry) => [`${entry.port} ${entry.mac}`, entry])).values(),
];

function drawFdbEntry(
  surface: Surface,
  x: number,
  y: number,
  width: number,
  bridge: BridgeSnapshot,
  entry: FdbSnapshot,
  look: Look,
): void {
  const machine = bridge.device.machine;
  const age = entry.isLocal ? "  local" : fitRight((entry.age / 1e9).toFixed(2), 7);
  const text = `${fitRight(String(entry.port), 2)} ${fitLeft(entry.device, 8)} ${entry.mac} ${age}`;
  const end = surface.put(x, y, text, entry.isLocal ? DIM : PLAIN, width);
  const { history } = look.rates.of(`${machine}:${entry.device}`);
  if (width < text.length + history.length + 1 || entry.isLocal) return;
  surface.put(end + 1, y, sparkline(history, history.length), Fg.blue);
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
