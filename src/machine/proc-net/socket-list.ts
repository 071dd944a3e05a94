/**
 * The sockets of a machine in the order in which a kernel walks its tables: UDP by the bucket of its port, there the one
 * bound last first; raw ones, all of them ICMP and in one bucket, the newest first; packet sockets in order of birth.
 * Follows net/ipv4/udp.c and raw.c. A table of 65,536 buckets, and no net_hash_mix, which is by chance on a real host.
 */
import { ANY_IPV4, type Ipv4 } from "../../packet/address.ts";
import { Protocol } from "../../packet/ipv4.ts";
import type { NetworkStack } from "../../stack/network-stack.ts";
import { IcmpSocket } from "../../stack/socket/icmp.ts";
import { PacketSocket } from "../../stack/socket/packet.ts";
import type { IpSocket } from "../../stack/socket/socket.ts";
import type { Process, ProcessHost } from "../process.ts";

/** TCP_ESTABLISHED, TCP_CLOSE of net/tcp_states.h, which stand for connected and not connected. */
export const SocketState = { ESTABLISHED: 1, CLOSE: 7 } as const;

export interface ListedSocket {
  readonly kind: "udp" | "raw";
  readonly socket: IpSocket<unknown>;
  readonly bucket: number;
  readonly state: (typeof SocketState)[keyof typeof SocketState];
  readonly local: Ipv4;
  /** Of a raw socket its protocol. */
  readonly localPort: number;
  readonly remote: Ipv4;
  readonly remotePort: number;
}

export function udpSockets(net: NetworkStack): ListedSocket[] {
  const newestFirst = net.udp.list().reverse();
  return newestFirst
    .sort((one, other) => one.localPort - other.localPort)
    .map((socket) => ({
      kind: "udp",
      socket,
      bucket: socket.localPort,
      state: socket.peer === null ? SocketState.CLOSE : SocketState.ESTABLISHED,
      local: socket.localAddress,
      localPort: socket.localPort,
      remote: socket.peer?.address ?? ANY_IPV4,
      remotePort: socket.peer?.port ?? 0,
    }));
}

export function rawSockets(net: NetworkStack): ListedSocket[] {
  const all = [...net.sockets.open].filter((each) => each instanceof IcmpSocket);
  return all.reverse().map((socket) => ({
    kind: "raw",
    socket,
    bucket: Protocol.ICMP,
    state: socket.peer === ANY_IPV4 ? SocketState.CLOSE : SocketState.ESTABLISHED,
    local: socket.localAddress,
    localPort: Protocol.ICMP,
    remote: socket.peer,
    remotePort: 0,
  }));
}

export const packetSockets = (net: NetworkStack): PacketSocket[] =>
  [...net.sockets.open].filter((each) => each instanceof PacketSocket && each.isBound) as PacketSocket[];

/** A process and the number under which it has a socket open. */
export interface SocketHolder {
  readonly process: Process;
  readonly descriptor: number;
}

/** As /proc/PID/fd would tell; null: nobody. */
export function holderOf(host: ProcessHost, socket: { readonly closed: boolean }): SocketHolder | null {
  for (const process of host.processes.values()) {
    const descriptor = process.descriptorOf(socket);
    if (descriptor !== null) return { process, descriptor };
  }
  return null;
}
