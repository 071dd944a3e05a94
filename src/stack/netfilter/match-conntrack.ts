/** The matches conntrack and state: net/netfilter/xt_conntrack.c (conntrack_mt), xt_state.c. */
import { Direction, directionOf, type Flow, type FlowLine, flowOf, Info, IS_REPLY, Status } from "./conntrack/flow.ts";
import type { Packet } from "./packet.ts";
import { type AddressTest, type ConntrackMatch, ConntrackState, type PortTest } from "./rule.ts";

/** By Info. */
const STATES: readonly number[] = [ConntrackState.ESTABLISHED, ConntrackState.RELATED, ConntrackState.NEW];

export function matchesConnection(match: ConntrackMatch, packet: Packet): boolean {
  const { frame } = packet;
  if (match.states !== null) {
    const isOne = (stateOf(packet.tracker.table.lineOf(frame), frame.connectionInfo) & match.states.bits) !== 0;
    if (isOne === match.states.inverted) return false;
  }
  const flow = flowOf(frame);
  // Of what is no connection nothing else holds, not even the contrary.
  if (flow === null) return match.states !== null;
  const direction = match.direction === "ORIGINAL" ? Direction.ORIGINAL : Direction.REPLY;
  if (match.direction !== null && directionOf(frame.connectionInfo) !== direction) return false;
  return matchesTuples(match, flow) && matchesLife(match, flow, packet);
}

function stateOf(line: FlowLine | null, info: number): number {
  if (line === null) return info === Info.UNTRACKED ? ConntrackState.UNTRACKED : ConntrackState.INVALID;
  let state = STATES[info % IS_REPLY]!;
  if ((line.status & Status.SRC_NAT) !== 0) state |= ConntrackState.SNAT;
  if ((line.status & Status.DST_NAT) !== 0) state |= ConntrackState.DNAT;
  return state;
}

function matchesTuples(match: ConntrackMatch, { original, reply }: Flow): boolean {
  const { protocol } = match;
  if (protocol !== null && (original.protocol === protocol.number) === protocol.inverted) return false;
  return (
    isAddress(match.originSource, original.source) &&
    isAddress(match.originDestination, original.destination) &&
    isAddress(match.replySource, reply.source) &&
    isAddress(match.replyDestination, reply.destination) &&
    isWithin(match.originSourcePort, original.sourcePort) &&
    isWithin(match.originDestinationPort, original.destinationPort) &&
    isWithin(match.replySourcePort, reply.sourcePort) &&
    isWithin(match.replyDestinationPort, reply.destinationPort)
  );
}

function matchesLife({ statuses, expires }: ConntrackMatch, flow: Flow, { host }: Packet): boolean {
  if (statuses !== null && ((flow.status & statuses.bits) !== 0) === statuses.inverted) return false;
  return expires === null || isWithin(expires, flow.secondsLeft(host.world.scheduler.now));
}

/** conntrack_addrcmp: the address in the rule may have bits that its mask does not. */
const isAddress = (test: AddressTest | null, address: number): boolean =>
  test === null || (((address ^ test.address) & test.mask) === 0) !== test.inverted;

const isWithin = (test: PortTest | null, value: number): boolean =>
  test === null || (value >= test.from && value <= test.to) !== test.inverted;
