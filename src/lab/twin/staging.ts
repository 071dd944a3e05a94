/**
 * What of a topology both worlds play. Lines whose effect is that of rings, or of a machine's speed, have no twin: they are
 * left out of both worlds, and named. Where leases or a spanning tree make a set-up slow both rest before the first line: how
 * long a lease takes is a matter of chance, and what it leaves under way (a probe by ARP 5 s later) comes to its end first.
 * The kernel plays first, and the emulator at the times that the kernel's lines took.
 */
import { ms, type Nanos, seconds, ZERO } from "../../engine/time.ts";
import { leftOut as neverPlayed } from "../export/netns/kill.ts";
import { inOrder } from "../export/netns/play.ts";
import { readTimeline, type Timeline } from "../export/timeline.ts";
import type { Plan, ScenarioPlan } from "../topology/plan.ts";

export interface Staging {
  readonly plan: Plan;
  /** Between the end of the set-up and the first look. */
  readonly rest: Nanos;
  /** Lines of the scenario that neither world plays, each with the reason. */
  readonly leftOut: readonly string[];
}

/** The kernel's 5 s until a doubtful neighbour is asked, and its three questions a second apart. */
const REST = seconds(8);

export function stage(plan: Plan): Staging {
  const { kept, leftOut } = sorted(plan.scenario);
  const played = { ...plan, scenario: kept };
  if (!isSlow(plan)) return { plan: played, rest: ZERO, leftOut };
  const firstAt = Math.min(...played.scenario.map(({ at }) => at));
  const early = readTimeline(played).settledAt + REST - firstAt;
  return { plan: early > 0 ? later(played, seconds(Math.ceil(early / 1e9))) : played, rest: REST, leftOut };
}

/** Somebody asks for a lease; or a network of libvirt's, whose ports listen and learn for 2 + 2 s, gets its carrier late. */
const isSlow = ({ hosts, machines }: Plan): boolean =>
  hosts.some(({ libvirt }) => libvirt.length > 0) ||
  [
    ...machines.flatMap(({ nics }) => nics),
    ...hosts.flatMap(({ nics, domains }) => [...nics, ...domains.flatMap(({ inside }) => inside)]),
  ].some(({ dhcp }) => dhcp === true);

function later(plan: Plan, by: Nanos): Plan {
  const moved = (at: Nanos): Nanos => (at + by) as Nanos;
  return {
    ...plan,
    scenario: plan.scenario.map((line) => ({ ...line, at: moved(line.at) })),
    checks: plan.checks.map((check) => ({ ...check, after: check.after === null ? null : moved(check.after) })),
  };
}

/** How one of the worlds played a staging, in ms. When lines and checks began is said by the lab's clock. */
export interface Played {
  /** How old the youngest vif was at the first look. */
  readonly age: number;
  /** In the order in which they were played. */
  readonly lines: readonly number[];
  /** Null: that one was not played. */
  readonly checks: readonly (number | null)[];
}

/**
 * The same staging at the times at which the other world played it. Where its set-up took longer this one rests for as much
 * longer, and all comes later by that: the youngest port has listened for as long in the one as in the other.
 */
export function atTimesOf({ age, lines, checks }: Played, staging: Staging): Staging {
  const { plan, rest } = staging;
  const longer = Math.max(0, ms(age) - ageOf(readTimeline(plan)) - rest);
  const moved = (at: number): Nanos => (ms(at) + longer) as Nanos;
  const scenario = plan.scenario.map((line) => ({ ...line, at: (line.at + longer) as Nanos }));
  inOrder(plan.scenario).forEach((index, i) => {
    const at = lines[i];
    if (at !== undefined) scenario[index] = { ...scenario[index]!, at: moved(at) };
  });
  const judged = plan.checks.map((check, i) => {
    const at = checks[i] ?? null;
    return at === null ? check : { ...check, after: moved(at) };
  });
  return { ...staging, rest: (rest + longer) as Nanos, plan: { ...plan, scenario, checks: judged } };
}

function ageOf({ happenings, settledAt }: Timeline): number {
  const vif = happenings.findLast(({ kind, at }) => kind === "vif" && at <= settledAt);
  return settledAt - (vif?.at ?? 0);
}

/** `ping -f` sends as fast as it is answered. */
const FLOOD = /\bping\b.* -[a-zA-Z]*f\b/;
const PAUSE = /^x[lm] (pause|unpause) (\S+)$/;

function sorted(lines: readonly ScenarioPlan[]): { kept: ScenarioPlan[]; leftOut: string[] } {
  const [kept, leftOut]: [ScenarioPlan[], string[]] = [[], []];
  const paused = new Set<string>();
  for (const line of lines) {
    const why = line.kind === "run" ? untwinned(line.run, paused) : null;
    if (why === null || line.kind !== "run") kept.push(line);
    else leftOut.push(`${line.on}: ${line.run} (${why})`);
  }
  return { kept, leftOut };
}

function untwinned(line: string, paused: Set<string>): string | null {
  const never = neverPlayed(line);
  if (never !== null) return never;
  const toolstack = PAUSE.exec(line);
  if (toolstack?.[1] === "pause") paused.add(toolstack[2]!);
  if (toolstack?.[1] === "unpause") paused.delete(toolstack[2]!);
  if (toolstack !== null) return "a network namespace cannot be paused: its frames would not wait in a ring";
  if (paused.size > 0) return `${[...paused].join(", ")} is paused meanwhile`;
  return FLOOD.test(line) ? "a flood is as fast as its machine, and rings decide what it loses" : null;
}
