/** The frames that somebody chose, saved as a capture of their own. */
import { describe, expect, test } from "vitest";
import { Fate, type FateCode } from "../../../src/base/fate.ts";
import type { Point, PointKind, Tap } from "../../../src/device/point.ts";
import type { PointWatcher, World } from "../../../src/device/world.ts";
import { readCapture } from "../../../src/lab/capture/reader.ts";
import { captureOf, type Lab, type Nanos, type SavedFrame } from "../../../src/lab/index.ts";
import { Checksum, type Frame } from "../../../src/packet/frame.ts";
import { labUp, planOfFile, type } from "../../kit/lab.ts";
import { requireTool } from "../../kit/tools.ts";
import { run, tshark, withFile } from "./sample.ts";

const DIRECTIONS: Readonly<Record<PointKind, SavedFrame["direction"]>> = {
  rx: "in",
  tx: "out",
  drop: "drop",
  forward: "by",
};

/** Keeps a record of every frame at every point, as a view of the run does. */
class Records implements Tap, PointWatcher {
  readonly kept: SavedFrame[] = [];
  private readonly world: World;

  constructor(world: World) {
    this.world = world;
    world.watchPoints(this);
  }

  pointAdded(point: Point): void {
    point.taps.add(this);
  }

  seen(frame: Frame, point: Point, fate: FateCode): void {
    if (point.kind === "drop" && fate === Fate.NONE) return;
    this.kept.push({
      time: this.world.scheduler.now,
      point: point.name,
      direction: DIRECTIONS[point.kind],
      frame: frame.id,
      length: frame.length,
      bytes: frame.bytes.slice(frame.at, frame.end),
      checksumPartial: frame.checksum === Checksum.PARTIAL,
      fate,
    });
  }
}

const lab: Lab = labUp(
  { ...planOfFile("bridge-xl.yaml"), capture: { all: true, points: [] } },
  { capture: { format: "pcapng", merged: true } },
);
const captured = lab.captures!.list.find(({ path }) => path === "merged.pcapng")!;
const whileComingUp = captured.frames;
const { kept: records } = new Records(lab.world);
type(lab, "web1", "ip neigh flush all; ping -c 2 192.168.1.102; echo hello | nc -u -w 1 192.168.1.1 7");
type(lab, "web1", "ping -c 1 192.168.1.99");
/** The merged capture has no loopbacks. */
const ofDevices = records.filter(({ point, direction }) => direction === "drop" || !point.endsWith(":lo"));

const packetsOf = (file: Uint8Array) => {
  const { interfaces, packets, problem } = readCapture(file);
  expect(problem).toBeNull();
  return packets.map(({ interface: at, ...packet }) => ({ name: interfaces[at]!.name, ...packet }));
};

describe("a selection of frames", () => {
  test("of everything says what the merged capture of the same session says, frame for frame", () => {
    const merged = packetsOf(captured.take()).slice(whileComingUp);
    expect(merged.length).toBeGreaterThan(50);
    expect(packetsOf(captureOf(lab, ofDevices))).toEqual(merged);
  });

  test("has one interface for each point that occurs, described as a capture describes it", () => {
    const chosen = records.filter(({ point }) => /vif1\.0|web1:eth0/.test(point));
    const { interfaces } = readCapture(captureOf(lab, chosen));
    expect(interfaces.map(({ name, description }) => [name, description])).toEqual([
      ["web1:eth0", "eth0 of web1 (vif)"],
      ["xen1:vif1.0", "vif1.0 of xen1 (vif)"],
    ]);
  });

  test("is in the order of time, whatever the order it was chosen in", () => {
    const upsideDown = captureOf(lab, [...ofDevices].reverse());
    const times = readCapture(upsideDown).packets.map(({ nanos }) => nanos);
    expect(times).toEqual([...times].sort((a, b) => Number(a - b)));
  });

  test("keeps the true length of a frame of which less was recorded", () => {
    const cut = { ...records[0]!, bytes: records[0]!.bytes.slice(0, 20) };
    const [packet] = readCapture(captureOf(lab, [cut])).packets;
    expect([packet!.bytes.length, packet!.originalLength]).toEqual([20, cut.length]);
  });

  test("of a device that is gone says neither its address nor whom a frame was for", () => {
    const foreign: SavedFrame = {
      ...records.find(({ direction, bytes }) => direction === "in" && bytes[0] === 0)!,
      point: "xen1:vif77.0",
    };
    const { interfaces, packets } = readCapture(captureOf(lab, [foreign]));
    expect(interfaces[0]).toMatchObject({ name: "xen1:vif77.0", description: "vif77.0 of xen1" });
    expect(packets[0]!.flags & 0b11111).toBe(1);
  });

  test("of nothing is a file without packets", () => {
    expect(readCapture(captureOf(lab, []))).toMatchObject({ format: "pcapng", packets: [], problem: null, cut: false });
  });

  test("as classic pcap has the same frames, without names and comments", () => {
    const { format, packets } = readCapture(captureOf(lab, ofDevices, "pcap"));
    const said = packetsOf(captureOf(lab, ofDevices)).map(({ nanos, bytes }) => [nanos, bytes]);
    expect(format).toBe("pcap");
    expect(packets.map(({ nanos, bytes }) => [nanos, bytes])).toEqual(said);
  });

  test.skipIf(!requireTool("tshark"))(
    "is what tshark reads: points, lineage, directions and the reasons of drops",
    () => {
      withFile(captureOf(lab, ofDevices), (path) => {
        const fields = ["frame.interface_name", "frame.packet_id", "frame.packet_flags_direction", "frame.comment"];
        const { rows, output } = tshark(path, fields);
        expect(output.status).toBe(0);
        const directions = { in: "0x00000001", out: "0x00000002", by: "0x00000001", drop: "0x00000000" };
        const dropped = (record: SavedFrame): boolean => record.direction === "drop";
        expect(rows.map((row) => row.slice(0, 3))).toEqual(
          ofDevices.map((record) => [
            dropped(record) ? "drop" : record.point,
            String(record.frame),
            directions[record.direction],
          ]),
        );
        const comments = rows.map((row) => row[3]!).filter((comment) => comment !== "");
        expect(comments).toContain("xenlab: dropped at web1:ip: neighbour-failed");
        expect(comments).toHaveLength(ofDevices.filter(dropped).length);
        expect(run("tshark", ["-r", path, "-Y", "_ws.malformed"]).stdout).toBe("");
        expect(run("capinfos", ["-Mo", path]).stdout).toMatch(/Strict time order:\s+True/);
      });
    },
  );
});

test("a moment of the run is where its frames are: virtual time 0 is the topology's epoch", () => {
  const record: SavedFrame = { ...records[0]!, time: 1_500_000_000 as Nanos };
  const [packet] = readCapture(captureOf(lab, [record])).packets;
  expect(packet!.nanos).toBe(BigInt(lab.plan.epoch) * 1_000_000_000n + 1_500_000_000n);
});
