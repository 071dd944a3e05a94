/** The two worlds beside each other: every interface frame by frame, every look line by line, up to the first difference. */
import { describe } from "../../packet/describe.ts";
import { dissectLines } from "../dissect-lines.ts";
import { LOOKS, MOMENTS, type WorldRecord } from "./looks.ts";
import { NO_TWIN, NORMALISATIONS, type Normalisation } from "./normalisation.ts";
import { FrameNormaliser, type PlainFrame } from "./normalise-frame.ts";
import { StateNormaliser } from "./normalise-state.ts";

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
  /** Those that were needed, each with its reason. */
  readonly normalisations: Readonly<Record<string, string>>;
  readonly noTwin: readonly string[];
}

export function compareWorlds(topology: string, emulated: WorldRecord, real: WorldRecord): TwinReport {
  const used = new Set<Normalisation>(["time", "reachable-time", "snooping"]);
  const rows = [...stateRows(emulated, real, used), ...frameRows(emulated, real, used)];
  const names = (Object.keys(NORMALISATIONS) as Normalisation[]).filter((name) => used.has(name));
  return {
    topology,
    equal: rows.every(({ difference }) => difference === null),
    rows,
    normalisations: Object.fromEntries(names.map((name) => [name, NORMALISATIONS[name]])),
    noTwin: NO_TWIN,
  };
}

function stateRows(emulated: WorldRecord, real: WorldRecord, used: Set<Normalisation>): Row[] {
  const normaliser = new StateNormaliser(used);
  return MOMENTS.flatMap((moment) =>
    [...emulated.states[moment]].flatMap(([machine, looks]) =>
      LOOKS.map(({ name }, i): Row => {
        const mine = normaliser.lines(name, looks[i] ?? "");
        const theirs = normaliser.lines(name, real.states[moment].get(machine)?.[i] ?? "");
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

function frameRows(emulated: WorldRecord, real: WorldRecord, used: Set<Normalisation>): Row[] {
  const points = [...new Set([...emulated.frames.keys(), ...real.frames.keys()])].toSorted();
  return points.flatMap((point): Row[] => {
    const mine = plain(emulated.frames.get(point) ?? [], used);
    const theirs = plain(real.frames.get(point) ?? [], used);
    const frames = [mine, theirs].map((each) => each.filter(({ stream }) => stream === "frames"));
    const probes = [mine, theirs].map((each) => byBytes(each.filter(({ stream }) => stream === "arp-probe")));
    const hellos = [mine, theirs].map((each) => distinct(each.filter(({ stream }) => stream === "bpdu")));
    return (
      [
        ["frames", frames],
        ["ARP probes", probes],
        ["spanning tree", hellos],
      ] as const
    )
      .filter(([, [a, b]]) => a!.length + b!.length > 0)
      .map(([what, [a, b]]) => ({
        place: point,
        what,
        counts: [a!.length, b!.length],
        difference: firstFrame(
          a!.map(({ bytes }) => bytes),
          b!.map(({ bytes }) => bytes),
        ),
      }));
  });
}

function plain(frames: readonly Uint8Array[], used: Set<Normalisation>): PlainFrame[] {
  const normaliser = new FrameNormaliser(used);
  return frames.flatMap((frame) => normaliser.plain(frame) ?? []);
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

/** One line of a frame, and where both sides have one the fields in which it differs from the other. */
function told(frames: readonly Uint8Array[], i: number, other: Uint8Array | undefined): string[] {
  const own = frames[i];
  if (own === undefined) return [`(nothing; there were ${i})`];
  const line = describe(own, 0, own.length, { link: true });
  if (other === undefined) return [line];
  const fields = dissectLines(other);
  return [line, ...dissectLines(own).filter((each) => !fields.includes(each))];
}
