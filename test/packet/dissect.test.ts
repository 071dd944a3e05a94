import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { fieldAt } from "../../src/packet/dissect/field-at.ts";
import { dissect, type Field, type Layer } from "../../src/packet/dissect.ts";
import * as udp from "../../src/packet/udp.ts";
import { ip, NAMED_ONLY, SAMPLES } from "../kit/sample-frames.ts";
import { output, requireTool } from "../kit/tools.ts";

const FRAMES = new Map([...SAMPLES, ...NAMED_ONLY]);
const layersOf = (name: string): Layer[] => {
  const frame = FRAMES.get(name) as Uint8Array;
  return dissect(frame, 0, frame.length);
};
const protocols = (name: string): string[] => layersOf(name).map((layer) => layer.protocol);
const flat = (fields: readonly Field[]): Field[] => fields.flatMap((field) => [field, ...flat(field.fields ?? [])]);
const fieldsOf = (name: string): Field[] => layersOf(name).flatMap((layer) => flat(layer.fields));
const text = (name: string, field: string): string | undefined => fieldsOf(name).find((f) => f.name === field)?.text;

describe("the layers of", () => {
  test.each([
    ["arp request", ["eth", "arp"]],
    ["arp request, padded", ["eth", "arp", "padding"]],
    ["ping", ["eth", "ip", "icmp", "data"]],
    ["pong, padded", ["eth", "ip", "icmp", "data", "padding"]],
    ["later fragment", ["eth", "ip", "data"]],
    ["time exceeded", ["eth", "ip", "icmp", "ip", "icmp", "data"]],
    ["unreachable, tcp cut", ["eth", "ip", "icmp", "ip", "tcp"]],
    ["udp", ["eth", "ip", "udp", "data"]],
    ["udp, empty", ["eth", "ip", "udp"]],
    ["dns", ["eth", "ip", "udp", "dns"]],
    ["tcp syn", ["eth", "ip", "tcp"]],
    ["http", ["eth", "ip", "tcp", "data"]],
    ["unknown protocol", ["eth", "ip", "data"]],
    ["vlan ping", ["eth", "vlan", "ip", "icmp", "data"]],
    ["provider vlan", ["eth", "ieee8021ad", "vlan", "ip", "icmp", "data"]],
    ["vlan, cut", ["eth", "vlan"]],
    ["stp", ["eth", "stp"]],
    ["stp, notification padded", ["eth", "stp", "padding"]],
    ["ipv6 udp", ["eth", "ipv6"]],
    ["unknown ethertype", ["eth", "data"]],
    ["ip version 9", ["eth", "ip"]],
  ])("%s", (name, expected) => {
    expect(protocols(name)).toEqual(expected);
  });
});

test("a ping, field by field", () => {
  const [, internet, control] = layersOf("ping");
  expect(internet).toMatchObject({
    title: "Internet Protocol Version 4, Src: 192.168.1.101, Dst: 192.168.1.102",
    from: 14,
    to: 34,
  });
  expect(internet?.fields.find((field) => field.name === "ip.ttl")).toEqual({
    ...{ name: "ip.ttl", label: "Time to live", value: 64, text: "64", from: 22, to: 23 },
  });
  expect(internet?.fields.find((field) => field.name === "ip.flags")).toMatchObject({
    ...{ value: 2, from: 20, to: 22 },
    fields: [
      { name: "ip.flags.rb", value: 0, from: 20, to: 22 },
      { name: "ip.flags.df", value: 1, from: 20, to: 22 },
      { name: "ip.flags.mf", value: 0, from: 20, to: 22 },
    ],
  });
  expect(control?.title).toBe("Internet Control Message Protocol, Echo request");
  expect(control?.fields.map((field) => [field.name, field.text])).toEqual([
    ["icmp.type", "8 (Echo request)"],
    ["icmp.code", "0"],
    ["icmp.checksum", expect.stringMatching(/^0x[0-9a-f]{4} \[correct\]$/)],
    ["icmp.ident", "122"],
    ["icmp.seq", "3"],
  ]);
});

describe("checksums", () => {
  test.each([
    ["ping", "ip.checksum", /^0x\w{4} \[correct\]$/],
    ["ping, wrong ip checksum", "ip.checksum", /^0x55\w\w \[incorrect, should be 0x\w{4}\]$/],
    ["ping, wrong icmp checksum", "icmp.checksum", /^0x55\w\w \[incorrect, should be 0x\w{4}\]$/],
    ["udp", "udp.checksum", /^0x\w{4} \[correct\]$/],
    ["udp, no checksum", "udp.checksum", /^0x0000 \[none\]$/],
    ["udp, bad length", "udp.checksum", /^0x\w{4} \[unverified: not all of the data is here\]$/],
    ["first udp fragment", "udp.checksum", /^0x\w{4} \[unverified: not all of the data is here\]$/],
    ["tcp data", "tcp.checksum", /^0x\w{4} \[correct\]$/],
    ["tcp wrong checksum", "tcp.checksum", /^0x99\w\w \[incorrect, should be 0x\w{4}\]$/],
  ])("%s: %s", (name, field, expected) => {
    expect(text(name, field)).toMatch(expected);
  });

  test("the value that it should be makes it correct", () => {
    const frame = (SAMPLES.get("ping, wrong ip checksum") as Uint8Array).slice();
    const should = Number(/should be (0x\w{4})/.exec(text("ping, wrong ip checksum", "ip.checksum") ?? "")?.[1]);
    frame[24] = should >>> 8;
    frame[25] = should & 255;
    const fields = dissect(frame, 0, frame.length).flatMap((layer) => layer.fields);
    expect(fields.find((field) => field.name === "ip.checksum")?.text).toMatch(/\[correct\]$/);
  });

  test("one that is not filled in yet", () => {
    const frame = (SAMPLES.get("udp") as Uint8Array).slice();
    udp.fillPartialChecksum(frame, 34, ip("192.168.1.101"), ip("192.168.1.102"));
    const verdict = (checksumPartial: boolean): string | undefined =>
      dissect(frame, 0, frame.length, { checksumPartial })
        .flatMap((layer) => layer.fields)
        .find((field) => field.name === "udp.checksum")?.text;
    expect(verdict(true)).toMatch(/^0x\w{4} \[partial: not filled in yet\]$/);
    expect(verdict(false)).toMatch(/\[incorrect, should be/);
  });
});

describe("what is cut or malformed says so", () => {
  test.each([
    ["arp, empty", "eth", undefined],
    ["vlan, cut", "_ws.short", "2 bytes of at least 4 are there"],
    ["ip version 9", "_ws.malformed", "version 9 is not 4"],
    ["ip short header", "_ws.malformed", "header length 16 is less than 20"],
    ["ip long header", "_ws.malformed", "total length 24 is less than the header's"],
    ["tcp header too long", "_ws.malformed", "header length 60 cannot be"],
    ["tcp cut by ip", "_ws.short", "14 bytes of at least 20 are there"],
    ["udp, header cut by ip", "_ws.short", "6 bytes of at least 8 are there"],
    ["udp, tiny length", "_ws.malformed", "the length is less than 8"],
    ["arp, wrong protocol length", "_ws.malformed", "cut, or not for IPv4 over Ethernet"],
  ])("%s", (name, field, expected) => {
    expect(text(name, field)).toBe(expected);
  });
});

describe("the field at a byte", () => {
  const nameAt = (name: string, offset: number): string | undefined => fieldAt(layersOf(name), offset)?.name;

  test.each([
    ["ping", 0, "eth.dst"],
    ["ping", 5, "eth.dst"],
    ["ping", 6, "eth.src"],
    ["ping", 13, "eth.type"],
    ["ping", 22, "ip.ttl"],
    ["ping", 14, "ip.version"],
    ["ping", 20, "ip.flags"],
    ["ping", 40, "icmp.seq"],
    ["ping", 42, "data.data"],
    ["ping", 97, "data.data"],
    ["tcp syn", 47, "tcp.flags"],
    ["tcp syn", 54, "tcp.option_kind"],
    ["vlan ping", 15, "vlan.priority"],
    ["unreachable 3", 38, "icmp.unused"],
    ["unreachable 3", 58, "ip.dst"],
    ["arp request, padded", 59, "eth.padding"],
    ["ping, wrong ip checksum", 25, "ip.checksum"],
    ["ip version 9", 30, "ip.dst"],
    ["dns", 50, "dns.count.auth_rr"],
  ])("%s: %i is %s", (name, offset, expected) => {
    expect(nameAt(name, offset)).toBe(expected);
  });

  test("outside of the frame there is none", () => {
    expect([fieldAt(layersOf("ping"), -1), fieldAt(layersOf("ping"), 98)]).toEqual([null, null]);
  });

  test("ranges count from where the frame was said to begin", () => {
    const ping = FRAMES.get("ping") as Uint8Array;
    const bytes = new Uint8Array(ping.length + 64);
    bytes.set(ping, 64);
    expect(fieldAt(dissect(bytes, 64, bytes.length), 64 + 22)?.name).toBe("ip.ttl");
  });

  test("no byte is without a field", () => {
    const bare = [...FRAMES].flatMap(([name, frame]) =>
      Array.from(frame.keys(), (at) => [name, at] as const).filter(([, at]) => nameAt(name, at) === undefined),
    );
    expect(bare).toEqual([]);
  });
});

/** Every range lies in the one around it. */
function checkRanges(fields: readonly Field[], from: number, to: number): void {
  for (const field of fields) {
    expect(field.from).toBeGreaterThanOrEqual(from);
    expect(field.to).toBeGreaterThanOrEqual(field.from);
    expect(field.to).toBeLessThanOrEqual(to);
    checkRanges(field.fields ?? [], field.from, field.to);
  }
}

test("any bytes: never a throw, ranges nest, layers follow one another, every byte is in a field", () => {
  const noise = fc.array(fc.tuple(fc.nat(80), fc.nat(255)), { maxLength: 4 });
  const mutated = fc.tuple(fc.constantFrom(...FRAMES.values()), noise, fc.nat(120)).map(([frame, changes, length]) => {
    const copy = frame.slice(0, length);
    for (const [at, value] of changes) if (at < copy.length) copy[at] = value;
    return copy;
  });
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 120 }), mutated), fc.nat(8), (frame, at) => {
      const bytes = new Uint8Array(at + frame.length + 8).fill(0xa5);
      bytes.set(frame, at);
      let last = at;
      const layers = dissect(bytes, at, at + frame.length);
      for (let offset = at; offset < at + frame.length; offset++)
        expect(fieldAt(layers, offset), `a field with byte ${offset - at}`).not.toBeNull();
      for (const layer of layers) {
        expect(layer.from).toBe(last);
        expect(layer.to).toBeLessThanOrEqual(at + frame.length);
        checkRanges(layer.fields, layer.from, layer.to);
        last = layer.to;
      }
      expect(last).toBe(at + frame.length);
    }),
    { numRuns: 2000 },
  );
});

test.skipIf(!requireTool("tshark"))("every name is one of Wireshark's display-filter names", () => {
  const known = new Set(
    output("tshark", ["-G", "fields"])
      .split("\n")
      .map((line) => line.split("\t")[2]),
  );
  const used = new Set([...FRAMES.keys()].flatMap((name) => fieldsOf(name).map((field) => field.name)));
  expect([...used].filter((name) => !known.has(name))).toEqual([]);
});
