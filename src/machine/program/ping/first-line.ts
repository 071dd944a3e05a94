/** What ping says and fills in before it sends anything (ping.c, main and pinger of iputils 20221126). */
import { hex8 } from "../../../base/bytes.ts";
import { formatIpv4 } from "../../../packet/address.ts";
import * as icmp from "../../../packet/icmp.ts";
import * as ipv4 from "../../../packet/ipv4.ts";
import type { PingSettings } from "./settings.ts";
import type { PingTarget } from "./target.ts";

/** raw_sendmsg: longer messages are refused without a word. */
export const LONGEST_MESSAGE = 65_535;

/** The data of every request: 0, 1, 2, ... or the pattern. The stamp goes over its front. */
export function dataOf({ size, pattern }: PingSettings): Uint8Array {
  const data = new Uint8Array(Math.min(size, LONGEST_MESSAGE));
  for (let i = 0; i < data.length; i++) data[i] = pattern === null ? i : pattern[i % pattern.length]!;
  return data;
}

export function firstLine({ size, device, strictSource, pattern, quiet }: PingSettings, target: PingTarget): string {
  const { hostname, destination, source } = target;
  const said = pattern === null || quiet ? "" : `PATTERN: 0x${pattern.map((each) => hex8(each)).join("")}\n`;
  const from = device !== null || strictSource ? `from ${formatIpv4(source)} ${device ?? ""}: ` : "";
  const whole = size + icmp.HEADER_LENGTH + ipv4.MIN_HEADER_LENGTH;
  return `${said}PING ${hostname} (${formatIpv4(destination)}) ${from}${size}(${whole}) bytes of data.\n`;
}
