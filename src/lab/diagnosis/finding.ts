/** What is wrong with a lab, in the words of whoever has to mend it. */
import type { Plan } from "../topology/plan.ts";
import type { HostSnapshot } from "../view/host-snapshot.ts";
import type { LabSnapshot } from "../view/lab-snapshot.ts";
import type { Mend } from "./trial.ts";

export interface Finding {
  /** One of the diagnosers' names: "dead-cable". */
  readonly name: string;
  /** What is the matter, in a sentence. */
  readonly what: string;
  /** What was seen, each in a line. */
  readonly evidence: readonly string[];
  readonly cause: string;
  /** Command lines of a real host that show it. */
  readonly look: readonly string[];
  /** What mends it: sentences and command lines. */
  readonly cure: readonly string[];
  /** Nothing is wrong: it is meant so, and good to know. */
  readonly isMeant?: boolean;
  /** Names of checks that failed and pass with the cure: tried, on a copy of the lab. */
  readonly proved?: readonly string[];
}

/** What a diagnoser finds: with lines of its cure that can be tried, where there are such. */
export type Found = Omit<Finding, "name" | "proved"> & { readonly trial?: readonly Mend[] };

/** All that a diagnoser may look at. */
export interface Evidence {
  readonly plan: Plan;
  readonly now: LabSnapshot;
  /** What the toolstack and the hotplug scripts have complained of, by host. */
  readonly complaints: ReadonlyMap<string, readonly string[]>;
  /** Lines of the kernel logs of domain 0, by host. */
  readonly kernel: ReadonlyMap<string, readonly string[]>;
  /** Rules of the FORWARD chain of domain 0, by host. */
  readonly forward: ReadonlyMap<string, readonly ForwardRule[]>;
}

export interface ForwardRule {
  /** As `iptables -S` prints it. */
  readonly text: string;
  readonly packets: number;
}

/** Looks for one kind of trouble; nothing when there is none. */
export interface Diagnoser {
  readonly name: string;
  find(evidence: Evidence): Found[];
}

/** Frames that ended so at the points whose name begins with `point`. */
export const lost = ({ now }: Evidence, fate: string, point = ""): number =>
  now.drops.reduce((sum, drop) => sum + (drop.fate === fate && drop.point.startsWith(point) ? drop.frames : 0), 0);

export const complaintsOf = ({ complaints }: Evidence, host: HostSnapshot): readonly string[] =>
  complaints.get(host.name) ?? [];

export const count = (frames: number, noun = "frame"): string => `${frames} ${noun}${frames === 1 ? "" : "s"}`;
