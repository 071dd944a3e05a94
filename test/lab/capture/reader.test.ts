import fc from "fast-check";
import { expect, test } from "vitest";
import { readCapture } from "../../../src/lab/capture/reader.ts";
import { PcapWriter } from "../../../src/packet/capture/pcap.ts";
import { concat, EPOCH, frameOf, openPcapng } from "./sample.ts";

/** Fields of a foreign file: numbers as [value, bytes], bytes as they are. */
type Field = readonly [number | bigint, 1 | 2 | 4 | 8] | Uint8Array;

function encode(little: boolean, fields: readonly Field[]): Uint8Array {
  const parts = fields.map((field) => {
    if (field instanceof Uint8Array) return field;
    const view = new DataView(new ArrayBuffer(8));
    view.setBigUint64(0, BigInt.asUintN(64, BigInt(field[0])), true);
    const bytes = new Uint8Array(view.buffer).slice(0, field[1]);
    return little ? bytes : bytes.reverse();
  });
  return concat(parts);
}

const pad = (bytes: Uint8Array): Uint8Array => concat([bytes, new Uint8Array(-bytes.length & 3)]);

function block(little: boolean, type: number, ...fields: Field[]): Uint8Array {
  const body = pad(encode(little, fields));
  return encode(little, [[type, 4], [body.length + 12, 4], body, [body.length + 12, 4]]);
}

function option(little: boolean, code: number, ...fields: Field[]): Uint8Array {
  const value = encode(little, fields);
  return concat([
    encode(little, [
      [code, 2],
      [value.length, 2],
    ]),
    pad(value),
  ]);
}

const section = (little: boolean): Uint8Array => block(little, 0x0a0d0d0a, [0x1a2b3c4d, 4], [1, 2], [0, 2], [-1n, 8]);

const device = (little: boolean, linkType: number, snaplen: number, ...options: Uint8Array[]): Uint8Array =>
  block(little, 1, [linkType, 2], [0, 2], [snaplen, 4], ...options);

const epb = (little: boolean, id: number, units: bigint, frame: Uint8Array, ...options: Uint8Array[]): Uint8Array =>
  block(
    little,
    6,
    [id, 4],
    [units >> 32n, 4],
    [units & 0xffff_ffffn, 4],
    [frame.length, 4],
    [frame.length, 4],
    pad(frame),
    ...options,
  );

const FRAME = frameOf(15);

for (const little of [true, false]) {
  const order = little ? "little" : "big";

  test.each([
    [0xa1b2c3d4, 999_999, 999_999_000n],
    [0xa1b23c4d, 999_999_999, 999_999_999n],
  ])(`classic pcap, ${order}-endian, magic %x`, (magic, fraction, nanos) => {
    const header = encode(little, [
      [magic, 4],
      [2, 2],
      [4, 2],
      [0, 4],
      [0, 4],
      [65_535, 4],
      [0x1000_0065, 4],
    ]);
    const record = encode(little, [[0xffff_fffe, 4], [fraction, 4], [15, 4], [99, 4], FRAME]);
    const capture = readCapture(concat([header, record]));
    expect(capture.interfaces).toEqual([{ name: "", description: "", linkType: 101, snaplen: 65_535 }]);
    expect(capture.packets).toEqual([
      {
        interface: 0,
        nanos: 0xffff_fffen * 1_000_000_000n + nanos,
        bytes: FRAME,
        originalLength: 99,
        flags: 0,
        dropCount: 0n,
        packetId: null,
        comments: [],
      },
    ]);
  });

  test(`pcapng, ${order}-endian: resolutions, options, simple packets, unknown blocks`, () => {
    const text = (words: string): Uint8Array => Uint8Array.from(Buffer.from(words));
    const file = concat([
      section(little),
      device(little, 1, 9, option(little, 2, text("eth0")), option(little, 3, text("first"))),
      device(little, 101, 0, option(little, 9, [0x80 | 10, 1]), option(little, 14, [-2n, 8]), option(little, 0)),
      device(little, 1, 0, option(little, 9, [12, 1])),
      block(little, 0x0bad, [32_473, 4], text("custom")),
      epb(little, 0, 1_234_567_890_123_456n, FRAME),
      epb(
        little,
        1,
        3n * 1024n + 512n,
        FRAME,
        option(little, 1, text("one")),
        option(little, 2, [0x202, 4]),
        option(little, 2988, text("private")),
        option(little, 4, [2n ** 60n, 8]),
        option(little, 5, [2n ** 63n + 1n, 8]),
        option(little, 1, text("zwö")),
        option(little, 0),
      ),
      epb(little, 2, 5_001_999n, FRAME),
      block(little, 3, [15, 4], FRAME.slice(0, 9)),
    ]);
    const { interfaces, packets, problem, cut } = readCapture(file);
    expect({ problem, cut }).toEqual({ problem: null, cut: false });
    expect(interfaces).toEqual([
      { name: "eth0", description: "first", linkType: 1, snaplen: 9 },
      { name: "", description: "", linkType: 101, snaplen: 0 },
      { name: "", description: "", linkType: 1, snaplen: 0 },
    ]);
    expect(packets.map((p) => [p.interface, p.nanos])).toEqual([
      [0, 1_234_567_890_123_456_000n],
      [1, 1_500_000_000n],
      [2, 5_001n],
      [0, 0n],
    ]);
    expect(packets[1]).toMatchObject({ flags: 0x202, dropCount: 2n ** 60n, packetId: 2n ** 63n + 1n });
    expect(packets[1]?.comments).toEqual(["one", "zwö"]);
    expect(packets[3]).toMatchObject({ bytes: FRAME.slice(0, 9), originalLength: 15 });
  });
}

test("each section has its own byte order and counts its own interfaces", () => {
  const { interfaces, packets, problem } = readCapture(
    concat([
      section(true),
      device(true, 1, 0),
      epb(true, 0, 1n, FRAME),
      section(false),
      device(false, 101, 0),
      epb(false, 0, 2n, FRAME),
    ]),
  );
  expect(problem).toBeNull();
  expect(packets.map((p) => [interfaces[p.interface]?.linkType, p.nanos])).toEqual([
    [1, 1000n],
    [101, 2000n],
  ]);
});

const good = concat([section(true), device(true, 1, 0), epb(true, 0, 1n, FRAME)]);
const wrongTrailer = epb(true, 0, 1n, FRAME);
wrongTrailer[wrongTrailer.length - 4] = 0;

test.each([
  ["a packet of an unknown interface", epb(true, 7, 1n, FRAME), "interface 7, which is not described"],
  ["two lengths that differ", wrongTrailer, "two lengths differ: 48 and 0"],
  [
    "a block length that is no multiple of four",
    encode(true, [
      [6, 4],
      [13, 4],
      [0, 8],
    ]),
    "cannot have length 13",
  ],
  [
    "an option beyond its block",
    epb(
      true,
      0,
      1n,
      FRAME,
      encode(true, [
        [1, 2],
        [9, 2],
      ]),
    ),
    "option is larger",
  ],
  ["a packet beyond its block", block(true, 6, [0, 4], [0, 8], [99, 4], [99, 4]), "99 bytes is larger than its block"],
  ["a simple packet beyond its block", block(true, 3, [99, 4]), "99 bytes is larger than its block"],
  ["a short packet block", block(true, 6, [0, 4]), "packet block is too short"],
  ["a short interface", block(true, 1, [0, 4]), "interface description is too short"],
  ["a section without its magic", block(true, 0x0a0d0d0a, [1, 4], [0, 4], [0, 8]), "byte order magic"],
  ["a simple packet without interface", concat([section(true), block(true, 3, [0, 4])]), "before any interface"],
])("%s ends the reading with a sentence, the packets before stay", (_what, bad, sentence) => {
  const capture = readCapture(concat([good, bad, good]));
  expect(capture.problem).toContain(sentence);
  expect(capture.problem).toMatch(/^byte \d+: /);
  expect(capture).toMatchObject({ format: "pcapng", cut: false });
  expect(capture.packets).toHaveLength(1);
});

test("what is no capture says so", () => {
  expect(readCapture(new Uint8Array(0))).toMatchObject({ format: null, cut: false, problem: "the file is empty" });
  expect(readCapture(Uint8Array.of(0x0a, 0x0d))).toMatchObject({ format: null, cut: true, problem: null });
  expect(readCapture(Uint8Array.of(0, 1, 2, 3, 4)).problem).toContain("begins with 0x00010203");
});

test("an absurd length in classic pcap is a problem, not a cut", () => {
  const writer = new PcapWriter(EPOCH);
  writer.packet(0, 0, FRAME, 0, 15, 15);
  const record = encode(true, [
    [0, 4],
    [0, 4],
    [300_000, 4],
    [300_000, 4],
  ]);
  const capture = readCapture(concat([writer.pending.take(), record]));
  expect(capture.problem).toBe("byte 55: a packet of 300000 bytes is larger than 262144");
  expect(capture.packets).toHaveLength(1);
});

test("the file may lie anywhere in a larger buffer", () => {
  const shifted = concat([Uint8Array.of(1, 2, 3), good]).subarray(3);
  expect(readCapture(shifted).packets[0]?.bytes).toEqual(FRAME);
});

test("nothing makes it throw", () => {
  const writer = openPcapng();
  writer.interface({ name: "vif1.0", description: "" });
  for (let i = 0; i < 3; i++) writer.packet(0, i, frameOf(20 + i), 0, 20 + i, 20 + i, 1, i, i, "note");
  const pcapng = writer.pending.take();
  const classic = new PcapWriter(EPOCH);
  for (let i = 0; i < 3; i++) classic.packet(0, i, frameOf(20), 0, 20, 20);
  const pcap = classic.pending.take();
  const changes = fc.array(fc.tuple(fc.nat(500), fc.nat(255)), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(fc.constantFrom(pcapng, pcap, good), changes, fc.nat(500), (whole, edits, length) => {
      const file = whole.slice(0, Math.max(4, length));
      for (const [at, value] of edits) if (at < file.length) file[at] = value;
      const { cut, problem, packets } = readCapture(file);
      expect(cut && problem !== null).toBe(false);
      expect(packets.length).toBeLessThanOrEqual(file.length / 4);
    }),
    { numRuns: 3000 },
  );
});
