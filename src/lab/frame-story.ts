/**
 * The story of one frame: what each bridge, stack and chain of rules decided about it, and why it ended. Made of the step
 * records (engine/recorder.ts), which a lab keeps only when it is told to, and the last 65,536 of them.
 */

import { bridgeSteps } from "../device/bridge-steps.ts";
import type { StepStory } from "../device/step-story.ts";
import type { World } from "../device/world.ts";
import type { StepRecord } from "../engine/recorder.ts";
import type { Nanos } from "../engine/time.ts";
import type { Machine } from "../machine/machine.ts";
import { stackSteps } from "../stack/steps.ts";
import { FATES } from "./fates.ts";

export interface StoryLine {
  readonly time: Nanos;
  /** "xen1:virbr0", "xen1:filter.FORWARD" */
  readonly point: string;
  readonly text: string;
  /** The frame ends with it. */
  readonly isEnd: boolean;
}

export interface FrameStory {
  readonly lines: readonly StoryLine[];
  /** Records from the beginning of the run have been overwritten: the story may lack its beginning. */
  readonly isCut: boolean;
}

/** What is asked of a lab. */
export interface StoryTeller {
  readonly world: World;
  find(machine: string): Machine | null;
}

const STEPS: ReadonlyMap<number, StepStory> = new Map([...bridgeSteps, ...stackSteps].map((step) => [step.code, step]));

/** `frame` is the number that it has at every hop. */
export function frameStory(lab: StoryTeller, frame: number): FrameStory {
  const { recorder } = lab.world;
  const lines: StoryLine[] = [];
  for (let index = recorder.first; index < recorder.made; index++) {
    if (recorder.frameOf(index) !== frame) continue;
    const line = tell(lab, recorder.read(index));
    if (line !== null) lines.push(line);
  }
  return { lines, isCut: recorder.first > 0 };
}

/** The number of the last frame that ended with this fate; null when no record tells. */
export function lastLost(lab: StoryTeller, fate: number): number | null {
  const { recorder } = lab.world;
  for (let index = recorder.made - 1; index >= recorder.first; index--) {
    if (recorder.codeOf(index) === fate) return recorder.frameOf(index);
  }
  return null;
}

const nameOf = ({ world }: StoryTeller, point: number): string => world.pointName(point) ?? "gone";

function tell(lab: StoryTeller, { time, point, code, a, b }: StepRecord): StoryLine | null {
  const name = nameOf(lab, point);
  const fate = FATES.find((each) => each.code === code);
  if (fate !== undefined) return { time, point: name, text: `${fate.name}: ${fate.what}`, isEnd: true };
  const machine = lab.find(name.split(":")[0]!);
  const owner = (id: number): string => nameOf(lab, id).replace(/^[^:]*:/, "");
  const device = (index: number): string => machine?.net.table.byIndex(index)?.name ?? `interface ${index}`;
  const step = STEPS.get(code);
  if (step === undefined) return null;
  // The point stands beside it; a chain's sentences begin with it.
  const text = step.say(a, b, owner, device).replace(`${owner(point)}: `, "");
  return { time, point: name, text, isEnd: false };
}
