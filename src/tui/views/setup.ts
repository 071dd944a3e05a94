/**
 * Set-up: how a host comes by its network, line by line, forward and back, as its scripts do it. A rehearsal in a lab of
 * its own: what is shown of a step was kept when it was done, and going back is looking at it again.
 */
import { groupSteps, type Heading } from "../../lab/index.ts";
import type { Binding } from "../keys/keymap.ts";
import { contains } from "../screen/rect.ts";
import { BOLD, DIM, Fg, PLAIN } from "../screen/style.ts";
import { cut, type Surface } from "../screen/surface.ts";
import { drawCommand, probeLine } from "./setup/command.ts";
import { drawHalves, drawWhole } from "./setup/compare.ts";
import { drawBar, drawNumbers } from "./setup/headings.ts";
import { setupLayout } from "./setup/layout.ts";
import { drawList, rowsOf, topRow } from "./setup/list.ts";
import { followEnd, setupAct } from "./setup/moves.ts";
import { hostNameOf, type Scene, type SetupState, START, sceneOf } from "./setup/state.ts";
import { comparisonsOf, fitsHalves } from "./setup/tools.ts";
import { drawWirings } from "./setup/wiring-picture.ts";
import type { Look, View } from "./view.ts";

const BINDINGS: readonly Binding[] = [
  { action: "forward", keys: ["right", "l", "down", "j"], label: "the next step", hint: "step" },
  { action: "back", keys: ["left", "h", "up", "k"], label: "back by a step: exactly what was there", hint: "back" },
  { action: "last", keys: ["enter", "end", "G"], label: "run to the end", hint: "to the end" },
  { action: "first", keys: ["r", "home", "g"], label: "back to the start", hint: "restart" },
  { action: "all", keys: ["a"], label: "also the lines that only look / without them", hint: "all lines" },
  { action: "differs", keys: ["d"], label: "only what differs / everything", hint: "differences" },
  { action: "copy", keys: ["y"], label: "copy the command", hint: "copy" },
  { action: "next-script", keys: ["tab"], label: "the next script: host, then guest after guest" },
  { action: "previous-script", keys: ["shift-tab"], label: "the script before" },
  { action: "page-down", keys: ["pagedown", "ctrl-d"], label: "ten steps on" },
  { action: "page-up", keys: ["pageup", "ctrl-u"], label: "ten steps back" },
  { action: "scroll-down", keys: ["J"], label: "the upper comparison: further down" },
  { action: "scroll-up", keys: ["K"], label: "the upper comparison: further up" },
  { action: "next-host", keys: ["]"], label: "next host" },
  { action: "previous-host", keys: ["["], label: "previous host" },
];

/** Of the textbook on the mode of the host that is looked at. */
const headingsOf = ({ step }: Scene): readonly Heading[] =>
  groupSteps([], step.after.host.mode).flatMap(({ heading }) => heading ?? []);

export const setup: View<SetupState> = {
  id: "setup",
  key: "4",
  title: "Setup",
  short: "Setup",
  bindings: BINDINGS,
  notes: [
    "1 to 8: the headings of the textbook on the host's mode; · stands in no textbook.",
    "◄ differs from before the step   ━ up   ┄ down   ┫ a port of that bridge",
    "After each step a ping is tried on a copy, which gives the links 0.3 s to come up.",
    "ip link is shortened: no qdisc, mode, group, qlen, brd, permaddr; master is last, inet",
    "from ip addr; on narrow screens also without BROADCAST. y copies what is to be typed.",
    "Below it stands what the step has changed: brctl show, ip route, iptables-save, sysctl.",
  ],

  start: () => START,

  enter(state, look, desk) {
    const host = hostNameOf(look, state);
    if (host !== null) desk.rehearse(host);
    return state;
  },

  draw(surface, state, look) {
    const scene = sceneOf(look, state);
    if (scene === null) return drawNothing(surface, look, state);
    const layout = setupLayout(surface.width, surface.height);
    const headings = headingsOf(scene);
    drawHead(surface.window(layout.head), scene, look, layout.wide);
    if (layout.bar.height > 0) drawBar(surface.window(layout.bar), headings, scene.rehearsed.steps, scene.step);
    drawList(surface.window(layout.list), scene, headings);
    drawCommand(surface.window(layout.command), scene, headings, layout.wide);
    for (let y = layout.list.y + 1; y < layout.first.y; y++) surface.put(layout.list.width, y, "│", DIM);
    surface.put(layout.list.width, layout.list.y, "┬", DIM);
    drawWirings(surface.window(layout.wiring), scene);
    const areas = [layout.first, layout.second, layout.third];
    comparisonsOf(scene, state, layout).forEach(([tool, comparison], index) => {
      const draw = fitsHalves(tool, comparison, surface.width) ? drawHalves : drawWhole;
      draw(surface.window(areas[index]!), comparison);
    });
    const probe = probeLine(scene);
    if (layout.probe.height > 0 && probe !== null)
      surface.window(layout.probe).put(1, 0, cut(probe[0], surface.width - 2), probe[1]);
    return null;
  },

  act: (action, state, look, desk, size) => setupAct(action, state, look, desk, setupLayout(size.width, size.height)),

  click(x, y, state, look, _desk, size) {
    const scene = sceneOf(look, state);
    const { list } = setupLayout(size.width, size.height);
    if (scene === null || !contains(list, x, y)) return state;
    const rows = rowsOf(scene.shown);
    const row = rows[topRow(rows, scene.step, list.height - 1) + y - list.y - 1];
    if (y === list.y || row?.kind !== "step") return state;
    return { ...state, step: row.step.number, top: null };
  },

  follow: (state, look) => followEnd(state, look),

  wheel(x, y, by, state, look, size) {
    const layout = setupLayout(size.width, size.height);
    const down = by > 0;
    const action = contains(layout.first, x, y) ? (down ? "scroll-down" : "scroll-up") : down ? "forward" : "back";
    return setupAct(action, state, look, null, layout);
  },
};

function drawNothing(surface: Surface, look: Look, state: SetupState): null {
  const host = hostNameOf(look, state);
  const text =
    host === null
      ? "No Xen host in this topology: there is no set-up to see."
      : look.rehearsed(host)?.done === true
        ? `${host} comes up without a script or a line of set-up.`
        : `rehearsing ${host}...`;
  surface.put(1, 1, text, DIM);
  return null;
}

function drawHead(surface: Surface, scene: Scene, look: Look, wide: boolean): void {
  const { hostName, rehearsed, shown, at, step } = scene;
  const { hosts } = look.snapshot;
  const name = `${hostName}${wide ? `  Xen ${step.after.host.xen}` : ""}`;
  let x = surface.put(1, 0, name, BOLD);
  const place =
    hosts.length > 1 ? ` ${hosts.findIndex((each) => each.name === hostName) + 1}/${hosts.length} ([ ] others)` : "";
  x = surface.put(x, 0, place, Fg.cyan);
  const count = rehearsed.done ? `step ${at + 1}/${shown.length}` : `rehearsing... step ${at + 1}/${shown.length}`;
  surface.putRight(surface.width - 1, 0, count, rehearsed.done ? PLAIN : Fg.yellow);
  const end = surface.width - count.length - 3;
  const from = wide ? end : drawNumbers(surface, end, headingsOf(scene), rehearsed.steps, step);
  const about = wide ? "a rehearsal: the lab itself is not touched" : "rehearsal, lab untouched";
  if (x + 2 + about.length < from) surface.put(x + 2, 0, about, DIM);
}
