/** Promise P8 while every kind of program is under way: a copied lab goes on to the same bytes, words and fates. */
import { createHash, type Hash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { copyGraph } from "../../src/engine/copy.ts";
import type { CaptureChange, Lab, Nanos, Process } from "../../src/lab/index.ts";
import { labUp, planOfFile } from "../kit/lab.ts";
import { expectLedger } from "../kit/ledger.ts";

/** Seconds after the first, machine, line. Most run until the end; none may end in "command not found". */
const TYPED: readonly (readonly [number, string, string])[] = [
  [0, "xen1", "ip monitor all"],
  [0, "xen1", "bridge monitor fdb"],
  [0, "xen1", "dmesg -w"],
  [0, "xen1", "xenstore-watch -n 200 /local/domain"],
  [0, "xen1", "tcpdump -l -n -i xenbr0 'icmp or arp' | head -n 40"],
  [0, "xen1", "tcpdump -n -e -i vif1.0 -c 30"],
  [0, "xen1", "watch -n 0.3 brctl showmacs xenbr0"],
  [0, "xen1", "watch -n 0.2 'ip -s link show dev vif1.0 | tail -n 4'"],
  [0, "xen1", "nc -u -l -p 7000"],
  [0.01, "xen1", "xl console web2"],
  [0.02, "xen1", "ping -i 0.05 -c 40 192.168.1.102 | grep -v ttl=1 | tee /tmp/pings | wc -l"],
  [0.03, "web1", "ping -f -c 60 192.168.1.102"],
  [0.04, "web1", "ping -s 4000 -i 0.2 -c 8 192.168.1.1"],
  [0.05, "web1", "nc -u -l -p 5000 > /tmp/heard"],
  [0.1, "xen1", "(echo one; sleep 0.3; echo two; sleep 0.5; echo three) | nc -u -w 1 192.168.1.101 5000"],
  [0.1, "web1", "tcpdump -n -i eth0 -c 20 udp or icmp"],
  [0.12, "xen1", "arping -I xenbr0 -c 4 192.168.1.101"],
  [0.15, "xen1", "timeout 0.7 ping -i 0.1 192.168.1.77"],
  [0.2, "web1", "seq 1 2000 | sort -r | uniq | grep 7 | head -n 30 | cut -c 1-2"],
  [0.2, "xen1", "(sleep 0.4; echo later) & wait; date; uptime"],
  [0.3, "xen1", "xl network-attach web1 mac=00:16:3e:00:00:09,bridge=xenbr0"],
  [0.35, "xen1", "tc qdisc show; ethtool -S vif1.0; ps"],
  [0.6, "xen1", "xl pause web2; sleep 0.3; xl unpause web2"],
  [1.1, "xen1", "ip link set dev vif1.0 mtu 1400; sleep 0.05; ip link set dev vif1.0 mtu 1500"],
  [1.3, "xen1", "xl destroy web2; sleep 0.1; xl list; xl create /etc/xen/web2.cfg; xl list"],
  [1.6, "web1", "ip neigh flush all; ip neigh; cat /proc/net/arp; xenstore-ls device"],
];
/** Points that are switched just before the line of that number is typed. */
const SWITCHED: readonly (readonly [number, string, string, CaptureChange])[] = [
  [9, "xen1", "vif1.0", { on: false }],
  [11, "xen1", "vif2.0", { filter: "icmp and not host 192.168.1.10" }],
  [14, "xen1", "vif1.0", { on: true, filter: "arp or udp" }],
  [16, "xen1", "xenbr0", { promiscuous: false, snaplen: 60 }],
  [20, "web1", "eth0", { on: false }],
  [22, "xen1", "vif1.0", { filter: null }],
  [24, "xen1", "vif3.0", { on: false }],
];
const SECONDS = 2.5;
/** Between two copies. */
const EVENTS = 10;

/** A lab, what was typed on it and what it has written: one graph, copied as `copyLab` does it. */
interface Session {
  readonly lab: Lab;
  readonly start: number;
  readonly processes: Process[];
}

type Hashes = Map<string, Hash>;

function drain({ lab }: Session, hashes: Hashes): void {
  for (const file of lab.captures!.list)
    hashes.set(file.path, (hashes.get(file.path) ?? createHash("sha256")).update(file.take()));
}

const fork = (hashes: Hashes): Hashes => new Map([...hashes].map(([path, hash]) => [path, hash.copy()]));

/** Runs at most `events` events, typing what is due; false when the session is over. */
function advance({ lab, start, processes }: Session, events: number): boolean {
  const until = lab.world.scheduler.executed + events;
  while (lab.world.scheduler.executed < until) {
    const next = TYPED[processes.length];
    const due = (start + (next?.[0] ?? SECONDS) * 1e9) as Nanos;
    if (!lab.runUntil(due, until - lab.world.scheduler.executed)) continue;
    if (next === undefined) return false;
    for (const [line, machine, device, change] of SWITCHED)
      if (line === processes.length) expect(lab.capturePoint(machine, device, change)).toEqual({ ok: true });
    processes.push(lab.exec(next[1], next[2]));
  }
  return true;
}

function story({ lab, processes }: Session, hashes: Hashes): Record<string, unknown> {
  expectLedger(lab);
  return {
    files: Object.fromEntries([...hashes].map(([path, hash]) => [path, hash.copy().digest("hex")])),
    consoles: processes.map((each, i) => ({ line: TYPED[i]![2], code: each.exitCode, said: each.console!.since(0) })),
    fates: lab.fates,
    executed: lab.world.scheduler.executed,
    points: lab.captures!.points,
  };
}

function toEnd(session: Session, hashes: Hashes): Record<string, unknown> {
  while (advance(session, 10_000)) drain(session, hashes);
  drain(session, hashes);
  return story(session, hashes);
}

function begin(): Session {
  const lab = labUp(planOfFile("bridge-xl.yaml"), { capture: { format: "pcapng", merged: true } });
  return { lab, start: lab.now, processes: [] };
}

describe("copies while programs are under way", () => {
  const reference = begin();
  const before = reference.lab.world.scheduler.executed;
  const expected = toEnd(reference, new Map());
  const total = reference.lab.world.scheduler.executed - before;

  test("the lines do what they are for: none is unknown, and most are under way for a while", () => {
    const said = reference.processes.map((each) => each.console!.text());
    expect(said.filter((text) => /command not found|[Uu]sage:|syntax error|not modelled/.test(text))).toEqual([]);
    expect(said.filter((text) => text === "").length).toBeLessThanOrEqual(7);
  });

  test("the switched points are what they were switched to", () => {
    const states = reference.lab.captures!.points.map(({ machine, device, state }) => [`${machine}:${device}`, state]);
    expect(Object.fromEntries(states)).toMatchObject({
      "xen1:vif1.0": "on",
      "web1:eth0": "stopped",
      "xen1:vif3.0": "off",
    });
  });

  test("a lab replaced by its own copy every ten events ends as the one that never was", () => {
    let session = begin();
    const hashes: Hashes = new Map();
    while (advance(session, EVENTS)) {
      drain(session, hashes);
      session = copyGraph(session);
    }
    drain(session, hashes);
    expect(story(session, hashes)).toEqual(expected);
  });

  test("copies taken on the way end like the original, and do not disturb it", () => {
    const session = begin();
    const hashes: Hashes = new Map();
    for (let copies = 0; advance(session, Math.ceil(total / 12)); copies++) {
      drain(session, hashes);
      expect(toEnd(copyGraph(session), fork(hashes)), `copy ${copies}`).toEqual(expected);
    }
    drain(session, hashes);
    expect(story(session, hashes)).toEqual(expected);
  });
});
