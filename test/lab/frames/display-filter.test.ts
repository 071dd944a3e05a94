import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Fate } from "../../../src/base/fate.ts";
import { displayFilterWords, parseDisplayFilter } from "../../../src/lab/frames/filter/grammar.ts";
import { FrameSearch } from "../../../src/lab/frames/frame-search.ts";
import { dissect, type Field } from "../../../src/packet/dissect.ts";
import { LogBench } from "../../kit/frame-log.ts";
import { SAMPLES } from "../../kit/sample-frames.ts";

const bench = new LogBench();
const points = {
  in: bench.point("xen1:vif1.0", "rx"),
  out: bench.point("xen1:vif2.0", "tx"),
  guest: bench.point("web2:eth0", "rx"),
  odd: bench.point("xen1:a(b", "rx"),
  lost: bench.point("web2:ip", "drop"),
};
const ping = bench.frame(SAMPLES.get("ping")!);
const arp = bench.frame(SAMPLES.get("arp request")!);
bench.show(ping, points.in);
bench.show(ping, points.out);
bench.show(ping, points.guest);
bench.show(arp, points.in);
bench.show(arp, points.lost, Fate.ARP_NOT_FOR_US);
bench.show(ping, points.lost, Fate.NEIGHBOUR_FAILED);
bench.show(ping, points.odd);

function searched({ log }: LogBench, text: string): readonly number[] {
  const read = parseDisplayFilter(text);
  if (!read.ok) throw new Error(read.message);
  const search = new FrameSearch(log, read.filter);
  search.step(100);
  return search.matches;
}

const matching = (text: string): readonly number[] => searched(bench, text);

describe("what only the lab knows", () => {
  it.each([
    ["port == vif1.0", [1, 4]],
    ["port == xen1:vif1.0", [1, 4]],
    ["port == web2:vif1.0", []],
    ["port != vif1.0", [2, 3, 5, 6, 7]],
    ["port == ip", [5, 6]],
    ['port == "a(b"', [7]],
    ['port == "xen1:vif2.0"', [2]],
    ["machine == web2", [3, 5, 6]],
    ["machine ne web2 and arp", [4]],
    ["dir == in", [1, 3, 4, 7]],
    ["dir == out", [2]],
    ["dir == drop", [5, 6]],
    ["dir != in", [2, 5, 6]],
    ["fate", [5, 6]],
    ["not fate", [1, 2, 3, 4, 7]],
    ["fate == dropped", [6]],
    ["fate != dropped", [5]],
    ["fate == neighbour-failed", [6]],
    ["fate == arp-not-for-us or dir == out", [2, 5]],
    [`lineage == ${arp.id}`, [4, 5]],
    [`lineage != ${arp.id} && port == vif1.0`, [1]],
    ["port", [1, 2, 3, 4, 5, 6, 7]],
    ["", [1, 2, 3, 4, 5, 6, 7]],
    ["  ", [1, 2, 3, 4, 5, 6, 7]],
  ])("%s", (text, numbers) => {
    expect(matching(text)).toEqual(numbers);
  });
});

describe("a mistake is one sentence, with its column and the nearest word", () => {
  it.each([
    ["ip.adr == 10.0.0.1", 1, "'ip.adr' stands where a field should; did you mean 'ip.addr'?"],
    ["icmp and udp.prt == 53", 10, "'udp.prt' stands where a field should; did you mean 'udp.port'?"],
    ["icmp AND arp", 6, "'AND' stands where 'and' or 'or' should; did you mean 'and'?"],
    ["icmp arp", 6, "'arp' stands where 'and' or 'or' should"],
    ["icmp and", 9, "the filter ends where a field should follow"],
    ["(icmp or arp", 13, "the filter ends where ')' should follow"],
    ["icmp)", 5, "')' stands where 'and' or 'or' should"],
    ["ip.ttl ==", 10, "the filter ends where a value after ip.ttl == should follow"],
    ["ip.ttl == == 3", 11, "'==' stands where a value after ip.ttl == should"],
    ["ip.ttl == 256", 11, "256 is too big for ip.ttl: the highest is 255"],
    ["tcp.port == 70000", 13, "70000 is too big for tcp.port: the highest is 65535"],
    ["ip.ttl == 064", 11, "'064' starts with 0, which Wireshark reads as octal: leave the 0 away"],
    ["ip.ttl == sixty", 11, "ip.ttl is compared with a number, not 'sixty'"],
    ["ip.ttl == ip.id", 11, "'ip.id' is a field: ip.ttl is compared with a value"],
    ["ip.ttl = 64", 8, "'=' is not a comparison: write =="],
    ["ip.src == web1", 11, "ip.src is compared with an address such as 10.0.0.1 or 10.0.0.0/24, not 'web1'"],
    ["ip.addr == 10.0.0.0/33", 12, expect.stringContaining("10.0.0.0/24, not '10.0.0.0/33'")],
    ["eth.addr == 00:16:3e", 13, expect.stringContaining("eth.addr is compared with a MAC address such as")],
    ["tcp.flags.syn == 2", 18, "tcp.flags.syn is compared with 1 or 0, not '2'"],
    [
      "frame.time_relative > 1,5",
      23,
      expect.stringContaining("compared with a time in seconds such as 1.25, not '1,5'"),
    ],
    ["udp == 17", 5, "'udp' is a protocol: it stands alone"],
    ["udp contains abc", 5, "'contains' is not modelled"],
    ["tcp.flags & 2", 11, "'&' stands where 'and' or 'or' should"],
    ["dir == inn", 8, "dir is compared with in, out or drop, not 'inn'; did you mean 'in'?"],
    [
      "fate == droped",
      9,
      "fate is compared with 'dropped' or the name of a fate, not 'droped'; did you mean 'dropped'?",
    ],
    ["fate == neighbor-failed", 9, expect.stringContaining("did you mean 'neighbour-failed'?")],
    ["port > vif1.0", 6, "'port' is a name: compare it with == or !=, not >"],
    ['port == "vif1.0', 9, "a quote that does not end"],
  ])("%s", (text, column, message) => {
    expect(parseDisplayFilter(text)).toEqual({ ok: false, column, message });
  });
});

it("every field and protocol can be completed, and stands alone", () => {
  const operators = ["and", "or", "not", "eq", "ne", "gt", "lt", "ge", "le"];
  const fields = displayFilterWords.filter((word) => !operators.includes(word));
  expect(new Set(displayFilterWords).size).toBe(displayFilterWords.length);
  expect(fields).toEqual(expect.arrayContaining(["frame", "icmp", "ip.addr", "port", "fate", "tcp.flags.syn"]));
  expect(fields.filter((field) => !parseDisplayFilter(field).ok)).toEqual([]);
});

it("what the decoded fields show can be asked for, with the same name and value", () => {
  const askable = new Set(displayFilterWords);
  const flat = (fields: readonly Field[]): Field[] => fields.flatMap((field) => [field, ...flat(field.fields ?? [])]);
  const asked = new Set<string>();
  for (const [name, frame] of SAMPLES) {
    const single = new LogBench();
    single.pass(frame, single.point("xen1:vif1.0"));
    // Of a header that cannot be we show more than a filter, which stops where Wireshark does.
    const layers = dissect(frame, 0, frame.length).filter(({ title }) => !title.endsWith("[malformed]"));
    for (const field of layers.flatMap((layer) => flat(layer.fields))) {
      if (!askable.has(field.name)) continue;
      const text = `${field.name} == ${field.value}`;
      expect(searched(single, text), `${name}: ${text}`).toEqual([1]);
      asked.add(field.name);
    }
  }
  expect(asked.size).toBeGreaterThan(60);
});

it("a filter is plain data", () => {
  const read = parseDisplayFilter("ip.addr == 10.0.0.0/24 and not (port == xen1:vif1.0 || fate == dropped)");
  expect(structuredClone(read)).toEqual(read);
});

it("any text is read or refused, never thrown at, and what is read can be asked", () => {
  const words =
    'icmp ip.addr ip.ttl port fate == != > and or not ( ) 64 10.0.0.1 vif1.0 dropped " & = 0x 00:1 \\'.split(" ");
  const text = fc.oneof(
    fc.string(),
    fc.array(fc.constantFrom(...words), { maxLength: 12 }).map((some) => some.join(" ")),
  );
  fc.assert(
    fc.property(text, (filter) => {
      const read = parseDisplayFilter(filter);
      if (read.ok) expect(matching(filter).length).toBeLessThanOrEqual(7);
      else {
        expect(read.column).toBeGreaterThan(0);
        expect(read.column).toBeLessThanOrEqual(filter.length + 1);
        expect(read.message).not.toMatch(/undefined|NaN/);
      }
    }),
    { numRuns: 1000 },
  );
});

it("very deep nesting is read or refused, not a crash", () => {
  expect(parseDisplayFilter(`${"(".repeat(900)}icmp${")".repeat(900)}`).ok).toBe(true);
  expect(parseDisplayFilter(`${"not ".repeat(5000)}icmp`)).toMatchObject({
    ok: false,
    message: "the filter is too long",
  });
});
