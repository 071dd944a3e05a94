import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compileFilter, type Filter, matches } from "../../src/packet/filter.ts";
import { whole, withPcap } from "../kit/pcap.ts";
import { NAMED_ONLY, SAMPLES } from "../kit/sample-frames.ts";
import { output, requireTool } from "../kit/tools.ts";

const FRAMES: readonly (readonly [string, Uint8Array])[] = [
  ...SAMPLES,
  ...NAMED_ONLY,
  // A test past the end of the frame rejects it, even behind "not": runts show the difference.
  ...[14, 16, 18, 23, 24, 30, 34, 36, 38].map((n): [string, Uint8Array] => [
    `udp cut to ${n}`,
    (SAMPLES.get("udp") as Uint8Array).slice(0, n),
  ]),
];

function compiled(text: string): Filter {
  const result = compileFilter(text);
  if (!result.ok) throw new Error(`${text}: ${result.message}`);
  return result.filter;
}

const matching = (text: string): string[] => {
  const filter = compiled(text);
  return FRAMES.filter(([, bytes]) => matches(filter, bytes, 0, bytes.length)).map(([name]) => name);
};

const EXPRESSIONS = [
  ...["arp", "ip", "ip6", "icmp", "udp", "tcp", "rarp", "igmp", "icmp6", "vlan", "vlan 10", "vlan 100 and vlan 20"],
  ...[
    "host 192.168.1.101",
    "src host 192.168.1.101",
    "dst host 192.168.1.102",
    "src or dst host 10.0.0.1",
    "src 10.0.0.1",
  ],
  ...[
    "src and dst host 192.168.1.101",
    "arp host 192.168.1.102",
    "ip host 192.168.1.102",
    "host 192.168.1",
    "arp src 0.0.0.0",
  ],
  ...["net 192.168.0.0/16", "net 192.168.1.96/28", "dst net 239.0.0.0/8", "net 10", "net 192.168", "net 0.0.0.0/0"],
  ...["net 192.168.1.0 mask 255.255.255.0", "src net 192.168.1.96/28 and not arp", "ip net 10.0.0.0/8"],
  ...[
    "port 53",
    "udp port 53",
    "tcp port 53",
    "src port 40000",
    "dst port 9999",
    "src or dst port 2000",
    "port domain",
  ],
  ...["tcp dst port 5001", "udp src port 1000 and dst port 2000", "portrange 1000-2000", "tcp portrange 5000-5002"],
  ...["udp dst portrange 9990-9999", "port 0x35", "src and dst port 53"],
  ...["ether host 00:16:3e:00:00:01", "ether src 00:16:3e:0:0:1", "ether dst ff:ff:ff:ff:ff:ff", "ether broadcast"],
  ...[
    "broadcast",
    "multicast",
    "ether multicast",
    "ip multicast",
    "ip6 multicast",
    "ether proto 0x0806",
    "ether proto \\arp",
  ],
  ...[
    "ether proto 0x88b5",
    "ether proto 0x42",
    "proto 17",
    "ip proto 6",
    "ip proto \\icmp",
    "proto \\udp",
    "ip6 proto 58",
  ],
  ...["less 60", "greater 100", "less 60 or greater 1000", "not arp", "! ip", "not port 53", "not udp port 9999"],
  ...["arp or icmp", "arp || icmp && host 10.0.0.1", "icmp and (host 192.168.1.101 or arp)", "not (arp or ip)"],
  ...[
    "host 10.0.0.1 or 192.168.1.102",
    "port 53 or 80 or 9999",
    "tcp port 80 or 5001",
    "host (10.0.0.1 or 192.168.1.102)",
  ],
  ...[
    "not host 10.0.0.1 and 192.168.1.102",
    "udp and not (port 9999 or 2000)",
    "port (not 53)",
    "arp and not ether src 00:16:3e:00:00:02",
  ],
  ...[
    "vlan and icmp",
    "vlan or icmp",
    "not vlan and icmp",
    "vlan 20 or arp",
    "vlan and port 53",
    "icmp or vlan and arp",
  ],
  ...[
    "ether host 00:16:3e:00:00:01 and not ip",
    "udp or tcp and port 80",
    "not not arp",
    "src host 192.168.1.101 and dst 192.168.1.102",
  ],
];

const REJECTED = [
  ...[
    "hots 1.2.3.4",
    "1.2.3.4",
    "80",
    "host",
    "port 99999",
    "port",
    "tcp host 1.2.3.4",
    "icmp port 7",
    "arp and 80",
    "(arp",
  ],
  ...[
    "arp)",
    "arp or",
    "or arp",
    "host 1.2.3.4/8",
    "net 10.1.2.3/8",
    "net 10.0.0.0/33",
    "ether host 1.2.3.4",
    "ip proto icmp",
  ],
  ...[
    "host 00:16:3e:00:00:01",
    "vlan 5000",
    "arp proto 5",
    "tcp proto 5",
    "host 1.2.3.400",
    "arp icmp",
    "port 1.2.3.4",
    "ether",
  ],
  ...["tcp multicast", "net 1.2.3.4 mask 255.0.0.0", "arp & icmp", "less", "less x", "proto foo", "port foo"],
  ...["host a.b and", "not", "()", "src", "src port", "ether proto foo", "ip6 host 1.2.3.4", "proto 1.2.3.4"],
];

describe.skipIf(!requireTool("tcpdump"))("like tcpdump", () => {
  test("the same frames match", () => {
    withPcap(
      FRAMES.map(([, bytes]) => whole(bytes)),
      (path) => {
        for (const expression of EXPRESSIONS) {
          const seconds = output("tcpdump", ["-nn", "-tt", "-q", "-r", path, expression])
            .split("\n")
            .flatMap((line) => /^(\d+)\.000000 /.exec(line)?.[1] ?? []);
          const expected = seconds.map((second) => FRAMES[Number(second)]?.[0]);
          expect(matching(expression), expression).toEqual(expected);
        }
      },
    );
  });

  test("the same texts are refused", () => {
    withPcap([], (path) => {
      for (const expression of REJECTED) {
        expect(() => output("tcpdump", ["-nn", "-r", path, expression]), expression).toThrow();
        expect(compileFilter(expression).ok, expression).toBe(false);
      }
    });
  });
});

describe("messages", () => {
  test.each([
    ["hots 1.2.3.4", 1, "can't parse filter expression: syntax error at 'hots'; did you mean 'host'?"],
    ["arp or (udp and prot 5)", 17, "can't parse filter expression: syntax error at 'prot'; did you mean 'port'?"],
    ["arp or", 7, "can't parse filter expression: syntax error at the end"],
    ["udp  )", 6, "can't parse filter expression: syntax error at ')'"],
    ["tcp port 99999", 10, "illegal port number 99999 > 65535"],
    ["net 10.1.2.3/8", 5, 'non-network bits set in "10.1.2.3/8"'],
    ["tcp[13] = 2", 4, "expressions on bytes, such as tcp[13], are not modelled"],
    ["ip broadcast", 1, "netmask not known, so 'ip broadcast' not supported: name the address"],
    ["mpls", 1, "'mpls' is not modelled"],
    ["host web1", 6, "unknown host 'web1': names are not resolved, give an address"],
  ])("%s", (text, column, message) => {
    expect(compileFilter(text)).toEqual({ ok: false, column, message });
  });

  test("any text is compiled or refused, never thrown at", () => {
    const word = fc.constantFrom(
      ..."and or not ( ) host net port src dst tcp udp ip vlan 10 1.2.3.4 / mask & [ \\arp x".split(" "),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(word).map((words) => words.join(" ")),
        ),
        (text) => {
          const result = compileFilter(text);
          if (!result.ok) expect(result.column).toBeGreaterThan(0);
        },
      ),
    );
  });
});

test("an empty text matches everything", () => {
  expect(matching(" ")).toHaveLength(FRAMES.length);
});

test("a filter is plain data", () => {
  const filter = compiled("tcp port 80 or vlan 10 and not host 1.2.3.4");
  expect(structuredClone(filter)).toEqual(filter);
});

test("the frame may lie anywhere in the bytes", () => {
  const frame = SAMPLES.get("udp") as Uint8Array;
  const bytes = new Uint8Array(frame.length + 100).fill(0xa5);
  bytes.set(frame, 64);
  const filter = compiled("udp dst port 9999 and less 100");
  expect(matches(filter, bytes, 64, 64 + frame.length)).toBe(true);
});
