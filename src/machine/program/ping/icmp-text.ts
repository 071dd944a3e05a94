/** What ping says about an ICMP error (pr_icmph of ping.c, iputils 20221126). */
import * as icmp from "../../../packet/icmp.ts";

const UNREACHABLE: Readonly<Record<number, string>> = {
  0: "Destination Net Unreachable",
  1: "Destination Host Unreachable",
  2: "Destination Protocol Unreachable",
  3: "Destination Port Unreachable",
  5: "Source Route Failed",
  6: "Destination Net Unknown",
  7: "Destination Host Unknown",
  8: "Source Host Isolated",
  9: "Destination Net Prohibited",
  10: "Destination Host Prohibited",
  11: "Destination Net Unreachable for Type of Service",
  12: "Destination Host Unreachable for Type of Service",
  13: "Packet filtered",
  14: "Precedence Violation",
  15: "Precedence Cutoff",
};
const TIME_EXCEEDED: Readonly<Record<number, string>> = {
  0: "Time to live exceeded",
  1: "Frag reassembly time exceeded",
};

/** `info`: the MTU, or the place of a parameter problem. */
export function icmpText(type: number, code: number, info: number): string {
  switch (type) {
    case icmp.Type.UNREACHABLE:
      if (code === icmp.Unreachable.FRAGMENTATION_NEEDED) return `Frag needed and DF set (mtu = ${info})`;
      return UNREACHABLE[code] ?? `Dest Unreachable, Bad Code: ${code}`;
    case icmp.Type.TIME_EXCEEDED:
      return TIME_EXCEEDED[code] ?? `Time exceeded, Bad Code: ${code}`;
    case icmp.Type.PARAMETER_PROBLEM:
      return `Parameter problem: pointer = ${info}`;
    default:
      return `Bad ICMP type: ${type}`;
  }
}
