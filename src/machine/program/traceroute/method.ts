/**
 * How a probe looks and how its answer is known: a UDP socket for each, or one for echo requests.
 * Follows mod-udp.c and mod-icmp.c of traceroute 2.1.2. -F asks for the path MTU that is known, where the real one goes by
 * that of the device alone (IP_PMTUDISC_PROBE).
 */
import { get16 } from "../../../base/bytes.ts";
import type { NetDevice } from "../../../device/device.ts";
import * as icmp from "../../../packet/icmp.ts";
import { ERRNO_TEXT, type Refusal } from "../../../stack/errno.ts";
import { Discovery } from "../../../stack/ip-send.ts";
import { routeOutput } from "../../../stack/route-output.ts";
import { RouteType } from "../../../stack/route-table.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import { IcmpSocket } from "../../../stack/socket/icmp.ts";
import type { IpSocket, Socket, SocketError, SocketOwner } from "../../../stack/socket/socket.ts";
import { UdpSocket } from "../../../stack/socket/udp.ts";
import type { Process } from "../../process.ts";
import type { Probe } from "./probe.ts";
import type { TracerouteSettings } from "./settings.ts";

/** Offset of the sequence number in an echo message. */
const SEQUENCE = 6;
/** The data of a probe: "@ABC...". */
const FIRST_BYTE = 0x40;

/** What the kernel would not do, as perror(3) tells it; the program ends of it. */
export class Trouble {
  readonly text: string;

  constructor(call: string, refusal: Refusal) {
    this.text = `${call}: ${ERRNO_TEXT[refusal.errno]}`;
  }
}

export interface Method {
  /** Null when all is well. */
  open(): Trouble | null;
  /** Answers what the kernel says at once: a problem, or an error that will be read from the queue. */
  send(probe: Probe, ttl: number): Trouble | SocketError | null;
  /** The probe that an answer is for. */
  ofReply(socket: Socket<Datagram>, datagram: Datagram, probes: readonly Probe[]): Probe | null;
  ofError(socket: Socket<Datagram>, error: SocketError, probes: readonly Probe[]): Probe | null;
  close(): void;
}

/** traceroute's own habit: the byte at place `at` of the message. */
function filled(length: number, from: number): Uint8Array {
  const data = new Uint8Array(length);
  for (let i = 0; i < length; i++) data[i] = FIRST_BYTE + ((from + i) & 0x3f);
  return data;
}

function tune(socket: IpSocket<Datagram>, device: NetDevice | null, { tos, dontFragment }: TracerouteSettings): void {
  socket.device = device;
  socket.tos = tos;
  socket.receiveErrors = true;
  socket.discovery = dontFragment ? Discovery.DO : Discovery.DONT;
}

/** SO_BINDTODEVICE */
function findDevice(process: Process, name: string | null): NetDevice | null | Trouble {
  if (name === null) return null;
  const device = process.machine.table.find(name);
  return device ?? new Trouble("setsockopt SO_BINDTODEVICE", { errno: "ENODEV", message: null });
}

export class UdpMethod implements Method {
  private readonly process: Process;
  private readonly settings: TracerouteSettings;
  private readonly owner: SocketOwner<Datagram>;
  private readonly data: Uint8Array;
  private port: number;

  constructor(process: Process, settings: TracerouteSettings, owner: SocketOwner<Datagram>) {
    this.process = process;
    this.settings = settings;
    this.owner = owner;
    this.data = filled(settings.dataLength, 0);
    this.port = settings.first;
  }

  open(): null {
    return null;
  }

  send(probe: Probe, ttl: number): Trouble | SocketError | null {
    const { process, settings } = this;
    const device = findDevice(process, settings.device);
    if (device instanceof Trouble) return device;
    const socket = process.hold(new UdpSocket(process.machine.net, this.owner));
    tune(socket, device, settings);
    socket.ttl = ttl;
    const unbound = settings.source === 0 ? null : socket.bind(settings.source, 0);
    if (unbound !== null) return new Trouble("bind", unbound);
    const refused = socket.connect(settings.destination, this.port & 0xffff);
    if (refused !== null) return new Trouble("connect", refused);
    probe.socket = socket;
    if (settings.method === "udp") this.port++;
    return socket.send(this.data);
  }

  ofReply(socket: Socket<Datagram>, _datagram: Datagram, probes: readonly Probe[]): Probe | null {
    return probes.find((each) => each.socket === socket) ?? null;
  }

  ofError(socket: Socket<Datagram>, _error: SocketError, probes: readonly Probe[]): Probe | null {
    return probes.find((each) => each.socket === socket) ?? null;
  }

  close(): void {}
}

export class IcmpMethod implements Method {
  private readonly process: Process;
  private readonly settings: TracerouteSettings;
  private readonly socket: IcmpSocket;
  private readonly data: Uint8Array;
  private sequence: number;

  constructor(process: Process, settings: TracerouteSettings, owner: SocketOwner<Datagram>) {
    this.process = process;
    this.settings = settings;
    this.socket = process.hold(new IcmpSocket(process.machine.net, owner));
    this.data = filled(settings.dataLength - icmp.HEADER_LENGTH, icmp.HEADER_LENGTH);
    this.sequence = settings.first;
  }

  open(): Trouble | null {
    const { process, settings, socket } = this;
    const { source, destination } = settings;
    const device = findDevice(process, settings.device);
    if (device instanceof Trouble) return device;
    tune(socket, device, settings);
    const refusal = socket.bind(source, process.pid & 0xffff);
    if (refusal !== null && refusal.errno !== "EADDRINUSE") return new Trouble("bind", refusal);
    if (refusal !== null) socket.bind(source);
    const route = routeOutput(process.machine.net, destination, source, device);
    if ("errno" in route) return new Trouble("connect", route);
    if (route.type === RouteType.BROADCAST) return new Trouble("connect", { errno: "EACCES", message: null });
    socket.peer = destination;
    socket.localAddress = route.source;
    return null;
  }

  send(probe: Probe, ttl: number): SocketError | null {
    const sequence = this.sequence++ & 0xffff;
    probe.sequence = sequence;
    this.socket.ttl = ttl;
    return this.socket.send({ destination: this.settings.destination, sequence, data: this.data });
  }

  ofReply(_socket: Socket<Datagram>, { data }: Datagram, probes: readonly Probe[]): Probe | null {
    return find(probes, get16(data, SEQUENCE));
  }

  /** What our own kernel says is not about a packet that was sent: it goes to the first one. */
  ofError(_socket: Socket<Datagram>, { origin, data }: SocketError, probes: readonly Probe[]): Probe | null {
    if (origin === "icmp") return find(probes, get16(data, SEQUENCE));
    const first = probes[(this.settings.firstHop - 1) * this.settings.queries]!;
    return first.done ? null : first;
  }

  close(): void {
    this.socket.close();
  }
}

const find = (probes: readonly Probe[], sequence: number): Probe | null =>
  probes.find((each) => each.sequence === sequence && sequence !== 0) ?? null;
