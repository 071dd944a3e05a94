/** The two worlds beside each other: every interface frame by frame, every look line by line, up to the first difference. */
import { describe } from "../../packet/describe.ts";
import { dissectLines } from "../dissect-lines.ts";
import { type Applied, Hits } from "./hits.ts";
import { LOOKS, MOMENTS, type PointFrames, type WorldRecord } from "./looks.ts";
import { NO_TWIN } from "./normalisation.ts";
import { FrameNormaliser, isAddressCheck, type PlainFrame } from "./normalise-frame.ts";
import { StateNormaliser } from "./normalise-state.ts";
import type { Staging } from "./staging.ts";

export interface Row {
  /** "xen1:vif1.0", or "xen1". */
  readonly place: string;
  /** "frames", or what was looked at and when. */
  readonly what: string;
  /** How many frames or lines were compared: of the emulator, of the kernel. */
  readonly counts: readonly [number, number];
  readonly difference: Difference | null;
}

export interface Difference {
  /** A sentence without its end. */
  readonly summary: string;
  /** Decoded, line by line. */
  readonly emulator: readonly string[];
  readonly kernel: readonly string[];
}

export interface TwinReport {
  readonly topology: string;
  readonly equal: boolean;
  readonly rows: readonly Row[];
  /** Those that were needed, each with how often it applied and its reason. */
  readonly normalisations: Readonly<Record<string, Applied>>;
  readonly noTwin: readonly string[];
  /** Lines of the scenario that neither world played, each with the reason. */
  readonly leftOut: readonly string[];
}

export function compareWorlds({ plan, leftOut }: Staging, emulated: WorldRecord, real: WorldRecord): TwinReport {
  const hits = new Hits();
  const rows = [...stateRows(emulated, real, hits), ...frameRows(emulated, real, hits)];
  return {
    topology: plan.name,
    equal: rows.every(({ difference }) => difference === null),
    rows,
    normalisations: hits.applied,
    noTwin: NO_TWIN,
    leftOut,
  };
}

function stateRows(emulated: WorldRecord, real: WorldRecord, hits: Hits): Row[] {
  const normaliser = new StateNormaliser(hits);
  return MOMENTS.flatMap((moment) =>
    [...emulated.states[moment]].flatMap(([machine, looks]) =>
      LOOKS.map(({ name }, i): Row => {
        const seen = [looks, real.states[moment].get(machine)].map((each) => each?.[i] ?? "");
        const first = [emulated, real].map(({ states }) => states[MOMENTS[0]].get(machine)?.[i] ?? "");
        const [mine, theirs] = seen.map((text, world) => normaliser.lines(name, text, first[world]!)) as [
          string[],
          string[],
        ];
        return {
          place: machine,
          what: `${name}, ${moment}`,
          counts: [mine.length, theirs.length],
          difference: firstLine(mine, theirs),
        };
      }),
    ),
  );
}

function firstLine(mine: readonly string[], theirs: readonly string[]): Difference | null {
  const at = mine.findIndex((line, i) => line !== theirs[i]);
  const place = at !== -1 ? at : mine.length < theirs.length ? mine.length : -1;
  if (place === -1) return null;
  const emulator = mine.filter((line) => !theirs.includes(line));
  const kernel = theirs.filter((line) => !mine.includes(line));
  if (emulator.length + kernel.length === 0)
    return {
      summary: `line ${place + 1} stands elsewhere`,
      emulator: mine.slice(place, place + 1),
      kernel: theirs.slice(place, place + 1),
    };
  return { summary: `line ${place + 1} differs`, emulator, kernel };
}

const NOTHING: PointFrames = { setUp: [], run: [] };

function frameRows(emulated: WorldRecord, real: WorldRecord, hits: Hits): Row[] {
  const points = [...new Set([...emulated.frames.keys(), ...real.frames.keys()])].toSorted();
  const bridging = bridgingMachines(emulated);
  return points.flatMap((point): Row[] => {
    const both = [emulated, real].map(({ frames }) => streamsOf(frames.get(point) ?? NOTHING, hits));
    return (Object.keys(STREAMS) as (keyof typeof STREAMS)[]).flatMap((stream): Row[] => {
      const [mine, theirs] = both.map((streams) => streams[stream]) as [Uint8Array[], Uint8Array[]];
      if (mine.length + theirs.length === 0) return [];
      if (stream === "hellos" && mine.length === 0 && !bridging.has(point.split(":")[0]!)) {
        hits.add("passed-bpdu", theirs.length);
        return [];
      }
      const counts = [mine.length, theirs.length] as const;
      return [{ place: point, what: STREAMS[stream], counts, difference: firstFrame(mine, theirs) }];
    });
  });
}

/** Those that have a port in some bridge. */
function bridgingMachines({ states }: WorldRecord): Set<string> {
  const place = LOOKS.findIndex(({ name }) => name === "bridge link");
  const found = [...states[MOMENTS[0]]].filter(([, looks]) => /ifname/.test(looks[place] ?? ""));
  return new Set(found.map(([machine]) => machine));
}

/** What is compared apart from each other, and what it is called. */
const STREAMS = {
  frames: "frames",
  setUp: "frames of the set-up",
  probes: "ARP by timer",
  hellos: "spanning tree",
} as const;

function streamsOf({ setUp, run }: PointFrames, hits: Hits): Record<keyof typeof STREAMS, Uint8Array[]> {
  const normaliser = new FrameNormaliser(hits);
  const plain = (frames: readonly Uint8Array[]): PlainFrame[] => frames.flatMap((each) => normaliser.plain(each) ?? []);
  normaliser.inOrder = false;
  const said = plain(setUp);
  const before = said.filter(({ bytes }) => !isAddressCheck(bytes));
  hits.add("address-check", said.length - before.length);
  hits.add("set-up", before.length);
  normaliser.inOrder = true;
  const after = plain(run);
  const of = (frames: readonly PlainFrame[], stream: PlainFrame["stream"]) =>
    frames.filter((each) => each.stream === stream);
  const bytes = (frames: readonly PlainFrame[]): Uint8Array[] => frames.map((each) => each.bytes);
  return {
    frames: bytes(of(after, "frames")),
    setUp: bytes(distinct(of(before, "frames"))),
    probes: bytes(byBytes(of(after, "arp-probe"))),
    hellos: bytes(distinct(of([...before, ...after], "bpdu"))),
  };
}

const textOf = ({ bytes }: PlainFrame): string => bytes.join();

const byBytes = (frames: readonly PlainFrame[]): PlainFrame[] =>
  frames.toSorted((a, b) => (textOf(a) < textOf(b) ? -1 : 1));

/** In order of their bytes, each once. */
const distinct = (frames: readonly PlainFrame[]): PlainFrame[] =>
  byBytes([...new Map(frames.map((frame) => [textOf(frame), frame])).values()]);

function firstFrame(mine: readonly Uint8Array[], theirs: readonly Uint8Array[]): Difference | null {
  for (let i = 0; i < Math.max(mine.length, theirs.length); i++) {
    const [a, b] = [mine[i], theirs[i]];
    if (a !== undefined && b !== undefined && same(a, b)) continue;
    return { summary: `frame ${i + 1}: ${verdict(a, b)}`, emulator: told(mine, i, b), kernel: told(theirs, i, a) };
  }
  return null;
}

const same = (a: Uint8Array, b: Uint8Array): boolean => a.length === b.length && a.every((byte, i) => byte === b[i]);

function verdict(a: Uint8Array | undefined, b: Uint8Array | undefined): string {
  if (a === undefined) return "only in the kernel";
  if (b === undefined) return "only in the emulator";
  const at = a.findIndex((byte, i) => byte !== b[i]);
  return at === -1 ? `lengths ${a.length} and ${b.length}` : `byte ${at} differs`;
}

/** Frames that differ in more are not the same frame gone wrong, but two. */
const FIELDS = 12;

/** One line of a frame, and where both sides have one the fields in which it differs from the other. */
function told(frames: readonly Uint8Array[], i: number, other: Uint8Array | undefined): string[] {
  const own = frames[i];
  if (own === undefined) return [`(nothing; there were ${i})`];
  const line = describe(own, 0, own.length, { link: true });
  if (other === undefined) return [line];
  const fields = dissectLines(other);
  const differing = dissectLines(own).filter((each) => !fields.includes(each));
  return differing.length > FIELDS ? [line] : [line, ...differing];
}
