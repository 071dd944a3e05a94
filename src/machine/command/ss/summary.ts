/** `ss -s`: how many sockets of which kind. Follows print_summary of misc/ss.c, which reads /proc/net/sockstat. */
import type { Box } from "../../box.ts";
import { socketCounts } from "../../proc-net/sockets.ts";

export function summaryText(box: Box): string {
  const { used, udp, raw, fragments } = socketCounts(box);
  const line = (name: string, count: number): string => {
    const cells = [count, count, 0].map((each) => String(each).padEnd(9));
    return `${name}\t  ${cells.join(" ")}\n`;
  };
  const lines = [line("RAW", raw), line("UDP", udp), line("TCP", 0), line("INET", raw + udp), line("FRAG", fragments)];
  return `Total: ${used}
TCP:   0 (estab 0, closed 0, orphaned 0, timewait 0)

Transport Total     IP        IPv6
${lines.join("")}
`;
}
