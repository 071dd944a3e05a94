/** A trap that a topology walks into: what `xenlab lint` tells. */
import type { HostFacts, Scene } from "./scene.ts";

export interface Trap {
  /** One of the finders' names: "bridged-masquerade". */
  readonly name: string;
  /** The Xen host it stands on. */
  readonly host: string;
  /** What goes wrong, in a sentence. */
  readonly what: string;
  /** Which script line does it, or leaves it undone; null where the topology itself does. */
  readonly step: string | null;
  readonly why: string;
  /** Command lines, and sentences where no command will do. */
  readonly mend: readonly string[];
  /** What the scenario types on the host takes it away again. */
  readonly mendedLater: boolean;
}

export type Found = Omit<Trap, "name" | "host" | "mendedLater">;

/** Looks at one host for one kind of trap; nothing when the host does not walk into it. */
export interface TrapFinder {
  readonly name: string;
  find(host: HostFacts, scene: Scene): Found[];
}

/** "web1's vif1.0 and db1's vif2.0" */
export function listed(names: readonly string[]): string {
  if (names.length < 2) return names.join("");
  return `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
