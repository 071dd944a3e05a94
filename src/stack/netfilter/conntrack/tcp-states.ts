/**
 * How a segment moves a connection on: the table tcp_conntracks of nf_conntrack_proto_tcp.c. A row per kind of segment,
 * a column per state it may be in; "." is invalid, "i" ignored: perhaps right, perhaps wrong, the other end will tell.
 */
import { State } from "./tcp-flow.ts";

/** NONE SYN_SENT SYN_RECV ESTABLISHED FIN_WAIT CLOSE_WAIT LAST_ACK TIME_WAIT CLOSE SYN_SENT2 */
const ORIGINAL = [
  "S S i i i i i S S 2", // SYN: a new one, also in place of one that has ended
  ". . R . . . . . . R", // SYN+ACK: only in a simultaneous open
  ". . F F L L L T C .", // FIN
  "E . E E W W T T C .", // ACK
  ". C C C C C C C C C", // RST
  ". . . . . . . . . .", // none
];
const REPLY = [
  ". 2 . . . . . S . 2",
  ". R i i i i i i i R",
  ". . F F L L L T C .",
  ". i R E W W T T C i",
  ". C C C C C C C C C",
  ". . . . . . . . . .",
];

const LETTERS: Readonly<Record<string, number>> = {
  S: State.SYN_SENT,
  R: State.SYN_RECV,
  E: State.ESTABLISHED,
  F: State.FIN_WAIT,
  W: State.CLOSE_WAIT,
  L: State.LAST_ACK,
  T: State.TIME_WAIT,
  C: State.CLOSE,
  "2": State.SYN_SENT2,
  ".": State.INVALID,
  i: State.IGNORE,
};

const STATES = 10;
const KINDS = 6;
const TABLE = Uint8Array.from([...ORIGINAL, ...REPLY].flatMap((row) => row.split(" ").map((each) => LETTERS[each]!)));

/** Where a segment of this kind leads from `state`, or INVALID or IGNORE. */
export const nextState = (direction: number, kind: number, state: number): number =>
  TABLE[(direction * KINDS + kind) * STATES + state]!;
