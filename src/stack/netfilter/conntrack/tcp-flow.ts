/** What conntrack knows of a TCP connection: struct ip_ct_tcp. Sequence numbers are signed 32-bit. */

/** The states that conntrack tells apart, TCP_CONNTRACK_*, by number. */
export const State = {
  NONE: 0,
  SYN_SENT: 1,
  SYN_RECV: 2,
  ESTABLISHED: 3,
  FIN_WAIT: 4,
  CLOSE_WAIT: 5,
  LAST_ACK: 6,
  TIME_WAIT: 7,
  CLOSE: 8,
  SYN_SENT2: 9,
  /** Not states: what the table answers instead of one. */
  INVALID: 10,
  IGNORE: 11,
} as const;

/** As `conntrack -L` prints them. */
export const stateNames = [
  "NONE",
  "SYN_SENT",
  "SYN_RECV",
  "ESTABLISHED",
  "FIN_WAIT",
  "CLOSE_WAIT",
  "LAST_ACK",
  "TIME_WAIT",
  "CLOSE",
  "SYN_SENT2",
] as const;

/** IP_CT_TCP_FLAG_* */
export const SideFlag = {
  WINDOW_SCALE: 1,
  SACK_PERM: 2,
  CLOSE_INIT: 4,
  BE_LIBERAL: 8,
  DATA_UNACKNOWLEDGED: 16,
  MAXACK_SET: 32,
  CHALLENGE_ACK: 64,
  SIMULTANEOUS_OPEN: 128,
} as const;

/** One end of a connection: struct ip_ct_tcp_state. */
export class Side {
  /** The end of what it has sent. */
  end = 0;
  /** How far it may send: what the other end has said that it takes. */
  maxEnd = 0;
  /** The widest window it has offered. */
  maxWindow = 0;
  maxAck = 0;
  scale = 0;
  flags = 0;

  has(flag: number): boolean {
    return (this.flags & flag) !== 0;
  }

  /** It may have begun anew; what it was allowed before it is still allowed. */
  reset(): void {
    this.end = 0;
    this.maxEnd = 0;
    this.maxWindow = 0;
    this.maxAck = 0;
    this.scale = 0;
    this.flags &= SideFlag.BE_LIBERAL;
  }
}

export class TcpFlow {
  state: number = State.NONE;
  readonly original = new Side();
  readonly reply = new Side();
  retransmissions = 0;
  // Of the last segment.
  lastKind = 0;
  lastDirection = 0;
  lastSequence = 0;
  lastAck = 0;
  lastEnd = 0;
  lastWindow = 0;
  lastScale = 0;
  lastFlags = 0;

  side(direction: number): Side {
    return direction === 0 ? this.original : this.reply;
  }

  get bothFlags(): number {
    return this.original.flags | this.reply.flags;
  }
}
