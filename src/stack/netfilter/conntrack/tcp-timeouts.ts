/** How long a TCP connection is remembered, in seconds, by its state: nf_conntrack_tcp_timeout_*. */
import type { Flow } from "./flow.ts";
import type { ConntrackSettings } from "./settings.ts";
import { SideFlag, State } from "./tcp-flow.ts";
import { Kind } from "./tcp-segment.ts";

export function secondsOf(settings: ConntrackSettings, flow: Flow, kind: number): number {
  const tcp = flow.tcp!;
  const seconds = byState(settings, tcp.state);
  const patience = settings.nf_conntrack_tcp_timeout_max_retrans;
  const unacknowledged = settings.nf_conntrack_tcp_timeout_unacknowledged;
  if (tcp.retransmissions >= settings.nf_conntrack_tcp_max_retrans && seconds > patience) return patience;
  if (kind === Kind.RST) return settings.nf_conntrack_tcp_timeout_close;
  const isWaiting = (tcp.bothFlags & SideFlag.DATA_UNACKNOWLEDGED) !== 0;
  // Joined midway: half of a connection is not worth five days.
  const isHalf = !flow.seenReply && tcp.state === State.ESTABLISHED;
  if ((isWaiting || isHalf) && seconds > unacknowledged) return unacknowledged;
  return tcp.lastWindow === 0 && seconds > patience ? patience : seconds;
}

function byState(settings: ConntrackSettings, state: number): number {
  switch (state) {
    case State.SYN_SENT:
    case State.SYN_SENT2:
      return settings.nf_conntrack_tcp_timeout_syn_sent;
    case State.SYN_RECV:
      return settings.nf_conntrack_tcp_timeout_syn_recv;
    case State.ESTABLISHED:
      return settings.nf_conntrack_tcp_timeout_established;
    case State.FIN_WAIT:
      return settings.nf_conntrack_tcp_timeout_fin_wait;
    case State.CLOSE_WAIT:
      return settings.nf_conntrack_tcp_timeout_close_wait;
    case State.LAST_ACK:
      return settings.nf_conntrack_tcp_timeout_last_ack;
    case State.TIME_WAIT:
      return settings.nf_conntrack_tcp_timeout_time_wait;
    default:
      return settings.nf_conntrack_tcp_timeout_close;
  }
}
