/**
 * Runs a program over a packet. Follows net/netfilter/nf_tables_core.c (nft_do_chain), nft_payload.c and the matches
 * xt_physdev.c, xt_mac.c and ip_tables.c: a test that asks for bytes which are not there does not hold, inverted or not.
 */
import { get8, get16, get32 } from "../../base/bytes.ts";
import type { NetDevice } from "../../device/device.ts";
import * as ethernet from "../../packet/ethernet.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import { testMatch } from "./match.ts";
import type { Packet } from "./packet.ts";
import { Action, type Program, TEST_WIDTH, Test } from "./program.ts";
import { applyTarget } from "./targets.ts";

const LINK = ethernet.HEADER_LENGTH;
const SOURCE = 12;
const DESTINATION = 16;
/** An ICMP type that stands for all. */
const ANY_TYPE = 255;
const MAX_CODE = 255;

/** Whoever is told of what happens on the way. */
export interface Listener {
  /** The rule of this row holds; all from `from` on in its chain did not. */
  held(program: Program, from: number, row: number, packet: Packet): void;
}

/** The row that decided, or that cannot be asked (`packet.hotdrop`): ACCEPT, DROP, REJECT, NAT, a CHANGE that could not be made, or the END row of the chain whose end or RETURN led to the policy. */
export function evaluate(program: Program, entry: number, packet: Packet, listener: Listener): number {
  const { actions, operands, rules, stack } = program;
  const length = packet.frame.length - LINK;
  let depth = 0;
  let from = entry;
  for (let row = entry; ; row++) {
    const rule = rules[row]!;
    if (rule !== null) {
      if (!holds(program, row, packet)) {
        if (packet.hotdrop) return row;
        continue;
      }
      rule.packets++;
      rule.bytes += length;
    }
    listener.held(program, from, row, packet);
    switch (actions[row]!) {
      case Action.NONE:
      case Action.LOG:
        break;
      case Action.JUMP:
        stack[depth++] = row;
        row = operands[row]! - 1;
        break;
      case Action.GOTO:
        row = operands[row]! - 1;
        break;
      case Action.END:
        if (depth === 0) return row;
        row = stack[--depth]!;
        break;
      case Action.CHANGE:
        if (!applyTarget(program.target(row), packet)) return row;
        break;
      default:
        return row;
    }
    from = row + 1;
  }
}

function holds(program: Program, row: number, packet: Packet): boolean {
  const { tests, firstTest } = program;
  const end = firstTest[row + 1]!;
  for (let i = firstTest[row]!; i < end; i += TEST_WIDTH) {
    const code = tests[i]!;
    if (!test(program, code >> 1, (code & 1) === 1, tests[i + 1]!, tests[i + 2]!, packet)) return false;
  }
  return true;
}

function test(program: Program, code: number, inverted: boolean, a: number, b: number, packet: Packet): boolean {
  const { frame } = packet;
  const bytes = frame.bytes;
  const ip = frame.at + LINK;
  switch (code) {
    case Test.SOURCE:
      return ((get32(bytes, ip + SOURCE) & b) >>> 0 === a) !== inverted;
    case Test.DESTINATION:
      return ((get32(bytes, ip + DESTINATION) & b) >>> 0 === a) !== inverted;
    case Test.PROTOCOL:
      return (ipv4.protocol(bytes, ip) === a) !== inverted;
    case Test.INPUT:
      return isNamed(program, packet.input, a) !== inverted;
    case Test.OUTPUT:
      return isNamed(program, packet.output, a) !== inverted;
    case Test.FRAGMENT:
      return (ipv4.fragmentOffset(bytes, ip) !== 0) !== inverted;
    case Test.MAC:
      return isFrom(packet, a, inverted);
    case Test.PHYSDEV_INPUT:
      return isNamed(program, packet.bridgeInput, a) !== inverted;
    case Test.PHYSDEV_OUTPUT:
      // Of a bridged frame that does not leave yet nothing holds, not even "another port".
      if (packet.bridgeOutput === null && packet.bridgeInput !== null) return false;
      return isNamed(program, packet.bridgeOutput, a) !== inverted;
    case Test.PHYSDEV_IS_IN:
      return (packet.bridgeInput !== null) !== inverted;
    case Test.PHYSDEV_IS_OUT:
    case Test.PHYSDEV_IS_BRIDGED:
      return (packet.bridgeOutput !== null) !== inverted;
    default:
      if (code >= Test.MARK) return testMatch(program, code, inverted, a, b, packet);
      return testTransport(code, inverted, a, b, packet);
  }
}

/** Ports and flags: two bytes, two more, and one that is number 13. */
const PORT = 2;
const FLAGS = 13;

/**
 * Tests of what lies behind the IP header. nft_payload_fast_eval does not ask whether the packet is a later fragment, so
 * the bytes that stand where a port would stand are taken for one; icmp's match does ask. Of a cut ICMP header it says
 * "hotdrop".
 */
function testTransport(code: number, inverted: boolean, a: number, b: number, packet: Packet): boolean {
  const { frame } = packet;
  const bytes = frame.bytes;
  const ip = frame.at + LINK;
  const at = ipv4.payloadAt(bytes, ip);
  const { end } = frame;
  switch (code) {
    case Test.SOURCE_PORT:
      return at + PORT <= end && within(get16(bytes, at), a, b) !== inverted;
    case Test.DESTINATION_PORT:
      return at + 2 * PORT <= end && within(get16(bytes, at + PORT), a, b) !== inverted;
    case Test.TCP_FLAGS:
      return at + FLAGS < end && ((get8(bytes, at + FLAGS) & a) === b) !== inverted;
    default:
      if (ipv4.fragmentOffset(bytes, ip) !== 0) return false;
      packet.hotdrop = at + icmp.HEADER_LENGTH > end;
      return !packet.hotdrop && isIcmp(get8(bytes, at), get8(bytes, at + 1), a, b) !== inverted;
  }
}

const within = (value: number, from: number, to: number): boolean => value >= from && value <= to;

/** icmp_type_code_match; `codes` holds the lowest and the highest. */
const isIcmp = (type: number, code: number, wanted: number, codes: number): boolean =>
  (wanted === ANY_TYPE && codes === MAX_CODE) || (type === wanted && within(code, codes >>> 8, codes & 255));

function isNamed(program: Program, device: NetDevice | null, index: number): boolean {
  const name = program.names[index]!;
  if (device === null) return false;
  return program.isPrefix[index]! ? device.name.startsWith(name) : device.name === name;
}

/** xt_mac: only what came in over Ethernet has a sender. */
function isFrom({ frame, input }: Packet, mac: number, inverted: boolean): boolean {
  if (input === null || input.traits.link !== "ether") return false;
  return (ethernet.source(frame.bytes, frame.at) === mac) !== inverted;
}
