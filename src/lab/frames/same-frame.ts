/** The same frame at other points: what no capture of one interface can show. */
import type { FrameLog } from "./frame-log.ts";

/**
 * Numbers of all records of the frame in record `number`, that one with them, in the order of time; clones of a flood
 * are the same frame. Empty when the record is forgotten. Looks through the whole log: about a millisecond when it is full.
 */
export function sameFrame(log: FrameLog, number: number): readonly number[] {
  const lineage = log.lineage(number);
  if (lineage === null) return [];
  const found: number[] = [];
  for (let each = log.first; each < log.end; each++) if (log.lineage(each) === lineage) found.push(each);
  return found;
}
