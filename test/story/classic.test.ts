/**
 * Bridge mode of Xen 3 as a real dom0 did it, step by step: what every tool said after every step, the kernel's log, and
 * the frames of two guests on it, against ours.
 */
import { beforeAll, describe, expect, test } from "vitest";
import { fromHex } from "../../src/base/bytes.ts";
import { readCapture } from "../../src/lab/capture/reader.ts";
import { describe as tell } from "../../src/packet/describe.ts";
import { counted, judges } from "../kit/fidelity.ts";
import { type } from "../kit/lab.ts";
import { normaliseDump, randomAddress } from "./classic-normalise.ts";
import { DUMPS, LOOKS, type Played, playClassic } from "./classic-play.ts";
import { normalise } from "./normalise.ts";
import { classicFile, type Dump, dumpIn, secondsOf } from "./recorded-classic.ts";

judges("textbook");

let played: Played;
const table: string[] = [];

beforeAll(() => {
  played = playClassic();
});

test("every line of the recorded logs does its work without a word", () => {
  expect(played.complaints).toEqual([]);
});

const STP_BLOCK = /\n[^\n]*\n bridge id.*/s;

/** Ours and theirs under one heading, made comparable; null where the recorder did not look. */
function compared(dump: string, theirs: Dump, section: string): readonly [ours: string, theirs: string] | null {
  const recorded = theirs.section(section);
  if (recorded === null) return null;
  const said = played.said.get(dump)!;
  const own = said.get(section)!;
  const isWithoutStp = section === "brctl showmacs/showstp" && !STP_BLOCK.test(recorded);
  const clean = (text: string, brief: string): string => {
    const random = randomAddress(brief);
    const named = random === null ? text : text.replaceAll(random, "RANDOM");
    return normaliseDump(section, named, !dump.startsWith("00"));
  };
  const ours = isWithoutStp ? own.replace(STP_BLOCK, "\n") : own;
  const exempt = EXEMPT[dump]?.[section] ?? ((text: string): string => text);
  return [clean(ours, said.get("ip -br link")!), exempt(clean(recorded, theirs.section("ip -br link")!))];
}

/** Real guests speak IPv6 as soon as they have a link, and are learnt by that; ours are silent until they are asked. */
const withoutGuests = (text: string): string => {
  const cut = text.replaceAll(/^.*00:16:3e:00:00:0[12].*\n/gm, "");
  expect(text.split("\n").length - cut.split("\n").length, "lines about guests").toBe(2);
  return cut;
};

/** What the recorded text would be without things that are not modelled, or are chance: by dump and section. */
const EXEMPT: Readonly<Record<string, Readonly<Record<string, (recorded: string) => string>>>> = {
  "01-guests-boot/after": {
    "bridge fdb show": withoutGuests,
    "brctl showmacs/showstp": withoutGuests,
  },
  "02-ping-g1-g2/before": { "bridge fdb show": withoutGuests, "brctl showmacs/showstp": withoutGuests },
};

describe("after every step the tools say what the recorded host's said", () => {
  for (const dump of DUMPS)
    test(dump, () => {
      const theirs = dumpIn(`${dump}.txt`);
      let lines = 0;
      let texts = 0;
      for (const [section] of LOOKS) {
        const pair = compared(dump, theirs, section);
        if (pair === null) continue;
        expect.soft(pair[0], `${dump}: ${section}`).toBe(pair[1]);
        texts++;
        counted("textbook", "texts");
        lines += pair[1] === "" ? 0 : pair[1].split("\n").length;
      }
      expect(texts).toBeGreaterThan(9);
      table.push(`${dump.padEnd(32)} ${String(texts).padStart(3)} texts ${String(lines).padStart(4)} lines`);
    });
});

test("the kernel's log of the steps, line for line", () => {
  // What came before are other scenarios.
  const recorded = classicFile("00-steps/dmesg-tail.txt").toString("utf8");
  const text = (line: string): string => line.replace(/^\[ *[\d.]+\] /, "");
  const theirs = recorded.slice(recorded.indexOf("\n", recorded.indexOf("port 1(eth0) entered disabled state")));
  const steps = theirs.trimEnd().split("\n").map(text);
  const from = steps.findIndex((line) => line.includes("renamed from"));
  const ours = type(played.lab, "xen1", "dmesg").stdout.trimEnd().split("\n").map(text);
  const start = ours.findIndex((line) => line.includes("renamed from"));
  const end = ours.findIndex((line) => line.includes("vif5.0"));
  expect(ours.slice(start, end)).toEqual(steps.slice(from));
  table.push(`${"00-steps/dmesg-tail".padEnd(32)}   1 text  ${String(steps.length - from).padStart(4)} lines`);
});

/** From when to when the recorder's tcpdump ran, by what it did before and after. */
const SCENES = [
  { folder: "01-guests-boot", from: "00:29:45", to: "00:30:14", points: ["peth0", "vif0.0"] },
  {
    folder: "02-ping-g1-g2",
    from: "00:30:18.58",
    to: "00:30:27",
    points: ["peth0", "vif0.0", "eth0", "xenbr0", "vif5.0", "vif6.0"],
  },
  {
    folder: "03-ping-g1-outside",
    from: "00:30:33.2",
    to: "00:30:42.5",
    points: ["peth0", "vif0.0", "eth0", "xenbr0", "vif5.0", "vif6.0"],
  },
] as const;

const known = (frames: readonly (string | null)[]): string[] => frames.filter((frame) => frame !== null);
const words = (frame: string): string => {
  const [hex, ...classes] = frame.split(" ");
  const bytes = fromHex(hex!);
  return [tell(bytes, 0, bytes.length, { link: true }), ...classes].join(" ");
};

function emulated(point: string, from: string, to: string): string[] {
  const { lab, timeAt, packets } = played;
  const nanos = (clock: string): bigint => BigInt(lab.plan.epoch) * 1_000_000_000n + BigInt(timeAt(secondsOf(clock)));
  const [first, last] = [nanos(from), nanos(to)];
  const during = packets(`xen1-${point}.pcapng`).filter(({ nanos: at }) => at >= first && at < last);
  return known(during.map(({ bytes }) => normalise(bytes)));
}

/**
 * A guest announces itself if it has its address before its backend says Connected: a race in the guest, which of the
 * two recorded guests g1 won and g2 lost. Ours set their addresses later.
 */
const isAnnouncement = (frame: string): boolean => words(frame).includes("who-has 192.168.1.101 tell 192.168.1.101");

describe("frames at every interface", () => {
  for (const { folder, from, to, points } of SCENES)
    for (const point of points)
      test(`${folder} at ${point}`, () => {
        const { packets } = readCapture(classicFile(`${folder}/dom0.${point}.pcap`));
        const all = known(packets.map(({ bytes }) => normalise(bytes)));
        const theirs = all.filter((frame) => !isAnnouncement(frame));
        expect(all.length - theirs.length).toBe(folder === "01-guests-boot" ? 1 : 0);
        const ours = emulated(point, from, to);
        expect(ours.map(words)).toEqual(theirs.map(words));
        expect(ours, "byte for byte").toEqual(theirs);
        counted("textbook", "captures");
        table.push(`${`${folder} ${point}`.padEnd(32)} ${String(theirs.length).padStart(3)} frames`);
      });
});

test("the table", () => {
  console.log(`compared with the recorded classic host, all equal:\n${table.join("\n")}`);
  expect(table).toHaveLength(DUMPS.length + 1 + SCENES.reduce((sum, { points }) => sum + points.length, 0));
});
