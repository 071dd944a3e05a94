/**
 * Invariants: a bug stops the run. Never used for bad packets (data) or bad topologies (messages).
 */

/** A broken promise of xenlab's own code. The lab adds virtual time and event, as to any error that ends a run. */
export class InvariantError extends Error {
  override readonly name = "InvariantError";
}

/** The message is built even when the condition holds: on the frame path test first and throw yourself (1 us against 1 ns). */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new InvariantError(message);
}

/** Closes a switch over a union: the compiler proves that nothing is left. */
export function unreachable(value: never): never {
  throw new InvariantError(`unreachable value: ${String(value)}`);
}
