/**
 * `/proc/net/{tcp,udp,udplite,raw,icmp,packet,sockstat}`: the sockets there are, for netstat and for people. Follows
 * udp4_format_sock, raw_sock_seq_show, packet_seq_show and sockstat_seq_show of Linux 6.1. There are no sockets of TCP,
 * UDP-Lite and ping here. Where a kernel prints where a socket lies stand zeros, as with kptr_restrict=2.
 */
import type { Ipv4 } from "../../packet/address.ts";
import type { Box } from "../box.ts";
import { type ListedSocket, packetSockets, rawSockets, udpSockets } from "./socket-list.ts";
import { littleEndian, upper } from "./tables.ts";

const HEAD = "sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode";
const DATAGRAM_HEAD = `${HEAD} ref pointer drops`;
/** seq_setwidth of the files; raw has none. */
const WIDTH = 127;
const TCP_WIDTH = 149;
const NOWHERE = "0".repeat(16);
const PAGE = 4096;

export const tcpText = (): string => `  ${HEAD}`.padEnd(TCP_WIDTH).concat("\n");
/** The one list has a place more for its buckets than the other. */
export const udpliteText = (): string => line(`   ${DATAGRAM_HEAD}`);
export const icmpText = (): string => line(`  ${DATAGRAM_HEAD}`);
export const udpText = ({ net }: Box): string =>
  udpliteText() +
  udpSockets(net)
    .map((each) => line(socketText(each, 5)))
    .join("");
export const rawText = ({ net }: Box): string =>
  `  ${DATAGRAM_HEAD}\n${rawSockets(net)
    .map((each) => `${socketText(each, 4)}\n`)
    .join("")}`;

const line = (text: string): string => `${text.padEnd(WIDTH)}\n`;

function socketText(each: ListedSocket, width: number): string {
  const { socket, bucket, state } = each;
  const ends = `${endpoint(each.local, each.localPort)} ${endpoint(each.remote, each.remotePort)}`;
  const queues = `${upper(0, 8)}:${upper(socket.queued, 8)}`;
  const timer = `00:${upper(0, 8)} ${upper(0, 8)}     0        0`;
  const start = `${String(bucket).padStart(width)}: ${ends} ${upper(state, 2)} ${queues} ${timer}`;
  return `${start} ${socket.inode} 2 ${NOWHERE} ${socket.dropped}`;
}

const endpoint = (address: Ipv4, port: number): string => `${littleEndian(address)}:${upper(port, 4)}`;

const SOCK_TYPE = { dgram: 2, raw: 3 } as const;

export function packetText({ net }: Box): string {
  const lines = packetSockets(net).map(({ type, protocol, device, queued, inode }) => {
    const number = protocol.toString(16).padStart(4, "0");
    const start = `${NOWHERE} ${"3".padEnd(6)} ${String(SOCK_TYPE[type]).padEnd(4)} ${number}   `;
    return `${start}${String(device?.index ?? 0).padEnd(5)} 1 ${String(queued).padEnd(6)} ${"0".padEnd(6)} ${String(inode).padEnd(6)}\n`;
  });
  return `sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n${lines.join("")}`;
}

/** What `ss -s` adds up. */
export interface SocketCounts {
  readonly used: number;
  readonly udp: number;
  readonly raw: number;
  readonly fragments: number;
}

export const socketCounts = ({ net }: Box): SocketCounts => ({
  used: net.sockets.open.size,
  udp: net.udp.list().length,
  raw: rawSockets(net).length,
  fragments: net.reassembly.size,
});

export function sockstatText(box: Box): string {
  const { used, udp, raw, fragments } = socketCounts(box);
  const pages = udpSockets(box.net).reduce((sum, { socket }) => sum + Math.ceil(socket.queued / PAGE), 0);
  return [
    `sockets: used ${used}`,
    "TCP: inuse 0 orphan 0 tw 0 alloc 0 mem 0",
    `UDP: inuse ${udp} mem ${pages}`,
    "UDPLITE: inuse 0",
    `RAW: inuse ${raw}`,
    `FRAG: inuse ${fragments} memory ${box.net.reassembly.memory}`,
    "",
  ].join("\n");
}
