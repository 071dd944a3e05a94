/**
 * A piece of the toolstack's work that takes time, and the program that has it done. libxl's asynchronous operations
 * with their callbacks, as objects: nothing is captured, so a lab can be copied in the middle of one.
 */
import { type Process, Program } from "../process.ts";
import type { XenHost } from "../xen-host.ts";
import { Libxl, type Rc } from "./context.ts";

/** libxl's callback: `step` is over. */
export interface StepOwner {
  stepDone(step: Step, rc: Rc): void;
}

export abstract class Step {
  protected readonly libxl: Libxl;
  private readonly owner: StepOwner;

  constructor(libxl: Libxl, owner: StepOwner) {
    this.libxl = libxl;
    this.owner = owner;
  }

  abstract start(): void;

  protected finish(rc: Rc): void {
    this.owner.stepDone(this, rc);
  }
}

/** A program of domain 0 that calls libxl. */
export abstract class ToolstackProgram extends Program implements StepOwner {
  protected readonly libxl: Libxl;

  constructor(process: Process, xen: XenHost) {
    super();
    this.libxl = new Libxl(process, xen);
  }

  abstract stepDone(step: Step, rc: Rc): void;

  override childExited(child: Process): void {
    this.libxl.childExited(child);
  }

  override ended(): void {
    this.libxl.ended();
  }
}
