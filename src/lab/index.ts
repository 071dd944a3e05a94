/**
 * The one door: what the command line, the terminal and library users may know of xenlab.
 *
 * The house, from ground to roof. `base` has words every file may use. `engine` is virtual time and the one order of
 * events. `packet` knows bytes and their meaning, one file per protocol. `device` is everything with a plug: NICs,
 * cables, bridges. `stack` is a Linux network namespace and `xen` the paravirtual border; neither knows the other.
 * `machine` makes boxes of all this: domain 0, guests, outside hosts, with processes, files, a shell and commands.
 * `lab` reads topologies, builds and runs them, captures and counts.
 *
 *   const { plan } = readTopology(text);
 *   const lab = openLab(plan, { capture: { format: "pcapng", merged: false } });
 *   lab.runUntil(seconds(2));
 *   lab.exec("web1", "ping -c 1 192.168.1.1");
 *   const { hosts, networks, frames } = lab.snapshot();
 *   for (const file of lab.captures.list) save(file.path, file.take());
 */
import { copyGraph } from "../engine/copy.ts";
import { Lab, type LabOptions } from "./lab.ts";
import { type Diagnostic, sortDiagnostics } from "./topology/diagnostic.ts";
import { parseTopology } from "./topology/parse.ts";
import type { Plan, Telling } from "./topology/plan.ts";
import { resolveTopology } from "./topology/resolve.ts";

export { isDrop } from "../base/fate.ts";
export type { CaptureChange, Input, JournalEntry } from "../engine/journal.ts";
export { formatSeconds, type Nanos, seconds } from "../engine/time.ts";
export { complete } from "../machine/complete.ts";
export type { Console } from "../machine/console.ts";
export type { Machine } from "../machine/machine.ts";
export type { Process } from "../machine/process.ts";
export type { Heading, HeadingId, Mode } from "../machine/setup/textbook.ts";
export { describe } from "../packet/describe.ts";
export { fieldAt } from "../packet/dissect/field-at.ts";
export { dissect, type Field, type Layer } from "../packet/dissect.ts";
export { compileFilter } from "../packet/filter.ts";
export type { CaptureAnswer } from "./capture/capture-change.ts";
export { diffCaptures } from "./capture/diff.ts";
export { renderDiff } from "./capture/diff-text.ts";
export type { CapturePointSummary, CaptureState } from "./capture/point-capture.ts";
export { readCapture } from "./capture/reader.ts";
export { captureOf, type SavedFrame } from "./capture/save.ts";
export type { CheckResult } from "./check.ts";
export type { Finding } from "./diagnosis/finding.ts";
export { diagnose, type Loss, losses } from "./diagnosis/index.ts";
export { dissectLines } from "./dissect-lines.ts";
export { EXPORTS } from "./export/index.ts";
export { FATES, type FateCount, findFate } from "./fates.ts";
export { type FrameStory, frameStory, type StoryLine } from "./frame-story.ts";
export { type DisplayFilterReading, displayFilterWords, parseDisplayFilter } from "./frames/filter/grammar.ts";
export type { DisplayFilter } from "./frames/filter/tree.ts";
export type { FrameLog, FrameRecord } from "./frames/frame-log.ts";
export { type FrameRow, frameRow } from "./frames/frame-row.ts";
export { FrameSearch } from "./frames/frame-search.ts";
export { frameOfPingLine } from "./frames/ping-line.ts";
export { sameFrame } from "./frames/same-frame.ts";
export {
  isJournalText,
  type JournalHead,
  JournalScribe,
  type JournalText,
  journalHead,
  journalText,
  readJournal,
} from "./journal-text.ts";
export type { Lab } from "./lab.ts";
export { lifeOf } from "./life.ts";
export { lint } from "./lint/index.ts";
export type { Trap } from "./lint/trap.ts";
export { Past } from "./past.ts";
export { isPromptText, type Prompt } from "./prompt.ts";
export { compareTellings, type Difference } from "./rehearsal/compare.ts";
export { groupSteps, type StepGroup } from "./rehearsal/groups.ts";
export { type HostState, type HostText, type Probe, Rehearsal, type RehearsedStep } from "./rehearsal/rehearsal.ts";
export { give, isBefore, OtherRunError, type Place, Playback, type Player, placeOf, replay } from "./replay.ts";
export { type Diagnostic, renderDiagnostics } from "./topology/diagnostic.ts";
export { modeOf } from "./topology/host-mode.ts";
export { printJsonSchema } from "./topology/json-schema.ts";
export { nearestWord } from "./topology/nearest.ts";
export type { HostPlan, Plan, Telling } from "./topology/plan.ts";
export { printPlan } from "./topology/print-plan.ts";
export { parseDuration } from "./topology/units.ts";
export type { TraceEntry } from "./trace.ts";
export {
  atTimesOf,
  compareWorlds,
  type Played,
  runEmulated,
  stageTwin,
  type TwinReport,
  type TwinRow,
  twinScript,
  type WorldRecord,
} from "./twin/index.ts";
export type { BridgeSnapshot, FdbSnapshot, PortSnapshot } from "./view/bridge-snapshot.ts";
export type { ConntrackSnapshot, FlowSnapshot } from "./view/conntrack-snapshot.ts";
export type { DeviceKind, DeviceSnapshot, QueueSnapshot } from "./view/device-snapshot.ts";
export type { EventKind, EventLog, EventSnapshot } from "./view/event-log.ts";
export type { GuestSnapshot, GuestState } from "./view/guest-snapshot.ts";
export type { HostSnapshot } from "./view/host-snapshot.ts";
export type { DropSnapshot, FramesSnapshot, LabSnapshot } from "./view/lab-snapshot.ts";
export type { LeaseSnapshot } from "./view/lease-snapshot.ts";
export type { MachineSnapshot } from "./view/machine-snapshot.ts";
export type { ChainSnapshot, NatKind, NatRuleSnapshot, TableSnapshot } from "./view/netfilter-snapshot.ts";
export type { LinkSnapshot, NetworkSnapshot } from "./view/network-snapshot.ts";
export type { EventChannelSnapshot, RingSnapshot } from "./view/ring-snapshot.ts";
export type { RouteSnapshot, RoutingSnapshot } from "./view/routing-snapshot.ts";
export type { FifoSnapshot, VifSnapshot } from "./view/vif-snapshot.ts";
export { eventBefore, type Visit, VisitHop, VisitPlace } from "./visit.ts";

export interface Reading {
  /** Null when there are errors. */
  readonly plan: Plan | null;
  readonly diagnostics: readonly Diagnostic[];
}

export interface ReadingOptions {
  /** In place of the topology's own. */
  readonly seed?: number;
  /** Of every host, in place of what the topology says. */
  readonly telling?: Telling;
  /** Gives the text of a file that the topology names (`vif-script: ./my-script.sh`), or null. */
  readonly readFile?: (path: string) => string | null;
}

/** Text to plan, with every mistake at once. */
export function readTopology(text: string, options: ReadingOptions = {}): Reading {
  const parsed = parseTopology(text);
  if (parsed.raw === null) return { plan: null, diagnostics: parsed.diagnostics };
  const value = options.seed === undefined ? parsed.raw.value : { ...parsed.raw.value, seed: options.seed };
  const resolved = resolveTopology({ ...parsed.raw, value }, options.readFile);
  return {
    plan:
      resolved.plan === null || options.telling === undefined
        ? resolved.plan
        : withTelling(resolved.plan, options.telling),
    diagnostics: sortDiagnostics([...parsed.diagnostics, ...resolved.diagnostics]),
  };
}

/** The same topology in another telling of its set-up. */
export const withTelling = (plan: Plan, telling: Telling): Plan => ({
  ...plan,
  hosts: plan.hosts.map((host) => ({ ...host, telling })),
});

export const openLab = (plan: Plan, options: LabOptions = {}): Lab => new Lab(plan, options);

/** A second lab in the very same state; from here on each goes its own way. */
export const copyLab = (lab: Lab): Lab => copyGraph(lab);
