/** The recordings of a real Xen 4.17 host as judge: the same frames at the same interfaces, in the same order. */
import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { fromHex, get16, put16 } from "../../src/base/bytes.ts";
import { readCapture } from "../../src/lab/capture/reader.ts";
import type { Lab } from "../../src/lab/index.ts";
import { checksum } from "../../src/packet/checksum.ts";
import { describe as tell } from "../../src/packet/describe.ts";
import { judges } from "../kit/fidelity.ts";
import { labUp, pass, planOf, type } from "../kit/lab.ts";
import { normalise, transportClass } from "./normalise.ts";
import { RECORDED_HOST, RECORDINGS, type Recording } from "./recorded-lab.ts";

judges("xen frames");

const FIXTURES = new URL("../fixtures/xen-4.17/bridge/", import.meta.url);
interface Played {
  readonly lab: Lab;
  /** When the first line was typed. */
  readonly start: number;
}

function play(recording: Recording): Played {
  const lab = labUp(planOf(RECORDED_HOST), { capture: { format: "pcapng", merged: false } });
  for (const machine of ["xen1", "g1", "g2", "outside"]) type(lab, machine, "ip neigh flush all");
  pass(lab, 1);
  const start = lab.now;
  for (const { at, on, line } of recording.typed) {
    lab.runUntil((start + at * 1e9) as typeof start);
    lab.exec(on, line);
  }
  lab.runUntil((start + recording.seconds * 1e9) as typeof start);
  return { lab, start };
}

const known = (frames: readonly (string | null)[]): string[] => frames.filter((frame) => frame !== null);

function recorded(folder: string, file: string): string[] {
  const { packets } = readCapture(readFileSync(new URL(`${folder}/${file}`, FIXTURES)));
  return known(packets.map((packet) => normalise(packet.bytes)));
}

function emulated({ lab, start }: Played, point: string, seconds: number): string[] {
  const file = lab.captures!.list.find((each) => each.path === `${point}.pcapng`)!;
  const from = BigInt(lab.plan.epoch) * 1_000_000_000n + BigInt(start);
  const to = from + BigInt(Math.round(seconds * 1e9));
  const { packets } = readCapture(file.take());
  return known(
    packets.filter((packet) => packet.nanos >= from && packet.nanos < to).map((packet) => normalise(packet.bytes)),
  );
}

/** A normalised frame as a person reads it. */
const words = (frame: string): string => {
  const [hex, ...classes] = frame.split(" ");
  const bytes = fromHex(hex!);
  return [tell(bytes, 0, bytes.length, { link: true }), ...classes].join(" ");
};
const classesOf = (frame: string): string => frame.slice(frame.indexOf(" ") + 1);

/** Of UDP over IPv4 without options, whose protocol stands at byte 23. */
const isUdp = (frame: string): boolean => frame.startsWith("0800", 24) && frame.startsWith("11", 46);

test("the classes of a checksum are told apart on a recorded frame", () => {
  const { packets } = readCapture(readFileSync(new URL("03-ping-g1-dom0/dom0.vif3.0.pcap", FIXTURES)));
  const echo = packets.map(({ bytes }) => bytes).find((bytes) => normalise(bytes)?.includes(" "))!;
  expect(normalise(echo)).toMatch(/ ip=valid l4=valid$/);
  put16(echo, 24, get16(echo, 24) ^ 1);
  put16(echo, 36, 0);
  expect(normalise(echo)).toMatch(/ ip=wrong l4=zero$/);
  put16(echo, 36, 0x1234);
  expect(transportClass(echo)).toBe("wrong");
  put16(echo, 36, 0);
  put16(echo, 36, checksum(echo, 34, echo.length));
  expect(transportClass(echo)).toBe("valid");
  put16(echo, 20, 0x2000);
  expect(transportClass(echo)).toBe("not computable");
});

describe("recordings of a real Xen 4.17 host", () => {
  const table: string[] = [];
  const seen = new Set<string>();
  const ofUdp = new Set<string>();

  for (const recording of RECORDINGS) {
    test(recording.folder, () => {
      const played = play(recording);
      for (const [point, file] of Object.entries(recording.files)) {
        const theirs = recorded(recording.folder, file);
        const ours = emulated(played, point, recording.shorter?.[point] ?? recording.seconds);
        table.push(
          `${recording.folder.padEnd(32)} ${point.padEnd(12)} ${String(theirs.length).padStart(4)} recorded  ${String(ours.length).padStart(4)} emulated`,
        );
        expect(ours.map(words), `${recording.folder} at ${point}`).toEqual(theirs.map(words));
        expect(ours, `${recording.folder} at ${point}, byte for byte`).toEqual(theirs);
        for (const frame of [...ours, ...theirs].filter((each) => each.includes(" "))) seen.add(classesOf(frame));
        for (const frame of theirs.filter(isUdp)) ofUdp.add(classesOf(frame));
      }
    });
  }

  test("no checksum is wrong, and what a guest leaves to hardware is left alone all the way", () => {
    expect([...seen].sort()).toEqual([
      "ip=valid l4=not computable",
      "ip=valid l4=pseudo-header only",
      "ip=valid l4=valid",
    ]);
    expect([...ofUdp]).toEqual(["ip=valid l4=pseudo-header only"]);
  });

  test("the table", () => {
    console.log(`frames compared after normalisation, all equal:\n${table.join("\n")}`);
    expect(table).toHaveLength(RECORDINGS.reduce((sum, recording) => sum + Object.keys(recording.files).length, 0));
  });
});
