import fc from "fast-check";
import { expect, test } from "vitest";
import { fromHex, toHex } from "../../src/base/bytes.ts";
import type { Ipv4 } from "../../src/packet/address.ts";
import * as dns from "../../src/packet/dns.ts";
import { ip } from "../kit/sample-frames.ts";

// "guest1 A 192.168.122.220", as a dnsmasq 2.90 answered it.
const ANSWER = "3c0d85800001000100000000066775657374310000010001c00c00010001000000000004c0a87adc";

test("a recorded answer is understood, and written again it is the same", () => {
  const bytes = fromHex(ANSWER);
  const message = dns.parse(bytes, 0, bytes.length)!;
  expect(message.questions).toEqual([{ name: "guest1", type: dns.Type.A, class: dns.CLASS_IN }]);
  const data: dns.Data = { kind: "address", address: ip("192.168.122.220") };
  expect(message.answers).toEqual([dns.record("guest1", dns.Type.A, 0, data)]);
  expect(message.flags).toBe(dns.Flag.QR | dns.Flag.AA | dns.Flag.RD | dns.Flag.RA);
  expect(toHex(dns.encode(message)!)).toBe(ANSWER);
});

const labels = fc.uint8Array({ minLength: 1, maxLength: 20 });
/** Any bytes may be in a label; a name is their presentation. */
const names = fc.array(labels, { maxLength: 5 }).map((parts) => {
  const bytes = Uint8Array.of(...new Uint8Array(12), ...parts.flatMap((part) => [part.length, ...part]), 0);
  return dns.readName(bytes, 0, 12, bytes.length)!.name;
});
const number16 = fc.nat(0xffff);
const number32 = fc.nat(0xffff_ffff);
const data = (type: number): fc.Arbitrary<dns.Data> => {
  switch (type) {
    case dns.Type.A:
      return number32.map((n) => ({ kind: "address", address: n as Ipv4 }));
    case dns.Type.MX:
      return fc.record({ kind: fc.constant("mx" as const), preference: number16, name: names });
    case dns.Type.SRV: {
      const numbers = { priority: number16, weight: number16, port: number16 };
      return fc.record({ kind: fc.constant("srv" as const), ...numbers, name: names });
    }
    case dns.Type.SOA: {
      const numbers = fc.array(number32, { minLength: 5, maxLength: 5 });
      return fc.record({ kind: fc.constant("soa" as const), primary: names, mailbox: names, numbers });
    }
    case dns.Type.TXT:
      return fc.record({ kind: fc.constant("text" as const), texts: fc.array(fc.uint8Array({ maxLength: 255 })) });
    case dns.Type.OPT:
      return fc.record({ kind: fc.constant("bytes" as const), bytes: fc.uint8Array({ maxLength: 40 }) });
    default:
      return fc.record({ kind: fc.constant("name" as const), name: names });
  }
};
const records = fc
  .constantFrom(...Object.values(dns.Type).filter((type) => type !== dns.Type.ANY && type !== dns.Type.AAAA))
  .chain((type) =>
    fc.record({ name: names, type: fc.constant(type), class: number16, ttl: number32, data: data(type) }),
  );
const section = fc.array(records, { maxLength: 4 });
const messages = fc.record({
  ...{ id: number16, flags: number16, answers: section, authority: section, additional: section },
  questions: fc.array(fc.record({ name: names, type: number16, class: number16 }), { maxLength: 2 }),
});

/** Compression may give a name the case of an equal one that stood there before. */
const lower = (value: unknown): unknown => JSON.parse(JSON.stringify(value).toLowerCase());

test("what is written is read again, whatever the names share", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = dns.encode(message)!;
      expect(lower(dns.parse(bytes, 0, bytes.length))).toEqual(lower(message));
    }),
  );
});

test("no bytes make the reader fail, and pointers never lead round", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      dns.parse(bytes, 0, bytes.length);
    }),
  );
  const loop = fromHex("00000000000100000000 0000 016100 c00c c00e");
  expect(dns.readName(loop, 0, 15, loop.length)).toEqual({ name: "a", next: 17 });
  expect(dns.readName(fromHex(`${"00".repeat(12)}c00c`), 0, 12, 14)).toBeNull();
  expect(dns.readName(fromHex(`${"00".repeat(12)}c00ec00c`), 0, 14, 16)).toBeNull();
});

test.each([
  ["192.0.2.1", "1.2.0.192.in-addr.arpa"],
  ["10.0.0.255", "255.0.0.10.in-addr.arpa"],
])("the reverse name of %s", (address, name) => {
  expect(dns.reverseName(ip(address))).toBe(name);
  expect(dns.addressOfReverse(name)).toBe(ip(address));
});

test("types by name and number", () => {
  expect(dns.typeOfName("aaaa")).toBe(28);
  expect(dns.typeOfName("TYPE257")).toBe(257);
  expect(dns.typeOfName("TYPE70000")).toBeNull();
  expect(dns.typeOfName("X")).toBeNull();
  expect(dns.typeName(257)).toBe("TYPE257");
});
