/** Where the parts and things of the map are, at every size and in any number: never over each other, and hit by a click. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { Rect } from "../../../../src/tui/screen/rect.ts";
import { mapLayout } from "../../../../src/tui/views/map/layout.ts";
import { memberRows, place, thingAt } from "../../../../src/tui/views/map/placement.ts";
import type {
  GuestCard,
  NicThing,
  OutsideThing,
  Scene,
  StackThing,
  Thing,
} from "../../../../src/tui/views/map/things.ts";

const overlap = (a: Rect, b: Rect): boolean =>
  a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
const isInside = (part: Rect, whole: { readonly width: number; readonly height: number }): boolean =>
  part.x >= 0 && part.y >= 0 && part.x + part.width <= whole.width && part.y + part.height <= whole.height;

/** Bodies of screens from 60x16 to 240x70. */
const width = fc.integer({ min: 60, max: 240 });
const height = fc.integer({ min: 14, max: 68 });

describe("the layout", () => {
  test("no part reaches over another or beyond the body, at any size, with 0 to 30 cards", () => {
    for (let columns = 60; columns <= 240; columns++)
      for (let rows = 14; rows <= 68; rows += columns % 7 === 4 ? 1 : 6)
        for (const cards of [0, 1, 2, 3, 5, 8, 30]) {
          const { cardHeight, cardsShown, wide: _, ...parts } = mapLayout(columns, rows, cards);
          const seen = Object.entries(parts).filter(([, { width: w, height: h }]) => w > 0 && h > 0);
          const where = `${columns}x${rows}, ${cards} cards`;
          for (const [name, part] of seen)
            if (!isInside(part, { width: columns, height: rows })) expect.fail(`${name} leaves ${where}`);
          for (const [index, [name, part]] of seen.entries())
            for (const [other, area] of seen.slice(index + 1))
              if (overlap(part, area)) expect.fail(`${name} over ${other} at ${where}`);
          if (cardHeight * Math.min(cards, cardsShown) > parts.guests.height) expect.fail(`cards leave ${where}`);
          for (const name of ["info", "guests", "host", "events"] as const)
            if (parts[name].width * parts[name].height === 0) expect.fail(`no ${name} at ${where}`);
        }
  });

  test("cards are as telling as there is room for, and never fewer in sight than fit", () => {
    expect(mapLayout(140, 38, 1).cardHeight).toBe(8);
    expect(mapLayout(80, 22, 2).cardHeight).toBe(6);
    expect(mapLayout(80, 22, 5).cardHeight).toBe(3);
    expect(mapLayout(80, 22, 30)).toMatchObject({ cardHeight: 3, cardsShown: 5 });
  });
});

/** A scene of so many things, with nothing but what placement looks at. */
function sceneOf(
  cards: number,
  nics: readonly string[],
  networks: Readonly<Record<string, number>>,
  pairs: number,
  ipForward = false,
): Scene {
  const thing = <T extends Thing>(kind: T["kind"], id: string, rest: object): T => ({ kind, id, ...rest }) as T;
  return {
    host: {
      mode: "bridge",
      dom0: { routes: 1, neighbours: 0 },
      routing: {
        ipForward,
        proxyArp: ["eth0"],
        nat: [],
        tables: [],
        bridgeCallsIptables: null,
        conntrack: null,
        leases: null,
      },
    } as unknown as Scene["host"],
    cards: Array.from({ length: cards }, (_, n) => thing<GuestCard>("guest", `g${n}:eth0`, { outer: null })),
    bridges: [],
    nics: [
      ...nics.map((network, n) =>
        thing<NicThing>("nic", `xen1:eth${n}`, { device: { network, master: null, addresses: [] }, own: null }),
      ),
      ...Array.from({ length: pairs }, (_, n) =>
        thing<NicThing>("nic", `xen1:vif0.${n}`, { device: { network: null, master: null, addresses: [] }, own: {} }),
      ),
    ],
    stack: Array.from({ length: pairs }, (_, n) => thing<StackThing>("stack", `xen1:own${n}`, {})),
    unusedPairs: 0,
    networks: Object.entries(networks).map(([name, members]) => ({
      network: { name } as Scene["networks"][number]["network"],
      members: Array.from({ length: members }, (_, n) => thing<OutsideThing>("outside", `${name}${n}:eth0`, {})),
    })),
  };
}

const scenes = fc
  .record({
    cards: fc.nat({ max: 30 }),
    nics: fc.array(fc.constantFrom("lan", "san", "far", "nowhere"), { maxLength: 8 }),
    networks: fc.dictionary(fc.constantFrom("lan", "san", "far"), fc.nat({ max: 9 })),
    pairs: fc.nat({ max: 3 }),
    ipForward: fc.boolean(),
  })
  .map(({ cards, nics, networks, pairs, ipForward }) => sceneOf(cards, nics, networks, pairs, ipForward));

describe("the placement", () => {
  test("every row has one link at most, every box its own rows, all inside; the rest is counted", () => {
    fc.assert(
      fc.property(scenes, width, height, fc.nat({ max: 30 }), (scene, columns, rows, top) => {
        const layout = mapLayout(columns, rows, scene.cards.length);
        const first = Math.min(top, Math.max(0, scene.cards.length - layout.cardsShown));
        const { cards, nics, networks, stack, routing, hidden } = place(scene, layout, first);
        const main = layout.host.height;

        expect(cards.length).toBe(Math.min(layout.cardsShown, scene.cards.length));
        for (const { y, row } of cards) {
          expect(y + layout.cardHeight).toBeLessThanOrEqual(main);
          expect(row, "beside its own card").toBeGreaterThan(y);
          expect(row).toBeLessThan(y + layout.cardHeight - 1);
        }
        const rowsOfNics = nics.flatMap(({ row, rows: own }) => Array.from({ length: own }, (_, i) => row + i));
        expect(new Set(rowsOfNics).size, "no row twice").toBe(rowsOfNics.length);
        for (const row of rowsOfNics) {
          expect(row, "below the upper edge of the host's box").toBeGreaterThanOrEqual(1);
          expect(row, "above the lower one").toBeLessThan(main - 1);
        }
        for (const [index, { area, network, members }] of networks.entries()) {
          expect(isInside(area, layout.outside)).toBe(true);
          if (index > 0) expect(area.y).toBe(networks[index - 1]!.area.y + networks[index - 1]!.area.height);
          expect(members.length * memberRows(layout)).toBeLessThanOrEqual(area.height - 3);
          for (const { nic, row } of nics)
            if (nic.device.network === network.name && area.height > 2 + nics.length)
              expect(row > area.y && row < area.y + area.height - 1, "a NIC leads to the box of its network").toBe(
                true,
              );
        }
        if (stack !== null) {
          expect(isInside(stack, layout.outside)).toBe(true);
          expect(networks.filter(({ area }) => overlap(area, stack))).toEqual([]);
        }
        if (routing !== null) {
          expect(isInside(routing, layout.outside)).toBe(true);
          expect(
            [...networks.map(({ area }) => area), ...(stack === null ? [] : [stack])].filter((area) =>
              overlap(area, routing),
            ),
          ).toEqual([]);
        }
        expect(nics.length + hidden.nics).toBe(scene.nics.length);
        if (layout.outside.width > 0) {
          const all = scene.networks.reduce((sum, network) => sum + network.members.length, 0);
          expect(networks.reduce((sum, network) => sum + network.members.length, 0) + hidden.members).toBe(all);
        }
      }),
      { numRuns: 400 },
    );
  });

  test("a click anywhere hits the thing whose cell it is, or nothing", () => {
    fc.assert(
      fc.property(scenes, width, height, (scene, columns, rows) => {
        const layout = mapLayout(columns, rows, scene.cards.length);
        const placed = place(scene, layout, 0);
        const at = (x: number, y: number): Thing | null => thingAt(scene, layout, 0, x, y);
        for (const { card, y, row } of placed.cards) {
          expect(at(layout.guests.x, layout.guests.y + y)).toBe(card);
          expect(at(layout.guests.x + layout.guests.width - 1, layout.guests.y + y + layout.cardHeight - 1)).toBe(card);
          expect(at(layout.vifLinks.x + 1, layout.vifLinks.y + row)).toBe(card);
        }
        for (const { nic, row, rows: own } of placed.nics)
          for (let i = 0; i < own; i++) {
            expect(at(layout.host.x + layout.host.width - 2, layout.host.y + row + i)).toBe(nic);
            if (layout.nicLinks.width > 0) expect(at(layout.nicLinks.x, layout.nicLinks.y + row)).toBe(nic);
          }
        for (const { area, members } of placed.networks)
          for (const [index, member] of members.entries())
            for (let i = 0; i < memberRows(layout); i++)
              expect(at(layout.outside.x + 3, layout.outside.y + area.y + 2 + index * memberRows(layout) + i)).toBe(
                member,
              );
        if (placed.stack !== null)
          expect(at(layout.outside.x + 3, layout.outside.y + placed.stack.y + 1)).toBe(scene.stack[0]);
        for (const part of [layout.info, layout.fdb, layout.events])
          if (part.height > 0) expect(at(part.x + 2, part.y), "the panels are no things").toBeNull();
      }),
      { numRuns: 200 },
    );
  });
});
