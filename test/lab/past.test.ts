/** Any instant of a run again: from its start or from a copy, with every input at its place, and on from there. */
import { describe, expect, test } from "vitest";
import {
  type JournalEntry,
  type Lab,
  type Nanos,
  openLab,
  Past,
  type Place,
  type Player,
  placeOf,
  seconds,
} from "../../src/lab/index.ts";
import { LabPlayer } from "../../src/lab/replay.ts";
import { eventBefore, VisitHop, VisitPlace } from "../../src/lab/visit.ts";
import { planOfFile } from "../kit/lab.ts";
import { expectLedger } from "../kit/ledger.ts";

const plan = { ...planOfFile("bridge-xl.yaml"), checks: [] };
const options = { capture: { format: "pcapng", merged: false }, frames: true, scenario: false } as const;
const open = (): Player => new LabPlayer(openLab(plan, options));

/** What a lab shows, as text. */
const shown = (lab: Lab): string =>
  JSON.stringify([
    lab.snapshot(),
    lab.fates,
    lab.frames!.end,
    lab.captures!.list.map(({ path, size }) => [path, size]),
  ]);

interface Lived {
  readonly lab: Lab;
  readonly past: Past<Player>;
  /** What it showed after each event, and when it stood at some place for other reasons. */
  readonly instants: { readonly place: Place; readonly shown: string; readonly frames: number }[];
  readonly entries: readonly JournalEntry[];
}

/** Two seconds with inputs in between, looked at after every event from the first input on. */
function lived(): Lived {
  const player = open();
  const { lab } = player;
  const past = new Past<Player>(open);
  const instants: Lived["instants"] = [];
  // At a place where something is done what came of that is what counts.
  const look = (): void => {
    const last = instants.at(-1)?.place;
    if (last?.executed === lab.world.scheduler.executed && last.time === lab.now) instants.pop();
    instants.push({ place: placeOf(lab), shown: shown(lab), frames: lab.frames!.end });
  };
  const pass = (events: number): void => {
    for (let i = 0; i < events; i++) {
      lab.step();
      past.keep(player);
      look();
    }
  };
  lab.runUntil(seconds(1.5));
  look();
  lab.exec("web1", "ping -c 3 -i 0.2 192.168.1.102");
  look();
  pass(30);
  lab.plug("xen1", "eth0", false);
  lab.exec("xen1", "ip link set xenbr0 mtu 1400; ip neigh");
  look();
  pass(30);
  lab.runUntil((lab.now + 1) as Nanos);
  lab.plug("xen1", "eth0", true);
  look();
  pass(60);
  return { lab, past, instants, entries: lab.journal.entries };
}

function visit(past: Past<Player>, entries: readonly JournalEntry[], place: Place): Lab {
  const way = new VisitPlace(past, entries, place);
  while (!way.step(7));
  return way.playback.player.lab;
}

describe("an instant that was", () => {
  const { lab, past, instants, entries } = lived();

  test("is shown again exactly, whichever it was", () => {
    const different = instants.filter(({ place, shown: was }) => shown(visit(past, entries, place)) !== was);
    expect(different.map(({ place }) => place)).toEqual([]);
    expect(new Set(instants.map(({ shown: text }) => text)).size).toBeGreaterThan(100);
  });

  test("goes on as the run did, to the same bytes", () => {
    const { place } = instants[20]!;
    const way = new VisitPlace(past, entries, place);
    while (!way.step(1_000));
    const { playback } = way;
    expect(playback.next!.input.kind).toBe("plug");
    while (!playback.playTo(placeOf(lab), 3));
    expect(shown(playback.player.lab)).toBe(shown(lab));
    expect(playback.player.lab.journal.entries).toEqual(entries);
    expect(playback.player.lab.captures!.list.map((file) => [...file.take()])).toEqual(
      lab.captures!.list.map((file) => [...file.take()]),
    );
  });

  test("by its time alone has everything of that time, the inputs too", () => {
    const time = entries[0]!.time;
    const there = visit(past, entries, { time, executed: Number.POSITIVE_INFINITY });
    expect(there.now).toBe(time);
    expect(there.journal.entries.length).toBe(1);
  });

  test("one event back from each is the one before it; an input goes with the event after it", () => {
    for (const index of [5, 31, 45, 100]) {
      const { place } = instants[index]!;
      const there = visit(past, entries, eventBefore(place, entries));
      expect(placeOf(there).executed).toBe(place.executed - 1);
      expect(there.journal.entries.length).toBe(entries.filter(({ executed }) => executed < place.executed).length);
    }
  });

  test("one hop back is the last event before it that brought a frame to a point", () => {
    const frameEvents = instants.filter((each, index) => each.frames > (instants[index - 1]?.frames ?? each.frames));
    let at = placeOf(lab);
    let from: Player = { lab, give: () => {} };
    for (const wanted of frameEvents.reverse()) {
      const way = new VisitHop(past, entries, from);
      while (!way.step(50));
      at = placeOf(way.playback!.player.lab);
      expect(at).toEqual(wanted.place);
      from = way.playback!.player;
    }
    expect(frameEvents.length).toBeGreaterThan(20);
  });

  test("before the first frame there is no hop", () => {
    const start = visit(past, entries, instants[0]!.place);
    expect(start.frames!.end).toBe(1);
    while (start.frames!.end === 1) start.step();
    const way = new VisitHop(past, entries, new LabPlayer(start));
    while (!way.step(50));
    expect(way.playback).toBeNull();
  });
});

describe("a long run", () => {
  const player = open();
  const { lab } = player;
  const past = new Past<Player>(open);
  lab.runUntil(seconds(2));
  lab.exec("web1", "ping -q -i 0.002 192.168.1.102");
  for (let i = 0; i < 300_000; i++) {
    lab.step();
    past.keep(player);
  }
  const { entries } = lab.journal;

  test("is copied a few times, near its end more often, so that the way to any moment is short", () => {
    const now = lab.world.scheduler.executed;
    const ways: number[] = [];
    for (const share of [0.1, 0.3, 0.5, 0.7, 0.9, 0.99]) {
      const place = { time: 0 as Place["time"], executed: Math.floor(now * share) };
      const { playback } = new VisitPlace(past, entries, place);
      ways.push(place.executed - placeOf(playback.player.lab).executed);
    }
    expect(Math.max(...ways)).toBeLessThan(now / 3);
    expect(ways.at(-1)!).toBeLessThan(now / 4);
  });

  test("a moment behind a copy is the same as one from the start", () => {
    const place = { time: 0 as Place["time"], executed: 150_000 };
    const near = visit(past, entries, place);
    const far = visit(new Past<Player>(open), entries, place);
    expect(shown(near)).toBe(shown(far));
    expect(near.now).toBe(far.now);
    expectLedger(near);
  });

  test("that takes another way forgets the copies that lie on the old one", () => {
    const other = { time: 0 as Place["time"], executed: 30_000 };
    past.forget({ ...other, time: lab.now });
    const { playback } = new VisitPlace(past, entries, { time: lab.now, executed: 290_000 });
    expect(placeOf(playback.player.lab).executed).toBeLessThanOrEqual(30_000);
  });
});
