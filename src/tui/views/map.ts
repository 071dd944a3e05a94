/**
 * The Map: guests left, domain 0 in the middle with its bridges and ports, the wire and the boxes outside right, all as
 * the machines are at that moment; below the forwarding database and what has happened last.
 */

import type { DeviceSnapshot } from "../../lab/index.ts";
import { LIST_START, type ListState, scroll, select } from "../parts/list.ts";
import { contains } from "../screen/rect.ts";
import { DIM, Fg, PLAIN } from "../screen/style.ts";
import type { Surface } from "../screen/surface.ts";
import { actOn } from "./map/actions.ts";
import { drawCard } from "./map/cards.ts";
import { drawHost } from "./map/host.ts";
import { type MapLayout, mapLayout } from "./map/layout.ts";
import { drawLink } from "./map/links.ts";
import { drawNetworks, drawStack } from "./map/outside.ts";
import { drawEvents, drawInfo, selectionText } from "./map/panels.ts";
import { type Placement, place, thingAt } from "./map/placement.ts";
import { drawRouting } from "./map/routing-box.ts";
import { drawTables, nextTable, type PlacedTable, placeTables, rowAt } from "./map/tables.ts";
import { columnsOf, deviceOf, type GuestCard, pointOf, type Scene, sceneOf, type Thing } from "./map/things.ts";
import type { Desk, Intent, Look, View } from "./view.ts";

interface MapState {
  readonly host: number;
  /** Id of the selected thing; the first one while it is not there. */
  readonly selected: string;
  readonly cards: ListState;
  /** Id of the first table below the picture; empty: what is usual for the host. */
  readonly table: string;
}

export const map: View<MapState> = {
  id: "map",
  key: "1",
  title: "Map",
  short: "Map",
  bindings: [
    { action: "left", keys: ["left", "h"], label: "select: towards the guests", hint: "select" },
    { action: "right", keys: ["right", "l"], label: "select: towards the wire" },
    { action: "up", keys: ["up", "k"], label: "select: the one above" },
    { action: "down", keys: ["down", "j"], label: "select: the one below" },
    { action: "open", keys: ["enter"], label: "packets of the selected interface", hint: "packets" },
    { action: "link", keys: ["x"], label: "pull its cable or plug it in; a vif: ip link set down or up", hint: "link" },
    { action: "ping", keys: ["s"], label: "ping from the selected machine", hint: "ping" },
    { action: "capture", keys: ["p"], label: "capture at the selected interface on / off", hint: "capture" },
    { action: "shell", keys: ["i"], label: "a shell on the selected machine" },
    { action: "copy", keys: ["y"], label: "copy the selected interface's name" },
    { action: "next-table", keys: ["tab"], label: "below the picture: the next table of the host" },
    { action: "previous-table", keys: ["shift-tab"], label: "the table before" },
    { action: "next-host", keys: ["]"], label: "next host" },
    { action: "previous-host", keys: ["["], label: "previous host" },
  ],
  notes: [
    "━ frames passed in the last second   ─ idle   ┄ down   ✗ cable pulled   ► a frame that passed",
    "┃ a bridge; ║ domain 0's IP stack on a host that routes: red while ip_forward is 0. What has an address leads there",
    "proxy_arp: domain 0 answers ARP for the guests there; otherwise the LAN needs a route to them",
    "Below: FDB, routes, rules, connections (⇄ what NAT makes of one end; yellow: no reply yet), leases: tab, ↵ filters Packets",
    "TX, RX: slots in use of the shared rings   xenbus: backend / frontend state   ◉ captured",
  ],

  start: () => ({ host: 0, selected: "", cards: LIST_START, table: "" }),

  draw(surface, state, look) {
    const scene = sceneAt(look, state);
    if (scene === null) return drawWithoutHost(surface, look);
    const layout = mapLayout(surface.width, surface.height, scene.cards.length);
    const top = topOf(state, scene, layout);
    const placed = place(scene, layout, top);
    const tables = placeTables(scene, layout, state.table, state.selected);
    const selected = selectedOf(scene, state, tables)?.id ?? "";
    drawInfo(surface.window(layout.info), look, scene, look.snapshot.hosts.length, state.host);
    drawCards(surface.window(layout.guests), scene, placed, layout, top, selected);
    drawHost(surface.window(layout.host), scene, placed, selected, layout.wide);
    drawVifLinks(surface, placed, layout, look, selected);
    drawNicLinks(surface, placed, layout, look, selected);
    const outside = surface.window(layout.outside);
    if (layout.outside.width > 0) drawNetworks(outside, placed, layout, selected);
    if (placed.stack !== null) drawStack(outside, scene, placed.stack, layout.wide, selected);
    if (placed.routing !== null) drawRouting(outside, scene, placed.routing);
    drawTables(surface, tables, scene, look, selected);
    const events = surface.window(layout.events);
    drawEvents(events, look.events);
    return null;
  },

  act(action, state, look, desk, size) {
    const scene = sceneAt(look, state);
    const layout = mapLayout(size.width, size.height, scene?.cards.length ?? 0);
    const tables = scene === null ? [] : placeTables(scene, layout, state.table, state.selected);
    const selected = scene === null ? null : selectedOf(scene, state, tables);
    if (scene === null || selected === null) {
      desk.say("there is nothing on this map to do that with", "bad");
      return state;
    }
    if (action === "next-host" || action === "previous-host") {
      const hosts = look.snapshot.hosts.length;
      const host = (state.host + (action === "next-host" ? 1 : hosts - 1)) % hosts;
      return { ...map.start(look), host };
    }
    if (action === "next-table" || action === "previous-table")
      return toTable(state, scene, tables, action === "next-table" ? 1 : -1, desk);
    const moved = moveTo(scene, tables, selected, action);
    if (moved === null && state.selected !== "" && state.selected !== selected.id) {
      // A route goes with its device, a connection with time: nothing is done to another thing in its place.
      desk.say(`what was selected is gone; now it is ${selectionText(selected)}`, "bad");
      return { ...state, selected: selected.id };
    }
    if (moved !== null) return selectThing(state, scene, layout, moved, desk);
    actOn(action, selected, look, desk);
    return state;
  },

  click(x, y, state, look, desk, size) {
    const scene = sceneAt(look, state);
    if (scene === null) return state;
    const layout = mapLayout(size.width, size.height, scene.cards.length);
    const tables = placeTables(scene, layout, state.table, state.selected);
    const thing = rowAt(tables, x, y) ?? thingAt(scene, layout, topOf(state, scene, layout), x, y);
    if (thing === null) return state;
    if (thing.id === state.selected) actOn("open", thing, look, desk);
    return selectThing(state, scene, layout, thing, desk);
  },

  wheel(x, y, by, state, look, size) {
    const scene = sceneAt(look, state);
    if (scene === null) return state;
    const layout = mapLayout(size.width, size.height, scene.cards.length);
    if (!contains(layout.guests, x, y)) return state;
    const { top } = scroll(state.cards, Math.sign(by), scene.cards.length, layout.cardsShown);
    return { ...state, cards: { ...state.cards, top } };
  },

  intend(intent: Intent, state, look) {
    if (intent.kind !== "device") return state;
    for (const [host, each] of look.snapshot.hosts.entries()) {
      const thing = thingFor(sceneOf(look.snapshot, each), intent.point);
      if (thing !== null) return { ...state, host, selected: thing.id };
    }
    return state;
  },
};

/** Null: there is no Xen host. */
function sceneAt({ snapshot }: Look, state: MapState): Scene | null {
  const host = snapshot.hosts[state.host] ?? snapshot.hosts[0];
  return host === undefined ? null : sceneOf(snapshot, host);
}

function drawWithoutHost(surface: Surface, look: Look): null {
  const layout = mapLayout(surface.width, surface.height, 0);
  surface.put(1, 1, "No Xen host in this topology; Packets, Shell and Captures show its machines.", DIM);
  drawEvents(surface.window(layout.events), look.events);
  return null;
}

/** The first card in sight. */
const topOf = ({ cards }: MapState, scene: Scene, { cardsShown }: MapLayout): number =>
  Math.min(Math.max(0, cards.top), Math.max(0, scene.cards.length - cardsShown));

function thingFor(scene: Scene, point: string): Thing | null {
  const all = columnsOf(scene).flat();
  return (
    all.find((thing) => thing.id === point || (deviceOf(thing) !== null && pointOf(deviceOf(thing)!) === point)) ?? null
  );
}

const rowsOf = (tables: readonly PlacedTable[]) => tables.map(({ rows }) => rows);

/** Null: there is nothing to select. */
function selectedOf(scene: Scene, state: MapState, tables: readonly PlacedTable[]): Thing | null {
  const all = columnsOf(scene, rowsOf(tables)).flat();
  return all.find(({ id }) => id === state.selected) ?? all[0] ?? null;
}

/** Up and down in its column; left and right to the neighbour column, as near to the same height as there is. */
function moveTo(scene: Scene, tables: readonly PlacedTable[], from: Thing, action: string): Thing | null {
  const columns = columnsOf(scene, rowsOf(tables));
  const column = columns.findIndex((things) => things.includes(from));
  const row = columns[column]!.indexOf(from);
  switch (action) {
    case "up":
      return columns[column]![Math.max(0, row - 1)]!;
    case "down":
      return columns[column]![Math.min(columns[column]!.length - 1, row + 1)]!;
    case "left":
    case "right": {
      const next = columns[Math.min(columns.length - 1, Math.max(0, column + (action === "left" ? -1 : 1)))]!;
      return next[Math.min(row, next.length - 1)]!;
    }
    default:
      return null;
  }
}

/** Its first row, so that arrows move in it. */
function toTable(state: MapState, scene: Scene, tables: readonly PlacedTable[], by: 1 | -1, desk: Desk): MapState {
  const table = nextTable(scene, tables, state.table, state.selected, by);
  if (table === null) {
    desk.say("no room for a table below the picture", "bad");
    return state;
  }
  const row = table.rows(scene)[0];
  desk.say(row === undefined ? `${table.title(scene)}: ${table.empty(scene)}` : selectionText(row));
  const stays = row !== undefined && tables.some((each) => each.table === table);
  return { ...state, table: stays ? state.table : table.id, selected: row?.id ?? state.selected };
}

function selectThing(state: MapState, scene: Scene, layout: MapLayout, thing: Thing, desk: Desk): MapState {
  const index = scene.cards.indexOf(thing as GuestCard);
  const cards = index < 0 ? state.cards : select(state.cards, index, scene.cards.length, layout.cardsShown);
  const next = { ...state, selected: thing.id, cards };
  // As it is at each paint: a vif connects, a NIC counts.
  desk.tell((look) => {
    const now = sceneAt(look, next);
    const all = now === null ? [] : columnsOf(now).flat();
    return selectionText(all.find(({ id }) => id === thing.id) ?? thing);
  });
  return next;
}

function drawCards(
  surface: Surface,
  scene: Scene,
  placed: Placement,
  layout: MapLayout,
  top: number,
  selected: string,
): void {
  for (const { card, y } of placed.cards) drawCard(surface, y, layout.cardHeight, card, card.id === selected);
  if (scene.cards.length === 0) surface.put(1, 1, "no guests", DIM);
  const below = scene.cards.length - top - placed.cards.length;
  const words = [top > 0 ? `▲ ${top}` : "", below > 0 ? `▼ ${below}` : ""].filter((word) => word !== "").join("  ");
  const bottom = Math.min(placed.cards.length * layout.cardHeight, surface.height) - 1;
  if (words !== "") surface.putRight(surface.width - 2, bottom, ` ${words} more `, Fg.cyan);
}

function drawVifLinks(surface: Surface, placed: Placement, layout: MapLayout, look: Look, selected: string): void {
  const { vifLinks } = layout;
  for (const { card, row } of placed.cards) {
    const { outer, vif } = card;
    if (vif === null) continue;
    const point = outer === null ? "" : pointOf(outer);
    drawLink(surface, vifLinks.x, vifLinks.y + row, vifLinks.width, {
      name: outer?.name ?? "no vif",
      state: outer === null || !outer.up || !outer.carrier ? "down" : isBusy(look, point) ? "busy" : "idle",
      rate: look.rates.of(point),
      inwardsIsRight: true,
      focused: card.id === selected,
      held: heldAt(look, point),
      motion: look.motion,
    });
    if (outer !== null) drawEnd(surface, layout.host.x, vifLinks.y + row, "┥", outer, look);
    if (card.inner !== null) drawEnd(surface, vifLinks.x - 1, vifLinks.y + row, "┝", card.inner, look);
  }
}

function drawNicLinks(surface: Surface, placed: Placement, layout: MapLayout, look: Look, selected: string): void {
  const { nicLinks, host } = layout;
  for (const { nic, row } of placed.nics) {
    const { device, id } = nic;
    const y = nicLinks.y + row;
    if (nicLinks.width === 0) {
      surface.putRight(host.x + host.width - 1, y + 1, `${device.name} `, id === selected ? Fg.cyan : PLAIN);
      continue;
    }
    const point = pointOf(device);
    drawLink(surface, nicLinks.x, y, nicLinks.width, {
      name: device.name,
      state:
        device.plugged === false
          ? "cut"
          : !device.up || !device.carrier
            ? "down"
            : isBusy(look, point)
              ? "busy"
              : "idle",
      rate: look.rates.of(point),
      inwardsIsRight: false,
      focused: id === selected,
      held: heldAt(look, point),
      motion: look.motion,
    });
    drawEnd(surface, host.x + host.width - 1, y, "┝", device, look);
    surface.put(layout.outside.x, y, "┥", device.plugged === false ? DIM : PLAIN);
  }
}

/** Where a link meets a box stands the device itself: captured or not. */
function drawEnd(surface: Surface, x: number, y: number, sign: string, device: DeviceSnapshot, look: Look): void {
  if (isCaptured(look, pointOf(device))) surface.put(x, y, "◉", Fg.cyan);
  else surface.put(x, y, sign, device.up ? PLAIN : DIM);
}

function isBusy(look: Look, point: string): boolean {
  const { history } = look.rates.of(point);
  return (history.at(-1) ?? 0) + (history.at(-2) ?? 0) > 0;
}

/** While paused, where the last frame that moved is. */
function heldAt(look: Look, point: string): "in" | "out" | null {
  if (look.running || point === "") return null;
  const row = look.frames.row(look.frames.end - 1);
  if (row === null || row.point !== point || row.direction === "drop") return null;
  return row.direction;
}

const isCaptured = (look: Look, point: string): boolean =>
  look.captures.some(({ machine, device, state }) => state === "on" && `${machine}:${device}` === point);
