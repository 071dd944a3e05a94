/** The files of `/proc/net` that are made of what the namespace knows, by name: one line for each. */
import type { Box } from "../box.ts";
import { LiveFile } from "../files.ts";
import { groupsText, netstatGroups, snmpGroups } from "./snmp.ts";
import { icmpText, packetText, rawText, sockstatText, tcpText, udpliteText, udpText } from "./sockets.ts";
import { arpText, routeText } from "./tables.ts";

const TEXTS = {
  arp: arpText,
  icmp: icmpText,
  netstat: (box: Box): string => groupsText(netstatGroups(box)),
  packet: packetText,
  raw: rawText,
  route: routeText,
  snmp: (box: Box): string => groupsText(snmpGroups(box)),
  sockstat: sockstatText,
  tcp: tcpText,
  udp: udpText,
  udplite: udpliteText,
} as const;

type Name = keyof typeof TEXTS;
export const PROC_NET = Object.keys(TEXTS) as readonly Name[];

export class NetTextFile extends LiveFile {
  private readonly machine: Box;
  private readonly name: Name;

  constructor(machine: Box, name: Name) {
    super();
    this.machine = machine;
    this.name = name;
  }

  read(): string {
    return TEXTS[this.name](this.machine);
  }
}
