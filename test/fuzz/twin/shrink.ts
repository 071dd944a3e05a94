/** Makes a case smaller while it still differs: fewer steps, then shorter and plainer frames. */
import { type Case, isLine, type Shot, type Step } from "./case.ts";

/** Each asks the kernel once. */
const BUDGET = 300;

export type Differs = (candidate: Case) => Promise<boolean>;

export async function shrink(one: Case, differs: Differs): Promise<Case> {
  const attempt = new Attempt(one, differs);
  await fewerSteps(attempt);
  for (let i = attempt.steps.length - 1; i >= 0; i--) if (!isLine(attempt.steps[i]!)) await plainerFrame(attempt, i);
  return { steps: attempt.steps };
}

class Attempt {
  steps: readonly Step[];
  private readonly differs: Differs;
  private left = BUDGET;

  constructor({ steps }: Case, differs: Differs) {
    this.steps = steps;
    this.differs = differs;
  }

  /** True, and from now on so, when it still differs. */
  async with(steps: readonly Step[]): Promise<boolean> {
    if (this.left-- <= 0 || !(await this.differs({ steps }))) return false;
    this.steps = steps;
    return true;
  }
}

/** Runs of steps are left out, long ones first. */
async function fewerSteps(attempt: Attempt): Promise<void> {
  for (let length = attempt.steps.length >> 1; length >= 1; length >>= 1) {
    for (let end = attempt.steps.length; end > 0; end -= length) {
      const { steps } = attempt;
      await attempt.with([...steps.slice(0, Math.max(end - length, 0)), ...steps.slice(end)]);
    }
  }
}

/** Cut from its end, then its bytes made zero from there. */
async function plainerFrame(attempt: Attempt, index: number): Promise<void> {
  const replace = (frame: string): Promise<boolean> => {
    const shot = { ...(attempt.steps[index] as Shot), frame };
    return attempt.with(attempt.steps.with(index, shot));
  };
  const now = (): string => (attempt.steps[index] as Shot).frame;
  for (let cut = (now().length >> 2) * 2; cut >= 2; cut = (cut >> 2) * 2)
    while (now().length - cut >= 28 && (await replace(now().slice(0, -cut))));
  for (let size = (now().length >> 2) * 2; size >= 8; size = (size >> 2) * 2)
    for (let at = now().length - size; at >= 28; at -= size) {
      const plain = now().slice(0, at) + "0".repeat(size) + now().slice(at + size);
      if (plain !== now()) await replace(plain);
    }
}
