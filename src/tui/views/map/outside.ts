/** What the cables lead to, right: each network with the machines on it. */
import { drawBox, drawMore } from "../../parts/box.ts";
import type { Rect } from "../../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN } from "../../screen/style.ts";
import { fitLeft, type Surface } from "../../screen/surface.ts";
import type { MapLayout } from "./layout.ts";
import { memberRows, type Placement, stackRows } from "./placement.ts";
import type { OutsideThing, Scene } from "./things.ts";

/** What the host keeps for itself behind a pair: eth0 of Xen 3.0 and 3.1, with its address. */
export function drawStack(surface: Surface, { host, stack }: Scene, area: Rect, wide: boolean, selected: string): void {
  const inside = drawBox(surface, area, { left: `${host.name}'s own`, right: wide ? "IP stack" : "" });
  stack.forEach(({ device, id }, index) => {
    const y = index * stackRows(wide);
    const address = device.addresses[0] ?? "no address";
    inside.put(0, y, device.up ? "●" : "○", device.up ? PLAIN : DIM);
    inside.put(2, y, fitLeft(device.name, inside.width - 2), id === selected ? Fg.cyan | BOLD : BOLD);
    inside.put(2, y + 1, wide ? address : address.split("/")[0]!, device.up ? PLAIN : DIM, inside.width - 2);
    if (wide) inside.put(2, y + 2, device.mac, DIM, inside.width - 2);
  });
}

export function drawNetworks(surface: Surface, placed: Placement, layout: MapLayout, selected: string): void {
  for (const { network, area, members } of placed.networks) {
    const { name, kind, rate, delay } = network;
    const inside = drawBox(surface, area, { left: name, right: layout.wide ? kind : "" });
    inside.put(0, 0, fitLeft(speedOf(rate, delay, layout.wide), inside.width), DIM);
    if (members.length === 0) inside.put(0, 1, "nobody else", DIM);
    members.forEach((member, index) => {
      drawMember(inside, 1 + index * memberRows(layout), member, layout.wide, member.id === selected);
    });
  }
  const last = placed.networks.at(-1);
  if (last !== undefined) drawMore(surface, last.area, placed.hidden.members);
}

function drawMember(
  inside: Surface,
  y: number,
  { device, network, address }: OutsideThing,
  wide: boolean,
  focused: boolean,
): void {
  const link = network.links.find((each) => each.machine === device.machine && each.device === device.name);
  const isUp = link?.up === true;
  const sign = link?.plugged === false ? "✗" : isUp ? "●" : "○";
  inside.put(0, y, sign, isUp ? PLAIN : Fg.red);
  inside.put(2, y, fitLeft(device.machine, inside.width - 2), focused ? Fg.cyan | BOLD : BOLD);
  const where = address ?? "no address";
  inside.put(2, y + 1, wide ? `${device.name} ${where}` : where.split("/")[0]!, isUp ? PLAIN : DIM, inside.width - 2);
  if (wide) inside.put(2, y + 2, device.mac, DIM, inside.width - 2);
}

function speedOf(rate: number | null, delay: number, wide: boolean): string {
  const speed = rate === null ? "no limit" : rate >= 1e9 ? `${rate / 1e9} Gbit/s` : `${rate / 1e6} Mbit/s`;
  return wide && delay > 0 ? `${speed}  ${delay / 1e3} µs` : speed;
}
