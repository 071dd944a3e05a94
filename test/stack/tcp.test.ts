import { describe, expect, it } from "vitest";
import { Fate } from "../../src/base/fate.ts";
import { seconds } from "../../src/engine/time.ts";
import * as ethernet from "../../src/packet/ethernet.ts";
import * as tcp from "../../src/packet/tcp.ts";
import { Pair } from "../kit/stack.ts";
import { expectBalanced, mac, runFor } from "../kit/world.ts";
import { type SegmentFields, segment } from "./netfilter/segments.ts";

const ENDS = { port: 0, from: "192.168.1.101", to: "192.168.1.102" };
const SYN: SegmentFields = { flags: tcp.Flag.SYN, sequence: 100 };

/** From a to b, after `spoil`. */
function sent(fields: SegmentFields, spoil: (b: Uint8Array) => void = () => {}): Pair {
  const pair = new Pair();
  const { bytes } = segment(ENDS, 4000, 80, fields);
  ethernet.setDestination(bytes, 0, mac("00:16:3e:00:00:02"));
  ethernet.setSource(bytes, 0, mac("00:16:3e:00:00:01"));
  spoil(bytes);
  pair.a.eth0.transmit(pair.world.frames.from(bytes));
  runFor(pair.world, seconds(1));
  expectBalanced(pair.world);
  return pair;
}

describe("TCP without sockets", () => {
  it("says RST for a closed port; who hears it says nothing", () => {
    const { world, a, b } = sent(SYN);
    expect(b.ns.snmp.tcp).toMatchObject({ inSegs: 1, outSegs: 1, outRsts: 1, inErrs: 0 });
    expect(a.ns.snmp.tcp).toMatchObject({ inSegs: 1, outSegs: 0, outRsts: 0, inErrs: 0 });
    expect(world.frames.count(Fate.TCP_NO_SOCKET)).toBe(2);
    expect(b.ns.snmp.icmp.outMsgs).toBe(0);
  });

  it("does not answer a segment that is cut or whose checksum is wrong", () => {
    const wrong = sent(SYN, (b) => {
      b[50]! ^= 1;
    });
    expect(wrong.b.ns.snmp.tcp).toMatchObject({ inSegs: 1, outRsts: 0, inErrs: 1, inCsumErrors: 1 });
    expect(wrong.world.frames.count(Fate.TCP_BAD_CHECKSUM)).toBe(1);
    const cut = sent(SYN, (b) => {
      b[46] = 0xf0;
    });
    expect(cut.b.ns.snmp.tcp).toMatchObject({ inSegs: 1, outRsts: 0, inErrs: 1, inCsumErrors: 0 });
    expect(cut.world.frames.count(Fate.TCP_MALFORMED)).toBe(1);
  });
});
