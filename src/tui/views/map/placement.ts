/** Which card, NIC and network stands in which row: what is drawn there, and what a click there means. */
import { isRouter } from "../../parts/routing-hosts.ts";
import { contains, type Rect, rect } from "../../screen/rect.ts";
import { linkRow, type MapLayout } from "./layout.ts";
import { routingRows } from "./routing-box.ts";
import { barOf, type GuestCard, type NicThing, type OutsideThing, type Scene, type Thing } from "./things.ts";

export interface Placement {
  readonly cards: readonly { readonly card: GuestCard; readonly y: number; readonly row: number }[];
  /**
   * `rows`: of its port, and below it of its name where no link is there to write it on. `isCrossed`: in that row a vif's
   * line leads to a bar further right, so that the NIC's can have none: the two would look like one.
   */
  readonly nics: readonly {
    readonly nic: NicThing;
    readonly row: number;
    readonly rows: number;
    readonly isCrossed: boolean;
  }[];
  readonly networks: readonly PlacedNetwork[];
  /** Null: the host has no device of its own behind a pair, or no room for it. */
  readonly stack: Rect | null;
  /** What the IP stack of a router is set to; null: it is none, or no room for it. */
  readonly routing: Rect | null;
  /** Things that there is no room for. */
  readonly hidden: { readonly nics: number; readonly members: number };
}

interface PlacedNetwork {
  readonly network: Scene["networks"][number]["network"];
  readonly area: Rect;
  /** As many as fit. */
  readonly members: readonly OutsideThing[];
}

/** Rows count from the top of the main part. `top`: the first card in sight. */
export function place(scene: Scene, layout: MapLayout, top: number): Placement {
  const shown = scene.cards.slice(top, top + layout.cardsShown);
  const networks = layout.outside.width > 0 ? placeNetworks(scene, layout) : [];
  const stack = placeStack(scene, networks, layout);
  const routing = placeRouting(scene, networks, stack, layout);
  const cards = shown.map((card, index) => ({ card, y: index * layout.cardHeight, row: linkRow(layout, index) }));
  const nics = placeNics(scene, cards, networks, stack, layout);
  const members = scene.networks.reduce((sum, network) => sum + network.members.length, 0);
  const seen = networks.reduce((sum, network) => sum + network.members.length, 0);
  return {
    cards,
    nics,
    networks,
    stack,
    routing,
    hidden: { nics: scene.nics.length - nics.length, members: layout.outside.width > 0 ? members - seen : 0 },
  };
}

/** Rows for a machine in its network's box. */
export const memberRows = (layout: MapLayout): number => (layout.wide ? 3 : 2);

/** Rows of a network's box beside those of its machines: edges, and its speed. */
const FRAME = 3;

function placeNetworks(scene: Scene, layout: MapLayout): Placement["networks"] {
  const placed: PlacedNetwork[] = [];
  const each = memberRows(layout);
  let y = 0;
  for (const { network, members } of scene.networks) {
    const cables = scene.nics.filter(({ device }) => device.network === network.name).length;
    const wanted = Math.max(FRAME + each * Math.max(1, members.length), 2 + cables);
    const height = Math.min(wanted, layout.outside.height - y);
    if (height < FRAME + each) break;
    const fit = Math.floor((height - FRAME) / each);
    placed.push({ network, area: rect(0, y, layout.outside.width, height), members: members.slice(0, fit) });
    y += height;
  }
  return placed;
}

const foot = (networks: Placement["networks"]): number =>
  networks.reduce((end, { area }) => Math.max(end, area.y + area.height), 0);

/** Below the networks. */
function placeStack(
  { stack }: Scene,
  networks: Placement["networks"],
  { outside, wide }: MapLayout,
): Placement["stack"] {
  const y = foot(networks);
  const height = 2 + stackRows(wide) * stack.length;
  if (stack.length === 0 || outside.width === 0 || y + height > outside.height) return null;
  return rect(0, y, outside.width, height);
}

/** Below all that cables and pairs lead to. */
function placeRouting(
  scene: Scene,
  networks: Placement["networks"],
  stack: Placement["stack"],
  { outside }: MapLayout,
): Placement["routing"] {
  if (!isRouter(scene.host) || outside.width === 0) return null;
  const y = stack === null ? foot(networks) : stack.y + stack.height;
  const height = Math.min(routingRows(scene), outside.height - y);
  return height < FEWEST ? null : rect(0, y, outside.width, height);
}

/** Rows of the routing box, edges included, that say anything. */
const FEWEST = 4;

/** Rows for a device in the box of the host's own. */
export const stackRows = (wide: boolean): number => (wide ? 3 : 2);

/**
 * The NICs of one network leave the host at the rows of its box, pairs at those of the host's own devices; those of no
 * network in sight below all boxes.
 */
function placeNics(
  scene: Scene,
  cards: Placement["cards"],
  networks: Placement["networks"],
  stack: Placement["stack"],
  layout: MapLayout,
): Placement["nics"] {
  const rows = layout.nicLinks.width > 0 ? 1 : 2;
  const below = Math.max(foot(networks), stack === null ? 0 : stack.y + stack.height);
  const taken = new Set<number>();
  return scene.nics
    .map((nic) => {
      const area = nic.own === null ? networks.find(({ network }) => network.name === nic.device.network)?.area : stack;
      const first = (area?.y ?? below) + 1;
      const end = area === undefined || area === null ? layout.host.height - 1 : area.y + area.height - 1;
      const isCrossed = (row: number): boolean =>
        cards.some(({ card, row: line }) => line === row && passes(scene, card.outer, nic.device));
      let row = first;
      while (row < end && (taken.has(row) || isCrossed(row))) row += rows;
      if (row >= end) for (row = first; taken.has(row); ) row += rows;
      taken.add(row);
      return { nic, row, rows, isCrossed: isCrossed(row) };
    })
    .filter(({ row }) => row + rows < layout.host.height);
}

/** In one row the vif's line, from the left, would go on into the NIC's. */
function passes(scene: Scene, vif: GuestCard["outer"], nic: NicThing["device"]): boolean {
  return vif !== null && hasLine(vif) && hasLine(nic) && barOf(scene, vif) > barOf(scene, nic);
}

/** What is in no bridge and has no address ends where it comes in. */
const hasLine = ({ master, addresses }: NicThing["device"]): boolean => master !== null || addresses.length > 0;

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
  if (placed.stack !== null && row >= placed.stack.y && row < placed.stack.y + placed.stack.height)
    return scene.stack[Math.floor((row - placed.stack.y - 1) / stackRows(layout.wide))] ?? scene.stack[0] ?? null;
  const network = placed.networks.find(({ area }) => row >= area.y && row < area.y + area.height);
  return network === undefined ? null : memberAt(network, row, layout);
}

function nicInHost(placed: Placement, x: number, width: number, row: number): NicThing | null {
  if (x <= width / 2) return null;
  return placed.nics.find((each) => row >= each.row && row < each.row + each.rows)?.nic ?? null;
}

function memberAt({ members, area }: PlacedNetwork, row: number, layout: MapLayout): OutsideThing | null {
  return members[Math.floor((row - area.y - 2) / memberRows(layout))] ?? null;
}
