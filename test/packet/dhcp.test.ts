import { readFileSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { fromText, toHex } from "../../src/base/bytes.ts";
import type { Ipv4, Mac } from "../../src/packet/address.ts";
import * as dhcp from "../../src/packet/dhcp.ts";
import { ip } from "../kit/sample-frames.ts";

const { OptionCode } = dhcp;

/** The ACK of a recording: what a dnsmasq 2.90 answered to a udhcpc. */
const ack = (): Uint8Array => {
  const file = readFileSync("test/fixtures/libvirt-9.0/dhcp.pcap");
  let at = 24;
  for (let i = 0; i < 9; i++) at += 16 + file.readUInt32LE(at + 8);
  return new Uint8Array(file.subarray(at + 16 + 42, at + 16 + file.readUInt32LE(at + 8)));
};

test("a recorded ACK is understood, and written again it is the same", () => {
  const bytes = ack();
  const message = dhcp.parse(bytes, 0, bytes.length)!;
  expect(dhcp.typeOf(message)).toBe(dhcp.MessageType.ACK);
  expect(message.yourAddress).toBe(ip("192.168.122.220"));
  expect(dhcp.addressOf(message, OptionCode.SERVER_ID)).toBe(ip("192.168.122.1"));
  expect(dhcp.addressesOf(message, OptionCode.DNS_SERVER)).toEqual([ip("192.168.122.1")]);
  expect(dhcp.number32Of(message, OptionCode.LEASE_TIME)).toBe(3600);
  expect(dhcp.textOf(message, OptionCode.HOST_NAME)).toBe("guest1");
  expect(message.options.map(({ code }) => code)).toEqual([53, 54, 51, 58, 59, 1, 28, 3, 6, 12]);
  expect(toHex(dhcp.encode(message))).toBe(toHex(bytes));
});

const number32 = fc.nat(0xffff_ffff);
const messages: fc.Arbitrary<dhcp.Message> = fc.record({
  operation: fc.constantFrom(1, 2),
  hops: fc.nat(255),
  transactionId: number32,
  seconds: fc.nat(0xffff),
  flags: fc.constantFrom(0, dhcp.BROADCAST_FLAG),
  clientAddress: number32.map((n) => n as Ipv4),
  yourAddress: number32.map((n) => n as Ipv4),
  serverAddress: number32.map((n) => n as Ipv4),
  relayAddress: number32.map((n) => n as Ipv4),
  clientMac: fc.nat(0xffff_ffff_ffff).map((n) => n as Mac),
  serverName: fc.stringMatching(/^[a-z]{0,63}$/),
  bootFile: fc.stringMatching(/^[a-z/]{0,127}$/),
  options: fc.uniqueArray(
    fc.record({
      code: fc.integer({ min: 1, max: 254 }).filter((code) => code !== OptionCode.OVERLOAD),
      data: fc.uint8Array({ maxLength: 600 }),
    }),
    { selector: ({ code }) => code, maxLength: 8 },
  ),
});

test("what is written is read again: long options in pieces, never less than 300 bytes", () => {
  fc.assert(
    fc.property(messages, (message) => {
      const bytes = dhcp.encode(message);
      expect(bytes.length).toBeGreaterThanOrEqual(dhcp.MIN_LENGTH);
      expect(dhcp.parse(bytes, 0, bytes.length)).toEqual(message);
    }),
  );
});

test("no bytes make the reader fail", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 400 }), fc.boolean(), (bytes, dressed) => {
      if (dressed && bytes.length > 240) {
        bytes.set([1, 1, 6], 0);
        bytes.set([0x63, 0x82, 0x53, 0x63], dhcp.FIXED_LENGTH);
      }
      dhcp.parse(bytes, 0, bytes.length);
    }),
  );
});

test("an overloaded file field is read as options", () => {
  const options = [dhcp.byteOption(OptionCode.OVERLOAD, 1)];
  const bytes = dhcp.encode({ ...dhcp.parse(ack(), 0, 300)!, options });
  bytes.set([OptionCode.DOMAIN_NAME, 3, ...fromText("lab"), 255], 108);
  expect(dhcp.textOf(dhcp.parse(bytes, 0, bytes.length)!, OptionCode.DOMAIN_NAME)).toBe("lab");
});

test("an option that reaches behind the end makes the message none", () => {
  const bytes = dhcp.encode({ ...dhcp.parse(ack(), 0, 300)!, options: [] });
  bytes.set([OptionCode.HOST_NAME, 200], dhcp.FIXED_LENGTH + 4);
  expect(dhcp.parse(bytes, 0, bytes.length)).toBeNull();
});
