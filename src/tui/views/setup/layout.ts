/** Where the parts of the view are. Wide: with the bar of headings, the wiring and a third tool. */
import { type Rect, rect } from "../../screen/rect.ts";

export interface SetupLayout {
  readonly head: Rect;
  /** Empty on narrow screens. */
  readonly bar: Rect;
  /** Each of these with its rule on top; empty where there is no room. */
  readonly list: Rect;
  readonly command: Rect;
  readonly wiring: Rect;
  /** What tools say, from the most telling down: tools.ts chooses which. */
  readonly first: Rect;
  readonly second: Rect;
  readonly third: Rect;
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
  const second = rest >= 18 ? 6 : 0;
  const upper = Math.ceil((rest - second) * 0.5);
  const first = rest - second - upper;
  const list = Math.floor(width * 0.45);
  return {
    head: rect(0, 0, width, 1),
    bar: NOTHING,
    list: rect(0, 1, list, upper),
    command: rect(list + 1, 1, width - list - 1, upper),
    wiring: NOTHING,
    first: rect(0, 1 + upper, width, first),
    second: rect(0, 1 + upper + first, width, second),
    third: NOTHING,
    probe: rect(0, height - 1, width, 1),
    wide: false,
  };
}

function wideLayout(width: number, height: number): SetupLayout {
  const rest = height - 3;
  const third = rest >= 34 ? 4 : 0;
  const second = rest >= 24 ? 6 : 5;
  const upper = Math.ceil((rest - second - third) * 0.55);
  const first = rest - second - third - upper;
  const right = width - LIST_WIDTH - 1;
  return {
    head: rect(0, 0, width, 1),
    bar: rect(0, 1, width, 2),
    list: rect(0, 3, LIST_WIDTH, upper),
    command: rect(LIST_WIDTH + 1, 3, right, COMMAND_ROWS),
    wiring: rect(LIST_WIDTH + 1, 3 + COMMAND_ROWS, right, upper - COMMAND_ROWS),
    first: rect(0, 3 + upper, width, first),
    second: rect(0, 3 + upper + first, width, second),
    third: rect(0, 3 + upper + first + second, width, third),
    probe: NOTHING,
    wide: true,
  };
}
