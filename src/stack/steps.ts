/**
 * What the stack decides about a frame, as step records 200-259 and as sentences.
 */
import type { StepStory } from "../device/step-story.ts";
import { formatIpv4, formatMac, type Ipv4, type Mac } from "../packet/address.ts";
import { sayRule } from "./netfilter/rule-step.ts";

export const Step = {
  ROUTE_CHOSEN: 200,
  LOCAL_DELIVERY: 201,
  FORWARDED: 202,
  SENT: 203,
  FRAGMENTED: 204,
  FRAGMENT_HELD: 205,
  REASSEMBLED: 206,
  NEIGHBOUR_WAITS: 210,
  ARP_ANSWERED: 212,
  ARP_PROXIED: 213,
  ARP_PROXY_WAITS: 214,
  ECHO_ANSWERED: 220,
  ERROR_SENT: 221,
  ERROR_LIMITED: 222,
  ERROR_RECEIVED: 223,
  REDIRECT_SENT: 224,
  REDIRECT_OBEYED: 225,
  RESET_SENT: 226,
  TO_SOCKET: 230,
  RULES_PASSED_BY: 240,
  RULE_HELD: 241,
  CHAIN_ENDED: 242,
  POLICY_APPLIED: 243,
  CONNTRACK_STATE: 244,
  CONNTRACK_INVALID: 245,
  NAT_SOURCE: 246,
  NAT_DESTINATION: 247,
} as const;

const PROTOCOL_NAMES: Readonly<Record<number, string>> = { 1: "ICMP", 2: "IGMP", 6: "TCP", 17: "UDP" };
/** By the numbers of enum ip_conntrack_info. */
const STATES = [
  "ESTABLISHED, it goes the way that connection %s began",
  "RELATED, it speaks of connection %s or was begun by it",
  "NEW, nobody has answered connection %s yet",
  "ESTABLISHED, a reply in connection %s",
  "RELATED, it speaks of a reply in connection %s",
];
const place = (address: number, port: number): string => ip(address) + (port === 0 ? "" : `:${port}`);
const rules = (from: number, to: number): string =>
  from === to ? `rule ${from} does not hold` : `rules ${from} to ${to} do not hold`;
const ip = (value: number): string => formatIpv4(value as Ipv4);
const mac = (value: number): string => formatMac(value as Mac);

export const stackSteps: readonly StepStory[] = [
  {
    code: Step.ROUTE_CHOSEN,
    name: "route",
    say: (a, b, _, device) => `the routing table sends it through ${device(a)} to the next hop ${ip(b)}`,
  },
  {
    code: Step.LOCAL_DELIVERY,
    name: "local",
    say: (a, b, _, device) =>
      `the destination is an address of this host: ${PROTOCOL_NAMES[a] ?? `protocol ${a}`} takes it (came in by ${device(b)})`,
  },
  {
    code: Step.FORWARDED,
    name: "forwarded",
    say: (a, b, _, device) => `routed from ${device(a)} to ${device(b)}, one off the TTL`,
  },
  { code: Step.SENT, name: "sent", say: (a, b, _, device) => `handed to ${device(a)} for ${mac(b)}` },
  { code: Step.FRAGMENTED, name: "fragmented", say: (a, b) => `cut into ${a} fragments for an MTU of ${b}` },
  {
    code: Step.FRAGMENT_HELD,
    name: "fragment-held",
    say: (a, b) => `a fragment: waits for the others, ${a} of ${b === 0 ? "yet unknown" : b} bytes are here`,
  },
  {
    code: Step.REASSEMBLED,
    name: "reassembled",
    say: (a, b) => `put together from ${a} fragments to ${b} bytes`,
  },
  {
    code: Step.NEIGHBOUR_WAITS,
    name: "neighbour-waits",
    say: (a, b) => `the MAC of ${ip(a)} is not known: ARP asks, ${b === 1 ? "1 packet waits" : `${b} packets wait`}`,
  },
  {
    code: Step.ARP_ANSWERED,
    name: "arp-answered",
    say: (a, b) => `${ip(a)} is ours: ${b === 0 ? "a probe" : ip(b)} gets an answer`,
  },
  {
    code: Step.ARP_PROXIED,
    name: "arp-proxied",
    say: (a, b) => `${ip(a)} is behind this host, which answers ${ip(b)} for it`,
  },
  {
    code: Step.ARP_PROXY_WAITS,
    name: "arp-proxy-waits",
    say: (a, b, _, device) =>
      `the answer for another waits ${b} ms: ${device(a)} gives the owner time to answer itself (proxy_delay)`,
  },
  { code: Step.ECHO_ANSWERED, name: "echo-answered", say: (a) => `an echo request: the kernel answers ${ip(a)}` },
  {
    code: Step.ERROR_SENT,
    name: "error-sent",
    say: (a, b) => `an ICMP error about it, type ${a >>> 8} code ${a & 255}, goes to ${ip(b)}`,
  },
  {
    code: Step.ERROR_LIMITED,
    name: "error-limited",
    say: (a, b) => `no ICMP error, type ${a >>> 8} code ${a & 255}, to ${ip(b)}: icmp_ratelimit`,
  },
  {
    code: Step.ERROR_RECEIVED,
    name: "error-received",
    say: (a, b) => `an ICMP error, type ${a >>> 8} code ${a & 255}, about a packet of ours to ${ip(b)}`,
  },
  {
    code: Step.REDIRECT_SENT,
    name: "redirect-sent",
    say: (a, b) => `${ip(a)} could have sent it to ${ip(b)} itself, and is told so`,
  },
  {
    code: Step.REDIRECT_OBEYED,
    name: "redirect-obeyed",
    say: (a, b) => `a redirect: packets to ${ip(a)} go by ${ip(b)} from now on`,
  },
  {
    code: Step.RESET_SENT,
    name: "reset-sent",
    say: (a, b) => `nobody listens on TCP port ${a}: ${ip(b)} hears RST`,
  },
  {
    code: Step.RULES_PASSED_BY,
    name: "rules-passed-by",
    say: (a, b, owner) => `${owner(b)}: ${rules(Math.floor(a / 65_536), a % 65_536)}`,
  },
  {
    code: Step.RULE_HELD,
    name: "rule-held",
    say: sayRule,
  },
  {
    code: Step.CHAIN_ENDED,
    name: "chain-ended",
    say: (_, b, owner) => `${owner(b)}: its end, back to where it came from`,
  },
  {
    code: Step.POLICY_APPLIED,
    name: "policy",
    say: (a, b, owner) => `${owner(b)}: no rule decided, so the policy does: ${a === 1 ? "ACCEPT" : "DROP"}`,
  },
  {
    code: Step.CONNTRACK_STATE,
    name: "conntrack",
    say: (a, b) => `conntrack: ${(STATES[a] ?? "connection %s").replace("%s", String(b))}`,
  },
  {
    code: Step.CONNTRACK_INVALID,
    name: "conntrack-invalid",
    say: () => "conntrack: INVALID, part of no connection that it knows; NAT leaves such a packet as it is",
  },
  {
    code: Step.NAT_SOURCE,
    name: "snat",
    say: (a, b) => `NAT: its source becomes ${place(a, b)}, as its connection has it`,
  },
  {
    code: Step.NAT_DESTINATION,
    name: "dnat",
    say: (a, b) => `NAT: its destination becomes ${place(a, b)}, as its connection has it`,
  },
  { code: Step.TO_SOCKET, name: "to-socket", say: (a) => `a socket takes it: port or id ${a}` },
];
