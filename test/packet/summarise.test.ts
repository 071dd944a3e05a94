import { describe as about, expect, it, test } from "vitest";
import { describe } from "../../src/packet/describe.ts";
import { summarise } from "../../src/packet/summarise.ts";
import { NAMED_ONLY, SAMPLES } from "../kit/sample-frames.ts";

const FRAMES = new Map([...SAMPLES, ...NAMED_ONLY]);
const of = (name: string) => {
  const frame = FRAMES.get(name)!;
  return summarise(frame, 0, frame.length);
};
const WEB1 = "00:16:3e:00:00:01";
const EVERYBODY = "ff:ff:ff:ff:ff:ff";

const ROWS: readonly (readonly [string, string, string, string, string])[] = [
  ["arp request", WEB1, EVERYBODY, "ARP", "Request who-has 192.168.1.102 tell 192.168.1.101, length 28"],
  ["ping", "192.168.1.101", "192.168.1.102", "ICMP", "echo request, id 122, seq 3, length 64"],
  ["unreachable 1", "192.168.1.101", "192.168.1.102", "ICMP", "host 10.0.0.1 unreachable, length 56"],
  ["udp", "192.168.1.101", "192.168.1.102", "UDP", "39392 > 9999: length 12"],
  ["udp, bad length", "192.168.1.101", "192.168.1.102", "UDP", "1000 > 2000: bad length 92 > 4"],
  ["dns", "192.168.1.101", "192.168.1.102", "DNS", "40000 > 53: length 30"],
  [
    "tcp fin",
    "192.168.1.101",
    "192.168.1.102",
    "TCP",
    "40000 > 5001: Flags [F.], seq 4294967280, ack 123456789, win 64240, length 0",
  ],
  [
    "first fragment",
    "192.168.1.101",
    "192.168.1.102",
    "ICMP",
    "echo request, id 122, seq 3, length 1480, id 4711, offset 0, flags [+]",
  ],
  ["later fragment", "192.168.1.101", "192.168.1.102", "IPv4", "ip-proto-1, id 4711, offset 1480, flags [+]"],
  ["vlan ping", "192.168.1.101", "192.168.1.102", "ICMP", "echo request, id 122, seq 3, length 64"],
  ["igmp", "192.168.1.101", "192.168.1.102", "IGMP", "ip-proto-2 8"],
  ["unknown protocol", "192.168.1.101", "192.168.1.102", "IPv4", "ip-proto-253 20"],
  [
    "stp",
    WEB1,
    "01:80:c2:00:00:00",
    "STP",
    "802.1d, Config, Flags [none], bridge-id 8000.fe:ff:ff:ff:ff:fd.8001, length 35",
  ],
  ["unknown ethertype", WEB1, "00:16:3e:00:00:02", "0x88b5", "ethertype Unknown (0x88b5), length 60"],
  ["ip total length too short", WEB1, "00:16:3e:00:00:02", "IPv4", "bad-len 10"],
  ["ip version 9", WEB1, "00:16:3e:00:00:02", "IPv4", "IP9 (invalid)"],
];

about("a row", () => {
  test.each(ROWS)("%s", (name, source, destination, protocol, info) => {
    expect(of(name)).toEqual({ source, destination, protocol, info });
  });
});

/** What a list has columns for. */
const COLUMNS =
  /\b(IP6?|ARP|ICMP|UDP|DNS|STP|LLC|BOOTP\/DHCP)(?=[ ,])|\b(\d+\.){3}\d+(\.\d+)? > (\d+\.){3}\d+(\.\d+)?|([0-9a-f]{2}:){5}[0-9a-f]{2} > ([0-9a-f]{2}:){5}[0-9a-f]{2}/g;
/** Only for fragments. */
const FRAGMENT = /, id \d+, offset \d+, flags \[[^\]]*\]$/;
const words = (text: string): string[] => text.replaceAll(COLUMNS, "").match(/[\w[\].-]+/g) ?? [];

it("says word for word what tcpdump says, less what is in columns", () => {
  for (const [name, frame] of FRAMES) {
    const [line = ""] = describe(frame, 0, frame.length).split("\n");
    const { info } = of(name);
    const ports = /^(\d+) > (\d+): /.exec(info);
    if (ports !== null) expect(line, name).toContain(`.${ports[1]} > `);
    const rest = info.replace(FRAGMENT, "").replace(/^\d+ > \d+: /, "");
    expect(words(rest), name).toEqual(words(line));
  }
});

it("is one line, whatever the bytes and wherever they end", () => {
  for (const [name, frame] of FRAMES) {
    for (let end = 0; end <= Math.min(frame.length, 120); end++) {
      const row = summarise(frame, 0, end);
      expect(Object.values(row).join(" "), `${name}, cut to ${end}`).not.toMatch(/\n|undefined|NaN/);
    }
  }
});

it("of a frame too short for addresses, names none", () => {
  expect(summarise(FRAMES.get("ping")!, 0, 13)).toEqual({
    ...{ source: "", destination: "", protocol: "Ethernet", info: "[|ether]" },
  });
});
