/** DHCP and DNS as tcpdump prints them: a recording of a real exchange, each line by the tool itself. */
import { readFileSync } from "node:fs";
import { expect, describe as group, test } from "vitest";
import { describe } from "../../src/packet/describe.ts";
import { readPcap } from "../kit/pcap.ts";
import { output, requireTool } from "../kit/tools.ts";

const FILE = "test/fixtures/libvirt-9.0/dhcp.pcap";
const frames = readPcap(readFileSync(FILE));

group.skipIf(!requireTool("tcpdump"))("beside tcpdump", () => {
  test.each([
    ["-n", { link: true }],
    ["-nv", { link: true, verbose: true }],
  ])("%s", (options, wishes) => {
    const theirs = output("tcpdump", [options, "-e", "-t", "-r", FILE])
      .split(/\n(?=\S)/)
      .map((line) => line.trimEnd());
    expect(frames.map(({ bytes }) => describe(bytes, 0, bytes.length, wishes))).toEqual(theirs);
  });
});
