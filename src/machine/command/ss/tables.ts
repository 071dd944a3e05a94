/**
 * Which sockets of which tables and states ss was asked for: what each option adds, and what is meant where nothing was
 * said. Follows filter_db_set, filter_af_set and filter_merge_defaults of misc/ss.c. States are bits, as there.
 */

/** TCP states of the kernel by number. */
const STATE_NAMES = [
  ...["UNKNOWN", "established", "syn-sent", "syn-recv", "fin-wait-1", "fin-wait-2", "time-wait", "unconnected"],
  ...["close-wait", "last-ack", "listening", "closing"],
];
const bit = (name: string): number => 1 << STATE_NAMES.indexOf(name);
const without = (...names: string[]): number => names.reduce((states, name) => states & ~bit(name), ALL);

const ALL = (1 << STATE_NAMES.length) - 1;
const CLOSE = bit("unconnected");
const ESTABLISHED = bit("established");
const CONNECTED = without("listening", "unconnected", "time-wait", "syn-recv");
export const States = { ALL, CONNECTED, LISTENING: bit("listening") | CLOSE } as const;

const GROUPS: Readonly<Record<string, number>> = {
  close: CLOSE,
  closed: CLOSE,
  "syn-rcv": bit("syn-recv"),
  all: ALL,
  connected: without("unconnected", "listening"),
  synchronized: without("unconnected", "listening", "syn-sent"),
  bucket: bit("syn-recv") | bit("time-wait"),
  big: without("syn-recv", "time-wait"),
};

/** scan_state; null: no such word. */
export function statesOf(word: string): number | null {
  const name = word.toLowerCase();
  if (Object.hasOwn(GROUPS, name)) return GROUPS[name]!;
  const at = STATE_NAMES.findIndex((each) => each.toLowerCase() === name);
  return at < 0 ? null : 1 << at;
}

export type Table =
  | ("tcp" | "mptcp" | "dccp" | "sctp" | "udp" | "raw" | "p_raw" | "p_dgr" | "nl" | "tipc" | "xdp")
  | ("u_str" | "u_dgr" | "u_seq" | "v_str" | "v_dgr");
export type Family = "inet" | "inet6" | "unix" | "link" | "netlink" | "vsock" | "tipc" | "xdp";

const INET: readonly Table[] = ["udp", "dccp", "tcp", "mptcp", "sctp", "raw"];
const UNIX: readonly Table[] = ["u_str", "u_dgr", "u_seq"];
const PACKET: readonly Table[] = ["p_raw", "p_dgr"];
const VSOCK: readonly Table[] = ["v_str", "v_dgr"];
const IP: readonly Family[] = ["inet", "inet6"];

/** A family's tables, and the states it shows unless told. */
const FAMILIES: Readonly<Record<Family, readonly [tables: readonly Table[], states: number]>> = {
  inet: [INET, CONNECTED],
  inet6: [INET, CONNECTED],
  unix: [UNIX, CONNECTED],
  link: [PACKET, CLOSE],
  netlink: [["nl"], CLOSE],
  vsock: [VSOCK, CONNECTED],
  tipc: [["tipc"], ESTABLISHED | bit("listening") | CLOSE],
  xdp: [["xdp"], CLOSE],
};

function statesOfTable(table: Table): number {
  if (table === "udp" || table === "raw") return ESTABLISHED;
  if (table === "u_dgr") return CLOSE;
  return FAMILIES[familiesOfTable(table)[0]!][1];
}

const familiesOfTable = (table: Table): readonly Family[] =>
  INET.includes(table)
    ? IP
    : [(Object.keys(FAMILIES) as Family[]).find((family) => FAMILIES[family][0].includes(table))!];

/** Words of -A. */
const QUERIES: Readonly<Record<string, readonly Table[]>> = {
  all: [...INET, ...UNIX, ...PACKET, "nl", ...VSOCK, "xdp"],
  inet: INET,
  unix: UNIX,
  unix_stream: ["u_str"],
  unix_dgram: ["u_dgr"],
  unix_seqpacket: ["u_seq"],
  packet: PACKET,
  packet_raw: ["p_raw"],
  packet_dgram: ["p_dgr"],
  netlink: ["nl"],
  vsock: VSOCK,
  vsock_stream: ["v_str"],
  vsock_dgram: ["v_dgr"],
};
const SINGLE: readonly Table[] = [
  ...["tcp", "mptcp", "dccp", "sctp", "udp", "raw", "p_raw", "p_dgr", "tipc", "xdp"],
  ...["u_str", "u_dgr", "u_seq", "v_str", "v_dgr"],
] as readonly Table[];

export const isFamily = (word: string): word is Family => Object.hasOwn(FAMILIES, word);

export class Selection {
  readonly tables = new Set<Table>();
  families = new Set<Family>();
  states = 0;
  /** The last family that was named: of addresses in a filter. */
  preferred: Family | null = null;
  /** Nothing was said yet. */
  isDefault = true;
  private hasQuery = false;

  addTable(table: Table): void {
    this.states |= statesOfTable(table);
    this.tables.add(table);
    this.isDefault = false;
  }

  addFamily(family: Family): void {
    this.states |= FAMILIES[family][1];
    this.families.add(family);
    this.preferred = family;
    this.isDefault = false;
  }

  /** The first -A forgets the tables before it. Answers the word that is none. */
  query(words: string): string | null {
    if (!this.hasQuery) this.tables.clear();
    this.hasQuery = true;
    this.isDefault = false;
    return words.split(",").find((word) => !this.queryOne(word)) ?? null;
  }

  private queryOne(word: string): boolean {
    const name = word.replace(/^!/, "");
    const single = SINGLE.find((each) => each === name);
    const tables = single !== undefined ? [single] : Object.hasOwn(QUERIES, name) ? QUERIES[name]! : null;
    if (tables === null) return false;
    for (const table of tables) {
      if (name === word) this.addTable(table);
      else this.tables.delete(table);
    }
    return true;
  }

  /** `states`: those that were named, or 0. */
  complete(states: number): void {
    if (this.isDefault) this.query("all");
    if (states !== 0) this.states = states;
    for (const table of this.tables) {
      const families = familiesOfTable(table);
      if (!families.some((each) => this.families.has(each))) for (const each of families) this.families.add(each);
    }
    for (const family of this.families) {
      const [tables] = FAMILIES[family];
      if (!tables.some((each) => this.tables.has(each))) for (const each of tables) this.tables.add(each);
    }
  }

  /** A filter's address belongs to a family: no other is shown. */
  narrow(family: Family): void {
    this.families = new Set([family]);
    this.preferred = family;
  }

  shows(state: number): boolean {
    return (this.states & (1 << state)) !== 0;
  }
}

/** More than one bit. */
export const isSeveral = (states: number): boolean => (states & (states - 1)) !== 0;
