import { expect, test } from "vitest";
import { diffCaptures } from "../../../src/lab/capture/diff.ts";
import { renderDiff } from "../../../src/lab/capture/diff-text.ts";
import type { Capture, CapturedPacket } from "../../../src/packet/capture/captured.ts";
import { frameOf } from "./sample.ts";

const base: CapturedPacket = {
  interface: 0,
  nanos: 1_000_000_005n,
  bytes: frameOf(60),
  originalLength: 60,
  flags: 0,
  dropCount: 0n,
  packetId: 1n,
  comments: [],
};

const changed = (at: number): Uint8Array => frameOf(60).map((byte, i) => (i === at ? byte ^ 0xff : byte));

function captureOf(packets: readonly Partial<CapturedPacket>[], names: readonly string[] = ["vif1.0"]): Capture {
  const interfaces = names.map((name) => ({ name, description: "", linkType: 1, snaplen: 0 }));
  const filled = packets.map((packet) => ({ ...base, ...packet }));
  return { format: "pcapng", interfaces, packets: filled, cut: false, problem: null };
}

const describe = (bytes: Uint8Array): string[] => ["ethernet", `byte 14 is ${bytes[14]}`];

test("captures with the same frames do not differ, whatever their notes say", () => {
  expect(diffCaptures(captureOf([{}, {}]), captureOf([{}, { packetId: 9n, comments: ["x"], flags: 1 }]))).toBeNull();
  expect(diffCaptures(captureOf([]), captureOf([]))).toBeNull();
});

test.each([
  ["time", { nanos: 1_000_000_006n }, { what: "time", a: 1_000_000_005n, b: 1_000_000_006n }],
  ["interface", { interface: 1 }, { what: "interface", a: "vif1.0", b: "peth0" }],
  ["length on the wire", { originalLength: 61 }, { what: "length", a: 60, b: 61 }],
  ["length in the file", { bytes: frameOf(50) }, { what: "captured length", a: 60, b: 50 }],
  ["first byte", { bytes: changed(33) }, { what: "bytes", at: 33 }],
])("the first frame that differs: %s", (_what, change, difference) => {
  const names = ["vif1.0", "peth0"];
  const diff = diffCaptures(captureOf([{}, {}, {}], names), captureOf([{}, change, { nanos: 0n }], names));
  expect(diff).toMatchObject({ kind: "changed", index: 1, differences: [difference] });
});

test("all that differs in the frame is told at once", () => {
  const diff = diffCaptures(captureOf([{}]), captureOf([{ nanos: 3n, originalLength: 99, bytes: changed(2) }]));
  expect(diff?.kind === "changed" && diff.differences.map((d) => d.what)).toEqual(["time", "length", "bytes"]);
});

test("times can be left out", () => {
  const a = captureOf([{}, {}]);
  expect(diffCaptures(a, captureOf([{ nanos: 7n }, {}]), { ignoreTimes: true })).toBeNull();
  const diff = diffCaptures(a, captureOf([{ nanos: 7n }, { bytes: changed(0) }]), { ignoreTimes: true });
  expect(diff?.index).toBe(1);
});

test("the same interface may have another number", () => {
  const a = captureOf([{ interface: 1 }], ["peth0", "vif1.0"]);
  expect(diffCaptures(a, captureOf([{ interface: 0 }], ["vif1.0", "peth0"]))).toBeNull();
  expect(diffCaptures(captureOf([{}], [""]), captureOf([{}], [""]))).toBeNull();
});

test("a frame that only one of them has", () => {
  expect(diffCaptures(captureOf([{}, {}]), captureOf([{}]))).toMatchObject({ kind: "only in A", index: 1 });
  expect(diffCaptures(captureOf([]), captureOf([{}]))).toMatchObject({ kind: "only in B", index: 0 });
});

test("the text shows both sides and marks the bytes", () => {
  const b = captureOf([{ nanos: 1_000_000_000n, bytes: changed(14) }]);
  const diff = diffCaptures(captureOf([{}]), b);
  expect(diff && renderDiff(diff, describe)).toEqual([
    "frame 1 differs",
    "  time: A 1.000000005, B 1.000000000 (B is 0.000000005 s earlier)",
    "  bytes: first at offset 14 (0x000e)",
    "",
    " A 1.000000005 vif1.0",
    " B 1.000000000 vif1.0",
    "   ethernet",
    " A byte 14 is 98",
    " B byte 14 is 157",
    "",
    " A 0000  ff ff ff ff ff ff 00 16 3e 00 00 01 88 b5 62 69  ........>.....bi",
    " B 0000  ff ff ff ff ff ff 00 16 3e 00 00 01 88 b5 9d 69  ........>......i",
    "                                                   ^^",
    "   0010  70 77 7e 85 8c 93 9a a1 a8 af b6 bd c4 cb d2 d9  pw~.............",
    "   *",
  ]);
});

test("the text shows where the shorter frame ends", () => {
  const diff = diffCaptures(captureOf([{ bytes: frameOf(20) }]), captureOf([{ bytes: frameOf(15) }]));
  expect(diff && renderDiff(diff, () => []).slice(-6)).toEqual([
    " A 0000  ff ff ff ff ff ff 00 16 3e 00 00 01 88 b5 62 69  ........>.....bi",
    " B 0000  ff ff ff ff ff ff 00 16 3e 00 00 01 88 b5 62     ........>.....b",
    "                                                      ^^",
    " A 0010  70 77 7e 85                                      pw~.",
    " B 0010",
    "         ^^ ^^ ^^ ^^",
  ]);
});

test("the text of a lone frame shows it whole", () => {
  const diff = diffCaptures(captureOf([{ bytes: frameOf(17) }]), captureOf([]));
  expect(diff && renderDiff(diff, describe)).toEqual([
    "frame 1 is only in A",
    "",
    "   1.000000005 vif1.0",
    "   ethernet",
    "   byte 14 is 98",
    "",
    "   0000  ff ff ff ff ff ff 00 16 3e 00 00 01 88 b5 62 69  ........>.....bi",
    "   0010  70                                               p",
  ]);
});
