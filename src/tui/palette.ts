/** What the palette offers: every action, every machine's shell, every interface, and frames by number. */

import { type Nanos, parseDuration } from "../lab/index.ts";
import { type Choice, Chooser } from "./chrome/chooser.tsx";
import type { Front } from "./front.ts";
import { keyText } from "./keys/keymap.ts";
import { fuzzyFilter } from "./parts/fuzzy.ts";
import { stamp } from "./parts/words.ts";
import { VIEWS } from "./views/index.ts";
import type { Look } from "./views/view.ts";

interface Entry extends Choice {
  run(): void;
}

const WIDTH = 76;
const HEIGHT = 20;

export function palette(front: Front): Chooser<Entry> {
  const entries = [...actions(front), ...views(front), ...things(front)];
  return new Chooser<Entry>({
    title: "Palette",
    note: "↵ does it   esc closes",
    width: WIDTH,
    height: HEIGHT,
    items: (query) => [
      ...frameNumbered(front, query),
      ...timeNamed(front, query),
      ...fuzzyFilter(query, entries, ({ text, detail }) => `${text} ${detail}`),
    ],
    chosen: (entry) => entry?.run(),
  });
}

function actions(front: Front): Entry[] {
  return front.bindings
    .filter(({ action }) => action !== "palette")
    .map(({ action, label, keys }) =>
      entry(label, "", () => front.act(action), keyText(keys[0]!, front.options.ascii)),
    );
}

function views(front: Front): Entry[] {
  return VIEWS.map(({ id, title, key }) => entry(`view: ${title}`, "", () => front.show(id), key));
}

function things(front: Front): Entry[] {
  const look = front.bench?.look;
  if (look === undefined) return [];
  return machineNames(look).flatMap(({ name, devices }) => [
    entry(`shell: ${name}`, "a prompt there", () => front.show("shell", { kind: "machine", name })),
    ...devices.flatMap((device) => {
      const point = `${name}:${device}`;
      return [
        entry(`map: ${point}`, "select it", () => front.show("map", { kind: "device", point })),
        entry(`packets: ${point}`, "only what passes there", () =>
          front.show("packets", { kind: "filter", text: `port == ${point}` }),
        ),
      ];
    }),
  ]);
}

function machineNames({ snapshot }: Look): { readonly name: string; readonly devices: readonly string[] }[] {
  const machines = [
    ...snapshot.hosts.flatMap((host) => [host.dom0, ...host.guests.map(({ machine }) => machine)]),
    ...snapshot.machines,
  ].filter((machine) => machine !== null);
  return machines.map(({ name, devices }) => ({
    name,
    devices: devices.filter(({ kind }) => kind !== "loopback").map((device) => device.name),
  }));
}

/** "1280" and "frame 1280". */
function frameNumbered(front: Front, query: string): Entry[] {
  const number = Number(/^(?:frame )?(\d+)$/.exec(query.trim())?.[1] ?? Number.NaN);
  const row = front.bench?.look.frames.row(number) ?? null;
  if (row === null) return [];
  return [
    entry(`frame ${number}`, `${row.point} ${row.protocol} ${row.info}`, () =>
      front.show("packets", { kind: "frame", number }),
    ),
  ];
}

/** "3.2s", "850ms", "3.2": the lab at that time; "-1s": so much earlier than it is now. */
function timeNamed(front: Front, query: string): Entry[] {
  const { bench } = front;
  const [, sign, text, unit] = /^(-?)([\d.]+) ?(ns|us|ms|s|m|h|)$/.exec(query.trim()) ?? [];
  // A whole number alone is a frame's.
  const isTime = text !== undefined && (sign === "-" || unit !== "" || text.includes("."));
  const span = !isTime ? null : parseDuration(`${text}${unit === "" ? "s" : unit}`);
  if (bench === null || span === null) return [];
  const time = sign === "-" ? Math.max(0, bench.look.snapshot.now - span) : span;
  return [entry(`the lab at ${stamp(time as Nanos)} s`, "as it was then", () => front.desk.goTo(time))];
}

const entry = (text: string, detail: string, run: () => void, key = ""): Entry => ({
  text,
  detail,
  key,
  completes: null,
  run,
});
