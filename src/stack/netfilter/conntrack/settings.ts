/**
 * net.netfilter.nf_conntrack_*, with the names of /proc: the kernel's own defaults (nf_conntrack_standalone.c,
 * nf_conntrack_proto_*.c), table sizes as on a host with one to four gigabytes. Timeouts in seconds.
 * Not modelled: GRE, SCTP, ICMPv6 (their files are there and do nothing), nf_conntrack_timestamp, expectations.
 */

/** CONFIG_HZ=250: conntrack counts time in ticks. */
export const HZ = 250;
/** Nanoseconds. */
export const TICK = 1e9 / HZ;

export const CONNTRACK_DEFAULTS = {
  nf_conntrack_acct: 0,
  nf_conntrack_buckets: 65_536,
  nf_conntrack_checksum: 1,
  nf_conntrack_count: 0,
  nf_conntrack_events: 1,
  nf_conntrack_expect_max: 1024,
  nf_conntrack_generic_timeout: 600,
  nf_conntrack_gre_timeout: 30,
  nf_conntrack_gre_timeout_stream: 180,
  nf_conntrack_helper: 0,
  nf_conntrack_icmp_timeout: 30,
  nf_conntrack_icmpv6_timeout: 30,
  nf_conntrack_log_invalid: 0,
  nf_conntrack_max: 65_536,
  nf_conntrack_tcp_be_liberal: 0,
  nf_conntrack_tcp_ignore_invalid_rst: 0,
  nf_conntrack_tcp_loose: 1,
  nf_conntrack_tcp_max_retrans: 3,
  nf_conntrack_tcp_timeout_close: 10,
  nf_conntrack_tcp_timeout_close_wait: 60,
  nf_conntrack_tcp_timeout_established: 432_000,
  nf_conntrack_tcp_timeout_fin_wait: 120,
  nf_conntrack_tcp_timeout_last_ack: 30,
  nf_conntrack_tcp_timeout_max_retrans: 300,
  nf_conntrack_tcp_timeout_syn_recv: 60,
  nf_conntrack_tcp_timeout_syn_sent: 120,
  nf_conntrack_tcp_timeout_time_wait: 120,
  nf_conntrack_tcp_timeout_unacknowledged: 300,
  nf_conntrack_timestamp: 0,
  nf_conntrack_udp_timeout: 30,
  nf_conntrack_udp_timeout_stream: 120,
};

export type ConntrackSettings = typeof CONNTRACK_DEFAULTS;
