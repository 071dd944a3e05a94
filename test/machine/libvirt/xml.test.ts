/** Network descriptions as XML: what comes out again, and what is wrong with them in libvirt's words. */
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readNetwork } from "../../../src/machine/libvirt/network-read.ts";
import { parseXml } from "../../../src/machine/libvirt/xml.ts";

const IN = "<network><name>a</name>";
const OUT = "</network>";
const IP = "<ip address='10.0.0.1' prefix='24'/>";

/** All seen with virsh net-define of libvirt 9.0.0. */
const SENTENCES: readonly (readonly [xml: string, sentence: string])[] = [
  [
    "<network>\n  <name>x</name>\n  <bridge name=virbr5/>\n</network>",
    "(network_definition):3: AttValue: \" or ' expected\n  <bridge name=virbr5/>\n---------------^",
  ],
  [
    "<network>\n  <name>x</nam>\n</network>",
    "(network_definition):2: Opening and ending tag mismatch: name line 2 and nam\n  <name>x</nam>\n---------------^",
  ],
  ["<network>\n  <name>x</name>\n", "(network_definition):3: Premature end of data in tag network line 1\n(null)\n^"],
  ["hello", "(network_definition):1: Start tag expected, '<' not found\nhello\n^"],
  ["", "(network_definition):1: Document is empty\n(null)\n^"],
  [
    "<network/><foo/>",
    "(network_definition):1: Extra content at the end of the document\n<network/><foo/>\n----------^",
  ],
  [
    '<network a="1" a="2"/>',
    `(network_definition):1: Attribute a redefined\n<network a="1" a="2"/>\n--------------------^`,
  ],
  ["<network a/>", "(network_definition):1: Specification mandates value for attribute a\n<network a/>\n----------^"],
  [
    "<network><name>&foo;</name></network>",
    "(network_definition):1: Entity 'foo' not defined\n<network><name>&foo;</name></network>\n--------------------^",
  ],
  [
    "<network><name>a & b</name></network>",
    "(network_definition):1: xmlParseEntityRef: no name\n<network><name>a & b</name></network>\n------------------^",
  ],
  ["<net/>", "XML error: expecting root element of 'network', not 'net'"],
  ["<network><forward/></network>", "missing name information"],
  ["<network><name>a/b</name></network>", "invalid char in name: /"],
  [`${IN}<forward mode="frob"/>${OUT}`, "unsupported configuration: unknown forwarding type 'frob'"],
  [`${IN}<forward/>${OUT}`, "XML error: nat forwarding requested, but no IP address provided for network 'a'"],
  [
    `${IN}<forward mode='open' dev='eth0'/>${IP}${OUT}`,
    "XML error: forward dev not allowed for network 'a' with forward mode='open'",
  ],
  [
    `${IN}<forward mode='route'><nat><port start='1' end='2'/></nat></forward>${IP}${OUT}`,
    "XML error: The <nat> element can only be used when <forward> 'mode' is 'nat' in network a",
  ],
  [
    `${IN}<forward><nat><address start='1.2.3.4' end='1.2.3.x'/></nat></forward>${IP}${OUT}`,
    "XML error: Bad ipv4 end address '1.2.3.x' in <nat> in <forward> in network 'a'",
  ],
  [
    `${IN}<forward><nat><port start='9' end='3'/></nat></forward>${IP}${OUT}`,
    "Missing or invalid 'end' attribute in <port> in <nat> in <forward> in network a",
  ],
  [`${IN}<bridge delay='x'/>${OUT}`, "XML error: Invalid delay value in network 'a'"],
  [`${IN}<uuid>zz</uuid>${OUT}`, "internal error: malformed uuid element"],
  [`${IN}<mac address='zz'/>${OUT}`, "XML error: Invalid bridge mac address 'zz' in network 'a'"],
  [
    `${IN}<mac address='01:00:00:00:00:01'/>${OUT}`,
    "XML error: Invalid multicast bridge mac address '01:00:00:00:00:01' in network 'a'",
  ],
  [`${IN}<ip address='1.2.3.999' prefix='24'/>${OUT}`, "XML error: Invalid address '1.2.3.999' in network 'a'"],
  [`${IN}<ip netmask='255.0.0.0'/>${OUT}`, "XML error: Missing required address attribute in network 'a'"],
  [
    `${IN}<ip address='10.0.0.1' prefix='40'/>${OUT}`,
    "unsupported configuration: Invalid IPv4 prefix '40' in network 'a'",
  ],
  [
    `${IN}<ip address='10.0.0.1' netmask='255.255.255.0' prefix='24'/>${OUT}`,
    "unsupported configuration: Network 'a' IP address cannot have both a prefix and a netmask",
  ],
  [
    `${IN}<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.1.2' end='10.0.1.9'/></dhcp></ip>${OUT}`,
    "internal error: range 10.0.1.2 - 10.0.1.9 is not entirely within network 10.0.0.1/24",
  ],
  [
    `${IN}<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.9' end='10.0.0.2'/></dhcp></ip>${OUT}`,
    "internal error: range 10.0.0.9 - 10.0.0.2 is reversed ",
  ],
  [
    `${IN}<ip address='10.0.0.1' prefix='24'><dhcp><range start='10.0.0.9'/></dhcp></ip>${OUT}`,
    "XML error: Missing 'end' attribute in dhcp range for network 'a'",
  ],
  [
    `${IN}<ip address='10.0.0.1' prefix='24'><dhcp><host name='q'/></dhcp></ip>${OUT}`,
    "XML error: Missing IP address in static host definition for network 'a'",
  ],
  [
    `${IN}<ip address='10.0.0.1' prefix='24'><dhcp><host mac='zz' ip='10.0.0.3'/></dhcp></ip>${OUT}`,
    "XML error: Cannot parse MAC address 'zz' in network 'a'",
  ],
  [
    `${IN}${IP}<route address='10.7.0.1' prefix='16' gateway='10.0.0.3'/>${OUT}`,
    "XML error: a: Address '10.7.0.1' in route definition is not a network address",
  ],
  [
    `${IN}${IP}<route address='10.7.0.0' prefix='16'/>${OUT}`,
    "XML error: a: Missing required gateway attribute in route definition",
  ],
  [
    `${IN}${IP}<route address='10.7.0.0' prefix='16' gateway='10.0.0.3' metric='0'/>${OUT}`,
    "XML error: Invalid value for attribute 'metric' in element 'route': Zero is not permitted",
  ],
  [
    `${IN}${IP}<route address='10.7.0.0' prefix='16' gateway='10.9.0.3'/>${OUT}`,
    "unsupported configuration: unreachable static route gateway '10.9.0.3' specified for network 'a'",
  ],
];

test.each(SENTENCES)("%s", (xml, sentence) => {
  expect(readNetwork(xml).mistake?.sentence).toBe(sentence);
});

test("a mistake stands at its element", () => {
  const xml = `<network>\n  <name>a</name>\n  <ip address='10.0.0.1'\n      prefix='77'/>\n</network>`;
  expect(readNetwork(xml).mistake).toMatchObject({ line: 3, column: 3 });
});

test("what libvirt passes over is remarked on, what only libvirt knows is refused", () => {
  const { remarks, network } = readNetwork(`${IN}\n <foo/><bridge name='virbr9' colour='red'/>${OUT}`);
  expect(network?.bridge.name).toBe("virbr9");
  expect(remarks.map(({ message, line, column }) => `${line}:${column} ${message}`)).toEqual([
    "2:2 libvirt ignores the element <foo> of <network>",
    "2:30 libvirt ignores the attribute colour of <bridge>",
  ]);
  expect(readNetwork(`${IN}<bandwidth/>${OUT}`).mistake?.sentence).toBe(
    "the element <bandwidth> of <network> is not modelled",
  );
  expect(readNetwork(`${IN}<forward mode='bridge'/>${OUT}`).mistake?.sentence).toBe(
    "forward mode='bridge' is not modelled",
  );
});

describe("XML", () => {
  test("entities, references, comments, an instruction, a byte order mark", () => {
    const { root } = parseXml(
      `\uFEFF<?xml version="1.0"?><!-- c --><a b='&lt;&#65;&#x42;&apos;'>x<!-- - -->&amp;y</a>\n`,
    );
    expect(root?.attributes[0]?.value).toBe("<AB'");
    expect(root?.text).toBe("x&y");
  });

  test("any text is either XML or has a mistake in it, never a crash", () => {
    const piece = fc.constantFrom(
      "<",
      ">",
      "/",
      "a",
      " ",
      "'",
      '"',
      "=",
      "&",
      ";",
      "<!--",
      "-->",
      "\n",
      "<a>",
      "</a>",
      "#1;",
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const { root, mistake } = parseXml(pieces.join(""));
        expect(root === null).toBe(mistake !== null);
      }),
    );
  });
});
