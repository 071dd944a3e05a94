/** Which rule ended a frame, read from the step records: netfilter's chains and ebtables' note alike. */

import { numberOfRule } from "../../../stack/netfilter/rule-step.ts";
import { Step } from "../../../stack/steps.ts";
import type { Clues } from "../suspect.ts";
import type { LostFrame } from "../trial.ts";

export interface RuleMet {
  /** Its number in the chain where the frame ended; null: the policy. */
  readonly number: number | null;
  /** The chains that it went through, by their points: the first is that of a hook. */
  readonly chains: readonly string[];
}

const DECISIONS: readonly number[] = [Step.RULE_HELD, Step.RULES_PASSED_BY, Step.POLICY_APPLIED];

export function ruleMet({ lab }: Clues, { frame, machine, owner }: LostFrame): RuleMet {
  const { recorder } = lab.world;
  const table = owner.split(".")[0]!;
  let number: number | null = null;
  const chains: string[] = [];
  for (let index = recorder.first; index < recorder.made; index++) {
    if (recorder.frameOf(index) !== frame || !DECISIONS.includes(recorder.codeOf(index))) continue;
    const { point, code, a } = recorder.read(index);
    const name = lab.world.pointName(point) ?? "";
    if (!name.startsWith(`${machine}:${table}.`)) continue;
    const chain = name.slice(machine.length + table.length + 2);
    if (!chains.includes(chain)) chains.push(chain);
    if (name === `${machine}:${owner}`) number = code === Step.RULE_HELD ? numberOfRule(a) : null;
  }
  return { number, chains };
}
