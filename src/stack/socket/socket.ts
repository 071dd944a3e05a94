/**
 * What every socket is: a receive buffer with a limit and an owner that is called back. Owners are state machines of
 * programs; a socket holds the object, never a closure, so that a lab can be copied.
 * Follows net/core/sock.c (sock_queue_rcv_skb). Not modelled: the send buffer, blocking, timestamps of the hardware.
 */
import { Fate } from "../../base/fate.ts";
import { FixedRing } from "../../base/fixed-ring.ts";
import type { NetDevice } from "../../device/device.ts";
import type { Ipv4 } from "../../packet/address.ts";
import type { Frame } from "../../packet/frame.ts";
import * as icmp from "../../packet/icmp.ts";
import type { Errno } from "../errno.ts";
import { Discovery, type DiscoveryMode } from "../ip-send.ts";
import type { Namespace } from "../namespace.ts";
import { Step } from "../steps.ts";
import type { IcmpReport } from "../transport.ts";

/** A program's side of a socket. */
export interface SocketOwner<Message> {
  received(socket: Socket<Message>, message: Message): void;
  failed(socket: Socket<Message>, error: SocketError): void;
}

/** What the error queue of a socket tells (IP_RECVERR, struct sock_extended_err). */
export interface SocketError {
  readonly errno: Errno;
  /** "local": our own kernel refused; "icmp": somebody on the way did. */
  readonly origin: "local" | "icmp";
  /** ICMP type and code; 0 for local errors. */
  readonly type: number;
  readonly code: number;
  /** The MTU, for EMSGSIZE. */
  readonly info: number;
  /** Who complained; 0 for local errors. */
  readonly offender: Ipv4;
  /** TTL that the complaint came with (IP_RECVTTL); 0 for local errors. */
  readonly ttl: number;
  /** Where our packet was to go. */
  readonly destination: Ipv4;
  readonly port: number;
  /** What is known of our packet, from its transport header on. */
  readonly data: Uint8Array;
}

/** What a kernel charges a socket beside the bytes: struct sk_buff and skb_shared_info on a 64-bit machine. */
const OVERHEAD = 576;

class Waiting<Message> {
  readonly message: Message;
  readonly cost: number;

  constructor(message: Message, cost: number) {
    this.message = message;
    this.cost = cost;
  }
}

export abstract class Socket<Message> {
  readonly namespace: Namespace;
  /** As in "socket:[16385]". */
  readonly inode: number;
  owner: SocketOwner<Message>;
  /** SO_RCVBUF in bytes, as the kernel counts (rmem_default, then net.core.rmem_max). */
  receiveBuffer: number;
  /** SO_BINDTODEVICE */
  device: NetDevice | null = null;
  /** Messages thrown away because the buffer was full. */
  dropped = 0;
  closed = false;
  private readonly waiting = new FixedRing<Waiting<Message>>(4);
  private buffered = 0;
  private held = false;
  private diagCookie = 0;

  constructor(namespace: Namespace, owner: SocketOwner<Message>) {
    this.namespace = namespace;
    this.inode = namespace.sockets.enter(this);
    this.owner = owner;
    this.receiveBuffer = namespace.settings.core.rmem_default;
  }

  /** The owner does not read for now (it is stopped, or busy): messages wait in the buffer. */
  hold(): void {
    this.held = true;
  }

  /** The owner reads again, first what has waited. */
  release(): void {
    this.held = false;
    while (!this.held && !this.closed) {
      const next = this.waiting.shift();
      if (next === null) return;
      this.buffered -= next.cost;
      this.owner.received(this, next.message);
    }
  }

  /** Bytes in the buffer: Recv-Q of `ss`. */
  get queued(): number {
    return this.buffered;
  }

  /** What sock_diag knows it by, from the first time it is asked. */
  get cookie(): number {
    if (this.diagCookie === 0) this.diagCookie = this.namespace.sockets.nextCookie();
    return this.diagCookie;
  }

  /** Frees its port and hears nothing any more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    this.namespace.sockets.leave(this);
    while (this.waiting.shift() !== null) this.buffered = 0;
    this.unhook();
  }

  protected abstract unhook(): void;

  /** False when the buffer is full. `bytes` is the length of the frame it came in. */
  protected accept(message: Message, bytes: number): boolean {
    const cost = bytes + OVERHEAD;
    if (!this.held && this.waiting.length === 0) {
      this.owner.received(this, message);
      return true;
    }
    if (this.buffered + cost > this.receiveBuffer) {
      this.dropped++;
      return false;
    }
    this.buffered += cost;
    this.waiting.push(new Waiting(message, cost));
    return true;
  }

  /** `accept`, and the end of the frame. */
  protected take(frame: Frame, message: Message, port: number): void {
    this.namespace.note(Step.TO_SOCKET, frame, port, 0);
    if (this.accept(message, frame.length)) this.namespace.world.frames.finish(frame, Fate.DELIVERED);
    else this.namespace.drop(frame, Fate.SOCKET_BUFFER_FULL);
  }
}

/** A socket on top of IP: what its packets look like. */
export abstract class IpSocket<Message> extends Socket<Message> {
  /** IP_TTL; 0 is the system's default. */
  ttl = 0;
  tos = 0;
  discovery: DiscoveryMode = Discovery.WANT;
  /** SO_BROADCAST */
  broadcast = false;
  /** IP_RECVERR: soft errors are told too, and to unconnected sockets. */
  receiveErrors = false;
}

/** icmp_err_convert: the errno for each code of "unreachable", and whether it ends the matter. */
const UNREACHABLE: readonly (readonly [Errno, boolean])[] = [
  ["ENETUNREACH", false],
  ["EHOSTUNREACH", false],
  ["ENOPROTOOPT", true],
  ["ECONNREFUSED", true],
  ["EMSGSIZE", false],
  ["EOPNOTSUPP", false],
  ["ENETUNREACH", true],
  ["EHOSTDOWN", true],
  ["ENONET", true],
  ["ENETUNREACH", true],
  ["EHOSTUNREACH", true],
  ["ENETUNREACH", false],
  ["EHOSTUNREACH", false],
  ["EHOSTUNREACH", true],
  ["EHOSTUNREACH", true],
  ["EHOSTUNREACH", true],
];

/** Errno of an ICMP error and whether it is hard; null for source quench, which nobody hears. */
export function convertError(type: number, code: number): { readonly errno: Errno; readonly hard: boolean } | null {
  if (type === icmp.Type.SOURCE_QUENCH) return null;
  if (type === icmp.Type.TIME_EXCEEDED) return { errno: "EHOSTUNREACH", hard: false };
  if (type === icmp.Type.PARAMETER_PROBLEM) return { errno: "EPROTO", hard: true };
  const [errno, hard] = UNREACHABLE[code] ?? (["EHOSTUNREACH", true] as const);
  // __udp4_lib_err and ping_err: with path MTU discovery "too big" is hard.
  return { errno, hard: hard || code === icmp.Unreachable.FRAGMENTATION_NEEDED };
}

export const icmpError = (report: IcmpReport, errno: Errno, port: number): SocketError => ({
  errno,
  origin: "icmp",
  type: report.type,
  code: report.code,
  info: report.info,
  offender: report.offender,
  ttl: report.ttl,
  destination: report.destination,
  port,
  data: report.bytes.slice(report.from, report.to),
});

const NOTHING = new Uint8Array(0);

export const localError = (errno: Errno, destination: Ipv4, port: number, info = 0): SocketError => ({
  errno,
  origin: "local",
  type: 0,
  code: 0,
  info,
  offender: 0 as Ipv4,
  ttl: 0,
  destination,
  port,
  data: NOTHING,
});
