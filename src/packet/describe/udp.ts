/**
 * UDP as tcpdump prints it (its print-udp.c). DHCP and DNS are named, with their length, and not decoded (tcpdump
 * prints more); the payloads of all other ports are left alone.
 */
import { get8, get16, get48, hex8 } from "../../base/bytes.ts";
import { formatMac, type Mac } from "../address.ts";
import * as udp from "../udp.ts";
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
  53: dns,
  67: dhcp,
  68: dhcp,
};

function dns(out: Printout, _at: number, length: number): void {
  printColumn(out, "DNS, ");
  print(out, `length ${length}`);
}

/** The first line of tcpdump's DHCP. */
function dhcp(out: Printout, at: number, length: number): void {
  if (!has(out, at, 3)) {
    truncated(out, "bootp");
    return;
  }
  const b = out.bytes;
  const operation = get8(b, at);
  const name = operation === 1 ? "Request" : operation === 2 ? "Reply" : `unknown (0x${hex8(operation)})`;
  printColumn(out, "BOOTP/DHCP, ");
  print(out, name);
  const fromEthernet = operation === 1 && get8(b, at + 1) === 1 && get8(b, at + 2) === 6;
  if (fromEthernet && !has(out, at + 28, 6)) {
    truncated(out, "bootp");
    return;
  }
  if (fromEthernet) print(out, ` from ${formatMac(get48(b, at + 28) as Mac)}`);
  print(out, `, length ${length}`);
}
