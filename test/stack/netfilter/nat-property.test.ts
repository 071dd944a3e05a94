/** NAT can be undone: whatever leaves, its answer comes back to who spoke, with right checksums, also when ports run out. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fate } from "../../../src/base/fate.ts";
import { checksum, update16, update32 } from "../../../src/packet/checksum.ts";
import * as icmp from "../../../src/packet/icmp.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import * as tcp from "../../../src/packet/tcp.ts";
import * as udp from "../../../src/packet/udp.ts";
import type { Shot } from "./grammar.ts";
import { EmulatedRouter } from "./routed-box.ts";
import { bytesOf, complaint, datagram, echo, segment } from "./segments.ts";

const LINK = 14;
const AT = LINK + 20;
const HOST = "10.0.0.";
const OUTSIDE = "203.0.113.";
const OWN = "198.51.100.1";

interface Flow {
  readonly kind: "udp" | "tcp" | "icmp";
  readonly host: number;
  readonly remote: number;
  readonly port: number;
}

const flows = fc.uniqueArray(
  fc.record<Flow>({
    kind: fc.constantFrom("udp", "tcp", "icmp"),
    host: fc.integer({ min: 2, max: 5 }),
    remote: fc.integer({ min: 5, max: 6 }),
    port: fc.oneof(
      fc.integer({ min: 1, max: 4 }),
      fc.integer({ min: 510, max: 514 }),
      fc.integer({ min: 1022, max: 1030 }),
    ),
  }),
  { minLength: 1, maxLength: 40, selector: (flow) => JSON.stringify(flow) },
);

function outward({ kind, host, remote, port }: Flow): Shot {
  const ends = { port: 0, from: HOST + host, to: OUTSIDE + remote };
  if (kind === "udp") return datagram(ends, port, 7000, port % 9);
  return kind === "tcp" ? segment(ends, port, 80, { flags: tcp.Flag.SYN, sequence: port }) : echo(ends, 8, port);
}

/** What the remote end answers to what it got. */
function answer({ kind, remote }: Flow, seen: Uint8Array): Shot {
  const ends = { port: 1, from: OUTSIDE + remote, to: OWN };
  const port = udp.sourcePort(seen, AT);
  if (kind === "udp") return datagram(ends, 7000, port, 3);
  if (kind === "icmp") return echo(ends, 0, icmp.identifier(seen, AT));
  const { SYN, ACK } = tcp.Flag;
  return segment(ends, 80, port, { flags: SYN | ACK, sequence: 900, ack: tcp.sequence(seen, AT) + 1 });
}

function isSound(bytes: Uint8Array): boolean {
  const source = ipv4.source(bytes, LINK);
  const destination = ipv4.destination(bytes, LINK);
  if (!ipv4.verifyChecksum(bytes, LINK)) return false;
  switch (ipv4.protocol(bytes, LINK)) {
    case ipv4.Protocol.UDP:
      return udp.verifyChecksum(bytes, AT, source, destination);
    case ipv4.Protocol.TCP:
      return tcp.verifyChecksum(bytes, AT, bytes.length, source, destination);
    default:
      return checksum(bytes, AT, bytes.length) === 0;
  }
}

const endsOf = (bytes: Uint8Array, isEcho: boolean): string =>
  `${ipv4.protocol(bytes, LINK)} ${ipv4.source(bytes, LINK)} ${isEcho ? icmp.identifier(bytes, AT) : udp.sourcePort(bytes, AT)} ${ipv4.destination(bytes, LINK)}`;

describe("NAT of random flows", () => {
  it.each([
    ["any port", ["-j MASQUERADE"]],
    [
      "a few ports",
      ["-p tcp -j MASQUERADE --to-ports 2000-2005", "-p udp -j MASQUERADE --to-ports 9-11", "-j MASQUERADE"],
    ],
    ["chance", ["-j MASQUERADE --random"]],
  ])("is undone by the answer and by an error, with right checksums: %s", (name, targets) => {
    fc.assert(
      fc.property(flows, (chosen) => {
        const router = new EmulatedRouter(targets.map((target) => `iptables -t nat -A POSTROUTING -o p1 ${target}`));
        const taken = new Set<string>();
        for (const flow of chosen) {
          const lost = router.machine.world.frames.count(Fate.CONNTRACK_CLASH);
          const shot = outward(flow);
          const [line] = router.fire(shot);
          if (line === undefined) {
            expect(router.machine.world.frames.count(Fate.CONNTRACK_CLASH)).toBe(lost + 1);
            expect(name).toBe("a few ports");
            continue;
          }
          const seen = bytesOf(line);
          expect(isSound(seen)).toBe(true);
          const ends = endsOf(seen, flow.kind === "icmp");
          expect(taken.has(ends)).toBe(false);
          taken.add(ends);
          const back = bytesOf(router.fire(answer(flow, seen))[0]!);
          expect(isSound(back)).toBe(true);
          expect(ipv4.destination(back, LINK)).toBe(ipv4.source(shot.bytes, LINK));
          if (flow.kind === "icmp") expect(icmp.identifier(back, AT)).toBe(flow.port);
          else expect(udp.destinationPort(back, AT)).toBe(flow.port);
          const error = bytesOf(
            router.fire(complaint({ port: 1, from: OUTSIDE + flow.remote, to: OWN }, 3, 1, seen))[0]!,
          );
          expect(isSound(error)).toBe(true);
          expect(ipv4.destination(error, LINK)).toBe(ipv4.source(shot.bytes, LINK));
          // The quoted header and its ports are what was sent, a TTL later.
          const quoted = AT + icmp.HEADER_LENGTH;
          expect(ipv4.verifyChecksum(error, quoted)).toBe(true);
          expect(ipv4.source(error, quoted)).toBe(ipv4.source(shot.bytes, LINK));
          expect(error.slice(quoted + 20, quoted + 22)).toEqual(shot.bytes.slice(AT, AT + 2));
        }
      }),
      { numRuns: 12, seed: 5 },
    );
  });

  it("updates a checksum to what it would be, made anew", () => {
    const words = fc.array(fc.integer({ min: 0, max: 0xffff }), { minLength: 4, maxLength: 30 });
    fc.assert(
      fc.property(words, fc.nat(0xffff), fc.nat(0xffff_ffff), (data, word, long) => {
        const bytes = Uint8Array.from(data.flatMap((each) => [each >> 8, each & 255]));
        const before = checksum(bytes, 0, bytes.length);
        const changed = bytes.slice();
        changed.set([word >> 8, word & 255], 0);
        changed.set([long >>> 24, (long >>> 16) & 255, (long >>> 8) & 255, long & 255], 4);
        const old = ((bytes[4]! << 24) | (bytes[5]! << 16) | (bytes[6]! << 8) | bytes[7]!) >>> 0;
        const after = update32(update16(before, data[0]!, word), old, long);
        const anew = checksum(changed, 0, changed.length);
        // Two zeroes: a sum that was never zero does not become one.
        expect(after === anew || (after === 0xffff && anew === 0) || (after === 0 && anew === 0xffff)).toBe(true);
      }),
    );
  });
});
