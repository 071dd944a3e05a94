import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { PcapngWriter } from "../../../src/lab/capture/pcapng.ts";
import * as format from "../../../src/lab/capture/pcapng-format.ts";
import { readCapture } from "../../../src/lab/capture/reader.ts";
import type { Ipv4, Mac } from "../../../src/packet/address.ts";
import { MAX_EPOCH_SECONDS } from "../../../src/packet/capture/limits.ts";
import { requireTool } from "../../kit/tools.ts";
import { concat, EPOCH, frameOf, openPcapng, run, tshark, tsharkIds, withFile } from "./sample.ts";

/** Any text but one that begins with U+FEFF, which decoders take for a byte order mark. */
const text = fc.string({ unit: "binary" }).filter((s) => !s.startsWith("\ufeff"));

const packet = fc.record({
  late: fc.boolean(),
  nanos: fc.maxSafeNat(),
  length: fc.oneof(fc.nat(130), fc.nat(65_535)),
  extra: fc.nat(1000),
  flags: fc.nat(0xffff_ffff),
  packetId: fc.maxSafeNat(),
  dropCount: fc.nat(3),
  comment: text,
});

test("what is written is read back", () => {
  fc.assert(
    fc.property(fc.nat(MAX_EPOCH_SECONDS), fc.array(packet, { maxLength: 12 }), text, (epoch, packets, name) => {
      const writer = openPcapng(epoch);
      let last = writer.interface({ name: "vif1.0", description: name });
      const taken: Uint8Array[] = [];
      const owners: number[] = [];
      for (const p of packets) {
        if (p.late) last = writer.interface({ name, description: "late" });
        const bytes = frameOf(p.length + 3);
        const { nanos, length, flags, packetId, dropCount, comment } = p;
        writer.packet(last, nanos, bytes, 3, length, length + p.extra, flags, packetId, dropCount, comment);
        owners.push(last);
        if (p.extra % 2 === 0) taken.push(writer.pending.take());
      }
      const capture = readCapture(concat([...taken, writer.pending.take()]));
      expect(capture).toMatchObject({ format: "pcapng", cut: false, problem: null });
      expect(capture.interfaces[0]).toEqual({ name: "vif1.0", description: name, linkType: 1, snaplen: 262_144 });
      expect(capture.interfaces).toHaveLength(last + 1);
      expect(capture.packets.map((p) => p.bytes.length)).toEqual(packets.map((p) => p.length));
      capture.packets.forEach((read, i) => {
        const p = packets[i];
        if (p === undefined) throw new Error("a packet too many");
        const { bytes, ...rest } = read;
        expect(rest).toEqual({
          interface: owners[i],
          nanos: BigInt(epoch) * 1_000_000_000n + BigInt(p.nanos),
          originalLength: p.length + p.extra,
          flags: p.flags,
          dropCount: BigInt(p.dropCount),
          packetId: BigInt(p.packetId),
          comments: p.comment === "" ? [] : [p.comment],
        });
        expect(Buffer.compare(bytes, frameOf(p.length + 3).subarray(3))).toBe(0);
      });
    }),
    { numRuns: 150 },
  );
});

test("stamps are exact around every carry of the low word", () => {
  for (const nanos of [0, 1, 2 ** 32 - 1, 2 ** 32, 2 ** 53 - 1]) {
    for (const epoch of [0, 1, EPOCH, MAX_EPOCH_SECONDS]) {
      const low = Number((BigInt(epoch) * 1_000_000_000n) & 0xffff_ffffn);
      for (const at of [nanos, 2 ** 32 - low - 1, 2 ** 32 - low]) {
        const writer = openPcapng(epoch);
        writer.interface({ name: "a", description: "" });
        writer.packet(0, at, frameOf(14), 0, 14, 14, 0, 0);
        const [read] = readCapture(writer.pending.take()).packets;
        expect(read?.nanos).toBe(BigInt(epoch) * 1_000_000_000n + BigInt(at));
      }
    }
  }
});

test("an enhanced packet block, byte by byte", () => {
  const writer = openPcapng(0);
  writer.interface({ name: "a", description: "" });
  writer.pending.take();
  writer.packet(
    0,
    2 ** 32 + 5,
    Uint8Array.of(9, 1, 2, 3, 4, 5),
    1,
    5,
    7,
    format.INBOUND | format.BROADCAST,
    2 ** 33 + 1,
  );
  const words = [6, 64, 0, 1, 5, 5, 7, 0x04030201, 0x00000005, 0x00040002, 0b1101, 0x00080005, 1, 2, 0, 64];
  expect([...new Uint32Array(writer.pending.take().buffer)]).toEqual(words);
});

test("a snap length cuts the bytes and keeps the original length", () => {
  const writer = openPcapng();
  writer.interface({ name: "short", description: "", snaplen: 64 });
  writer.interface({ name: "whole", description: "", snaplen: 0 });
  writer.packet(0, 0, frameOf(1514), 0, 1514, 1514, 0, 1);
  writer.packet(1, 0, frameOf(300_000), 0, 300_000, 300_000, 0, 1);
  const { interfaces, packets } = readCapture(writer.pending.take());
  expect(interfaces.map((i) => i.snaplen)).toEqual([64, 262_144]);
  expect(packets.map((p) => [p.bytes.length, p.originalLength])).toEqual([
    [64, 1514],
    [262_144, 300_000],
  ]);
});

test("misuse is a bug, not a broken file", () => {
  const writer = new PcapngWriter(EPOCH);
  expect(() => writer.interface({ name: "a", description: "" })).toThrow("before the section");
  writer.section({ hardware: "", os: "", application: "" });
  expect(() => writer.section({ hardware: "", os: "", application: "" })).toThrow("one section");
  expect(() => writer.packet(0, 0, frameOf(14), 0, 14, 14, 0, 0)).toThrow("never described");
  expect(() => writer.statistics(0, 0, 1, 0)).toThrow("never described");
  expect(() => new PcapngWriter(0.5)).toThrow("whole seconds");
  expect(() => new PcapngWriter(MAX_EPOCH_SECONDS + 1)).toThrow("1970-2105");
});

test("a comment is cut to 65,535 bytes, between two characters", () => {
  const writer = openPcapng();
  writer.interface({ name: "a", description: "" });
  writer.packet(0, 0, frameOf(14), 0, 14, 14, 0, 0, 0, "x".repeat(65_535));
  writer.packet(0, 0, frameOf(14), 0, 14, 14, 0, 0, 0, `xx${"é".repeat(40_000)}`);
  const lengths = readCapture(writer.pending.take()).packets.map((p) => Buffer.byteLength(p.comments[0] ?? ""));
  expect(lengths).toEqual([65_535, 65_534]);
});

function richCapture(): Uint8Array {
  const writer = openPcapng();
  const vif = writer.interface({
    name: "vif1.0",
    description: "web1 eth0",
    speed: 1_000_000_000,
    mac: 0xfeff_ffff_ffff as Mac,
    filter: "arp",
    os: "Linux 6.1",
    hardware: "xen-netback",
  });
  writer.names([{ address: 0xc0a8010b as Ipv4, names: ["web1", "web1.lan"] }]);
  writer.packet(vif, 1, frameOf(60), 0, 60, 60, format.INBOUND | format.BROADCAST, 2 ** 40 + 1, 0, "Grüße 🌍");
  const late = writer.interface({ name: "peth0", description: "" });
  writer.packet(late, 1_500_000_000, frameOf(61), 0, 61, 61, format.OUTBOUND | format.CHECKSUM_NOT_READY, 7, 3);
  writer.packet(vif, 1_500_000_001, frameOf(65_535), 0, 65_535, 65_535, 0, 8, 0, "y".repeat(65_535));
  writer.statistics(vif, 2_000_000_000, 2, 0);
  return writer.pending.take();
}

describe.skipIf(!requireTool("tshark"))("tshark", () => {
  test("shows interface, id, direction, time, length, drops and comment of every frame", () => {
    const fields = [
      "interface_name",
      "packet_id",
      "packet_flags_direction",
      "time_epoch",
      "len",
      "drop_count",
      "comment",
    ];
    withFile(richCapture(), (path) => {
      const { rows, output } = tshark(
        path,
        fields.map((field) => `frame.${field}`),
      );
      expect(output.status).toBe(0);
      // As root it warns of that and of nothing else.
      expect(output.stderr).not.toMatch(/cut short|damaged|length|option/i);
      const summed = rows.map((row) => row.map((cell) => cell.replace(/^y{9,}$/, (ys) => `${ys.length} y`)));
      expect(summed).toEqual([
        ["vif1.0", "1099511627777", "0x00000001", "1136214245.000000001", "60", "", "Grüße 🌍"],
        ["peth0", "7", "0x00000002", "1136214246.500000000", "61", "3", ""],
        ["vif1.0", "8", "0x00000000", "1136214246.500000001", "65535", "", "65535 y"],
      ]);
    });
  });

  test("uses the last name of a record", () => {
    withFile(richCapture(), (path) => {
      expect(run("tshark", ["-r", path, "-q", "-z", "hosts"]).stdout).toMatch(/192\.168\.1\.11\s+web1\.lan/);
    });
  });

  test("reads the frames before the cut, wherever the last block is cut; so do we", async () => {
    const writer = openPcapng();
    writer.interface({ name: "vif1.0", description: "" });
    writer.packet(0, 1, frameOf(14), 0, 14, 14, 1, 1);
    writer.packet(0, 2, frameOf(15), 0, 15, 15, 1, 2);
    const before = writer.pending.take();
    writer.packet(0, 3, frameOf(6), 0, 6, 6, 1, 3);
    const whole = concat([before, writer.pending.take()]);
    const ends = Array.from({ length: whole.length - before.length + 1 }, (_, i) => before.length + i);
    const shown = await tsharkIds(ends.map((end) => whole.slice(0, end)));
    ends.forEach((end, i) => {
      const cut = end !== before.length && end !== whole.length;
      const ids = end === whole.length ? [1n, 2n, 3n] : [1n, 2n];
      const capture = readCapture(whole.slice(0, end));
      expect(capture).toMatchObject({ cut, problem: null });
      expect(capture.packets.map((p) => p.packetId)).toEqual(ids);
      expect(shown[i], `cut at ${end}`).toEqual({ ids: ids.map(String), cut });
    });
  });
});

describe.skipIf(!requireTool("capinfos"))("capinfos", () => {
  test("sees strict time order, nanoseconds and the interfaces", () => {
    withFile(richCapture(), (path) => {
      const { stdout, status } = run("capinfos", [path]);
      expect(status).toBe(0);
      expect(stdout).toMatch(/Strict time order:\s+True/);
      expect(stdout).toMatch(/File timestamp precision:\s+nanoseconds \(9\)/);
      expect(stdout).toMatch(/Number of interfaces in file:\s+2/);
      expect(stdout).toMatch(/Capture application:\s+xenlab/);
      expect(stdout).toMatch(/Speed = 1000000000/);
      expect(stdout).toMatch(/Filter string = arp/);
      expect(stdout).toMatch(/Hardware = xen-netback/);
      expect(stdout).toMatch(/Number of stat entries = 1/);
      expect(run("capinfos", ["-Tm", path]).stdout.split("\n")).toHaveLength(3);
    });
  });
});
