/**
 * ICMP errors on their way back through a Xen host: whatever arrives quotes what left at the same place, translated both
 * ways by NAT, and tshark finds every checksum right.
 */
import { describe, expect, test } from "vitest";
import { readCapture } from "../../src/lab/capture/reader.ts";
import type { Lab } from "../../src/lab/index.ts";
import { formatIpv4 } from "../../src/packet/address.ts";
import * as icmp from "../../src/packet/icmp.ts";
import * as ipv4 from "../../src/packet/ipv4.ts";
import * as udp from "../../src/packet/udp.ts";
import { labUp, planOf, type } from "../kit/lab.ts";
import { requireTool } from "../kit/tools.ts";
import { run, withFile } from "../lab/capture/sample.ts";

/** web1 has an address of the LAN, web2 one that nobody else knows: it is masqueraded, and one port leads to it. */
const HOST = `
seed: 7
networks: { lan: {}, far: {} }
hosts:
  xen1:
    xen: "4.17"
    distro: upstream
    nics: { eth0: { network: lan, mac: "00:30:48:aa:bb:01", ip: 192.168.1.10/24, gateway: 192.168.1.1 } }
    vif-script: vif-route
    sysctl: { net.ipv4.ip_forward: 1, net.ipv4.conf.eth0.proxy_arp: 1 }
    setup:
      - iptables -t nat -A POSTROUTING -s 10.7.0.2 -o eth0 -j MASQUERADE
      - iptables -t nat -A PREROUTING -i eth0 -p udp --dport 7007 -j DNAT --to-destination 10.7.0.2:99
      - ip route add unreachable 198.51.100.0/24
    domains:
      web1: { vif: ["mac=00:16:3e:00:00:01,ip=192.168.1.50"], inside: { eth0: { ip: 192.168.1.50/24, gateway: 192.168.1.1 } } }
      web2: { vif: ["mac=00:16:3e:00:00:02,ip=10.7.0.2"], inside: { eth0: { ip: 10.7.0.2/24, gateway: 10.7.0.1 } } }
machines:
  router:
    sysctl: { net.ipv4.ip_forward: 1 }
    nics:
      eth0: { network: lan, mac: "00:50:56:00:00:01", ip: 192.168.1.1/24 }
      eth1: { network: far, mac: "00:50:56:00:00:02", ip: 172.16.0.1/24, mtu: 1400 }
  box: { nics: { eth0: { network: far, mac: "00:50:56:00:00:03", ip: 172.16.0.2/24, gateway: 172.16.0.1 } } }
capture: ["web1:eth0", "web2:eth0", "xen1:eth0", "box:eth0"]
`;

interface Provoked {
  readonly told: string;
  readonly line: string;
  /** Whom the guest spoke to. */
  readonly to: string;
  /** "type/code", with the MTU where one is told. */
  readonly error: string;
  readonly by: string;
}

const DOM0 = "192.168.1.10";
const ROUTER = "192.168.1.1";
const BOX = "172.16.0.2";

const ping = (options: string): Pick<Provoked, "line" | "to"> => ({
  line: `ping -c 1 -W 1 ${options} ${BOX}`,
  to: BOX,
});
const say = (to: string, port: number, from: number): Pick<Provoked, "line" | "to"> => ({
  line: `echo hello | nc -u -w 1 -p ${from} ${to} ${port}; sleep 3`,
  to,
});

const PROVOKED: readonly Provoked[] = [
  { told: "TTL 1 at domain 0", ...ping("-t 1"), error: "11/0", by: DOM0 },
  { told: "TTL 1 at the router", ...ping("-t 2"), error: "11/0", by: ROUTER },
  {
    told: "TTL 1, of a datagram",
    line: `traceroute -n -q 1 -N 1 -f 2 -m 2 ${BOX}`,
    to: BOX,
    error: "11/0",
    by: ROUTER,
  },
  { told: "net unreachable", ...say("203.0.113.9", 7, 4001), error: "3/0", by: ROUTER },
  { told: "host unreachable by a route", ...say("198.51.100.9", 7, 4002), error: "3/1", by: DOM0 },
  { told: "host unreachable: nobody answers ARP", ...say("172.16.0.99", 7, 4003), error: "3/1", by: ROUTER },
  { told: "port unreachable", ...say(BOX, 9999, 4004), error: "3/3", by: BOX },
  { told: "need to fragment", ...ping("-M do -s 1450"), error: "3/4 1400", by: ROUTER },
];

/** What a point has seen: the packets from their IP header on, and what tshark says of them. */
class Seen {
  readonly packets: readonly Uint8Array[];
  private readonly file: Uint8Array;

  constructor(lab: Lab, point: string) {
    this.file = lab.captures!.list.find(({ path }) => path === `${point}.pcap`)!.take();
    const { packets } = readCapture(this.file);
    this.packets = packets
      .filter(({ bytes }) => bytes[12] === 8 && bytes[13] === 0)
      .map(({ bytes }) => bytes.slice(14));
  }

  get errors(): readonly Uint8Array[] {
    return this.packets.filter(isError);
  }

  /** Rows of fields; of those that occur twice, both: the packet's own and those of the quote. */
  tshark(filter: string, fields: readonly string[]): string[] {
    return withFile(this.file, (path) => {
      const checks = ["ip.check_checksum", "udp.check_checksum"].flatMap((name) => ["-o", `${name}:TRUE`]);
      const wanted = fields.flatMap((field) => ["-e", field]);
      const asked = ["-n", "-r", path, ...checks, "-Y", filter, "-T", "fields", ...wanted];
      const { stdout, status, stderr } = run("tshark", asked);
      expect(status, stderr).toBe(0);
      return stdout.split("\n").slice(0, -1);
    });
  }
}

const isError = (packet: Uint8Array): boolean =>
  ipv4.protocol(packet, 0) === ipv4.Protocol.ICMP && icmp.isError(icmp.type(packet, 20));

const describeError = (packet: Uint8Array): Pick<Provoked, "error" | "by"> => {
  const [type, code, mtu] = [icmp.type(packet, 20), icmp.code(packet, 20), icmp.mtu(packet, 20)];
  return { error: `${type}/${code}${mtu === 0 ? "" : ` ${mtu}`}`, by: formatIpv4(ipv4.source(packet, 0)) };
};

const quoteOf = (error: Uint8Array): Uint8Array => error.slice(icmp.dataAt(20));

/** Without what routers on the way change. */
function masked(packet: Uint8Array): Uint8Array {
  const b = packet.slice();
  ipv4.setTtl(b, 0, 0);
  ipv4.setHeaderChecksum(b, 0, 0);
  return b;
}

/** With the checksum that the last device fills in. */
function filled(packet: Uint8Array): Uint8Array {
  const b = packet.slice();
  const isDatagram = ipv4.protocol(b, 0) === ipv4.Protocol.UDP && ipv4.totalLength(b, 0) === b.length;
  if (isDatagram) udp.fillChecksum(b, 20, ipv4.source(b, 0), ipv4.destination(b, 0));
  return b;
}

const hex = (b: Uint8Array): string => Buffer.from(b).toString("hex");

/**
 * Every error that came to `own` quotes a packet that left at this place, checksums included. What `nearest` had of it was
 * not filled in yet: a frontend leaves the checksum of a datagram to the NIC, and Linux quotes what it has.
 */
function expectTrueQuotes(seen: Seen, own: string, nearest = ""): void {
  const sent = seen.packets.filter((packet) => !isError(packet)).map(masked);
  for (const error of seen.errors.filter((packet) => formatIpv4(ipv4.destination(packet, 0)) === own)) {
    const quote = quoteOf(error);
    expect(ipv4.verifyChecksum(quote, 0), "the checksum of the quoted header").toBe(true);
    const isNear = formatIpv4(ipv4.source(error, 0)) === nearest;
    const left = sent.map((packet) => hex(isNear ? packet : filled(packet)));
    const same = left.filter((each) => each.startsWith(hex(masked(quote))));
    expect(same, `quoted: ${hex(quote)}`).toHaveLength(1);
  }
}

const FIELDS = [
  ...["ip.src", "ip.dst", "icmp.type", "icmp.code", "icmp.mtu"],
  ...["ip.checksum.status", "icmp.checksum.status", "udp.checksum.status"],
];
const [BAD, GOOD, UNKNOWN] = ["0", "1", "2"];

/** The row of an error and what it quotes: of an echo request tshark cannot tell whether the part quoted is right. */
function rowOf({ line, to, error, by }: Omit<Provoked, "told">, own: string, checksum = GOOD): string {
  const [type, code, mtu] = error.split(/[/ ]/);
  const isEcho = line.startsWith("ping");
  const twice = (outer: string | undefined, inner: string | undefined): string =>
    isEcho ? `${outer},${inner}` : `${outer}`;
  const errors = [twice(type, "8"), twice(code, "0"), mtu ?? ""];
  return [
    `${by},${own}`,
    `${own},${to}`,
    ...errors,
    `${GOOD},${GOOD}`,
    twice(GOOD, UNKNOWN),
    isEcho ? "" : checksum,
  ].join("\t");
}

const ERRORS = "icmp.type == 3 || icmp.type == 11";

function lab(): Lab {
  return labUp(planOf(HOST), { capture: { format: "pcap", merged: false } });
}

describe.skipIf(!requireTool("tshark"))("ICMP errors", () => {
  test.each([
    { guest: "web1", own: "192.168.1.50", outside: "192.168.1.50", told: "routed" },
    { guest: "web2", own: "10.7.0.2", outside: DOM0, told: "masqueraded" },
  ])("about what a $told guest sends arrive with the headers and checksums of that", ({ guest, own, outside }) => {
    const story = lab();
    for (const { line } of PROVOKED) type(story, guest, line);
    const inside = new Seen(story, `${guest}-eth0`);
    expect(inside.errors.map(describeError)).toEqual(PROVOKED.map(({ error, by }) => ({ error, by })));
    expectTrueQuotes(inside, own, DOM0);
    const wire = new Seen(story, "xen1-eth0");
    const fromOutside = PROVOKED.filter(({ by }) => by !== DOM0);
    expect(wire.errors.map(describeError)).toEqual(fromOutside.map(({ error, by }) => ({ error, by })));
    expectTrueQuotes(wire, outside);
    const unfilled = (each: Provoked): string => rowOf(each, own, each.by === DOM0 ? BAD : GOOD);
    expect(inside.tshark(ERRORS, FIELDS)).toEqual(PROVOKED.map(unfilled));
    expect(wire.tshark(ERRORS, FIELDS)).toEqual(fromOutside.map((each) => rowOf(each, outside)));
    for (const seen of [inside, wire]) expect(seen.tshark("_ws.malformed", ["frame.number"])).toEqual([]);
  });

  test("about what comes to a guest by DNAT arrive at the sender as if it were domain 0 that he spoke to", () => {
    const story = lab();
    type(story, "xen1", "ip link set vif2.0 mtu 1000");
    type(story, "box", "echo hello | nc -u -w 1 -p 4005 192.168.1.10 7007");
    type(story, "box", "traceroute -n -q 1 -N 1 -U -p 7007 -f 2 -m 3 192.168.1.10");
    type(story, "box", "traceroute -n -q 1 -N 1 -F -U -p 7007 -f 3 -m 3 192.168.1.10 1200");
    const sender = new Seen(story, "box-eth0");
    const errors = ["3/3", "11/0", "3/3", "3/4 1000"].map((error) => ({ error, by: DOM0 }));
    expect(sender.errors.map(describeError)).toEqual(errors);
    expectTrueQuotes(sender, BOX);
    expectTrueQuotes(new Seen(story, "xen1-eth0"), BOX);
    const rows = errors.map((each) =>
      rowOf({ ...each, line: "", to: DOM0 }, BOX, each.error === "3/4 1000" ? UNKNOWN : GOOD),
    );
    expect(sender.tshark(ERRORS, FIELDS)).toEqual(rows);
    expect(sender.tshark("_ws.malformed", ["frame.number"])).toEqual([]);
    const guest = new Seen(story, "web2-eth0");
    expect(guest.errors.map((error) => formatIpv4(ipv4.destination(quoteOf(error), 0)))).toEqual([
      "10.7.0.2",
      "10.7.0.2",
    ]);
    expect(guest.errors.map((error) => udp.destinationPort(quoteOf(error), 20))).toEqual([99, 99]);
  });
});
