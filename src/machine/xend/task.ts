/**
 * A piece of xend's work that takes time, as an object: nothing is captured, so a lab can be copied in the middle of
 * one. What libxl's steps are to xl; here the daemon does the work, whoever asked for it may be gone by then.
 */
import type { EventTarget } from "../../engine/scheduler.ts";
import { Timer } from "../../engine/timer.ts";
import type { Unfinished, XendContext } from "./context.ts";

export interface TaskOwner {
  /** `error` is the sentence of xend's exception, or null when all went well. */
  taskDone(task: Task, error: string | null): void;
}

export abstract class Task implements EventTarget, Unfinished {
  protected readonly xend: XendContext;
  protected readonly timer: Timer;
  private readonly owner: TaskOwner;

  constructor(xend: XendContext, owner: TaskOwner) {
    this.xend = xend;
    this.owner = owner;
    const { machine, cpu } = xend.process;
    this.timer = new Timer(machine.world.scheduler, this, 0, cpu);
    xend.tasks.add(this);
  }

  abstract start(): void;

  handle(_operation: number, _argument: number): void {}

  /** xend is gone: nobody will hear of the end. */
  stop(): void {
    this.timer.cancel();
  }

  protected finish(error: string | null): void {
    this.timer.cancel();
    this.xend.tasks.delete(this);
    this.owner.taskDone(this, error);
  }
}
