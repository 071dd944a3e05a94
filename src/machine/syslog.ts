/**
 * syslog(3): what daemons say, in /var/log/syslog, a line each with time, host, program and pid (RFC 3164 as rsyslog writes
 * it). Facilities and priorities are not kept apart.
 */
import type { Box } from "./box.ts";
import { formatDate } from "./calendar.ts";

export const SYSLOG = "/var/log/syslog";

/** "dnsmasq-dhcp[412]: DHCPACK(eth0) ..." with what stands before it. */
export const syslogLine = (machine: Box, program: string, pid: number, text: string): string =>
  `${formatDate("%b %e %H:%M:%S", machine.clockSeconds)} ${machine.hostname} ${program}[${pid}]: ${text}\n`;

export function syslog(machine: Box, program: string, pid: number, text: string): void {
  machine.files.append(SYSLOG, syslogLine(machine, program, pid, text));
}
