import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readCapture } from "../../../src/lab/capture/reader.ts";
import { MAX_EPOCH_SECONDS } from "../../../src/packet/capture/limits.ts";
import { PcapWriter } from "../../../src/packet/capture/pcap.ts";
import { requireTool } from "../../kit/tools.ts";
import { EPOCH, frameOf, run, tshark, withFile } from "./sample.ts";

test("what is written is read back", () => {
  const packet = fc.tuple(fc.maxSafeNat(), fc.nat(65_535), fc.nat(1000));
  fc.assert(
    fc.property(fc.nat(MAX_EPOCH_SECONDS), fc.array(packet, { maxLength: 8 }), (epoch, packets) => {
      const writer = new PcapWriter(epoch);
      for (const [nanos, length, extra] of packets) writer.packet(5, nanos, frameOf(length), 0, length, length + extra);
      const capture = readCapture(writer.pending.take());
      expect(capture).toMatchObject({ format: "pcap", cut: false, problem: null });
      expect(capture.interfaces).toEqual([{ name: "", description: "", linkType: 1, snaplen: 262_144 }]);
      const read = capture.packets.map((p) => [p.nanos, p.bytes.length, p.originalLength]);
      const wanted = packets.map(([nanos, length, extra]) => [
        BigInt(epoch) * 1_000_000_000n + BigInt(nanos),
        length,
        length + extra,
      ]);
      expect(read).toEqual(wanted);
      capture.packets.forEach((p) => void expect(Buffer.compare(p.bytes, frameOf(p.bytes.length))).toBe(0));
    }),
  );
});

test("a snap length cuts the bytes and keeps the original length", () => {
  const writer = new PcapWriter(EPOCH, 96);
  writer.packet(0, 0, frameOf(1514), 0, 1514, 1514);
  const { interfaces, packets } = readCapture(writer.pending.take());
  expect(interfaces[0]?.snaplen).toBe(96);
  expect(packets.map((p) => [p.bytes.length, p.originalLength])).toEqual([[96, 1514]]);
});

test.skipIf(!requireTool("tshark"))("tshark and capinfos read it with nanoseconds", () => {
  const writer = new PcapWriter(EPOCH);
  writer.packet(0, 1, frameOf(61), 0, 61, 61);
  writer.packet(0, 999_999_999, frameOf(1514), 0, 1514, 1514);
  writer.packet(0, 1_000_000_000, frameOf(64), 0, 64, 9000);
  withFile(writer.pending.take(), (path) => {
    const { rows, output } = tshark(path, ["frame.time_epoch", "frame.cap_len", "frame.len"]);
    expect(output.status).toBe(0);
    expect(rows).toEqual([
      ["1136214245.000000001", "61", "61"],
      ["1136214245.999999999", "1514", "1514"],
      ["1136214246.000000000", "64", "9000"],
    ]);
    const { stdout } = run("capinfos", [path]);
    expect(stdout).toMatch(/Strict time order:\s+True/);
    expect(stdout).toMatch(/nanoseconds/);
  });
});

describe("cut anywhere in the last record", () => {
  test("the records before it are read", () => {
    const writer = new PcapWriter(EPOCH);
    writer.packet(0, 1, frameOf(15), 0, 15, 15);
    const first = writer.pending.take();
    writer.packet(0, 2, frameOf(15), 0, 15, 15);
    const whole = Uint8Array.of(...first, ...writer.pending.take());
    for (let end = 0; end <= whole.length; end++) {
      const capture = readCapture(whole.slice(0, end));
      expect(capture.packets).toHaveLength(end === whole.length ? 2 : end >= first.length ? 1 : 0);
      expect(capture.cut, `cut at ${end}`).toBe(![0, 24, first.length, whole.length].includes(end));
    }
  });
});
