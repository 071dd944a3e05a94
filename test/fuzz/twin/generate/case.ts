/** A case from a seed and a number: a scene, what else is set there, then what happens in it. */
import { toHex } from "../../../../src/base/bytes.ts";
import type { Case, Step } from "../case.ts";
import { bridgeMode } from "./bridge-mode.ts";
import { Chance } from "./chance.ts";
import { natMode } from "./nat-mode.ts";
import { routeMode } from "./route-mode.ts";
import { ruleLines } from "./rules.ts";
import type { Scene } from "./scene.ts";
import { Sender } from "./sender.ts";
import { eventLine, neighbourLine, policyLine, routeLine, sysctlLine } from "./settings.ts";

const MODES: readonly ((chance: Chance) => Scene)[] = [bridgeMode, routeMode, natMode];

export function caseOf(seed: number, number: number): Case {
  const chance = new Chance(seed, `case ${number}`);
  const scene = chance.pick(MODES)(chance);
  const sender = new Sender(chance, scene);
  const lines = [...scene.setup, ...extras(chance, scene)];
  const steps: Step[] = lines.map((run) => ({ run }));
  for (let left = chance.from(10, 40); left > 0; left--) {
    if (chance.maybe(0.03)) steps.push({ run: eventLine(chance, scene) });
    steps.push(...sender.next().map(({ on, bytes }) => ({ on, frame: toHex(bytes) })));
  }
  return { steps };
}

function extras(chance: Chance, scene: Scene): string[] {
  const several = (probability: number, most: number, line: (chance: Chance, scene: Scene) => string): string[] =>
    chance.maybe(probability) ? Array.from({ length: chance.from(1, most) }, () => line(chance, scene)) : [];
  return [
    ...several(0.3, 3, routeLine),
    ...several(0.15, 2, policyLine),
    ...several(0.2, 2, neighbourLine),
    ...several(0.5, 4, sysctlLine),
    ...(chance.maybe(0.45) ? ruleLines(chance, scene) : []),
  ];
}
