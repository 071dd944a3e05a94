/** The DHCP server on its socket: requests in, replies out, and the ping that looks whether an address is in use. */
import type { NetDevice } from "../../../device/device.ts";
import type { EventTarget } from "../../../engine/scheduler.ts";
import { seconds } from "../../../engine/time.ts";
import type { Timer } from "../../../engine/timer.ts";
import { ANY_IPV4, formatIpv4, type Ipv4 } from "../../../packet/address.ts";
import * as dhcp from "../../../packet/dhcp.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import { Discovery } from "../../../stack/ip-send.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import { IcmpSocket } from "../../../stack/socket/icmp.ts";
import type { Socket, SocketOwner } from "../../../stack/socket/socket.ts";
import { UdpSocket } from "../../../stack/socket/udp.ts";
import { setArp } from "../../command/net-tools/ioctl.ts";
import type { Process } from "../../process.ts";
import { Mailbox } from "../mailbox.ts";
import { DhcpServer } from "./dhcp-server.ts";
import { bindsAddresses, onlyInterface, servesDhcp, servesInterface } from "./interfaces.ts";
import type { Leases } from "./lease.ts";
import type { LeaseKeeper } from "./lease-keeper.ts";
import type { LocalNames } from "./local-names.ts";
import type { Log } from "./log.ts";
import { ExitCode, Fatal } from "./read-settings.ts";
import type { Destination, DhcpHouse } from "./request.ts";
import type { Settings } from "./settings.ts";

/** PING_WAIT, in twelve quarters of a second. */
const PROBE_WAIT = seconds(3);
/** sizeof(struct icmp) of the C library, less the header: what the probe carries, all zero. */
const PROBE_DATA = new Uint8Array(20);
/** IPTOS_CLASS_CS6 */
const TOS = 0xc0;
/** Behind the file of the leases. */
const DESCRIPTOR = 4;

const READ = 0;
const PROBE_OVER = 1;

export class DhcpService implements DhcpHouse, EventTarget, SocketOwner<Datagram> {
  readonly settings: Settings;
  readonly server: DhcpServer;
  private readonly process: Process;
  private readonly keeper: LeaseKeeper;
  private readonly names: LocalNames;
  private readonly logbook: Log;
  private readonly mailbox: Mailbox<Datagram>;
  private readonly probeTimer: Timer;
  private socket: UdpSocket | null = null;
  private probing: IcmpSocket | null = null;
  private probed: Ipv4 = ANY_IPV4;

  constructor(process: Process, settings: Settings, keeper: LeaseKeeper, names: LocalNames, log: Log) {
    this.process = process;
    this.settings = settings;
    this.keeper = keeper;
    this.names = names;
    this.logbook = log;
    this.mailbox = new Mailbox(process, this, READ);
    this.probeTimer = process.timer(this, PROBE_OVER);
    this.server = new DhcpServer(this);
  }

  /** Throws `Fatal`. */
  open(): void {
    const { net } = this.process.machine;
    const socket = this.process.hold(new UdpSocket(net, this), DESCRIPTOR);
    socket.broadcast = true;
    socket.tos = TOS;
    socket.discovery = Discovery.DONT;
    socket.reuseAddress = bindsAddresses(this.settings);
    const only = onlyInterface(this.settings);
    if (only !== null) socket.bindToDevice(net.table.find(only));
    const refusal = socket.bind(ANY_IPV4, dhcp.SERVER_PORT);
    if (refusal !== null) {
      throw new Fatal(`failed to bind DHCP server socket: ${ERRNO_TEXT[refusal.errno]}`, ExitCode.BADNET);
    }
    this.socket = socket;
  }

  close(): void {
    this.socket?.close();
    this.probing?.close();
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    if (socket === this.socket) this.mailbox.put(socket, datagram);
    else if (datagram.source === this.probed) this.endProbe(true);
  }

  failed(): void {}

  handle(operation: number): void {
    if (operation === PROBE_OVER) this.endProbe(false);
    else this.read();
  }

  get leases(): Leases {
    return this.keeper.leases;
  }

  get now(): number {
    return this.process.machine.clockSeconds;
  }

  log(line: string): void {
    this.logbook.dhcp(line);
  }

  addressesOf(device: NetDevice) {
    return this.process.machine.net.addresses.of(device);
  }

  hostFromDns(address: Ipv4): string | null {
    return this.settings.port === 0 ? null : this.names.hostOf(address, this.settings.domain);
  }

  probe(address: Ipv4): void {
    const { net } = this.process.machine;
    const socket = this.process.hold(new IcmpSocket(net, this));
    this.probing = socket;
    this.probed = address;
    socket.send({ destination: address, sequence: 0, data: PROBE_DATA });
    this.probeTimer.armAfter(PROBE_WAIT);
  }

  send(reply: dhcp.Message, { address, port, device, injects }: Destination): void {
    if (injects && device !== null) {
      const refusal = setArp(this.process.machine, address, reply.clientMac, device, false);
      if (refusal !== null) this.log(`ARP-cache injection failed: ${ERRNO_TEXT[refusal.errno]}`);
    }
    const info = device === null ? null : { device, source: ANY_IPV4 };
    const error = this.socket!.send(dhcp.encode(reply), { address, port }, info);
    if (error !== null) this.log(`Error sending DHCP packet to ${formatIpv4(address)}: ${ERRNO_TEXT[error.errno]}`);
  }

  leasesChanged(): void {
    this.keeper.settle();
  }

  random16(): number {
    return this.process.machine.world.random(`dnsmasq.${this.process.machine.name}`).below(0x1_0000);
  }

  private read(): void {
    while (!this.server.isDeaf) {
      if (this.mailbox.isPending) this.mailbox.open();
      const datagram = this.mailbox.take();
      if (datagram === null) return;
      const device = this.process.machine.table.byIndex(datagram.ifindex);
      if (device !== null && servesInterface(this.settings, device.name) && servesDhcp(this.settings, device.name)) {
        this.server.receive(datagram, device);
      }
    }
  }

  private endProbe(isUsed: boolean): void {
    this.probing?.close();
    this.probing = null;
    this.probeTimer.cancel();
    this.server.probeEnded(isUsed);
    this.read();
  }
}
