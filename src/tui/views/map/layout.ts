/** Where the parts of the map are, for a body of that size and so many cards: pure, for drawing and for clicks. */
import { type Rect, rect } from "../../screen/rect.ts";

export interface MapLayout {
  readonly info: Rect;
  readonly guests: Rect;
  readonly vifLinks: Rect;
  readonly host: Rect;
  /** Empty on narrow screens: then the NICs are only listed in the host's box. */
  readonly nicLinks: Rect;
  readonly outside: Rect;
  readonly fdb: Rect;
  readonly events: Rect;
  /** Rows of one card. */
  readonly cardHeight: number;
  /** Cards in sight. */
  readonly cardsShown: number;
  /** Room for a heading to each number. */
  readonly wide: boolean;
}

/** Columns of guests, vif links, host, NIC links, outside. */
const WIDTHS: readonly (readonly [from: number, widths: readonly [number, number, number, number, number]])[] = [
  [138, [40, 20, 32, 16, 30]],
  [118, [34, 16, 32, 12, 24]],
  [100, [30, 16, 22, 12, 20]],
  [80, [24, 13, 18, 8, 17]],
  [0, [24, 14, 20, 0, 0]],
];
/** From the most telling kind of card down: with counters, with gauges and MAC, with gauges, one line. */
export const CARD_HEIGHTS = [8, 6, 5, 3] as const;

export function mapLayout(width: number, height: number, cards: number): MapLayout {
  const wide = width >= 118;
  const [, columns] = WIDTHS.find(([from]) => width >= from)!;
  const spare = width - columns.reduce((sum, each) => sum + each, 0);
  const gap = Math.floor(spare / 4);
  const fdbHeight = height >= 34 ? 7 : height >= 22 ? 3 : 0;
  const eventsHeight = height >= 34 ? 7 : height >= 18 ? 3 : 2;
  const main = height - 1 - fdbHeight - eventsHeight;
  const cardHeight = CARD_HEIGHTS.find((each) => each * cards <= main) ?? CARD_HEIGHTS.at(-1)!;
  const x = columns.map((_, index) => columns.slice(0, index).reduce((sum, each) => sum + each, 0));
  const link = Math.min(gap, 6);
  return {
    info: rect(0, 0, width, 1),
    guests: rect(x[0]!, 1, columns[0], main),
    vifLinks: rect(x[1]!, 1, columns[1] + link, main),
    host: rect(x[2]! + link, 1, columns[2] + gap, main),
    nicLinks: rect(x[3]! + link + gap, 1, columns[3] === 0 ? 0 : columns[3] + link, main),
    outside: rect(x[4]! + 2 * link + gap, 1, columns[4] === 0 ? 0 : width - (x[4]! + 2 * link + gap), main),
    fdb: rect(0, 1 + main, width, fdbHeight),
    events: rect(0, 1 + main + fdbHeight, width, eventsHeight),
    cardHeight,
    cardsShown: Math.max(1, Math.floor(main / cardHeight)),
    wide,
  };
}

/** The row, from the top of the main part, at which the link of card number `shown` leaves it. */
export const linkRow = ({ cardHeight }: MapLayout, shown: number): number =>
  shown * cardHeight + (cardHeight >= 6 ? 2 : 1);
