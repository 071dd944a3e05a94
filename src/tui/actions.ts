/** What the bindings that hold everywhere do. */

import { openChooser } from "./choose-topology.ts";
import { CommandBar } from "./chrome/command-bar.tsx";
import { Help } from "./chrome/help.tsx";
import { openCard } from "./first-card.ts";
import type { Front } from "./front.ts";
import { EVERYWHERE } from "./keys/keymap.ts";
import { palette } from "./palette.ts";
import { speedText } from "./session/pace.ts";

const ACTIONS: Readonly<Record<string, (front: Front) => void>> = {
  pause: (front) => front.bench?.session.toggle(front.host.now()),
  "step-event": (front) => step(front, "stepEvent"),
  "step-hop": (front) => step(front, "stepHop"),
  "back-event": (front) => front.bench?.session.backEvent(),
  "back-hop": (front) => front.bench?.session.backHop(),
  beginning: (front) => front.bench?.session.goToBeginning(),
  newest: (front) => front.bench?.session.goToNewest(),
  "save-run": (front) => saveRun(front),
  faster: (front) => changeSpeed(front, 1),
  slower: (front) => changeSpeed(front, -1),
  command: (front) => openCommandBar(front),
  palette: (front) => front.open(palette(front)),
  "open-topology": (front) => openChooser(front),
  life: (front) => toggleLife(front),
  mouse: (front) => toggleMouse(front),
  redraw: (front) => front.host.redraw(),
  suspend: (front) => front.host.suspend(),
  tour: (front) => openCard(front),
  quit: (front) => front.host.quit(),
  help: (front) => openHelp(front),
};

export function perform(action: string, front: Front): void {
  ACTIONS[action]?.(front);
}

function step(front: Front, kind: "stepEvent" | "stepHop"): void {
  const { bench } = front;
  if (bench !== null) front.say(bench.session[kind]());
}

function saveRun(front: Front): void {
  const session = front.bench?.session;
  if (session === undefined) return;
  try {
    const path = front.outside.saveJournal(session.plan, session.run);
    front.say(`the run is in ${path}: xenlab open, or xenlab replay, plays it again`, "good");
  } catch (error) {
    front.say((error as Error).message, "bad");
  }
}

function changeSpeed(front: Front, by: 1 | -1): void {
  const session = front.bench?.session;
  if (session === undefined) return;
  const changed = session.pace.change(by, front.host.now(), session.lab.now);
  const speed = speedText(session.pace.speed);
  front.say(changed ? `speed ${speed}` : `speed ${speed} is the ${by > 0 ? "fastest" : "slowest"}`);
}

function toggleMouse(front: Front): void {
  front.mouse = !front.mouse;
  front.host.setMouse(front.mouse);
  front.say(
    front.mouse ? "mouse on: shift-drag selects text" : "mouse off: the terminal selects text; alt-m: on again",
  );
}

function toggleLife(front: Front): void {
  const session = front.bench?.session;
  if (session !== undefined) front.say(session.toggleLife());
}

function openHelp(front: Front): void {
  const view = front.bench?.view;
  const taken = new Set(view?.bindings.flatMap(({ keys }) => keys) ?? []);
  front.open(
    new Help({
      title: view === undefined ? "" : `In ${view.title}`,
      here: view?.bindings ?? [],
      ascii: front.options.ascii,
      everywhere: EVERYWHERE.filter(({ keys }) => !keys.every((key) => taken.has(key))),
      notes: [...(view?.notes ?? []), "Mouse: click and wheel; shift-drag selects text as usual."],
    }),
  );
}

function openCommandBar(front: Front): void {
  const { bench } = front;
  if (bench === null) return;
  const { shells } = bench.session;
  const machine = shells.front;
  front.desk.openShell(machine);
  front.open(
    new CommandBar({
      machine,
      get history() {
        return shells.transcript(machine)?.history ?? [];
      },
      complete: (text, cursor) => front.desk.complete(machine, text, cursor),
      tail: (rows) => {
        const transcript = shells.transcript(machine);
        if (transcript === null) return [];
        const open = transcript.busy && transcript.open !== "" ? [transcript.open] : [];
        return [...transcript.lines.slice(-rows).map(({ text }) => text), ...open].slice(-rows);
      },
      version: () => shells.transcript(machine)?.version ?? 0,
      busy: () => shells.transcript(machine)?.busy === true,
      entered: (text) => front.desk.type(machine, text),
      interrupt: () => front.desk.interrupt(machine),
    }),
  );
}
