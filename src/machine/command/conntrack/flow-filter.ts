/** Which flows a command line of conntrack means: what nfct_filter and nfct_cmp look at. Numbers that are null do not matter. */
import { type Flow, Status } from "../../../stack/netfilter/conntrack/flow.ts";
import type { Tuple } from "../../../stack/netfilter/conntrack/tuple.ts";

export interface Network {
  readonly address: number;
  readonly mask: number;
}

/** "any": with any address. */
export type NatTest = Network | "any" | null;

export interface FlowTests {
  originSource: Network | null;
  originDestination: Network | null;
  replySource: Network | null;
  replyDestination: Network | null;
  protocol: number | null;
  originSourcePort: number | null;
  originDestinationPort: number | null;
  replySourcePort: number | null;
  replyDestinationPort: number | null;
  tcpState: number | null;
  icmpType: number | null;
  icmpCode: number | null;
  mark: { readonly value: number; readonly mask: number } | null;
  /** IPS_*, all of them. */
  statuses: number;
  isUnreplied: boolean;
  sourceNat: NatTest;
  destinationNat: NatTest;
  /** Either of the two will do. */
  anyNat: boolean;
  /** Flows of IPv6: there are none. */
  isIpv6: boolean;
}

export const newTests = (): FlowTests => ({
  originSource: null,
  originDestination: null,
  replySource: null,
  replyDestination: null,
  protocol: null,
  originSourcePort: null,
  originDestinationPort: null,
  replySourcePort: null,
  replyDestinationPort: null,
  tcpState: null,
  icmpType: null,
  icmpCode: null,
  mark: null,
  statuses: 0,
  isUnreplied: false,
  sourceNat: null,
  destinationNat: null,
  anyNat: false,
  isIpv6: false,
});

export function holds(tests: FlowTests, flow: Flow): boolean {
  const { original, reply } = flow;
  return (
    !tests.isIpv6 &&
    within(tests.originSource, original.source) &&
    within(tests.originDestination, original.destination) &&
    within(tests.replySource, reply.source) &&
    within(tests.replyDestination, reply.destination) &&
    same(tests.protocol, original.protocol) &&
    holdsPorts(tests, original, reply) &&
    same(tests.icmpType, original.icmpType) &&
    same(tests.icmpCode, original.icmpCode) &&
    same(tests.tcpState, flow.tcp?.state ?? -1) &&
    holdsStatus(tests, flow) &&
    holdsNat(tests, flow)
  );
}

const same = (wanted: number | null, value: number): boolean => wanted === null || wanted === value;
const within = (network: Network | null, address: number): boolean =>
  network === null || ((network.address ^ address) & network.mask) === 0;

const holdsPorts = (tests: FlowTests, original: Tuple, reply: Tuple): boolean =>
  same(tests.originSourcePort, original.sourcePort) &&
  same(tests.originDestinationPort, original.destinationPort) &&
  same(tests.replySourcePort, reply.sourcePort) &&
  same(tests.replyDestinationPort, reply.destinationPort);

function holdsStatus({ mark, statuses, isUnreplied }: FlowTests, flow: Flow): boolean {
  if (mark !== null && ((flow.mark ^ mark.value) & mark.mask) !== 0) return false;
  if (isUnreplied && flow.seenReply) return false;
  return (flow.status & statuses) === statuses;
}

/** filter_nat. A message of ICMP counts as one with other ports, its identifier and its type being compared. */
function holdsNat({ sourceNat, destinationNat, anyNat }: FlowTests, flow: Flow): boolean {
  const isSource = sourceNat !== null && hasSourceNat(flow, sourceNat);
  const isDestination = destinationNat !== null && hasDestinationNat(flow, destinationNat);
  if (anyNat) return isSource || isDestination;
  return (sourceNat === null || isSource) && (destinationNat === null || isDestination);
}

function hasSourceNat({ status, original, reply }: Flow, test: NatTest): boolean {
  if ((status & Status.SRC_NAT_DONE) === 0) return false;
  const isMoved = original.source !== reply.destination;
  if (test === "any") return isMoved || original.sourcePort !== reply.destinationPort;
  return isMoved && within(test, reply.destination);
}

function hasDestinationNat({ status, original, reply }: Flow, test: NatTest): boolean {
  if ((status & Status.DST_NAT_DONE) === 0) return false;
  const isMoved = original.destination !== reply.source;
  if (test === "any") return isMoved || original.destinationPort !== reply.sourcePort;
  return isMoved && within(test, reply.source);
}
