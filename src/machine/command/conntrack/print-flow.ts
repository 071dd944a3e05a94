/**
 * A flow in one line: nfct_snprintf of libnetfilter_conntrack 1.0.9, and ct_seq_show of nf_conntrack_standalone.c, which
 * /proc/net/nf_conntrack shows.
 */
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { Protocol } from "../../../packet/ipv4.ts";
import type { Flow } from "../../../stack/netfilter/conntrack/flow.ts";
import { stateNames } from "../../../stack/netfilter/conntrack/tcp-flow.ts";
import type { Tuple } from "../../../stack/netfilter/conntrack/tuple.ts";

const FAMILY = "ipv4     2 ";

/** l4proto names, where there are any. */
const NAMES: ReadonlyMap<number, string> = new Map([
  [Protocol.ICMP, "icmp"],
  [Protocol.TCP, "tcp"],
  [Protocol.UDP, "udp"],
  [33, "dccp"],
  [47, "gre"],
  [50, "esp"],
  [132, "sctp"],
  [136, "udplite"],
]);
export const protocolNumber = (name: string): number | null =>
  [...NAMES].find(([, each]) => each === name)?.[0] ?? null;

export interface FlowFormat {
  /** -o extended */
  readonly extended: boolean;
  /** -o id */
  readonly id: boolean;
}

/** What one line says beside who speaks to whom. */
interface Remarks {
  /** Null: said nowhere. */
  readonly seconds: number | null;
  readonly mark: number | null;
  readonly tail: string;
}

/** In a list. */
export const listText = (flow: Flow, now: number, { extended, id }: FlowFormat): string =>
  (extended ? FAMILY : "") +
  flowText(flow, {
    seconds: flow.secondsLeft(now),
    mark: flow.mark,
    tail: `use=1${id ? ` id=${flow.id}` : ""}`,
  });

/** In an event: marks only when there is something to say, and time only while there is some. */
export function eventText(flow: Flow, now: number, isDestroyed: boolean, format: FlowFormat): string {
  const seconds = flow.secondsLeft(now);
  const remarks = {
    seconds: isDestroyed && seconds === 0 ? null : seconds,
    mark: flow.mark === 0 ? null : flow.mark,
    tail: format.id ? `id=${flow.id}` : "",
  };
  return (format.extended ? FAMILY : "") + flowText(flow, remarks);
}

/** A line of /proc/net/nf_conntrack. */
export const procText = (flow: Flow, now: number): string =>
  FAMILY + flowText(flow, { seconds: flow.secondsLeft(now), mark: flow.mark, tail: "zone=0 use=2" });

function flowText(flow: Flow, { seconds, mark, tail }: Remarks): string {
  const { original, reply, tcp } = flow;
  const name = NAMES.get(original.protocol) ?? "unknown";
  const words = [
    `${name.padEnd(8)} ${original.protocol}`,
    seconds === null ? "" : String(seconds),
    tcp === null ? "" : (stateNames[tcp.state] ?? "NONE"),
    tupleText(original),
    flow.isCounted ? `packets=${flow.packets} bytes=${flow.bytes}` : "",
    flow.seenReply ? "" : "[UNREPLIED]",
    tupleText(reply),
    flow.isCounted ? `packets=${flow.replyPackets} bytes=${flow.replyBytes}` : "",
    flow.isAssured ? "[ASSURED]" : "",
    mark === null ? "" : `mark=${mark >>> 0}`,
    tail,
  ];
  return words.filter((word) => word !== "").join(" ");
}

function tupleText(tuple: Tuple): string {
  const { source, destination, sourcePort, destinationPort, protocol } = tuple;
  const addresses = `src=${formatIpv4((source >>> 0) as Ipv4)} dst=${formatIpv4((destination >>> 0) as Ipv4)}`;
  if (protocol === Protocol.ICMP) return `${addresses} type=${tuple.icmpType} code=${tuple.icmpCode} id=${sourcePort}`;
  if (protocol !== Protocol.TCP && protocol !== Protocol.UDP) return addresses;
  return `${addresses} sport=${sourcePort} dport=${destinationPort}`;
}
