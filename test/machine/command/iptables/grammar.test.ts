/**
 * Rules from a grammar, right and wrong ones, told to an emulated machine and to the real iptables: the same answers, and
 * the same iptables-save behind them.
 */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judges } from "../../../kit/fidelity.ts";
import { NetNamespace } from "../../../kit/netns.ts";
import { typed } from "../../on-machine.ts";
import { withLoopback } from "../twin.ts";
import { canCompare, timeless } from "./beside.ts";

judges("iptables");

const word = (...words: readonly string[]) => fc.constantFrom(...words);
const maybe = (part: fc.Arbitrary<string>) => fc.oneof(fc.constant(""), part);
const line = (...parts: readonly fc.Arbitrary<string>[]) =>
  fc.tuple(...parts).map((each) => each.filter((text) => text !== "").join(" "));
const option = (name: string, ...values: readonly string[]) =>
  line(maybe(fc.constant("!")), fc.constant(name), word(...values));

const ports = ["22", "80:90", "1024:", ":1023", "0:65535", "http", "x"];
const marks = ["1", "0xff/0xf", "0/0", "x"];
const addresses = ["10.0.0.0/8", "192.168.1.1", "0.0.0.0/0", "1.2.3.4,5.6.7.8", "10.1.2.3/255.255.0.0"];

const tests = fc.oneof(
  option("-s", ...addresses),
  option("-d", ...addresses),
  option("-i", "eth0", "vif+", "+"),
  option("-o", "eth0", "vif1.0"),
  line(fc.constant("-f")),
  option("-m tcp --dport", ...ports),
  option("-m udp --sport", ...ports),
  option("--dport", ...ports),
  option("--icmp-type", "8", "echo-request", "3/4", "any"),
  option("--tcp-flags", "SYN,ACK SYN", "ALL NONE", "SYN"),
  option("-m multiport --dports", "22", "22,80:90", "80:22"),
  option("-m conntrack --ctstate", "NEW", "RELATED,ESTABLISHED", "SNAT", "FOO"),
  option("-m conntrack --ctorigdst", "10.0.0.0/8", "1.1.1.1"),
  option("-m state --state", "NEW", "INVALID,UNTRACKED", "SNAT"),
  option("-m mark --mark", ...marks),
  option("-m connmark --mark", ...marks),
  option("-m limit --limit", "5/min", "3/hour", "7/s", "x"),
  option("-m limit --limit-burst", "7", "0"),
  option("-m addrtype --dst-type", "LOCAL", "BROADCAST,MULTICAST", "X"),
  option("-m pkttype --pkt-type", "broadcast", "host", "x"),
  option("-m mac --mac-source", "00:16:3e:00:00:01"),
  option("-m physdev --physdev-in", "vif1.0", "eth+"),
  option("-m physdev --physdev-is-bridged --physdev-out", "vif1.0"),
  option("-m comment --comment", "x", "'a b'"),
);

const targets = fc.oneof(
  word("-j ACCEPT", "-j DROP", "-j RETURN", "-j LOG", "-j own", "-g own", "-j NOPE", ""),
  line(fc.constant("-j LOG --log-prefix"), word("x", "'a b'"), maybe(option("--log-level", "debug", "4"))),
  line(fc.constant("-j REJECT"), maybe(option("--reject-with", "tcp-reset", "host-prohib", "x"))),
  line(
    word("-j MARK", "-j CONNMARK"),
    fc.oneof(
      option("--set-mark", ...marks),
      option("--set-xmark", ...marks),
      option("--or-mark", ...marks),
      word("--save-mark", "--restore-mark", ""),
    ),
  ),
  line(
    fc.constant("-j SNAT"),
    maybe(option("--to-source", "1.1.1.1", "1.1.1.1-1.1.1.9", "1.1.1.1:80-90", ":80", "x")),
    maybe(word("--random", "--persistent")),
  ),
  line(
    fc.constant("-j DNAT"),
    maybe(option("--to-destination", "1.1.1.1", "1.1.1.1:80", "x")),
    maybe(word("--random")),
  ),
  line(
    word("-j MASQUERADE", "-j REDIRECT"),
    maybe(option("--to-ports", "80", "80-90", "90-80")),
    maybe(word("--random")),
  ),
  word("-j NETMAP --to 10.0.0.0/24", "-j CHECKSUM --checksum-fill", "-j TCPMSS --clamp-mss-to-pmtu"),
  word("-j TCPMSS --set-mss 1400", "-j CT --notrack", "-j NOTRACK", "-j TTL --ttl-set 3", "-j TTL --ttl-dec 0"),
);

const rule = line(
  word("-t raw", "-t mangle", "-t nat", "-t filter", ""),
  word("-A", "-A", "-A", "-I", "-C", "-D"),
  word("PREROUTING", "INPUT", "FORWARD", "OUTPUT", "POSTROUTING", "own"),
  maybe(line(maybe(fc.constant("!")), word("-p tcp", "-p udp", "-p icmp", "-p 47", "-p all"))),
  maybe(tests),
  maybe(tests),
  targets,
);

const LINES = 250;
const TABLES = ["raw", "mangle", "nat", "filter"];

describe.skipIf(!canCompare)("iptables and lines from a grammar", () => {
  for (const seed of [1, 2, 3]) {
    it(`answers as the real one, seed ${seed}`, () => {
      const real = new NetNamespace();
      const machine = withLoopback();
      const lines = [
        ...TABLES.map((table) => `iptables -t ${table} -N own`),
        ...fc.sample(rule, { numRuns: LINES, seed }).map((text) => `iptables ${text}`),
        "iptables-save",
        ...TABLES.flatMap((table) => [`iptables -t ${table} -nvL --line-numbers`, `iptables -t ${table} -L`]),
        "iptables-save -c | iptables-restore -c; iptables-save -c",
      ];
      try {
        const answers = real.runAll(lines);
        for (const [i, text] of lines.entries()) {
          const { out, err, code } = typed(machine, text);
          const said = answers[i]!;
          const answer = { text, out: timeless(said.out), err: said.err, code: said.code };
          expect.soft({ text, out: timeless(out), err, code }).toEqual(answer);
        }
      } finally {
        real.remove();
      }
    }, 120_000);
  }
});
