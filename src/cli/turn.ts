/** One turn of a run: some milliseconds of work, captures written as they fill, then the outside may look. */
import type { Lab } from "../lab/index.ts";
import type { FileSink } from "./file-sink.ts";

/** Events between two looks at the clock and at what the captures hold: one event may poll 64 frames. */
const SLICE = 4;
/** Milliseconds of work before the outside gets its turn. */
const TURN_MILLIS = 8;

/** True when the run is over. `slice`: at most so many events of it. */
export function turn(lab: Lab, sink: FileSink | null, slice = (limit: number) => lab.runSlice(limit)): boolean {
  const end = Date.now() + TURN_MILLIS;
  do {
    if (slice(SLICE)) return true;
    sink?.drain(lab);
  } while (Date.now() < end);
  return false;
}
