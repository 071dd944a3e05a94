/** What is asked of a machine in either world, by the same command lines. */

export interface Look {
  readonly name: string;
  readonly run: string;
}

export const LOOKS: readonly Look[] = [
  { name: "ip link", run: "ip -j link" },
  { name: "ip addr", run: "ip -j addr" },
  { name: "ip route", run: "ip -j route" },
  { name: "ip neigh", run: "ip -j neigh" },
  { name: "bridge fdb", run: "bridge -j fdb" },
  { name: "bridge link", run: "bridge -j link" },
  { name: "iptables-save", run: "iptables-save -c" },
  { name: "sysctl", run: "sysctl -a" },
];

export const MOMENTS = ["after the set-up", "at the end"] as const;
export type Moment = (typeof MOMENTS)[number];

/** Of one machine at one moment: what each look printed, in their order. */
export type Looks = readonly string[];

/** Of one interface, in order. */
export interface PointFrames {
  readonly setUp: readonly Uint8Array[];
  /** From the moment on when the set-up was done. */
  readonly run: readonly Uint8Array[];
}

/** What a run has left in one world. */
export interface WorldRecord {
  /** By "machine:interface", as the interface was called when the frame passed. */
  readonly frames: ReadonlyMap<string, PointFrames>;
  readonly states: Readonly<Record<Moment, ReadonlyMap<string, Looks>>>;
}

/** Milliseconds: in both worlds (with a proxy_delay of 0), so that chance does not decide when a neighbour becomes doubtful. */
export const REACHABLE_TIME = 2_000_000;

/** Both worlds go on for so many seconds after the last check: what a timer still has to say is said. */
export const AFTERWARDS = 8;
