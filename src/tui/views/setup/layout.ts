/** Where the parts of the view are. Wide: with the bar of headings, the wiring and the routes. */
import { type Rect, rect } from "../../screen/rect.ts";

export interface SetupLayout {
  readonly head: Rect;
  /** Empty on narrow screens. */
  readonly bar: Rect;
  /** Each of these with its rule on top; empty where there is no room. */
  readonly list: Rect;
  readonly command: Rect;
  readonly wiring: Rect;
  readonly link: Rect;
  readonly brctl: Rect;
  readonly route: Rect;
  /** Empty on wide screens: there the probe stands with the command. */
  readonly probe: Rect;
  readonly wide: boolean;
}

const NOTHING = rect(0, 0, 0, 0);
const WIDE = { width: 120, height: 26 } as const;
const LIST_WIDTH = 42;
/** Rows of the command, its heading, its reason and the probe, with the rule. */
const COMMAND_ROWS = 6;

export function setupLayout(width: number, height: number): SetupLayout {
  return width >= WIDE.width && height >= WIDE.height ? wideLayout(width, height) : narrowLayout(width, height);
}

function narrowLayout(width: number, height: number): SetupLayout {
  const rest = height - 2;
  const brctl = rest >= 18 ? 6 : 0;
  const upper = Math.ceil((rest - brctl) * 0.5);
  const link = rest - brctl - upper;
  const list = Math.floor(width * 0.45);
  return {
    head: rect(0, 0, width, 1),
    bar: NOTHING,
    list: rect(0, 1, list, upper),
    command: rect(list + 1, 1, width - list - 1, upper),
    wiring: NOTHING,
    link: rect(0, 1 + upper, width, link),
    brctl: rect(0, 1 + upper + link, width, brctl),
    route: NOTHING,
    probe: rect(0, height - 1, width, 1),
    wide: false,
  };
}

function wideLayout(width: number, height: number): SetupLayout {
  const rest = height - 3;
  const route = rest >= 34 ? 4 : 0;
  const brctl = rest >= 24 ? 6 : 5;
  const upper = Math.ceil((rest - brctl - route) * 0.55);
  const link = rest - brctl - route - upper;
  const right = width - LIST_WIDTH - 1;
  return {
    head: rect(0, 0, width, 1),
    bar: rect(0, 1, width, 2),
    list: rect(0, 3, LIST_WIDTH, upper),
    command: rect(LIST_WIDTH + 1, 3, right, COMMAND_ROWS),
    wiring: rect(LIST_WIDTH + 1, 3 + COMMAND_ROWS, right, upper - COMMAND_ROWS),
    link: rect(0, 3 + upper, width, link),
    brctl: rect(0, 3 + upper + link, width, brctl),
    route: rect(0, 3 + upper + link + brctl, width, route),
    probe: NOTHING,
    wide: true,
  };
}
