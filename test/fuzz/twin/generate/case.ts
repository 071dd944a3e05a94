/** A case from a seed and a number: a scene, then what happens in it. */
import { toHex } from "../../../../src/base/bytes.ts";
import type { Case, Step } from "../case.ts";
import { bridgeMode } from "./bridge-mode.ts";
import { Chance } from "./chance.ts";
import { Sender } from "./sender.ts";

export function caseOf(seed: number, number: number): Case {
  const chance = new Chance(seed, `case ${number}`);
  const scene = bridgeMode(chance);
  const sender = new Sender(chance, scene);
  const steps: Step[] = scene.setup.map((run) => ({ run }));
  for (let left = chance.from(10, 40); left > 0; left--)
    steps.push(...sender.next().map(({ on, bytes }) => ({ on, frame: toHex(bytes) })));
  return { steps };
}
