/**
 * tshark is the judge of display filters: the same frames, written as pcapng, and the same filters, give the same numbers.
 * One run of tshark judges many filters: it counts what each of them matches in every second, and each frame has a second
 * of its own. Reassembly is off, because our filters look at one frame at a time.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { PcapngWriter } from "../../../src/lab/capture/pcapng.ts";
import { HEADER_FIELDS, PROTOCOLS } from "../../../src/lab/frames/filter/fields.ts";
import { parseDisplayFilter } from "../../../src/lab/frames/filter/grammar.ts";
import { FrameSearch } from "../../../src/lab/frames/frame-search.ts";
import { LogBench } from "../../kit/frame-log.ts";
import { NAMED_ONLY, SAMPLES } from "../../kit/sample-frames.ts";
import { output, requireTool } from "../../kit/tools.ts";

/** Where we knowingly differ from Wireshark 4.0, and why. */
const LEFT_OUT: ReadonlyMap<string, string> = new Map([
  ["ping, source routes", "Wireshark counts the last hop of the route as a second ip.dst"],
  ["ip version 6 in an ipv4 frame", "Wireshark goes on with IPv6"],
  ["ip total length 0", "Wireshark puts the length of the frame into ip.len"],
  ["icmp type 42", "Wireshark knows the identifier of extended echo"],
  ["udp, tiny length", "Wireshark stops before the checksum"],
  ["tcp header too short", "Wireshark names the ports and the sequence number only"],
  ["ipv6 udp", "we do not look behind IPv6"],
  ["ipv6 tcp, port 80", "we do not look behind IPv6"],
  ["provider vlan, cut to 16", "Wireshark has the tag, without any of its fields"],
  ["provider vlan, cut to 17", "Wireshark has the tag, without any of its fields"],
  ["redirect 1, cut to 42", "tshark's statistics (not its filters) pass over it"],
]);
/** Wireshark has it for segments it follows, not for those that an ICMP error quotes. */
const FIELD_LEFT_OUT = "tcp.seq_raw";

const CUT: readonly string[] = [
  ...["arp request", "ping", "udp", "tcp syn", "vlan ping", "provider vlan"],
  ...["unreachable 3", "unreachable 4", "redirect 1", "time exceeded", "parameter problem"],
];

const cuts = (name: string): [string, Uint8Array][] => {
  const whole = SAMPLES.get(name)!;
  const lengths = Array.from({ length: Math.min(whole.length, 84) - 1 }, (_, i) => i + 1);
  return lengths.map((length) => [`${name}, cut to ${length}`, whole.slice(0, length)]);
};

const FRAMES = [...SAMPLES, ...NAMED_ONLY, ...CUT.flatMap(cuts)].filter(([name]) => !LEFT_OUT.has(name));

const bench = new LogBench();
const vif = bench.point("xen1:vif1.0");
FRAMES.forEach(([, bytes], second) => {
  bench.at(second === 0 ? 0 : second + 0.5);
  bench.pass(bytes, vif);
});

function pcapng(): Uint8Array {
  const writer = new PcapngWriter(0);
  writer.section({ hardware: "test", os: "test", application: "test" });
  const port = writer.interface({ name: "vif1.0", description: "test" });
  for (let number = bench.log.first; number < bench.log.end; number++) {
    const { time, bytes, length, frame } = bench.log.record(number)!;
    writer.packet(port, time, bytes, 0, bytes.length, length, 0, frame);
  }
  return writer.pending.take();
}

function ours(text: string): number[] {
  const read = parseDisplayFilter(text);
  if (!read.ok) throw new Error(`${text}: ${read.message}`);
  const search = new FrameSearch(bench.log, read.filter);
  search.step(Number.POSITIVE_INFINITY);
  return [...search.matches];
}

let folder = "";
const capture = (): string => join(folder, "frames.pcapng");
const tshark = (...args: readonly string[]): string =>
  output("tshark", ["-o", "ip.defragment:FALSE", "-o", "tcp.desegment_tcp_streams:FALSE", "-r", capture(), ...args]);

/** The numbers that each filter matches, in one run. */
function judged(filters: readonly string[]): number[][] {
  const numbers: number[][] = filters.map(() => []);
  for (const line of tshark("-q", "-z", `io,stat,1,${filters.join(",")}`).split("\n")) {
    const second = /^\|\s*(\d+) <>/.exec(line)?.[1];
    if (second === undefined) continue;
    const counts = line.split("|").slice(2, -1);
    filters.forEach((_, i) => {
      if (Number(counts[2 * i]) === 1) numbers[i]!.push(Number(second) + 1);
    });
  }
  return numbers;
}

/** By name, so that a difference can be read. */
const named = (numbers: readonly number[]): string[] => numbers.map((number) => FRAMES[number - 1]![0]);

function expectSame(filters: readonly string[]): void {
  const theirs = judged(filters);
  filters.forEach((filter, i) => {
    expect(named(ours(filter)), filter).toEqual(named(theirs[i]!));
  });
}

const WRITTEN: readonly string[] = [
  ...["eth", "arp", "ip", "icmp", "udp", "tcp", "vlan", "ieee8021ad", "frame", "not icmp", "! ip", "!udp&&!tcp"],
  ...["ip.addr == 10.0.0.1", "ip.addr != 10.0.0.1", "!(ip.addr == 10.0.0.1)", "ip.src == 192.168.1.0/24"],
  ...["ip.addr == 10.0.0.0/8", "ip.addr != 192.168.1.96/28", "ip.dst > 192.168.1.102", "ip.addr >= 192.168.1.0/24"],
  ...[
    "ip.ttl == 64",
    "ip.ttl < 64",
    "ip.ttl eq 0x40",
    "ip.ttl ge 1 and ip.ttl le 1",
    "ip.proto == 17",
    "ip.id == 4711",
  ],
  ...["ip.len > 100", "ip.flags.df", "ip.flags.df == 1", "ip.flags.mf == True", "ip.flags.df != 1", "ip.flags == 2"],
  ...[
    "ip.frag_offset > 0",
    "ip.frag_offset == 185",
    "ip.flags.mf == 1 or ip.frag_offset > 0",
    "icmp && ip.frag_offset",
  ],
  ...["eth.addr == 00:16:3e:00:00:01", "eth.dst == ff:ff:ff:ff:ff:ff", "eth.src != 00-16-3e-00-00-01", "eth.type"],
  ...["eth.type == 0x0800", "eth.type == 0x8100", "eth.len", "eth.addr > 00:16:3e:00:00:02", "vlan.id == 10"],
  ...["vlan.id == 20", "vlan.id == 100", "ieee8021ad.id == 100", "vlan.priority == 5", "vlan.etype == 0x806"],
  ...["arp.opcode == 1", "arp.opcode > 2", "arp.src.proto_ipv4 == 192.168.1.101", "arp.dst.proto_ipv4 == 0.0.0.0/0"],
  ...["arp.src.proto_ipv4 == 0.0.0.0", "arp.dst.hw_mac == 00:00:00:00:00:00", "arp.hw.size != 6", "arp.proto.type"],
  ...["icmp.type == 8", "icmp.type == 3 and icmp.type == 8", "icmp.code == 3", "icmp.seq", "icmp.seq == 3"],
  ...["icmp.ident == 122", "icmp.ident != 122", "icmp.mtu == 1400", "icmp.redir_gw", "icmp.pointer == 20"],
  ...[
    "udp.port == 53",
    "udp.srcport == 4000",
    "udp.dstport != 9999",
    "udp.length < 10",
    "icmp and udp.dstport == 53000",
  ],
  ...[
    "tcp.port == 80",
    "tcp.flags.syn == 1 && tcp.flags.ack == 0",
    "tcp.flags == 0x002",
    "tcp.flags.reset",
    "tcp.port",
  ],
  ...[
    "tcp.window_size_value > 0",
    "tcp.dstport == 5001 or udp.dstport == 9999",
    "frame.number == 7",
    "frame.len >= 1000",
  ],
  ...[
    "frame.number > 100 and frame.number <= 103",
    "frame.time_relative < 3.5",
    "frame.time_relative == 12",
    "frame.len == 60",
  ],
  ...["icmp and ip or arp", "arp or icmp and ip.ttl == 1", "not icmp and arp", "not (icmp and arp)", "not not arp"],
  ...["(ip.src == 192.168.1.101)and(udp)", "ip.ttl==64&&icmp||vlan", "icmp.type==8 || icmp.type==0 && vlan"],
];

/** A text for each field with a value that some frame has, or one near it. */
const number = fc.oneof(
  fc.constantFrom(0, 1, 2, 3, 5, 6, 8, 10, 17, 20, 28, 53, 60, 64, 80, 84, 100, 122, 185, 1000, 1400, 4000, 4711, 9999),
  fc.constantFrom(2054, 2048, 5001, 40_000, 53_000, 64_240, 65_535),
);
const address = fc.constantFrom(
  ...["192.168.1.101", "192.168.1.102", "10.0.0.1", "0.0.0.0", "192.168.1.254", "239.1.2.3", "192.168.1.96/29"],
  ...["192.168.0.0/16", "10.0.0.0/8", "0.0.0.0/0"],
);
const mac = fc.constantFrom("00:16:3e:00:00:01", "00:16:3e:00:00:02", "ff:ff:ff:ff:ff:ff", "00:00:00:00:00:00");
const relation = fc.constantFrom("==", "!=", ">", "<", ">=", "<=", "eq", "ne", "gt", "lt", "ge", "le");
const VALUES = { number, boolean: fc.constantFrom(0, 1), ipv4: address, mac } as const;

const fields = HEADER_FIELDS.filter(({ name }) => name !== FIELD_LEFT_OUT);
const test = fc.constantFrom(...fields).chain((field) => {
  const most = field.places[0]!.most;
  const value = field.kind === "number" ? number.map((n) => Math.min(n, most)) : VALUES[field.kind];
  return fc.oneof(
    fc.constant(field.name),
    fc.tuple(relation, value as fc.Arbitrary<string | number>).map(([sign, text]) => `${field.name} ${sign} ${text}`),
  );
});
const frameTest = fc
  .tuple(fc.constantFrom("frame.number", "frame.len"), relation, number)
  .map((words) => words.join(" "));
const filter = fc.letrec<{ all: string }>((tie) => ({
  all: fc.oneof(
    { depthSize: "small", withCrossShrink: true },
    { weight: 4, arbitrary: test },
    { weight: 1, arbitrary: fc.constantFrom(...PROTOCOLS.keys()) },
    { weight: 1, arbitrary: frameTest },
    { weight: 1, arbitrary: tie("all").map((inner) => `not ${inner}`) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(tie("all"), fc.constantFrom("and", "or", "&&", "||"), tie("all"))
        .map((words) => words.join(" ")),
    },
    { weight: 1, arbitrary: tie("all").map((inner) => `(${inner})`) },
  ),
})).all;

const REFUSED: readonly string[] = [
  ...["ip.adr", "icmp and", "and icmp", "icmp icmp", "(icmp", "icmp)", "()", "not", "ip.ttl == 256", "ip.ttl == abc"],
  ...["ip.addr == 10.0.0.1/33", "ip.src == 10.0.0", "frame.number == x", "ip.ttl = 64"],
  ...["icmp AND ip", "ip.ttl ==", "== 64", "tcp.port == 70000", "ip.flags.df == x"],
];

describe.skipIf(!requireTool("tshark"))("like tshark", () => {
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), "xenlab-"));
    writeFileSync(capture(), pcapng());
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it("every field has the same values in every frame", () => {
    const names = fields.filter(({ places }) => places.length === 1).map(({ name }) => name);
    const rows = tshark("-T", "fields", "-E", "separator=/t", ...names.flatMap((name) => ["-e", name])).split("\n");
    expect(rows.length - 1).toBe(FRAMES.length);
    names.forEach((name, column) => {
      const all = new Set<number>();
      const byValue = new Map<string, Set<number>>();
      rows.slice(0, -1).forEach((row, i) => {
        for (const value of (row.split("\t")[column] ?? "").split(",")) {
          if (value === "") continue;
          all.add(i + 1);
          byValue.set(value, (byValue.get(value) ?? new Set()).add(i + 1));
        }
      });
      expect(named(ours(name)), name).toEqual(named([...all]));
      for (const [value, numbers] of byValue)
        expect(named(ours(`${name} == ${value}`)), `${name} == ${value}`).toEqual(named([...numbers]));
    });
  });

  it("written filters match the same frames", () => expectSame(WRITTEN));

  it("generated filters match the same frames", () => {
    fc.assert(fc.property(fc.array(filter, { minLength: 80, maxLength: 80 }), expectSame), {
      numRuns: 5,
      endOnFailure: true,
    });
  });

  it("-Y says what its statistics say", () => {
    const texts = ["icmp and udp.dstport == 53000", "ip.addr != 10.0.0.1", "not (arp or ip)"];
    const listed = texts.map((text) =>
      tshark("-Y", text, "-T", "fields", "-e", "frame.number")
        .split("\n")
        .filter((line) => line !== "")
        .map(Number),
    );
    expect(judged(texts)).toEqual(listed);
  });

  it.each(REFUSED)("%s is refused", (text) => {
    expect(() => tshark("-Y", text)).toThrow();
    expect(parseDisplayFilter(text).ok).toBe(false);
  });
});
