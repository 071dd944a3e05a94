/**
 * Writes a session's captures as the lab makes them. What is played again is there already; where it becomes another run
 * it goes into a folder of its own, and the files of the first one stay as they are.
 */
import type { Lab, Plan } from "../../lab/index.ts";
import type { Outside, Sink } from "../outside.ts";
import { bytes, plural } from "../parts/words.ts";
import type { Notice } from "./notice.ts";

/** Bytes of captures that a session may write: at full speed a disk is soon full. */
const CAPTURE_LIMIT = 500e6;

export class CaptureWriter {
  private readonly plan: Plan;
  private readonly outside: Outside;
  private readonly notices: Notice[];
  /** Nothing is written any more. */
  private hasLost = false;
  /** Opened when there is something to write. */
  private sink: Sink | null = null;

  /** `notices`: where it puts what the user should know. */
  constructor(plan: Plan, outside: Outside, notices: Notice[]) {
    this.plan = plan;
    this.outside = outside;
    this.notices = notices;
  }

  /** Null while there are no captures. */
  get folder(): string | null {
    return this.sink?.folder ?? null;
  }

  /** A disk that is full is no reason to leave the lab: it is said once, and nothing is written any more. */
  drain(lab: Lab, now: boolean): void {
    const { captures } = lab;
    if (captures === null) return;
    if (this.hasLost) {
      // Switched on again all the same: nobody takes it.
      for (const file of captures.list) file.take();
      return;
    }
    try {
      if (this.sink === null && captures.pending > 0) this.sink = this.openSink();
      this.sink?.drain(lab, now);
      if (now || !isFull(lab)) return;
      this.stop(lab, `${bytes(CAPTURE_LIMIT)} are written; "xenlab run" has no limit`);
    } catch (error) {
      this.stop(lab, (error as Error).message);
    }
  }

  /** From here on this is another run than the one whose files there are. Returns its folder; null: there are none. */
  branch(lab: Lab, number: number): string | null {
    if (this.sink === null || this.hasLost) return null;
    try {
      this.sink.drain(lab, true);
      const branch = this.sink.branch(lab, number);
      this.sink.close();
      this.sink = branch;
      return branch.folder;
    } catch (error) {
      this.stop(lab, (error as Error).message);
      return null;
    }
  }

  private stop(lab: Lab, why: string): void {
    this.hasLost = true;
    this.notices.push({ text: `captures stop here: ${why}`, kind: "bad" });
    for (const { machine, device, state } of lab.captures!.points)
      if (state === "on" || state === "waiting") lab.capturePoint(machine, device, { on: false });
  }

  private openSink(): Sink {
    const sink = this.outside.openSink(this.plan);
    if (sink.replaced > 0)
      this.notices.push({
        text: `captures in ${sink.folder}: ${plural(sink.replaced, "file")} of an earlier run replaced`,
        kind: "plain",
      });
    return sink;
  }

  close(lab: Lab): void {
    this.drain(lab, true);
    this.sink?.close();
    this.sink = null;
  }
}

function isFull({ captures }: Lab): boolean {
  let size = 0;
  for (const file of captures!.list) size += file.size;
  return size > CAPTURE_LIMIT;
}
