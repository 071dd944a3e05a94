/** The same rules and the same packets through the emulated router and through this machine's own kernel. */
import { spawnSync } from "node:child_process";
import { describe, expect, it } from "vitest";
import { HEADER_LENGTH as LINK } from "../../../src/packet/ethernet.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import { Flag } from "../../../src/packet/tcp.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import type { Shot } from "./grammar.ts";
import { EmulatedRouter, throughRealRouter } from "./routed-box.ts";
import { bytesOf, complaint, datagram, echo, fragments, segment } from "./segments.ts";

judges("flows");

const canCompare =
  ["ip", "iptables", "python3"].every((tool) => requireTool(tool)) &&
  canMakeNamespaces() &&
  spawnSync("iptables", ["--version"], { encoding: "utf8" }).stdout.includes("nf_tables");

const { SYN, ACK, FIN, RST, PSH } = Flag;
const OUT = { port: 0, from: "10.0.0.2", to: "203.0.113.5" };
const OTHER = { ...OUT, from: "10.0.0.3" };
const BACK = { port: 1, from: "203.0.113.5", to: "198.51.100.1" };
const MASQUERADE = "iptables -t nat -A POSTROUTING -s 10.0.0.0/24 -o p1 -j MASQUERADE";
const NO_INVALID = "iptables -A FORWARD -m conntrack --ctstate INVALID -j DROP";

const HERE = { ...OUT, to: "10.0.0.1" };

/** Fires what the story says, remembering it; what comes out of an emulated router may go into the next shot. */
class Story {
  readonly shots: Shot[] = [];
  readonly seen: string[][] = [];
  private readonly router: EmulatedRouter;

  constructor(lines: readonly string[]) {
    this.router = new EmulatedRouter(lines.flatMap((line) => line.split(" && ")));
  }

  fire(...shots: Shot[]): string[] {
    for (const shot of shots) {
      this.shots.push(shot);
      this.seen.push(this.router.fire(shot));
    }
    return this.seen.at(-1)!;
  }
}

/** The kernel draws by chance where the identifications of its own ICMP messages begin. */
const plain = (lines: readonly string[]): string[] => lines.map((line) => line.replace(OWN_ICMP, "$1$2----$3----$4"));
const OWN_ICMP = /^(q\d )(\w{28}45c0\w{4})\w{4}(0000\w{2}01)\w{4}(.*)$/;

type Telling = (story: Story) => void;

const stories: Readonly<Record<string, readonly [lines: readonly string[], tell: Telling]>> = {
  "UDP and echoes behind MASQUERADE, and errors about them": [
    [MASQUERADE],
    (story) => {
      const [sent] = story.fire(datagram(OUT, 40_000, 7000));
      story.fire(datagram(BACK, 7000, 40_000));
      story.fire(datagram(OUT, 40_001, 7000, 5, false), datagram(BACK, 7000, 40_001, 9, false));
      story.fire(complaint({ ...BACK, from: "198.51.100.8" }, 3, 3, bytesOf(sent!)));
      story.fire(complaint({ ...BACK, from: "198.51.100.8" }, 11, 0, bytesOf(sent!), 30));
      const [ping] = story.fire(echo(OUT, 8, 1234));
      story.fire(echo(BACK, 0, 1234), complaint(BACK, 3, 1, bytesOf(ping!), 36));
      const [answer] = story.fire(datagram(BACK, 7000, 40_000, 30));
      story.fire(complaint({ ...OUT, from: "10.0.0.2" }, 3, 3, bytesOf(answer!)));
      story.fire(complaint({ ...BACK, from: "198.51.100.8" }, 5, 1, bytesOf(sent!)));
    },
  ],
  "a connection from its first segment to its last, with strays": [
    [MASQUERADE, NO_INVALID],
    (story) => {
      const out = (flags: number, sequence: number, ack = 0, data = 0, window = 1000) =>
        segment(OUT, 50_000, 80, { flags, sequence, ack, data, window, options: flags === SYN ? [2, 4, 5, 180] : [] });
      const back = (flags: number, sequence: number, ack = 0, data = 0, window = 1000) =>
        segment(BACK, 80, 50_000, { flags, sequence, ack, data, window });
      story.fire(back(ACK, 900, 50), out(SYN, 100), out(SYN, 100), back(SYN | ACK, 5000, 101), out(ACK, 101, 5001));
      story.fire(out(PSH | ACK, 101, 5001, 100), back(ACK, 5001, 201), back(PSH | ACK, 5001, 201, 1000));
      story.fire(back(PSH | ACK, 6001, 201, 1000), back(PSH | ACK, 50_000, 201, 10), out(ACK, 201, 6001));
      story.fire(out(ACK, 201, 9_000_000), out(PSH | ACK, 101, 6001, 100), out(PSH | ACK, 4_000_000, 6001, 100));
      story.fire(out(ACK, 201, 1), back(RST, 77), back(ACK, 6001, 201), out(SYN, 7), back(ACK, 6001, 201));
      story.fire(out(FIN | ACK, 201, 6001), back(ACK, 6001, 202), back(FIN | ACK, 6001, 202), out(ACK, 202, 6002));
      story.fire(out(SYN, 10_000), back(SYN | ACK, 90_000, 10_001), out(ACK, 10_001, 90_001), out(RST, 10_001));
      story.fire(out(PSH | ACK, 10_001, 90_001, 5), out(SYN, 20_000), out(SYN | FIN, 1), out(0, 1));
    },
  ],
  "connections that are joined midway, scaled windows and selective acknowledgments": [
    [MASQUERADE, NO_INVALID],
    (story) => {
      const options = [2, 4, 5, 180, 4, 2, 3, 3, 7, 1, 1, 1];
      story.fire(segment(OUT, 4000, 80, { flags: SYN, sequence: 1, options, window: 100 }));
      story.fire(segment(BACK, 80, 4000, { flags: SYN | ACK, sequence: 1, ack: 2, options, window: 100 }));
      story.fire(segment(OUT, 4000, 80, { flags: ACK, sequence: 2, ack: 2, window: 100 }));
      story.fire(segment(OUT, 4000, 80, { flags: ACK, sequence: 2 + 12_000, ack: 2, window: 100, data: 700 }));
      story.fire(segment(OUT, 4000, 80, { flags: ACK, sequence: 2 + 30_000, ack: 2, window: 100, data: 700 }));
      const sack = [1, 1, 5, 10, 0, 0, 0x2e, 0xe2, 0, 0, 0x31, 0x9e];
      story.fire(segment(BACK, 80, 4000, { flags: ACK, sequence: 2, ack: 2, window: 100, options: sack }));
      story.fire(segment(OTHER, 4001, 80, { flags: ACK, sequence: 500, ack: 900, data: 20 }));
      story.fire(segment(BACK, 80, 4001, { flags: ACK, sequence: 900, ack: 520, data: 20 }));
      story.fire(segment(OTHER, 4001, 80, { flags: ACK, sequence: 90_000_000, ack: 5, data: 20 }));
      story.fire(segment(BACK, 80, 4001, { flags: RST | ACK, sequence: 920, ack: 520 }));
    },
  ],
  "DNAT to a guest, NETMAP, and who speaks of it": [
    [
      "iptables -t nat -A PREROUTING -i p1 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.2:80",
      "iptables -t nat -A PREROUTING -i p1 -p udp -m multiport --dports 5000:5002,6000 -j DNAT --to-destination 10.0.0.4-10.0.0.7",
      "iptables -t nat -A PREROUTING -d 198.51.100.128/28 -j NETMAP --to 10.0.0.0/28",
      "iptables -A FORWARD -m conntrack --ctstate DNAT -j ACCEPT",
      "iptables -P FORWARD DROP",
    ],
    (story) => {
      const [syn] = story.fire(segment(BACK, 3000, 8080, { flags: SYN, sequence: 9 }));
      story.fire(segment({ ...OUT }, 80, 3000, { flags: SYN | ACK, sequence: 1, ack: 10 }));
      story.fire(
        complaint({ ...OUT, from: "10.0.0.2" }, 3, 3, bytesOf(syn!)),
        segment(BACK, 3000, 81, { flags: SYN, sequence: 9 }),
      );
      for (let host = 1; host < 12; host++)
        story.fire(datagram({ ...BACK, from: `203.0.113.${host}` }, 3000 + host, host % 2 === 0 ? 5001 : 6000));
      story.fire(datagram({ ...BACK, to: "198.51.100.130" }, 1, 2), datagram(OUT, 9, 9), datagram(OUT, 2, 1));
    },
  ],
  "strays to a router without a service: RST, as a closed port says it": [
    [MASQUERADE, "iptables -A OUTPUT -p tcp -m conntrack --ctstate INVALID -j DROP"],
    (story) => {
      story.fire(segment(HERE, 4000, 22, { flags: SYN, sequence: 0xffff_ffff, options: [2, 4, 5, 180] }));
      story.fire(
        segment(HERE, 4000, 22, { flags: SYN, sequence: 8 }),
        segment(HERE, 4001, 22, { flags: RST, sequence: 1 }),
      );
      story.fire(segment(HERE, 4002, 22, { flags: ACK, sequence: 5, ack: 77, data: 100 }));
      story.fire(
        segment(HERE, 4003, 22, { flags: FIN, sequence: 5, data: 3 }),
        segment(HERE, 4004, 22, { flags: 0, sequence: 5 }),
      );
      story.fire(segment(HERE, 4005, 22, { flags: PSH | FIN | ACK, sequence: 5, ack: 0xffff_fff0, data: 3 }));
      const wrong = segment(HERE, 4006, 22, { flags: SYN, sequence: 1, data: 200 });
      wrong.bytes[70]! ^= 1;
      const marked = segment(HERE, 4007, 22, { flags: SYN, sequence: 1 });
      ipv4.setTos(marked.bytes, LINK, 0x10);
      ipv4.fillChecksum(marked.bytes, LINK);
      const cut = segment(HERE, 4008, 22, { flags: SYN, sequence: 1 });
      cut.bytes[LINK + 20 + 12] = 0xf0;
      story.fire(wrong, marked, cut, segment({ ...HERE, to: "10.0.0.255" }, 4009, 22, { flags: SYN, sequence: 1 }));
      story.fire(...fragments(segment(HERE, 4010, 22, { flags: SYN, sequence: 1, data: 1000 }), 400));
      story.fire(segment({ ...BACK, to: "10.0.0.1" }, 4011, 22, { flags: SYN, sequence: 1 }));
      const [reset] = story.fire(segment(HERE, 4012, 23, { flags: SYN, sequence: 1 }));
      story.fire(complaint(HERE, 3, 3, bytesOf(reset!)));
    },
  ],
  "what the router itself complains of is RELATED, and never INVALID": [
    [
      MASQUERADE,
      "iptables -A OUTPUT -m conntrack --ctstate INVALID -j DROP",
      "iptables -A FORWARD -p udp --dport 9 -j REJECT --reject-with icmp-admin-prohibited",
      "iptables -A FORWARD -p udp --dport 10 -m conntrack --ctstate ESTABLISHED -j REJECT",
      "iptables -A FORWARD -p tcp -j REJECT --reject-with tcp-reset",
      "iptables -t nat -A PREROUTING -d 198.51.100.1 -p udp --dport 53 -j DNAT --to-destination 10.0.0.4:9",
    ],
    (story) => {
      const dying = datagram(OUT, 7, 8);
      ipv4.setTtl(dying.bytes, LINK, 1);
      ipv4.fillChecksum(dying.bytes, LINK);
      story.fire(dying, datagram(OUT, 1, 9), datagram(OUT, 2, 10), datagram(BACK, 10, 2), datagram(OUT, 2, 10));
      story.fire(
        segment(OUT, 3, 80, { flags: SYN, sequence: 9 }),
        segment(OUT, 3, 81, { flags: ACK, sequence: 9, ack: 4 }),
      );
      story.fire(datagram(BACK, 3, 53), datagram(BACK, 3, 54), datagram({ ...OUT, to: "198.51.100.1" }, 3, 53));
    },
  ],
  "connections by their addresses, with bits that the mask does not have": [
    [
      "iptables -A FORWARD -m conntrack --ctorigsrc 10.1.2.2/8 --ctorigdst 203.0.113.77/28 -j DROP",
      "iptables -A FORWARD -m conntrack ! --ctreplsrc 203.0.113.5/25 -j DROP",
      "iptables -A FORWARD -m conntrack --ctrepldst 10.0.0.7/30 --ctproto 17 -j DROP",
    ],
    (story) => {
      for (const to of ["203.0.113.5", "203.0.113.66", "203.0.113.79", "203.0.113.130", "203.0.112.5"])
        for (const from of ["10.0.0.2", "10.0.0.4", "10.0.0.6"])
          story.fire(datagram({ ...OUT, from, to }, 1, 2), echo({ ...OUT, from, to }, 8, 3));
    },
  ],
  "fragments are seen whole, and leave as they came": [
    [MASQUERADE],
    (story) => {
      const long = datagram(OUT, 40_000, 7000, 2500);
      story.fire(...fragments(long, 1000), ...fragments(datagram(BACK, 7000, 40_000, 2000), 1480).reverse());
      story.fire(...fragments(echo(OUT, 8, 5), 8));
    },
  ],
  "ports that are taken: the second guest with the same one gets another": [
    ["iptables -t nat -A POSTROUTING -o p1 -p udp -j SNAT --to-source 198.51.100.7:5000-5001"],
    (story) => {
      story.fire(datagram(OUT, 5000, 7), datagram(OTHER, 5000, 7));
      story.fire(
        datagram({ ...BACK, to: "198.51.100.7" }, 7, 5000),
        datagram({ ...BACK, to: "198.51.100.7" }, 7, 5001),
      );
      story.fire(datagram({ ...OUT, from: "10.0.0.4" }, 5000, 7), datagram({ ...OTHER, to: "203.0.113.6" }, 5000, 7));
      story.fire(datagram({ ...OUT, to: "203.0.113.6" }, 5000, 7));
    },
  ],
  "addresses of a range: by both ends, or by the sender alone with --persistent": [
    [
      "iptables -t nat -A POSTROUTING -o p1 -p udp --dport 7 -j SNAT --to-source 198.51.100.20-198.51.100.29 --persistent",
      "iptables -t nat -A POSTROUTING -o p1 -p udp -j SNAT --to-source 198.51.100.20-198.51.100.29",
    ],
    (story) => {
      for (let i = 0; i < 6; i++)
        for (const port of [7, 8])
          for (const from of ["10.0.0.2", "10.0.0.3"])
            story.fire(datagram({ ...OUT, from, to: `203.0.113.${10 + i}` }, 5000 + 10 * i + port, port));
    },
  ],
  "marks, TTL, segment sizes": [
    [
      "iptables -t mangle -A PREROUTING -p udp --sport 10 -j MARK --set-mark 0x10/0xff",
      "iptables -t mangle -A PREROUTING -m mark --mark 0x10/0xf0 -j CONNMARK --save-mark",
      "iptables -t mangle -A PREROUTING -m connmark --mark 0x10 -j TTL --ttl-set 33",
      "iptables -t mangle -A FORWARD -p tcp --tcp-flags SYN,RST SYN -j TCPMSS --set-mss 1200",
      "iptables -t mangle -A POSTROUTING -o p0 -j TTL --ttl-inc 5",
      "iptables -t raw -A PREROUTING -p udp --dport 99 -j CT --notrack",
      "iptables -A FORWARD -m conntrack --ctstate UNTRACKED -j DROP",
      "iptables -A FORWARD -m conntrack --ctstate ESTABLISHED --ctdir REPLY -j ACCEPT",
      "iptables -A FORWARD -i p1 -j DROP",
      "iptables -A FORWARD -m pkttype ! --pkt-type unicast -j DROP",
      "iptables -A FORWARD -m addrtype --src-type LOCAL -j DROP",
    ],
    (story) => {
      const back = { ...BACK, to: "10.0.0.2" };
      story.fire(datagram(OUT, 10, 20), datagram(back, 20, 10), datagram(back, 20, 11), datagram(OUT, 11, 99));
      story.fire(segment(OUT, 1, 2, { flags: SYN, sequence: 1, options: [2, 4, 5, 180] }));
      story.fire(
        segment(OUT, 1, 3, { flags: SYN, sequence: 1 }),
        segment(OUT, 1, 4, { flags: SYN, sequence: 1, data: 4 }),
      );
      story.fire(segment(OUT, 1, 5, { flags: SYN, sequence: 1, options: [2, 4, 2, 0] }));
    },
  ],
};

describe.skipIf(!canCompare)("flows through a router, beside the kernel", () => {
  for (const [name, [lines, tell]] of Object.entries(stories))
    it(name, { timeout: 120_000 }, () => {
      const story = new Story(lines);
      tell(story);
      const real = throughRealRouter(lines, story.shots);
      expect(story.seen.map(plain)).toEqual(real.seen.map(plain));
    });
});
