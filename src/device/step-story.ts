/**
 * How a recorded step (engine/recorder.ts) becomes a sentence. Each deciding file has a table of these beside it.
 */
export interface StepStory {
  readonly code: number;
  readonly name: string;
  /**
   * `a` and `b` are the record's numbers; `owner` names the device or stage that a point belongs to, `device` the one with
   * that ifindex.
   */
  say(a: number, b: number, owner: (point: number) => string, device: (index: number) => string): string;
}
