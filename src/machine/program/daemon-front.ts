/**
 * The process at the prompt of a program that goes into the background later: what it says until then is heard here, its
 * end is ours, and when it leaves, the prompt comes back (fork and setsid, as daemon(3) has them).
 */
import { detached } from "../detached.ts";
import { type Process, Program, type SignalName } from "../process.ts";

/** A program that runs behind a front. */
export abstract class Daemon extends Program {
  /** Null: it runs in the foreground, or has left. */
  front: DaemonFront | null = null;
  protected isAway = false;

  /** To the terminal, as long as somebody looks at it. */
  protected tell(text: string): void {
    if (!this.isAway) (this.front?.process ?? this.process).error(text);
  }

  protected goAway(): void {
    if (this.isAway || this.front === null) return;
    this.isAway = true;
    this.front.leave();
  }
}

export class DaemonFront extends Program {
  private readonly daemon: Daemon;
  private child: Process | null = null;

  constructor(daemon: Daemon) {
    super();
    this.daemon = daemon;
    daemon.front = this;
  }

  start(): void {
    const { machine, argv, env, cwd } = this.process;
    this.child = machine.spawn(argv, { ...detached(machine), parent: this.process, env, cwd, program: this.daemon });
  }

  override childExited(child: Process): void {
    this.process.exit(child.exitCode ?? 1);
  }

  /** What the terminal sends goes to both. */
  override signal(name: SignalName): void {
    this.child?.signal(name);
  }

  leave(): void {
    this.process.exit(0);
  }
}
