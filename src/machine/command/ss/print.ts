/**
 * A socket as a row of ss, and what its options tell beside. Follows inet_show_sock, packet_show_sock and
 * print_skmeminfo of misc/ss.c, with what the udp_diag, raw_diag and packet_diag of Linux 6.1 answer: a raw socket tells
 * its protocol for the table, and for ICMP ss has no word. Every process is in the control group "/".
 * Not modelled: the ring that tcpdump maps, send buffers, timers.
 */
import { formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import { EtherType } from "../../../packet/ethernet.ts";
import { ETH_P_ALL, type PacketSocket } from "../../../stack/socket/packet.ts";
import type { IpSocket, Socket } from "../../../stack/socket/socket.ts";
import { holderOf, type ListedSocket, SocketState } from "../../proc-net/socket-list.ts";
import type { ProcessHost } from "../../process.ts";
import type { HostNames } from "../../program/named-listing.ts";
import { protocolName, serviceName } from "../iptables/names.ts";
import type { Row } from "./columns.ts";
import type { SsSettings } from "./settings.ts";

const STATE_WORD = { [SocketState.ESTABLISHED]: "ESTAB", [SocketState.CLOSE]: "UNCONN" } as const;
/** ll_proto_n2a, of those that somebody here asks for. */
const ETHER_WORDS: Readonly<Record<number, string>> = { [EtherType.IPV4]: "ip", [EtherType.ARP]: "arp" };
const GROUP = "cgroup:/";

export class SocketPrinter {
  private readonly machine: ProcessHost;
  private readonly settings: SsSettings;
  private readonly names: HostNames;

  constructor(machine: ProcessHost, settings: SsSettings, names: HostNames) {
    this.machine = machine;
    this.settings = settings;
    this.names = names;
  }

  inet(each: ListedSocket): Row {
    const { socket, kind, state } = each;
    const device = socket.device === null ? "" : `%${socket.device.name}`;
    return [
      ...([kind === "udp" ? "udp" : "???", STATE_WORD[state], ...queues(socket)] as const),
      ...([`${this.host(each.local)}${device}:`, this.port(each, each.localPort)] as const),
      ...([`${this.host(each.remote)}:`, this.port(each, each.remotePort)] as const),
      this.users(socket) + this.inetDetails(each) + this.inetMore(each),
    ];
  }

  packet(socket: PacketSocket): Row {
    const { type, protocol, device } = socket;
    const word = this.settings.numeric ? undefined : ETHER_WORDS[protocol];
    const address = protocol === ETH_P_ALL ? "*" : (word ?? `[${protocol}]`);
    return [
      ...([type === "raw" ? "p_raw" : "p_dgr", STATE_WORD[SocketState.CLOSE], ...queues(socket)] as const),
      ...([`${address}:`, device?.name ?? "*", "*", ""] as const),
      this.users(socket) + this.packetDetails(socket) + (this.settings.memory ? memory(socket) : ""),
    ];
  }

  private host(address: Ipv4): string {
    return this.names?.of(address) ?? formatIpv4(address);
  }

  private port({ kind }: ListedSocket, port: number): string {
    if (port === 0) return "*";
    if (this.settings.numeric) return String(port);
    if (kind === "raw") return protocolName(port) ?? `proto-${port}`;
    return (isEphemeral(this.machine, port) ? null : serviceName(port, "udp")) ?? String(port);
  }

  private users(socket: Socket<unknown>): string {
    const { processes, threads } = this.settings;
    const holder = processes || threads ? holderOf(this.machine, socket) : null;
    if (holder === null) return "";
    const { process, descriptor } = holder;
    const name = process.name.slice(process.name.lastIndexOf("/") + 1).slice(0, 15);
    const thread = threads ? `tid=${process.pid},` : "";
    return ` users:(("${name}",pid=${process.pid},${thread}fd=${descriptor}))`;
  }

  private inetDetails({ socket }: ListedSocket): string {
    return this.settings.details ? `${identity(socket)} ${GROUP} <->` : "";
  }

  private inetMore({ socket, kind }: ListedSocket): string {
    const { settings } = this;
    const wantsInfo = settings.info && kind !== "udp";
    return [
      settings.tos ? ` tos:${socket.tos === 0 ? "0" : `0x${socket.tos.toString(16)}`} class_id:0` : "",
      settings.cgroup ? ` ${GROUP}` : "",
      settings.sockopt ? `${settings.oneline ? " " : "\n\t"}${optionsOf(socket)}` : "",
      settings.memory || wantsInfo ? this.newLine : "",
      settings.memory ? memory(socket) : "",
    ].join("");
  }

  private packetDetails(socket: PacketSocket): string {
    if (!this.settings.details) return "";
    const start = this.settings.oneline ? " " : "\n\t";
    return `${identity(socket)}${start}ver:0 cpy_thresh:0 flags( running )`;
  }

  private get newLine(): string {
    return this.settings.oneline ? "" : "\n\t";
  }
}

/** Where a program has let the kernel choose: /etc/services is of no use for such. */
export function isEphemeral(machine: ProcessHost, port: number): boolean {
  const [low = 0, high = 0] = machine.net.settings.localPorts;
  return port >= low && port <= high;
}

const optionsOf = ({ receiveErrors }: IpSocket<unknown>): string =>
  `inet-sockopt: (${receiveErrors ? " recverr" : ""} mc_loop mc_all)`;

/** Nothing is ever left in a send buffer. */
const queues = ({ queued }: Socket<unknown>): [string, string] => [String(queued).padEnd(6), "0".padEnd(6)];

const identity = ({ inode, cookie }: Socket<unknown>): string => ` ino:${inode} sk:${cookie.toString(16)}`;

function memory({ queued, receiveBuffer, dropped, namespace }: Socket<unknown>): string {
  const sendBuffer = namespace.settings.core.wmem_default;
  return ` skmem:(r${queued},rb${receiveBuffer},t0,tb${sendBuffer},f0,w0,o0,bl0,d${dropped})`;
}
