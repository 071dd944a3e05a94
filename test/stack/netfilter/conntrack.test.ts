/** The table of connections: what is remembered, for how long, how many, and what is heard of it. */
import { describe, expect, it } from "vitest";
import { Fate } from "../../../src/base/fate.ts";
import { copyGraph } from "../../../src/engine/copy.ts";
import { formatIpv4, type Ipv4 } from "../../../src/packet/address.ts";
import { Flag } from "../../../src/packet/tcp.ts";
import { Change, type Flow, flowOf, Status } from "../../../src/stack/netfilter/conntrack/flow.ts";
import { stateNames } from "../../../src/stack/netfilter/conntrack/tcp-flow.ts";
import type { ConntrackWatcher } from "../../../src/stack/netfilter/conntrack/tracker.ts";
import { Packet } from "../../../src/stack/netfilter/packet.ts";
import { typed } from "../../machine/on-machine.ts";
import { EmulatedRouter } from "./routed-box.ts";
import { datagram, segment } from "./segments.ts";

const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const MASQUERADE = "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o p1 -j MASQUERADE";

class Ear implements ConntrackWatcher {
  readonly heard: string[] = [];

  flowChanged({ original, reply }: Flow, change: number): void {
    const [what] = Object.entries(Change).find(([, bit]) => (change & bit) !== 0)!;
    this.heard.push(
      `${what} ${ip(original.source)}:${original.sourcePort} ${ip(reply.destination)}:${reply.destinationPort}`,
    );
  }
}

const ip = (address: number): string => formatIpv4((address >>> 0) as Ipv4);
const tracker = (router: EmulatedRouter) => router.machine.net.netfilter.tracker;

describe("conntrack", () => {
  it("sleeps until a rule needs it, and has its sysctls from then on", () => {
    const router = new EmulatedRouter(["iptables -A FORWARD -p udp -j ACCEPT"]);
    router.fire(datagram(OUT, 1000, 7000));
    expect(tracker(router).list()).toEqual([]);
    expect(typed(router.machine, "sysctl net.netfilter.nf_conntrack_count").code).not.toBe(0);
    typed(router.machine, "iptables -A FORWARD -m conntrack --ctstate NEW -j ACCEPT");
    router.fire(datagram(OUT, 1000, 7000));
    expect(typed(router.machine, "sysctl net.netfilter.nf_conntrack_count").out).toBe(
      "net.netfilter.nf_conntrack_count = 1\n",
    );
    typed(router.machine, "iptables -F FORWARD");
    router.fire(datagram(OUT, 1001, 7000));
    expect(tracker(router).table.size).toBe(1);
  });

  it("forgets a question after 30 seconds, a stream after 120, and tells of it", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    const ear = new Ear();
    tracker(router).watchers.add(ear);
    router.fire(datagram(OUT, 1000, 7000));
    router.fire(datagram(OUT, 2000, 7000));
    router.fire(datagram(BACK, 7000, 2000));
    router.wait(3000);
    router.fire(datagram(OUT, 2000, 7000));
    const [, stream] = tracker(router).list();
    expect(stream!.status & Status.ASSURED).not.toBe(0);
    expect(stream!.secondsLeft(router.machine.world.scheduler.now)).toBe(119);
    router.wait(40_000);
    expect(tracker(router).list()).toEqual([stream]);
    router.wait(100_000);
    expect(tracker(router).list()).toEqual([]);
    expect(ear.heard).toEqual([
      "NEW 10.0.0.2:1000 198.51.100.1:1000",
      "NEW 10.0.0.2:2000 198.51.100.1:2000",
      "REPLY 10.0.0.2:2000 198.51.100.1:2000",
      "ASSURED 10.0.0.2:2000 198.51.100.1:2000",
      "DESTROY 10.0.0.2:1000 198.51.100.1:1000",
      "DESTROY 10.0.0.2:2000 198.51.100.1:2000",
    ]);
  });

  it("follows a connection through its states", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    const { SYN, ACK, FIN, RST } = Flag;
    const state = (): string => stateNames[tracker(router).list()[0]!.tcp!.state]!;
    const out = (flags: number, sequence: number, ack = 0) => segment(OUT, 5000, 80, { flags, sequence, ack });
    const back = (flags: number, sequence: number, ack = 0) => segment(BACK, 80, 5000, { flags, sequence, ack });
    const walk = [out(SYN, 1), back(SYN | ACK, 9, 2), out(ACK, 2, 10), out(FIN | ACK, 2, 10), back(ACK, 10, 3)];
    const states = [...walk, back(FIN | ACK, 10, 3), out(ACK, 3, 11)].map((shot) => {
      router.fire(shot);
      return state();
    });
    expect(states).toEqual(["SYN_SENT", "SYN_RECV", "ESTABLISHED", "FIN_WAIT", "CLOSE_WAIT", "LAST_ACK", "TIME_WAIT"]);
    router.fire(out(SYN, 500));
    expect(state()).toBe("SYN_SENT");
    router.fire(back(RST | ACK, 0, 501));
    expect(tracker(router).list()).toEqual([]);
  });

  it("takes the RST that refuses a connection for an answer, and tells nothing of it behind the end", () => {
    const router = new EmulatedRouter([
      "iptables -A FORWARD -m conntrack --ctstatus SEEN_REPLY -p tcp --tcp-flags RST RST -j ACCEPT",
      "iptables -A FORWARD -p tcp --tcp-flags RST RST -j DROP",
    ]);
    const ear = new Ear();
    tracker(router).watchers.add(ear);
    router.fire(segment(OUT, 5000, 80, { flags: Flag.SYN, sequence: 1 }));
    const answer = { ...BACK, to: OUT.from };
    router.fire(segment(answer, 80, 5000, { flags: Flag.RST | Flag.ACK, sequence: 0, ack: 2 }));
    expect(typed(router.machine, "iptables -vnL FORWARD").out).toMatch(/^ +1 .*ctstatus SEEN_REPLY/m);
    expect(ear.heard.map((line) => line.split(" ")[0])).toEqual(["NEW", "DESTROY"]);
  });

  it("drops what begins when the table is full, and says so ten times in five seconds", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    typed(router.machine, "sysctl -w net.netfilter.nf_conntrack_max=3");
    const { frames } = router.machine.world;
    const { SYN, ACK } = Flag;
    for (let port = 1; port <= 3; port++) {
      router.fire(segment(OUT, port, 80, { flags: SYN, sequence: 1 }));
      router.fire(segment(BACK, 80, port, { flags: SYN | ACK, sequence: 1, ack: 2 }));
      router.fire(segment(OUT, port, 80, { flags: ACK, sequence: 2, ack: 2 }));
    }
    for (let port = 1; port <= 20; port++) router.fire(datagram(OUT, 100 + port, 7000));
    expect(frames.count(Fate.CONNTRACK_FULL)).toBe(20);
    const full = () => router.machine.table.log.lines.filter(({ text }) => text.includes("table full"));
    expect(full().map(({ text }) => text)).toEqual(
      new Array(10).fill("nf_conntrack: nf_conntrack: table full, dropping packet"),
    );
    router.wait(5000);
    router.fire(datagram(OUT, 200, 7000));
    expect(router.machine.table.log.lines.at(-2)!.text).toBe("net_ratelimit: 10 callbacks suppressed");
    expect(full().length).toBe(11);
    // Those that are there go on.
    expect(router.fire(segment(OUT, 2, 80, { flags: ACK, sequence: 2, ack: 2 })).length).toBe(1);
  });

  it("says so no more often when martians have been told of already: they share net_ratelimit", () => {
    const router = new EmulatedRouter([MASQUERADE, "sysctl -q -w net.ipv4.conf.all.log_martians=1"]);
    for (let i = 0; i < 6; i++) router.fire(datagram({ ...OUT, from: "127.0.0.1" }, 1, 2));
    typed(router.machine, "sysctl -w net.netfilter.nf_conntrack_max=1");
    const { SYN, ACK } = Flag;
    router.fire(segment(OUT, 1, 80, { flags: SYN, sequence: 1 }));
    router.fire(segment(BACK, 80, 1, { flags: SYN | ACK, sequence: 1, ack: 2 }));
    router.fire(segment(OUT, 1, 80, { flags: ACK, sequence: 2, ack: 2 }));
    for (let port = 1; port <= 6; port++) router.fire(datagram(OUT, 100 + port, 7000));
    const said = (words: string): number =>
      router.machine.table.log.lines.filter(({ text }) => text.includes(words)).length;
    expect([said("martian source"), said("table full")]).toEqual([6, 4]);
  });

  it("lets go of masqueraded flows with the address, and of unanswered ones when there is need", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    router.fire(datagram(OUT, 1000, 7000));
    typed(router.machine, "ip addr del 198.51.100.1/24 dev p1");
    expect(tracker(router).list()).toEqual([]);
  });

  it("never puts a flow into the table that was killed on its way there", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    const { net, world, table } = router.machine;
    const packet = new Packet(net, net.netfilter.tracker);
    packet.frame = world.frames.from(datagram(OUT, 1000, 7000).bytes);
    packet.input = table.find("p0");
    expect(net.netfilter.tracker.enter(packet)).toBe(true);
    net.netfilter.tracker.kill(flowOf(packet.frame)!);
    expect(net.netfilter.tracker.confirm(packet)).toBe(false);
    expect(world.frames.count(Fate.CONNTRACK_DYING)).toBe(1);
    expect(net.netfilter.tracker.counters).toMatchObject({ insertFailed: 1, drop: 0 });
    expect(net.netfilter.tracker.list()).toEqual([]);
    // The same connection begins anew with the next packet.
    router.fire(datagram(OUT, 1000, 7000));
    expect(net.netfilter.tracker.table.size).toBe(1);
    router.wait(200_000);
    expect(net.netfilter.tracker.table.size).toBe(0);
  });

  it("is copied whole: both copies go on alike", () => {
    const router = new EmulatedRouter([MASQUERADE]);
    router.fire(datagram(OUT, 1000, 7000));
    const twin = copyGraph(router);
    for (const each of [router, twin]) {
      expect(each.fire(datagram(BACK, 7000, 1000)).length).toBe(1);
      each.wait(200_000);
      expect(tracker(each).list()).toEqual([]);
    }
  });
});
