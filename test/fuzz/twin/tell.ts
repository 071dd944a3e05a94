/** A difference as an engineer reads it. */
import { fromHex } from "../../../src/base/bytes.ts";
import { describe } from "../../../src/packet/describe.ts";
import { type Case, isLine, type Step } from "./case.ts";
import type { Difference } from "./predicate.ts";

const SHOWN = 120;

export function tellDifference({ steps }: Case, { step, where, emulator, kernel }: Difference): string {
  const before = steps.slice(0, step).map((each) => `  ${tellStep(each)}`);
  return [
    ...before,
    `> ${tellStep(steps[step]!)}`,
    `  at ${where}:`,
    ...tellFrames("emulator", emulator),
    ...tellFrames("kernel", kernel),
  ].join("\n");
}

const tellStep = (step: Step): string => (isLine(step) ? `# ${step.run}` : `${step.on} <- ${tellFrame(step.frame)}`);

function tellFrames(world: string, frames: readonly string[]): string[] {
  if (frames.length === 0) return [`    ${world}: nothing`];
  return frames.map((frame) => `    ${world}: ${/^[0-9a-f]{28}/.test(frame) ? tellFrame(frame) : frame}`);
}

function tellFrame(hex: string): string {
  const bytes = fromHex(hex);
  const more = hex.length > SHOWN ? `... (${bytes.length} bytes)` : "";
  const words = describe(bytes, 0, bytes.length, { link: true, verbose: true }).replace(/\n\s*0x[\s\S]*/, "");
  return `${words.replace(/\n\s*/g, " ")}\n      ${hex.slice(0, SHOWN)}${more}`;
}
