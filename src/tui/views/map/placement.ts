/** Which card, NIC and network stands in which row: what is drawn there, and what a click there means. */
import { contains, type Rect, rect } from "../../screen/rect.ts";
import { linkRow, type MapLayout } from "./layout.ts";
import type { GuestCard, NicThing, OutsideThing, Scene, Thing } from "./things.ts";

export interface Placement {
  readonly cards: readonly { readonly card: GuestCard; readonly y: number; readonly row: number }[];
  readonly nics: readonly { readonly nic: NicThing; readonly row: number }[];
  readonly networks: readonly {
    readonly network: Scene["networks"][number];
    readonly area: Rect;
  }[];
}

/** Rows count from the top of the main part. `top`: the first card in sight. */
export function place(scene: Scene, layout: MapLayout, top: number): Placement {
  const shown = scene.cards.slice(top, top + layout.cardsShown);
  const networks = placeNetworks(scene, layout);
  return {
    cards: shown.map((card, index) => ({ card, y: index * layout.cardHeight, row: linkRow(layout, index) })),
    nics: placeNics(scene, networks),
    networks,
  };
}

/** Rows for a machine in its network's box. */
export const memberRows = (layout: MapLayout): number => (layout.wide ? 3 : 2);

function placeNetworks(scene: Scene, layout: MapLayout): Placement["networks"] {
  let y = 0;
  return scene.networks.map((network) => {
    const wanted = 3 + Math.max(1, network.members.length) * memberRows(layout);
    const height = Math.min(wanted, Math.max(0, layout.outside.height - y));
    const area = rect(0, y, layout.outside.width, height);
    y += height;
    return { network, area };
  });
}

/** The NICs of one network leave the host at the rows of its box. */
function placeNics(scene: Scene, networks: Placement["networks"]): Placement["nics"] {
  const used = new Map<string, number>();
  return scene.nics.map((nic, index) => {
    const place = networks.find(({ network }) => network.network.name === nic.device.network);
    if (place === undefined) return { nic, row: 1 + 2 * index };
    const before = used.get(nic.device.network!) ?? 0;
    used.set(nic.device.network!, before + 1);
    return { nic, row: place.area.y + 1 + before };
  });
}

/** What stands at a cell of the body. */
export function thingAt(scene: Scene, layout: MapLayout, top: number, x: number, y: number): Thing | null {
  const { guests, vifLinks, host, nicLinks, outside } = layout;
  const placed = place(scene, layout, top);
  const row = y - guests.y;
  if (contains(guests, x, y))
    return placed.cards.find((each) => row >= each.y && row < each.y + layout.cardHeight)?.card ?? null;
  if (contains(vifLinks, x, y)) return placed.cards.find((each) => each.row === row)?.card ?? null;
  if (contains(nicLinks, x, y)) return placed.nics.find((each) => each.row === row)?.nic ?? null;
  if (contains(host, x, y)) return nicInHost(placed, x - host.x, host.width, row) ?? scene.bridges[0] ?? null;
  if (!contains(outside, x, y)) return null;
  const network = placed.networks.find(({ area }) => row >= area.y && row < area.y + area.height);
  return network === undefined ? null : memberAt(network, row, layout);
}

function nicInHost(placed: Placement, x: number, width: number, row: number): NicThing | null {
  return x > width / 2 ? (placed.nics.find((each) => each.row === row)?.nic ?? null) : null;
}

function memberAt(
  { network, area }: Placement["networks"][number],
  row: number,
  layout: MapLayout,
): OutsideThing | null {
  return network.members[Math.floor((row - area.y - 2) / memberRows(layout))] ?? null;
}
