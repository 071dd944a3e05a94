import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { expect, describe as suite, test } from "vitest";
import { describe } from "../../src/packet/describe.ts";
import { EtherType } from "../../src/packet/ethernet.ts";
import * as icmp from "../../src/packet/icmp.ts";
import { type Captured, readPcap, whole, withPcap } from "../kit/pcap.ts";
import { NAMED_ONLY, SAMPLES } from "../kit/sample-frames.ts";
import { output, requireTool } from "../kit/tools.ts";

interface Style {
  readonly link: boolean;
  readonly verbose: boolean;
}
const STYLES: readonly Style[] = [
  { link: false, verbose: false },
  { link: true, verbose: false },
  { link: false, verbose: true },
  { link: true, verbose: true },
];

const ours = ({ bytes, wireLength }: Captured, style: Style): string =>
  describe(bytes, 0, bytes.length, { ...style, wireLength });

/** Time stamps mark where a frame's text starts: the real ones are the numbers of the frames. */
function theirs(frames: readonly Captured[], style: Style): string[] {
  const flags = ["-nn", "-S", "-tt", ...(style.link ? ["-e"] : []), ...(style.verbose ? ["-v"] : [])];
  const text = withPcap(frames, (path) => output("tcpdump", [...flags, "-r", path]));
  return text
    .split(/^\d+\.000000 /m)
    .slice(1)
    .map((part) => part.replace(/\n$/, ""));
}

function compare(names: readonly string[], frames: readonly Captured[]): void {
  for (const style of STYLES) {
    const expected = theirs(frames, style);
    expect(expected).toHaveLength(frames.length);
    frames.forEach((frame, i) => {
      expect(`${names[i]}: ${ours(frame, style)}`, JSON.stringify(style)).toBe(`${names[i]}: ${expected[i]}`);
    });
  }
}

const names = [...SAMPLES.keys()];
const frames = [...SAMPLES.values()];

suite.skipIf(!requireTool("tcpdump"))("like tcpdump", () => {
  test("every sample frame, in every style", () => {
    compare(names, frames.map(whole));
  });

  test("captures cut at every length", () => {
    for (const name of CUT) {
      const frame = SAMPLES.get(name) as Uint8Array;
      const cuts = Array.from({ length: Math.min(frame.length, 110) - 1 }, (_, i) => i + 1);
      const cutFrames = cuts.map((length) => ({ bytes: frame.slice(0, length), wireLength: frame.length }));
      compare(
        cuts.map((length) => `${name}, cut to ${length}`),
        cutFrames,
      );
    }
  });

  test("frames with a byte or two of noise in their headers", () => {
    const noise = fc.tuple(fc.integer({ min: 14, max: 53 }), fc.integer({ min: 0, max: 255 }));
    const noisy = fc
      .tuple(fc.constantFrom(...NOISY), noise, noise)
      .map(([name, ...changes]) => changed(SAMPLES.get(name) as Uint8Array, changes))
      .filter(isModelled);
    fc.assert(
      fc.property(fc.array(noisy, { minLength: 50, maxLength: 50 }), (bytes) => {
        compare(
          bytes.map((frame) => Buffer.from(frame).toString("hex")),
          bytes.map(whole),
        );
      }),
      { numRuns: 20, seed: 7 },
    );
  });
});

const CUT = [
  "arp request, padded",
  "ping",
  "unreachable 3",
  "time exceeded",
  "udp",
  "tcp syn",
  "tcp data",
  "vlan ping",
  "ping, record route",
  "unknown ethertype",
  "stp",
  "stp, rapid",
];
const NOISY = [
  "arp reply",
  "ping",
  "unreachable 3",
  "redirect 1",
  "time exceeded",
  "udp",
  "tcp syn",
  "tcp data",
  "ping, record route",
  "ping, timestamps",
];

function changed(frame: Uint8Array, changes: readonly (readonly [number, number])[]): Uint8Array {
  const copy = frame.slice();
  for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
  return copy;
}

/** Stays within what describe.ts says it prints like tcpdump: no ATM, other IP protocols, known ports, rare TCP options, data in RST. */
function isModelled(frame: Uint8Array): boolean {
  const at = (place: number): number => frame[place] ?? 0;
  const at16 = (place: number): number => at(place) * 256 + at(place + 1);
  if (at16(12) === EtherType.ARP) return ![15, 19].includes(at16(14));
  const body = 14 + (at(14) & 15) * 4;
  const isModelledProtocol = (protocol: number): boolean => [1, 6, 17].includes(protocol);
  if (!isModelledProtocol(at(23))) return false;
  if (at(23) === 1) return at(body) !== 9 && (!icmp.isError(at(body)) || isModelledProtocol(at(body + 17)));
  const portsAreOurs = [body, body + 2].every((place) => [39_392, 9999, 40_000, 5001].includes(at16(place)));
  const isReset = (at(body + 13) & 4) !== 0;
  return portsAreOurs && (at(23) === 17 || (!isReset && [0x50, 0x80, 0xa0].includes(at(body + 12))));
}

const FIXTURES = join(import.meta.dirname, "../fixtures/xen-4.17/bridge");
const recordings = readdirSync(FIXTURES, { recursive: true, encoding: "utf8" }).filter((path) =>
  path.endsWith(".pcap"),
);

/** IPv6 (router solicitations of the guests) is only named here. */
const isIpv6 = (frame: Captured): boolean => frame.bytes[12] === 0x86 && frame.bytes[13] === 0xdd;

test.each(recordings)("as recorded on a Xen 4.17 host: %s", (path) => {
  const recorded = readFileSync(join(FIXTURES, `${path}.txt`), "utf8")
    .split(/^\d+\.\d{6} /m)
    .slice(1)
    .map((part) => part.replace(/\n$/, ""));
  const captured = readPcap(readFileSync(join(FIXTURES, path)));
  expect(captured).toHaveLength(recorded.length);
  captured.forEach((frame, i) => {
    if (isIpv6(frame)) return;
    expect(ours(frame, { link: true, verbose: true })).toBe(recorded[i]);
  });
});

test("what is only named", () => {
  const lines = [...NAMED_ONLY.values()].map((bytes) => ours(whole(bytes), { link: false, verbose: false }));
  expect(lines).toEqual([
    "IP6, length 52",
    "IP6, length 48",
    "IP6, length 60",
    "IP 192.168.1.101.40000 > 192.168.1.102.53: DNS, length 30",
    "IP 192.168.1.101.40000 > 192.168.1.102.80: Flags [P.], seq 4294967280:2, ack 123456789, win 64240, length 18",
    "IP 192.168.1.101 > 192.168.1.102:  ip-proto-2 8",
  ]);
});

test("any bytes have a line", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.constantFrom(...STYLES), (bytes, style) => {
      expect(typeof ours(whole(bytes), style)).toBe("string");
    }),
  );
});

test("a frame in the middle of a buffer", () => {
  const frame = SAMPLES.get("udp") as Uint8Array;
  const bytes = new Uint8Array(200).fill(0xa5);
  bytes.set(frame, 64);
  expect(describe(bytes, 64, 64 + frame.length, { verbose: true })).toBe(
    ours(whole(frame), { link: false, verbose: true }),
  );
});
