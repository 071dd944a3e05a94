/**
 * UDP as tcpdump prints it (its print-udp.c). DHCP and DNS are opened; the payloads of all other ports are left alone.
 */
import { get16 } from "../../base/bytes.ts";
import * as udp from "../udp.ts";
import { describeDhcp } from "./dhcp.ts";
import { describeDns } from "./dns.ts";
import { has, type Printout, ports, print, printColumn, truncated } from "./printout.ts";

/** `length` is what the IP header claims. */
export function describeUdp(
  out: Printout,
  at: number,
  length: number,
  isFragment: boolean,
  [source, destination]: readonly [string, string],
): void {
  const b = out.bytes;
  if (!has(out, at, 4)) {
    printColumn(out, `${source} > ${destination}: `);
    truncated(out, "udp");
    return;
  }
  const from = udp.sourcePort(b, at);
  const to = udp.destinationPort(b, at);
  ports(out, [source, destination], from, to);
  if (length < udp.HEADER_LENGTH) {
    print(out, `truncated-udp ${length}`);
    return;
  }
  if (!has(out, at, 6)) {
    truncated(out, "udp");
    return;
  }
  const claimed = get16(b, at + 4);
  if (claimed < udp.HEADER_LENGTH) {
    print(out, `truncated-udplength ${claimed}`);
    return;
  }
  if (!has(out, at, udp.HEADER_LENGTH)) {
    truncated(out, "udp");
    return;
  }
  const size = claimed - udp.HEADER_LENGTH;
  const there = Math.min(size, length - udp.HEADER_LENGTH);
  const named = PORTS[from] ?? PORTS[to];
  if (named !== undefined) {
    named(out, udp.payloadAt(at), there);
    return;
  }
  printColumn(out, "UDP, ");
  print(out, size > there && !isFragment ? `bad length ${size} > ${there}` : `length ${size}`);
}

const PORTS: Readonly<Record<number, (out: Printout, at: number, length: number) => void>> = {
  53: describeDns,
  67: describeDhcp,
  68: describeDhcp,
};
