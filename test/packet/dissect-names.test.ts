/** DHCP and DNS opened: the values that tshark 4.0 shows for the same bytes under the same names. */
import { expect, test } from "vitest";
import { parseMac } from "../../src/packet/address.ts";
import * as dhcp from "../../src/packet/dhcp.ts";
import { dissectDhcp } from "../../src/packet/dissect/dhcp.ts";
import { dissectDns } from "../../src/packet/dissect/dns.ts";
import type { Field, Scope } from "../../src/packet/dissect/layer.ts";
import * as dns from "../../src/packet/dns.ts";
import { ip } from "../kit/sample-frames.ts";

const scope = (bytes: Uint8Array): Scope => ({
  ...{ bytes, checksumPartial: false, isWhole: true },
  ...{ source: ip("0.0.0.0"), destination: ip("0.0.0.0") },
});
const flat = (fields: readonly Field[]): Field[] => fields.flatMap((field) => [field, ...flat(field.fields ?? [])]);
const lines = (fields: readonly Field[]): string[] => flat(fields).map(({ name, text }) => `${name} ${text}`);

const none = ip("0.0.0.0");
const ACK = dhcp.encode({
  ...{ operation: 2, hops: 0, transactionId: 0x8fed510f, seconds: 0, flags: 0, serverName: "", bootFile: "" },
  ...{ clientAddress: none, yourAddress: ip("10.9.0.54"), serverAddress: ip("10.9.0.1"), relayAddress: none },
  clientMac: parseMac("00:16:3e:00:00:01")!,
  options: [
    dhcp.byteOption(53, 5),
    dhcp.numberOption(54, ip("10.9.0.1")),
    dhcp.numberOption(59, 105),
    dhcp.numberOption(3, ip("10.9.0.1")),
    dhcp.textOption(15, "lab.test"),
  ],
});

test("an ACK", () => {
  const { layer } = dissectDhcp(scope(ACK), 0, ACK.length);
  expect(layer.title).toBe("Dynamic Host Configuration Protocol (ACK)");
  expect(lines(layer.fields)).toEqual(
    expect.arrayContaining([
      "dhcp.type Boot Reply (2)",
      "dhcp.id 0x8fed510f",
      "dhcp.flags 0x0000 (Unicast)",
      "dhcp.ip.your 10.9.0.54",
      "dhcp.server not given",
      "dhcp.option.type (53) DHCP Message Type (ACK)",
      "dhcp.option.dhcp ACK (5)",
      "dhcp.option.type (54) DHCP Server Identifier (10.9.0.1)",
      "dhcp.option.rebinding_time_value (105s) 1 minute, 45 seconds",
      "dhcp.option.type (3) Router",
      "dhcp.option.router 10.9.0.1",
      "dhcp.option.domain_name lab.test",
      "dhcp.option.type (255) End",
    ]),
  );
  const type = flat(layer.fields).find(({ name }) => name === "dhcp.option.dhcp");
  expect([type?.from, type?.to]).toEqual([242, 243]);
});

test("an answer with an alias", () => {
  const bytes = dns.encode({
    ...{ id: 0x1234, flags: dns.Flag.QR | dns.Flag.RD | dns.Flag.RA },
    questions: [{ name: "al.lab.test", type: dns.Type.A, class: dns.CLASS_IN }],
    answers: [
      dns.record("al.lab.test", dns.Type.CNAME, 60, { kind: "name", name: "www.lab.test" }),
      dns.record("www.lab.test", dns.Type.A, 60, { kind: "address", address: ip("10.9.0.7") }),
    ],
    ...{ authority: [], additional: [] },
  })!;
  const { layer } = dissectDns(scope(bytes), 0, bytes.length);
  expect(layer.title).toBe("Domain Name System (response)");
  expect(lines(layer.fields)).toEqual(
    expect.arrayContaining([
      "dns.id 0x1234",
      "dns.flags 0x8180 Standard query response, No error",
      "dns.count.answers 2",
      "dns.qry al.lab.test: type A, class IN",
      "dns.resp al.lab.test: type CNAME, class IN, cname www.lab.test",
      "dns.resp www.lab.test: type A, class IN, addr 10.9.0.7",
      "dns.resp.ttl 60 (60 seconds)",
      "dns.a 10.9.0.7",
    ]),
  );
});

test("what is cut says so, at every length", () => {
  for (let end = 0; end < ACK.length; end++) {
    const { layer } = dissectDhcp(scope(ACK), 0, end);
    expect(layer.to).toBe(end);
    for (const { from, to } of flat(layer.fields)) expect(from <= to && to <= end).toBe(true);
  }
});
