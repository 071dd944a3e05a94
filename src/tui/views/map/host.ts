/**
 * Domain 0, in the middle: each bridge a bar, each port a line to the bar of its master with the port's number and
 * state. What has addresses and no master ends at the bar of the IP stack; on a router so does each bridge that has an
 * address, at its foot.
 */

import type { BridgeSnapshot, DeviceSnapshot } from "../../../lab/index.ts";
import { drawBox, drawMore } from "../../parts/box.ts";
import { isRouter } from "../../parts/routing-hosts.ts";
import { plural } from "../../parts/words.ts";
import { rect } from "../../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN, type Style } from "../../screen/style.ts";
import { cellWidth, fitLeft, type Surface } from "../../screen/surface.ts";
import type { Placement } from "./placement.ts";
import { routingLegend } from "./routing-box.ts";
import { proxyWord, routeWords, shortened } from "./stack-lines.ts";
import { portOf, type Scene } from "./things.ts";

type PortState = BridgeSnapshot["ports"][number]["state"];

const SHORT: Readonly<Record<PortState, string>> = {
  disabled: "off",
  listening: "lstn",
  learning: "lrn",
  forwarding: "fwd",
  blocking: "blk",
};
const STATE_STYLES: Readonly<Record<PortState, Style>> = {
  disabled: DIM,
  listening: Fg.yellow,
  learning: Fg.yellow,
  forwarding: PLAIN,
  blocking: Fg.red,
};

/** A bar: a bridge by its name, or the IP stack. */
interface Bar {
  readonly name: string;
  readonly x: number;
}

const IP_STACK = "";

export function drawHost(surface: Surface, scene: Scene, placed: Placement, selected: string, wide: boolean): void {
  const { host } = scene;
  const isFocused = scene.bridges.some(({ id }) => id === selected);
  const area = rect(0, 0, surface.width, surface.height);
  const inside = drawBox(surface, area, {
    left: titleOf(scene, wide),
    right: wide ? `Xen ${host.xen}` : "",
    focused: isFocused,
  });
  const bars = barsOf(scene, inside.width);
  const lowest = Math.max(
    0,
    ...placed.cards.map(({ row }) => row),
    ...placed.nics.map(({ row, rows }) => row + rows - 1),
  );
  const whole = legendOf(scene, wide);
  const legend = whole.length <= inside.height - lowest ? whole : [];
  if (legend.length === 0) drawNames(surface, scene);
  const barHeight = inside.height - legend.length;
  for (const { x, name } of bars)
    for (let y = 0; y < barHeight; y++) inside.put(x, y, barSign(scene, name), isUp(scene, name) ? PLAIN : DIM);
  if (isRouter(scene.host)) drawFeet(inside, barHeight - 1, scene, bars);
  for (const { card, row } of placed.cards)
    if (card.outer !== null) drawPort(inside, row - 1, scene, card.outer, bars, "left", wide);
  for (const { nic, row, isCrossed } of placed.nics)
    if (isCrossed) drawNamed(inside, row - 1, scene, nic.device, wide);
    else drawPort(inside, row - 1, scene, nic.device, bars, "right", wide);
  legend.forEach(([text, style], index) => {
    inside.put(0, barHeight + index, fitLeft(text, inside.width), style);
  });
  drawMore(surface, area, placed.hidden.nics);
}

function titleOf(scene: Scene, wide: boolean): string {
  const { name } = scene.host;
  if (isRouter(scene.host)) return wide ? `${name} · routing` : `${name} routing`;
  return wide ? `${name} · domain 0` : `${name} dom0`;
}

const barSign = (scene: Scene, name: string): string => (name !== IP_STACK ? "┃" : isRouter(scene.host) ? "║" : "┊");

/** Where a line meets a bar. */
const jointSign = (scene: Scene, name: string, side: "left" | "right"): string =>
  barSign(scene, name) === "║" ? (side === "left" ? "╢" : "╟") : side === "left" ? "┫" : "┣";

/** A bridge's own interface leads to the IP stack. */
function drawFeet(inside: Surface, y: number, scene: Scene, bars: readonly Bar[]): void {
  const stack = bars.find(({ name }) => name === IP_STACK);
  if (stack === undefined) return;
  for (const { bridge } of scene.bridges) {
    const bar = bars.find(({ name }) => name === bridge.device.name);
    if (bar === undefined || bridge.device.addresses.length === 0) continue;
    const style = bridge.device.up && bridge.device.carrier ? PLAIN : DIM;
    inside.put(bar.x, y, `┗${"━".repeat(Math.max(0, stack.x - bar.x - 1))}╢`, style);
  }
}

/** Without room for more the bridges are named in the lower edge. */
function drawNames(surface: Surface, scene: Scene): void {
  const names = scene.bridges.map(({ bridge }) => bridge.device.name).join(" ");
  if (names !== "") surface.put(2, surface.height - 1, ` ${names} `, BOLD, surface.width - 4);
}

function isUp(scene: Scene, name: string): boolean {
  return scene.bridges.find(({ bridge }) => bridge.device.name === name)?.bridge.device.up ?? true;
}

/** Bars stand in the middle, side by side; without any bridge nothing stands there yet. */
function barsOf(scene: Scene, width: number): readonly Bar[] {
  const names = scene.bridges.map(({ bridge }) => bridge.device.name);
  const routed = scene.host.dom0.devices.some(
    ({ kind, master, addresses }) => (kind === "vif" || kind === "nic") && master === null && addresses.length > 0,
  );
  const all = routed ? [...names, IP_STACK] : names;
  // Without a bridge the words at a vif's line take the room that the NICs' do not need.
  const isAlone = names.length === 0 && isRouter(scene.host);
  const middle = isAlone ? Math.max(13, Math.floor(width / 2)) : Math.floor(width / 2) - (all.length - 1);
  return all.map((name, index) => ({ name, x: middle + 2 * index }));
}

function drawPort(
  inside: Surface,
  y: number,
  scene: Scene,
  device: DeviceSnapshot,
  bars: readonly Bar[],
  side: "left" | "right",
  wide: boolean,
): void {
  const bar = bars.find(({ name }) => name === (device.master ?? IP_STACK)) ?? null;
  const port = portOf(scene, device);
  const from = side === "left" ? 0 : (bar?.x ?? inside.width - 4) + 1;
  const to = side === "left" ? (bar?.x ?? 3) : inside.width;
  if (device.master === null && device.addresses.length === 0) return drawLoose(inside, y, side, device, wide);
  drawLine(inside, y, scene, device, bars, { side, from, to });
  const room = to - from - 2;
  if (port === null && isRouter(scene.host)) return drawRouted(inside, y, scene, device, { side, from, to });
  const text = port === null ? (device.addresses[0] ?? "") : `${port.number} ${wide ? port.state : SHORT[port.state]}`;
  if (room < 3) return;
  const label = fitLeft(text, Math.min(room, cellWidth(text)));
  inside.put(
    side === "left" ? from + 1 : to - 1 - cellWidth(label),
    y,
    label,
    port === null ? PLAIN : STATE_STYLES[port.state],
  );
}

/** In place of a line: which bridge it is a port of. */
function drawNamed(inside: Surface, y: number, scene: Scene, device: DeviceSnapshot, wide: boolean): void {
  const port = portOf(scene, device);
  const state = port === null ? "" : ` ${port.number} ${wide ? port.state : SHORT[port.state]}`;
  const name = device.master ?? device.addresses[0]?.split("/")[0] ?? "";
  const isLive = device.up && device.carrier;
  inside.putRight(inside.width, y, isLive ? "━" : "┄", isLive ? PLAIN : DIM);
  inside.putRight(inside.width - 1, y, `${name}${state} `, port === null ? PLAIN : STATE_STYLES[port.state]);
}

/** To the bar that it leads to, behind the others. */
function drawLine(
  inside: Surface,
  y: number,
  scene: Scene,
  device: DeviceSnapshot,
  bars: readonly Bar[],
  { side, from, to }: Span,
): void {
  const isLive = device.up && device.carrier;
  const style = isLive ? PLAIN : DIM;
  inside.put(from, y, (isLive ? "━" : "┄").repeat(Math.max(0, to - from)), style);
  for (const { x, name } of bars)
    if (x >= from && x < to) inside.put(x, y, barSign(scene, name), isUp(scene, name) ? PLAIN : DIM);
  const bar = bars.find(({ name }) => name === (device.master ?? IP_STACK));
  if (bar !== undefined) inside.put(bar.x, y, jointSign(scene, bar.name, side), style);
}

interface Span {
  readonly side: "left" | "right";
  /** Columns of the line between the edge and the bar. */
  readonly from: number;
  readonly to: number;
}

/** A line to the IP stack. A vif: is ARP answered there, and who is behind it; a NIC: its address, and is ARP answered. */
function drawRouted(inside: Surface, y: number, scene: Scene, device: DeviceSnapshot, { side, from, to }: Span): void {
  const room = to - from;
  const [proxy, style] = proxyWord(scene, device);
  if (side === "left") {
    if (proxy.length + 2 <= room) inside.put(from + 1, y, proxy, style);
    const [route, look] = routeWords(scene, device, room);
    inside.put(from, y + 1, fitLeft(route, room), look);
    return;
  }
  const address = device.addresses[0]?.split("/")[0] ?? "no address";
  if (room >= 8) inside.putRight(to - 1, y, shortened(address, room - 2), PLAIN);
  if (room >= proxy.length) inside.putRight(to, y + 1, proxy, style);
}

/** No port of anything, and without an address: it ends where it comes in. */
function drawLoose(inside: Surface, y: number, side: "left" | "right", device: DeviceSnapshot, wide: boolean): void {
  const text = wide ? (device.up ? "on no bridge" : "down") : device.up ? "loose" : "down";
  if (side === "left") inside.put(0, y, ` ${text}`, device.up ? Fg.yellow : DIM);
  else inside.putRight(inside.width, y, `${text} `, DIM);
}

type Row = readonly [text: string, style: Style];

/** At the foot: what each bridge is called and which address the host has there. */
function legendOf(scene: Scene, wide: boolean): readonly Row[] {
  const { bridges, unusedPairs } = scene;
  const pairs: Row[] = unusedPairs === 0 ? [] : [[`+${plural(unusedPairs, "unused pair")}`, DIM]];
  const routing = isRouter(scene.host) ? routingLegend(scene, wide) : [];
  if (bridges.length === 0) return [...(routing.length > 0 ? routing : [["no bridge yet", DIM] as const]), ...pairs];
  const rows = bridges.flatMap(({ bridge }): Row[] => {
    const { device, id, stp } = bridge;
    const name: Row = [`${device.name}${device.up ? "" : "  down"}`, device.up ? BOLD : DIM];
    const address: Row = [device.addresses[0] ?? "no address", device.addresses.length > 0 ? PLAIN : DIM];
    const ids: Row[] = wide ? [[`${id}  STP ${stp ? "on" : "off"}`, DIM]] : [];
    return [name, address, ...ids];
  });
  return [...rows, ...routing, ...pairs];
}
