/** Connections that a host follows at one instant: how many of how many, and the newest of them as `conntrack -L` has them. */
import { formatIpv4, type Ipv4 } from "../../packet/address.ts";
import { Protocol } from "../../packet/ipv4.ts";
import { type Flow, Status } from "../../stack/netfilter/conntrack/flow.ts";
import { stateNames } from "../../stack/netfilter/conntrack/tcp-flow.ts";
import type { Tuple } from "../../stack/netfilter/conntrack/tuple.ts";
import type { Netfilter } from "../../stack/netfilter/netfilter.ts";

export interface ConntrackSnapshot {
  readonly total: number;
  /** net.netfilter.nf_conntrack_max */
  readonly max: number;
  /** The newest first. */
  readonly flows: readonly FlowSnapshot[];
}

export interface FlowSnapshot {
  /** Stays with its connection. */
  readonly number: number;
  /** "tcp", "udp", "icmp"; of others the number. */
  readonly protocol: string;
  readonly source: string;
  readonly destination: string;
  /** Of ICMP the identifier of the question, and 0. */
  readonly sourcePort: number;
  readonly destinationPort: number;
  /** As whom the other side sees the source, when NAT has given it another address or port. */
  readonly translatedSource: string | null;
  readonly translatedSourcePort: number;
  /** Whom packets to the destination reach instead. */
  readonly translatedDestination: string | null;
  readonly translatedDestinationPort: number;
  /** "ESTABLISHED"; null: the protocol knows none. */
  readonly state: string | null;
  readonly replied: boolean;
  readonly assured: boolean;
  /** Seconds until it is forgotten. */
  readonly secondsLeft: number;
}

/** Null while no rule needs it. */
export function conntrackSnapshot({ tracker }: Netfilter, now: number): ConntrackSnapshot | null {
  if (!tracker.active) return null;
  return {
    total: tracker.table.size,
    max: tracker.settings.nf_conntrack_max,
    flows: tracker.table.newest().map((flow) => flowSnapshot(flow, now)),
  };
}

const NAMES: Readonly<Record<number, string>> = {
  [Protocol.ICMP]: "icmp",
  [Protocol.TCP]: "tcp",
  [Protocol.UDP]: "udp",
};

function flowSnapshot(flow: Flow, now: number): FlowSnapshot {
  const { original, reply, status, tcp } = flow;
  const isIcmp = original.protocol === Protocol.ICMP;
  const hasSource = (status & Status.SRC_NAT) !== 0;
  const hasDestination = (status & Status.DST_NAT) !== 0;
  return {
    number: flow.id,
    protocol: NAMES[original.protocol] ?? String(original.protocol),
    source: address(original.source),
    destination: address(original.destination),
    sourcePort: original.sourcePort,
    destinationPort: isIcmp ? 0 : original.destinationPort,
    translatedSource: hasSource ? address(reply.destination) : null,
    translatedSourcePort: isIcmp ? reply.sourcePort : reply.destinationPort,
    translatedDestination: hasDestination ? address(reply.source) : null,
    translatedDestinationPort: isIcmp ? 0 : reply.sourcePort,
    state: tcp === null ? null : (stateNames[tcp.state] ?? null),
    replied: flow.seenReply,
    assured: flow.isAssured,
    secondsLeft: flow.secondsLeft(now),
  };
}

/** Tuples hold signed numbers. */
const address = (number: Tuple["source"]): string => formatIpv4((number >>> 0) as Ipv4);
