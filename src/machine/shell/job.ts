/**
 * A job of a shell: the processes of one pipeline, or what `wait` waits for.
 */
import type { Process, SignalName } from "../process.ts";

export class Job {
  /** From 1; 0 in the foreground. */
  readonly id: number;
  /** A number is the exit code of a member that never became a process. */
  readonly members: readonly (Process | number)[];
  readonly text: string;
  readonly negated: boolean;
  /** Control-C reaches it: true for a foreground pipeline, false for what `wait` waits for. */
  readonly takesSignals: boolean;

  constructor(id: number, members: readonly (Process | number)[], text: string, negated: boolean, takesSignals = true) {
    this.id = id;
    this.members = members;
    this.text = text;
    this.negated = negated;
    this.takesSignals = takesSignals;
  }

  get processes(): Process[] {
    return this.members.filter((member) => typeof member !== "number");
  }

  get done(): boolean {
    return this.processes.every((process) => process.hasEnded);
  }

  /** The pid of the last member: what `$!` and `[1] 1234` show. */
  get pid(): number {
    return this.processes.at(-1)?.pid ?? 0;
  }

  /** The exit code of the last member; meaningful when done. */
  get status(): number {
    const last = this.members.at(-1) ?? 0;
    const status = typeof last === "number" ? last : (last.exitCode ?? 0);
    return this.negated ? Number(status === 0) : status;
  }
}

/** siglist of the C library, for those that bash speaks about. */
export const DEATHS: Partial<Record<SignalName, string>> = {
  HUP: "Hangup",
  KILL: "Killed",
  TERM: "Terminated",
  QUIT: "Quit",
};

/** One line of `jobs`. */
export function jobLine(job: Job, jobs: readonly Job[]): string {
  const mark = job === jobs.at(-1) ? "+" : job === jobs.at(-2) ? "-" : " ";
  return `[${job.id}]${mark}  ${stateOf(job).padEnd(24)}${job.text}${job.done ? "" : " &"}\n`;
}

function stateOf(job: Job): string {
  if (!job.done) return "Running";
  const killedBy = job.processes.at(-1)?.killedBy ?? null;
  if (killedBy !== null) return DEATHS[killedBy] ?? killedBy;
  return job.status === 0 ? "Done" : `Exit ${job.status}`;
}

/** "%1", "%%", "%+", "%-", or a pid. */
export function findJob(jobs: readonly Job[], word: string): Job | null {
  if (/^%[%+]?$/.test(word)) return jobs.at(-1) ?? null;
  if (word === "%-") return jobs.at(-2) ?? null;
  const number = Number(word.replace("%", ""));
  const matches = (job: Job): boolean =>
    word.startsWith("%") ? job.id === number : job.processes.some((process) => process.pid === number);
  return jobs.find(matches) ?? null;
}
