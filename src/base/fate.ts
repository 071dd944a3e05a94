/**
 * Fate codes: how a frame can end. Every frame ends in exactly one of them (promise P2).
 * The sentences (cause, cure, the command that shows it on a real host) stand with the layer that decides:
 * `device/fates.ts`, `stack/fates.ts`, `xen/fates.ts`; the lab joins them.
 */
export const Fate = {
  /** Not a fate: still under way. */
  NONE: 0,
  /** Handed to a socket or a program that asked for it. */
  DELIVERED: 1,
  /** Used up by the kernel it was for: ARP, ICMP echo requests, errors taken to a socket. */
  CONSUMED: 2,

  // device
  DEVICE_DOWN: 10,
  NO_CARRIER: 11,
  QDISC_FULL: 12,
  CABLE_UNPLUGGED: 13,
  CABLE_LOSS: 14,
  CABLE_MTU: 15,
  CABLE_CORRUPT: 16,
  BRIDGE_PORT_NOT_FORWARDING: 20,
  BRIDGE_SAME_PORT: 21,
  BRIDGE_MTU_EXCEEDED: 22,
  BRIDGE_NO_PORT: 23,
  BRIDGE_LINK_LOCAL: 24,
  BRIDGE_DOWN: 25,
  BRIDGE_INVALID_SOURCE: 26,
  SWITCH_SAME_PORT: 27,
  SWITCH_NO_PORT: 28,
  SWITCH_QUEUE_FULL: 29,
  FRAME_TOO_SHORT: 30,
  FRAME_TOO_LONG: 31,
  NO_UPPER: 32,
  NIC_RING_FULL: 33,
  BACKLOG_FULL: 34,

  // xen
  NETFRONT_NO_QUEUE: 40,
  NETFRONT_TOO_BIG: 41,
  NETFRONT_BROKEN: 42,
  NETFRONT_NO_CARRIER: 43,
  NETBACK_NOT_CONNECTED: 44,
  NETBACK_DISABLED: 45,
  NETBACK_QUEUE_FULL: 46,
  NETBACK_EXPIRED: 47,
  NETBACK_BAD_REQUEST: 48,
  NETBACK_GRANT_REFUSED: 49,
  NETBACK_TOO_SHORT: 50,
  NETBACK_MULTICAST_FILTER: 51,
  RING_TORN_DOWN: 52,
  NETFRONT_RX_ERROR: 53,
  NETBACK_NO_SLOTS: 54,

  // stack
  NOT_FOR_US: 60,
  UNKNOWN_PROTOCOL: 61,
  ARP_MALFORMED: 62,
  ARP_NOT_FOR_US: 63,
  ARP_IGNORED: 64,
  IP_MALFORMED: 65,
  IP_BAD_CHECKSUM: 66,
  IP_TRUNCATED: 67,
  MARTIAN_SOURCE: 68,
  MARTIAN_DESTINATION: 69,
  NO_ROUTE: 70,
  NOT_FORWARDING: 71,
  TTL_EXPIRED: 72,
  FRAGMENTATION_NEEDED: 73,
  NEIGHBOUR_FAILED: 74,
  NEIGHBOUR_QUEUE_FULL: 75,
  REASSEMBLY_TIMEOUT: 76,
  REASSEMBLY_OVERLAP: 77,
  REASSEMBLY_MEMORY: 78,
  ICMP_MALFORMED: 79,
  ICMP_BAD_CHECKSUM: 80,
  ICMP_ECHO_IGNORED: 81,
  ICMP_UNHANDLED: 82,
  UDP_MALFORMED: 83,
  UDP_BAD_CHECKSUM: 84,
  UDP_NO_SOCKET: 85,
  SOCKET_BUFFER_FULL: 86,
  PROTOCOL_UNREACHABLE: 87,
  OTHER_HOST: 88,
  IP_OPTIONS_REFUSED: 89,
  NO_ROUTE_TO_SEND: 90,
  LINK_LOST: 91,
  REASSEMBLED: 92,
  NETFILTER_DROP: 93,
  NETFILTER_POLICY: 94,
  NETFILTER_REJECT: 95,
  CONNTRACK_FULL: 96,
  CONNTRACK_CLASH: 97,
  NAT_NO_ADDRESS: 98,
  NAT_DEVICE_CHANGED: 99,
  NAT_REFUSED: 100,
  CONNTRACK_DYING: 101,
  EBTABLES_DROP: 106,
  EBTABLES_POLICY: 107,
  REVERSE_PATH: 110,
  ARP_SENDER_REFUSED: 111,
  ARP_SUPPRESSED: 112,
  ARP_NOT_PROXIED: 113,
  ARP_PROXY_NOT_FORWARDING: 114,
  ARP_PROXY_SAME_DEVICE: 115,
  ARP_PROXY_NO_ROUTE: 116,
  ARP_PROXY_QUEUE_FULL: 117,
  REDIRECT_IGNORED: 118,
  TCP_MALFORMED: 119,
  TCP_BAD_CHECKSUM: 120,
  TCP_NO_SOCKET: 121,
  BPDU_IGNORED: 122,
  UDP_BROADCAST_UNHEARD: 123,
  ADDRESS_PENDING: 124,
  ARP_OFF: 125,
  REASSEMBLY_GIVEN_UP: 126,
} as const;

export type FateCode = (typeof Fate)[keyof typeof Fate];

/** One more than the highest code: the size of a table of counters. */
export const FATE_COUNT = 128;

/** What a user reads about one fate; `name` is the upper-case word above in kebab case. */
export interface FateStory {
  readonly code: FateCode;
  readonly name: string;
  /** One sentence: what happened. */
  readonly what: string;
  /** The usual cause on a real host. */
  readonly cause: string;
  /** The command that shows it on a real host. */
  readonly command: string;
  /** What mends it, most often. */
  readonly cure: string;
}

/**
 * Ends that are no loss: delivered, used up, or rightly ignored. What a real host frees with consume_skb instead of
 * kfree_skb: ARP about somebody else or where ARP is off, a frame for another host that a promiscuous port let in, fragments made whole. So too
 * what everybody on a segment gets and few are meant by, whatever Linux counts it as: a bridge's BPDUs at hosts without a
 * bridge, broadcasts to a port that nobody has here, DHCP's answers that a client reads beside the stack.
 */
const NO_LOSS: ReadonlySet<FateCode> = new Set([
  Fate.NONE,
  Fate.DELIVERED,
  Fate.CONSUMED,
  Fate.ARP_NOT_FOR_US,
  Fate.ARP_IGNORED,
  Fate.OTHER_HOST,
  Fate.REASSEMBLED,
  Fate.BPDU_IGNORED,
  Fate.UDP_BROADCAST_UNHEARD,
  Fate.ADDRESS_PENDING,
]);

export const isDrop = (fate: FateCode): boolean => !NO_LOSS.has(fate);
