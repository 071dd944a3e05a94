/**
 * The real dnsmasq in a namespace and ours get the same configuration and the same frames of clients, one after the other;
 * what they answer must be the same: who is written to, and every byte of the DHCP or DNS message. Not compared: IP
 * identification and checksums; of a renewal's ACK the times T1 and T2, which dnsmasq shortens by chance.
 */
import { spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { toHex } from "../../../../src/base/bytes.ts";
import { type Ipv4, type Mac, parseIpv4, parseMac } from "../../../../src/packet/address.ts";
import * as dhcp from "../../../../src/packet/dhcp.ts";
import * as dns from "../../../../src/packet/dns.ts";
import * as ethernet from "../../../../src/packet/ethernet.ts";
import * as ipv4 from "../../../../src/packet/ipv4.ts";
import * as udp from "../../../../src/packet/udp.ts";
import { counted, judges } from "../../../kit/fidelity.ts";
import { canMakeNamespaces, NetNamespace } from "../../../kit/netns.ts";
import { requireTool } from "../../../kit/tools.ts";
import { OnBridge } from "./on-bridge.ts";

judges("dnsmasq");

const SERVER_MAC = "52:54:00:c9:6f:97";
const SERVER = ip("192.168.122.1");
const CONFIG = `except-interface=lo
bind-dynamic
interface=virbr0
dhcp-range=192.168.122.2,192.168.122.254,255.255.255.0
dhcp-authoritative
dhcp-host=52:54:00:00:00:77,192.168.122.77,fixed
dhcp-host=52:54:00:00:00:99,ignore
dhcp-option=option:ntp-server,192.168.122.9,0.0.0.0
dhcp-option=119,lab.example,example
no-ping
no-resolv
no-hosts
domain=lab.example
expand-hosts
host-record=rec.example,rec,10.1.1.1
cname=alias.example,rec.example
address=/lit.example/10.2.2.2
address=/gone.example/
local=/here/
txt-record=txt.example,hello,world
mx-host=mx.example,rec.example,10
srv-host=_x._udp.example,rec.example,99,1,2
ptr-record=9.9.9.10.in-addr.arpa,p.example
`;
const HOSTS = "10.5.5.5 alpha beta\n10.5.5.6 gamma.lab.example\n";

function ip(text: string): Ipv4 {
  return parseIpv4(text)!;
}

interface Sender {
  readonly mac: Mac;
  readonly source: Ipv4;
  readonly destination: Ipv4;
  readonly ports: readonly [number, number];
}

function frameOf({ mac, source, destination, ports }: Sender, payload: Uint8Array): string {
  const bytes = new Uint8Array(14 + 20 + 8 + payload.length);
  const isBroadcast = destination === 0xffff_ffff;
  const to = (isBroadcast ? 0xffff_ffff_ffff : parseMac(SERVER_MAC)!) as Mac;
  ethernet.emit(bytes, 0, { destination: to, source: mac, etherType: ethernet.EtherType.IPV4 });
  udp.emit(bytes, 34, { sourcePort: ports[0], destinationPort: ports[1], payload });
  udp.fillChecksum(bytes, 34, source, destination);
  bytes[14] = 0x45;
  ipv4.setTotalLength(bytes, 14, bytes.length - 14);
  ipv4.setTtl(bytes, 14, 64);
  ipv4.setProtocol(bytes, 14, ipv4.Protocol.UDP);
  ipv4.setSource(bytes, 14, source);
  ipv4.setDestination(bytes, 14, destination);
  ipv4.fillChecksum(bytes, 14);
  return toHex(bytes);
}

const { MessageType, OptionCode } = dhcp;
const ANY = 0 as Ipv4;
const ALL = 0xffff_ffff as Ipv4;
const CLIENT = parseMac("52:54:00:11:22:33")!;

interface Ask {
  readonly type: number;
  readonly mac?: Mac;
  readonly from?: Ipv4;
  readonly to?: Ipv4;
  readonly flags?: number;
  readonly options?: readonly dhcp.Option[];
}

let transaction = 0x1234_0000;

function dhcpFrame({ type, mac = CLIENT, from = ANY, to = ALL, flags = 0, options = [] }: Ask): string {
  const asked = { code: OptionCode.PARAMETERS, data: Uint8Array.of(1, 3, 6, 12, 15, 28, 42, 119) };
  const message: dhcp.Message = {
    ...{
      operation: 1,
      hops: 0,
      transactionId: transaction++,
      seconds: 1,
      flags,
      clientAddress: from,
      yourAddress: ANY,
    },
    ...{ serverAddress: ANY, relayAddress: ANY, clientMac: mac, serverName: "", bootFile: "" },
    options: [dhcp.byteOption(OptionCode.MESSAGE_TYPE, type), ...options, asked],
  };
  return frameOf({ mac, source: from, destination: to, ports: [68, 67] }, dhcp.encode(message));
}

const address = (code: number, text: string): dhcp.Option => dhcp.numberOption(code, ip(text));
const name = dhcp.textOption(OptionCode.HOST_NAME, "guest1");
const server = address(OptionCode.SERVER_ID, "192.168.122.1");
const wants = (text: string): dhcp.Option => address(OptionCode.REQUESTED_ADDRESS, text);
const FIXED = parseMac("52:54:00:00:00:77")!;
const OTHER = parseMac("52:54:00:00:00:55")!;
const LEASED = ip("192.168.122.220");

/** Each is answered with the state that those before it have left. */
const DHCP: readonly (readonly [string, Ask])[] = [
  ["a REQUEST for an address of another network", { type: MessageType.REQUEST, options: [wants("10.0.0.5")] }],
  ["DISCOVER", { type: MessageType.DISCOVER, options: [name] }],
  ["DISCOVER that wants its answer as a broadcast", { type: MessageType.DISCOVER, flags: 0x8000, options: [name] }],
  ["DISCOVER with a wish", { type: MessageType.DISCOVER, options: [name, wants("192.168.122.50")] }],
  ["DISCOVER for a short lease", { type: MessageType.DISCOVER, options: [dhcp.numberOption(51, 60)] }],
  [
    "REQUEST to another server",
    { type: MessageType.REQUEST, options: [wants("192.168.122.220"), address(54, "192.168.122.2")] },
  ],
  ["REQUEST", { type: MessageType.REQUEST, options: [name, wants("192.168.122.220"), server] }],
  ["INIT-REBOOT with the wrong address", { type: MessageType.REQUEST, options: [name, wants("192.168.122.9")] }],
  ["INIT-REBOOT", { type: MessageType.REQUEST, options: [name, wants("192.168.122.220")] }],
  [
    "a leased address for somebody else",
    { type: MessageType.REQUEST, mac: OTHER, options: [wants("192.168.122.220"), server] },
  ],
  [
    "a fixed address for somebody else",
    { type: MessageType.REQUEST, mac: OTHER, options: [wants("192.168.122.77"), server] },
  ],
  ["renewing", { type: MessageType.REQUEST, from: LEASED, to: SERVER, options: [name] }],
  ["INFORM", { type: MessageType.INFORM, from: LEASED, to: SERVER }],
  ["INFORM from nobody we know", { type: MessageType.INFORM, from: ip("192.168.122.33"), to: SERVER, mac: OTHER }],
  ["a host that is known", { type: MessageType.DISCOVER, mac: FIXED }],
  ["a host that is ignored", { type: MessageType.DISCOVER, mac: parseMac("52:54:00:00:00:99")! }],
  ["DECLINE", { type: MessageType.DECLINE, options: [wants("192.168.122.220"), server] }],
  ["DISCOVER after it", { type: MessageType.DISCOVER, options: [name] }],
  ["REQUEST of the other address", { type: MessageType.REQUEST, options: [name, wants("192.168.122.221"), server] }],
  ["RELEASE", { type: MessageType.RELEASE, from: ip("192.168.122.221"), to: SERVER, options: [server] }],
  [
    "renewing what was released",
    { type: MessageType.REQUEST, from: ip("192.168.122.221"), to: SERVER, options: [name] },
  ],
];

let questionId = 100;

function dnsFrame(question: string, type: number, edns = false, flags: number = dns.Flag.RD): string {
  const opt: dns.ResourceRecord = {
    name: "",
    type: 41,
    class: 1232,
    ttl: 0,
    data: { kind: "bytes", bytes: new Uint8Array(0) },
  };
  const common = { answers: [], authority: [], additional: edns ? [opt] : [] };
  const questions = [{ name: question, type, class: dns.CLASS_IN }];
  const bytes = dns.encode({ id: questionId++, flags, questions, ...common })!;
  return frameOf({ mac: CLIENT, source: ip("192.168.122.60"), destination: SERVER, ports: [40_000, 53] }, bytes);
}

const T = dns.Type;
const DNS: readonly (readonly [string, number, boolean?])[] = [
  ...([
    ["guest1", T.A],
    ["guest1.lab.example", T.A],
    ["GUEST1", T.A, true],
    ["fixed", T.A],
    ["alpha", T.A],
    ["alpha", T.AAAA],
  ] as const),
  ...([
    ["alpha", T.AAAA, true],
    ["alpha", T.MX],
    ["alpha.lab.example", T.A],
    ["beta", T.A],
    ["gamma", T.A],
    ["gamma.lab.example", T.A],
  ] as const),
  ...([
    ["5.5.5.10.in-addr.arpa", T.PTR],
    ["6.5.5.10.in-addr.arpa", T.PTR],
    ["221.122.168.192.in-addr.arpa", T.PTR],
  ] as const),
  ...([
    ["rec", T.A],
    ["rec.example", T.A],
    ["alias.example", T.A],
    ["alias.example", T.CNAME],
    ["alias.example", T.AAAA],
  ] as const),
  ...([
    ["lit.example", T.A],
    ["a.b.lit.example", T.A],
    ["lit.example", T.AAAA],
    ["gone.example", T.A, true],
    ["x.here", T.MX],
  ] as const),
  ...([
    ["txt.example", T.TXT],
    ["mx.example", T.MX],
    ["_x._udp.example", T.SRV],
    ["9.9.9.10.in-addr.arpa", T.PTR],
  ] as const),
  ...([
    ["nosuch.example", T.A],
    ["nosuch", T.A, true],
    ["", T.NS],
  ] as const),
];

/** Where an answer goes, and its message. */
function normalised(hex: string, hidesTimes: boolean): string {
  const bytes = new Uint8Array(Buffer.from(hex, "hex"));
  if (bytes[12] !== 8 || bytes[13] !== 0 || bytes[23] !== 17) return "";
  const [from, to] = [udp.sourcePort(bytes, 34), udp.destinationPort(bytes, 34)];
  const where = `${toHex(bytes, 0, 6)} tos ${bytes[15]} ${toHex(bytes, 26, 34)} ${from}>${to}`;
  const payload = bytes.slice(42, udp.payloadEnd(bytes, 34));
  const message = from === 67 ? dhcp.parse(payload, 0, payload.length) : null;
  if (message === null || !hidesTimes) return `${where} ${toHex(payload)}`;
  const isTime = (code: number): boolean => code === OptionCode.RENEWAL_TIME || code === OptionCode.REBINDING_TIME;
  return `${where} ${JSON.stringify({ ...message, options: message.options.filter(({ code }) => !isTime(code)) })}`;
}

const isReal = requireTool("dnsmasq") && requireTool("python3") && canMakeNamespaces();

describe.skipIf(!isReal)("dnsmasq beside ours", () => {
  const folder = mkdtempSync(join(tmpdir(), "xenlab-"));
  const config = `${CONFIG}addn-hosts=${folder}/hosts\npid-file=${folder}/pid\n`;
  const questions = [
    ...DHCP.map(([what, ask]) => [what, dhcpFrame(ask)] as const),
    ...DNS.map(([text, type, edns]) => [`${dns.typeName(type)} ${text}`, dnsFrame(text, type, edns)] as const),
    ["a query that is no query", dnsFrame("alpha", T.A, false, 0x1000)] as const,
  ];
  let theirs: string[][] = [];
  const ours: string[][] = [];

  beforeAll(() => {
    writeFileSync(join(folder, "hosts"), HOSTS);
    writeFileSync(join(folder, "conf"), config);
    theirs = real(
      folder,
      questions.map(([, frame]) => frame),
    );
    const lab = new OnBridge("virbr0", SERVER_MAC, "192.168.122.1/24");
    lab.machine.files.makePath(folder);
    lab.machine.files.write(`${folder}/hosts`, HOSTS);
    lab.machine.files.write(`${folder}/conf`, config);
    lab.run(`ip neigh replace 192.168.122.60 lladdr 52:54:00:11:22:33 dev virbr0`);
    for (const last of [33, 220, 221])
      lab.run(`ip neigh replace 192.168.122.${last} lladdr 52:54:00:11:22:33 dev virbr0`);
    expect(lab.run(`dnsmasq --conf-file=${folder}/conf --leasefile-ro`)).toEqual({ text: "", code: 0 });
    for (const [, frame] of questions) {
      const before = lab.device.out.length;
      lab.arrive(new Uint8Array(Buffer.from(frame, "hex")));
      lab.runUntil(lab.world.scheduler.now / 1e9 + 0.1);
      ours.push(lab.device.out.slice(before).map(({ bytes }) => bytes));
    }
  }, 120_000);

  afterAll(() => rmSync(folder, { recursive: true }));

  test.each(questions.map(([what], i) => [what, i] as const))("%s", (what, i) => {
    const hides = what.startsWith("renewing");
    const plain = (frames: readonly string[]): string[] =>
      frames.map((hex) => normalised(hex, hides)).filter((text) => text !== "");
    expect(plain(ours[i]!)).toEqual(plain(theirs[i]!));
    counted("dnsmasq", "frames");
  });
});

/** The real one, on a bridge's veth; the client's end is a bare interface that only the script speaks on. */
function real(folder: string, frames: readonly string[]): string[][] {
  const host = new NetNamespace();
  const client = new NetNamespace();
  try {
    host.prepare(
      "ip link set lo up",
      `ip link add virbr0 address ${SERVER_MAC} type veth peer name c0`,
      `ip link set c0 netns ${client.name}`,
      "ethtool -K virbr0 tx off > /dev/null 2>&1 || true",
      "ip addr add 192.168.122.1/24 brd + dev virbr0",
      "ip link set virbr0 up",
    );
    client.prepare("ip link set c0 arp off", "ip link set c0 up");
    host.prepare(
      ...[33, 60, 220, 221].map((last) => `ip neigh replace 192.168.122.${last} lladdr 52:54:00:11:22:33 dev virbr0`),
    );
    const words = ["netns", "exec", host.name, "dnsmasq", `--conf-file=${folder}/conf`, "--leasefile-ro", "-k"];
    const daemon = spawn("ip", [...words, "--user=root", "--log-facility=/dev/null"], { stdio: "ignore" });
    host.prepare("for i in $(seq 50); do ss -lun | grep -q 192.168.122.1:53 && exit 0; sleep 0.1; done; exit 1");
    const python = ["netns", "exec", client.name, "python3", "test/kit/frames-twin.py", "c0", "0.25"];
    const done = spawnSync("ip", python, { input: frames.join("\n"), encoding: "utf8", timeout: 60_000 });
    daemon.kill();
    return done.stdout
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line) as string[]);
  } finally {
    host.remove();
    client.remove();
  }
}
