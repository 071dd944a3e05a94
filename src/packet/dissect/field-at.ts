/** From a byte to the field that explains it: what a cursor in the bytes of a frame stands on. */
import type { Field, Layer } from "./layer.ts";

/**
 * The innermost field with the byte at `offset`, counted as the frame was dissected: from the start of the frame, if it
 * was dissected from 0 on. Bit fields share the bytes of their parent, which then is the answer; of several in the same
 * bytes it is the first. Null where there is none: outside of the frame.
 */
export function fieldAt(layers: readonly Layer[], offset: number): Field | null {
  const layer = layers.find(({ from, to }) => from <= offset && offset < to);
  return layer === undefined ? null : narrowest(layer.fields, offset, null);
}

function narrowest(fields: readonly Field[], offset: number, outer: Field | null): Field | null {
  let best = outer;
  for (const field of fields) {
    if (offset < field.from || offset >= field.to) continue;
    if (best !== null && size(field) >= size(best)) continue;
    best = narrowest(field.fields ?? [], offset, field);
  }
  return best;
}

const size = ({ from, to }: Field): number => to - from;
