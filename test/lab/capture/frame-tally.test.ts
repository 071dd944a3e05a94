import { describe, expect, it } from "vitest";
import type { Nanos } from "../../../src/engine/time.ts";
import { FrameTally, type ProtocolName } from "../../../src/lab/capture/frame-tally.ts";

const ipv4 = (protocol: number): number[] => [0x45, 0, 0, 20, 0, 0, 0, 0, 64, protocol, ...Array<number>(10).fill(0)];
const TAG = [0x81, 0x00, 0x00, 0x05];
const PROVIDER_TAG = [0x88, 0xa8, 0x00, 0x07];

/** An Ethernet frame from whatever follows the addresses. */
const frame = (...rest: readonly number[][]): Uint8Array =>
  Uint8Array.from([...Array<number>(12).fill(2), ...rest.flat()]);

const NOWHERE = 7;

/** Counted where it stands in a larger buffer, as on the frame path. */
function countedAs(bytes: Uint8Array): ProtocolName {
  const tally = new FrameTally();
  const buffer = new Uint8Array(NOWHERE + bytes.length + NOWHERE).fill(0xee);
  buffer.set(bytes, NOWHERE);
  tally.count(0 as Nanos, buffer, NOWHERE, NOWHERE + bytes.length);
  return tally.protocols[0]!.protocol;
}

describe("a frame counts", () => {
  it.each<[ProtocolName, string, Uint8Array]>([
    ["ARP", "by its type field", frame([0x08, 0x06])],
    ["ICMP", "by IPv4's protocol byte", frame([0x08, 0x00], ipv4(1))],
    ["UDP", "by IPv4's protocol byte", frame([0x08, 0x00], ipv4(17))],
    ["TCP", "by IPv4's protocol byte", frame([0x08, 0x00], ipv4(6))],
    ["other", "when it is IGMP", frame([0x08, 0x00], ipv4(2))],
    ["IPv6", "whatever is in it", frame([0x86, 0xdd])],
    ["ICMP", "behind a VLAN tag", frame(TAG, [0x08, 0x00], ipv4(1))],
    ["ARP", "behind two tags", frame(PROVIDER_TAG, TAG, [0x08, 0x06])],
    ["other", "when it is spanning tree: a length, not a type", frame([0x00, 0x26], [0x42, 0x42, 0x03])],
    [
      "other",
      "when its IPv4 header is cut, whatever lies behind it in memory",
      frame([0x08, 0x00], ipv4(1).slice(0, 12)),
    ],
    ["other", "when its tag is cut", frame(TAG)],
    ["other", "when it is too short for a type field", Uint8Array.from([1, 2, 3])],
  ])("as %s %s", (protocol, _why, bytes) => {
    expect(countedAs(bytes)).toBe(protocol);
  });
});

describe("a tally", () => {
  it("knows nothing before the first frame", () => {
    const { frames, bytes, first, last, protocols } = new FrameTally();
    expect({ frames, bytes, first, last, protocols }).toEqual({
      frames: 0,
      bytes: 0,
      first: null,
      last: null,
      protocols: [],
    });
  });

  it("has sums, the first and the last moment, and the most frequent protocol first", () => {
    const tally = new FrameTally();
    const counted = [frame([0x08, 0x06]), frame([0x08, 0x00], ipv4(1)), frame([0x08, 0x00], ipv4(1))];
    counted.forEach((bytes, index) => {
      tally.count((index * 1000) as Nanos, bytes, 0, bytes.length);
    });
    expect(tally.protocols).toEqual([
      { protocol: "ICMP", frames: 2 },
      { protocol: "ARP", frames: 1 },
    ]);
    expect([tally.frames, tally.bytes, tally.first, tally.last]).toEqual([3, 14 + 34 + 34, 0, 2000]);
  });
});
