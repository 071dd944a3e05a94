/** What the keys of the view do: they move along the steps, or change what is shown of one. */
import type { Desk, Look } from "../view.ts";
import { topFor } from "./compare.ts";
import type { SetupLayout } from "./layout.ts";
import { isSameScript } from "./list.ts";
import { hostNameOf, type Scene, type SetupState, START, sceneOf } from "./state.ts";
import { comparisonsOf } from "./tools.ts";

const PAGE = 10;

/** Without a desk nothing is said. */
export function setupAct(
  action: string,
  state: SetupState,
  look: Look,
  desk: Desk | null,
  layout: SetupLayout,
): SetupState {
  if (action === "next-host" || action === "previous-host") return toHost(action, state, look, desk);
  const scene = sceneOf(look, state);
  if (scene === null && action === "last") return { ...state, toEnd: true };
  if (scene === null) {
    desk?.say("there is no step to see", "bad");
    return state;
  }
  const { shown, at, step } = scene;
  const to = (index: number): SetupState => {
    const next = shown[Math.min(Math.max(0, index), shown.length - 1)]!;
    const toEnd = index === Number.POSITIVE_INFINITY && !scene.rehearsed.done;
    if (next === step && !toEnd) desk?.say(index > at ? "that was the last step" : "that is the first step");
    return { ...state, step: next.number, top: null, toEnd };
  };
  switch (action) {
    case "forward":
      return to(at + 1);
    case "back":
      return to(at - 1);
    case "first":
      return to(0);
    case "last":
      return to(Number.POSITIVE_INFINITY);
    case "page-down":
      return to(at + PAGE);
    case "page-up":
      return to(at - PAGE);
    case "next-script":
      return to(scriptStarts(scene).find((start) => start > at) ?? shown.length);
    case "previous-script":
      return to(scriptStarts(scene).findLast((start) => start < at) ?? -1);
    case "all":
      return showAll(state, scene, desk);
    case "differs":
      desk?.say(state.differs ? "everything" : "only what differs");
      return { ...state, differs: !state.differs, top: null };
    case "copy":
      desk?.copy(step.run, "command");
      return state;
    case "scroll-down":
      return scrolled(state, scene, layout, 1);
    case "scroll-up":
      return scrolled(state, scene, layout, -1);
    default:
      return state;
  }
}

/** Before each paint: who wants the end gets there when it comes. */
export function followEnd(state: SetupState, look: Look): SetupState {
  const scene = state.toEnd ? sceneOf(look, state) : null;
  if (scene === null) return state;
  return { ...state, step: scene.shown.at(-1)!.number, top: null, toEnd: !scene.rehearsed.done };
}

function toHost(action: string, state: SetupState, look: Look, desk: Desk | null): SetupState {
  const { hosts } = look.snapshot;
  if (hosts.length < 2) {
    desk?.say("there is no other Xen host");
    return state;
  }
  const next = {
    ...START,
    all: state.all,
    differs: state.differs,
    host: (state.host + (action === "next-host" ? 1 : hosts.length - 1)) % hosts.length,
  };
  desk?.rehearse(hostNameOf(look, next)!);
  return next;
}

/** Indexes of the first step of each script. */
const scriptStarts = ({ shown }: Scene): number[] =>
  shown.flatMap((step, index) => (index > 0 && isSameScript(shown[index - 1]!, step) ? [] : [index]));

function showAll(state: SetupState, { rehearsed, step }: Scene, desk: Desk | null): SetupState {
  const looks = rehearsed.steps.filter(({ reads }) => reads).length;
  desk?.say(state.all ? "only the lines that change something" : `also the ${looks} lines that only look`);
  return { ...state, all: !state.all, step: step.number, top: null };
}

/** By half of what is in sight. */
function scrolled(state: SetupState, scene: Scene, layout: SetupLayout, way: 1 | -1): SetupState {
  const rows = layout.first.height - 1;
  const [, { pairs }] = comparisonsOf(scene, state, layout)[0]!;
  const from = topFor(pairs, rows, state.top);
  return { ...state, top: topFor(pairs, rows, from + way * Math.max(1, Math.floor(rows / 2))) };
}
