/**
 * libvirtd at work for virsh: the steps of `sequence.ts` one after another, each a child process. What goes wrong while a
 * network starts is undone, as libvirt does, and told in its words.
 */
import { Errno } from "../errno.ts";
import { type Process, Program } from "../process.ts";
import type { StepRecord } from "../setup/step-log.ts";
import { Pipe } from "../stream.ts";
import { pidPath } from "./dnsmasq-files.ts";
import type { Libvirtd, NetworkObject } from "./libvirtd.ts";
import type { Network } from "./network.ts";
import { type NetworkStep, startSteps, stopSteps } from "./sequence.ts";

abstract class NetworkTask extends Program {
  protected readonly object: NetworkObject;
  protected readonly network: Network;
  private steps: readonly NetworkStep[] = [];
  private at = 0;
  private record: StepRecord | null = null;
  private output: Pipe | null = null;
  private complaint: Pipe | null = null;
  /** What steps that only look have printed: "filter -N LIBVIRT_INP". */
  private readonly seen = new Set<string>();

  constructor(object: NetworkObject) {
    super();
    this.object = object;
    this.network = object.current;
  }

  protected abstract readonly title: string;
  /** `error`: what libvirt says of the step that failed; null when all went well. */
  protected abstract finished(error: string | null): void;

  protected get libvirtd(): Libvirtd {
    return this.process.machine.parts.libvirt!;
  }

  protected run(steps: readonly NetworkStep[]): void {
    this.steps = steps;
    this.at = 0;
    this.next();
  }

  /** libvirtd does not stop halfway because virsh's user lost patience. */
  override signal(): void {}

  private next(): void {
    const { machine } = this.process;
    for (let step = this.steps[this.at++]; step !== undefined; step = this.steps[this.at++]) {
      if (step.unless !== undefined && this.seen.has(step.unless)) continue;
      if (step.needs !== undefined && machine.command(step.needs) === null) continue;
      return this.spawn(step);
    }
    this.finished(null);
  }

  private spawn({ run, why, heading, reads = false }: NetworkStep): void {
    const { machine } = this.process;
    const { stepLog } = machine.parts;
    const began = machine.world.scheduler.now;
    const place = { machine: machine.name, script: this.title, device: "" };
    this.record = stepLog?.begin({ ...place, run, why, heading: heading ?? null, also: null, reads, began }) ?? null;
    this.output = this.pipe();
    this.complaint = this.pipe();
    const argv = /[>']|^\w+=/.test(run) ? ["bash", "-c", run] : run.split(" ");
    machine.spawn(argv, { parent: this.process, stdin: Pipe.holding(""), stdout: this.output, stderr: this.complaint });
  }

  private pipe(): Pipe {
    const pipe = new Pipe();
    pipe.retainReader(this.process);
    return pipe;
  }

  override childExited(child: Process): void {
    const { machine } = this.process;
    if (this.record !== null) machine.parts.stepLog?.end(this.record, machine.world.scheduler.now, child.exitCode ?? 1);
    this.record = null;
    const step = this.steps[this.at - 1]!;
    const printed = this.emptied(this.output);
    const complaint = this.emptied(this.complaint);
    if (step.reads === true) this.keep(step, printed);
    if (child.exitCode === 0 || step.failure === "ignored") return this.next();
    this.finished(
      step.failure === "rule"
        ? `internal error: Failed to apply firewall rules /usr/sbin/${quoted(step.run)}: ${complaint}`
        : step.failure.error,
    );
  }

  private keep({ run }: NetworkStep, printed: string): void {
    const table = /--table (\w+)/.exec(run)?.[1] ?? "";
    for (const line of printed.split("\n")) this.seen.add(`${table} ${line}`);
  }

  private emptied(pipe: Pipe | null): string {
    const text = pipe?.read() ?? "";
    pipe?.releaseReader(this.process);
    return text;
  }
}

/** As libvirt shows a command: what a shell would need in quotes is in quotes. */
const quoted = (line: string): string => line.replaceAll(" ! ", " '!' ");

/** net-start, and the second half of net-create. */
export class StartTask extends NetworkTask {
  protected readonly title: string;
  private readonly said: string;
  private readonly failed: string;
  private error: string | null = null;
  private undoing = false;

  /** `verb` as typed; `said` when all is well, `failed` in front of the reason when not. */
  constructor(object: NetworkObject, verb: string, said: string, failed: string) {
    super(object);
    this.title = `virsh ${verb} ${object.current.name}`;
    this.said = said;
    this.failed = failed;
  }

  start(): void {
    const { libvirtd, network } = this;
    const taken = libvirtd.collision(network);
    if (taken !== null) return this.fail(`internal error: Network is already in use by interface ${taken}`);
    this.run(startSteps(network, !libvirtd.chainsMade));
  }

  protected finished(error: string | null): void {
    if (this.undoing) return this.fail(this.error!);
    if (error !== null) return this.undo(error);
    if (this.network.forward.mode !== "open") this.libvirtd.chainsMade = true;
    this.libvirtd.started(this.object, this.network);
    this.process.print(`${this.said}\n\n`);
    this.process.exit(0);
  }

  /** A bridge that was there before is somebody else's. */
  private undo(error: string): void {
    if (error.startsWith("error creating bridge interface")) return this.fail(error);
    this.error = error;
    this.undoing = true;
    this.run(stopSteps(this.network, null));
  }

  private fail(error: string): void {
    this.libvirtd.stopped(this.object);
    this.process.print("\n");
    this.process.error(`error: ${this.failed}\nerror: ${error}\n`);
    this.process.exit(1);
  }
}

export class StopTask extends NetworkTask {
  protected readonly title: string;
  private readonly name: string;

  constructor(object: NetworkObject) {
    super(object);
    this.name = object.current.name;
    this.title = `virsh net-destroy ${this.name}`;
  }

  start(): void {
    const pid = this.process.machine.files.read(pidPath(this.network));
    const number = pid instanceof Errno ? Number.NaN : Number.parseInt(pid, 10);
    this.run(stopSteps(this.network, Number.isNaN(number) ? null : number));
  }

  protected finished(): void {
    this.libvirtd.stopped(this.object);
    this.process.print(`Network ${this.name} destroyed\n\n`);
    this.process.exit(0);
  }
}
