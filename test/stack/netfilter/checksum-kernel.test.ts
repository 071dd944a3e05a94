/**
 * -j CHECKSUM --checksum-fill beside the kernel: what a host sends through a device that sums for it, as the other end of a
 * veth pair sees it. Without the rule the sum is only begun (it is the pseudo header's); with it the sum is whole.
 */
import { describe, expect, test } from "vitest";
import { get16 } from "../../../src/base/bytes.ts";
import * as ipv4 from "../../../src/packet/ipv4.ts";
import * as udp from "../../../src/packet/udp.ts";
import { judges } from "../../kit/fidelity.ts";
import { canMakeNamespaces } from "../../kit/netns.ts";
import { requireTool } from "../../kit/tools.ts";
import { typed } from "../../machine/on-machine.ts";
import { EmulatedRouter, inRealRouter } from "./routed-box.ts";

judges("checksums");

const canCompare =
  ["ip", "iptables", "ethtool", "tcpdump", "nc"].every((tool) => requireTool(tool)) && canMakeNamespaces();

const RULE = "iptables -t mangle -A POSTROUTING -o p1 -p udp --dport 68 -j CHECKSUM --checksum-fill";
const LINK = 14;

/** The same line on both sides: a datagram from port 67, and what tcpdump saw of it behind the wire. */
const sent = (port: number): string =>
  `tcpdump -nn -xx -i q1 -c 1 udp > /tmp/seen.$$ 2> /dev/null & sleep 1; echo x | nc -u -w 1 -p 67 198.51.100.2 ${port} > /dev/null 2>&1; wait; cat /tmp/seen.$$; rm /tmp/seen.$$`;

/** The bytes of the frame that tcpdump printed. */
function frameIn(text: string): Uint8Array {
  const hex = [...text.matchAll(/^\s+0x[0-9a-f]+:\s+(.*)$/gm)].map(([, each]) => each!.replaceAll(" ", "")).join("");
  return Uint8Array.from(hex.match(/../g) ?? [], (byte) => Number.parseInt(byte, 16));
}

/** Without what chance decides in the IP header: the datagram. */
const datagramOf = (frame: Uint8Array): string =>
  Buffer.from(frame.subarray(LINK + ipv4.MIN_HEADER_LENGTH)).toString("hex");
const isWhole = (b: Uint8Array): boolean =>
  udp.verifyChecksum(b, LINK + ipv4.MIN_HEADER_LENGTH, ipv4.source(b, LINK), ipv4.destination(b, LINK));

describe.skipIf(!canCompare)("CHECKSUM --checksum-fill", () => {
  test("fills in what the device was to fill in, of the packets that it holds for", { timeout: 60_000 }, () => {
    const router = new EmulatedRouter([RULE]);
    const ours = [68, 69].map((port) => frameIn(typed(router.machine, sent(port)).out));
    const real = inRealRouter([RULE, "ethtool -K p1 tx on > /dev/null"], (box) =>
      [68, 69].map((port) => frameIn(box.run(sent(port)).out)),
    );
    expect(ours.map(datagramOf)).toEqual(real.map(datagramOf));
    expect(real.map(isWhole)).toEqual([true, false]);
    expect(get16(real[1]!, LINK + ipv4.MIN_HEADER_LENGTH + udp.CHECKSUM)).not.toBe(0);
  });
});
