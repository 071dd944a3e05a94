/** The DNS server on its sockets: one for all addresses, or one for each (bind-interfaces, bind-dynamic). */
import type { NetDevice } from "../../../device/device.ts";
import type { EventTarget } from "../../../engine/scheduler.ts";
import { ANY_IPV4, formatIpv4, type Ipv4, parseIpv4 } from "../../../packet/address.ts";
import { PORT } from "../../../packet/dns.ts";
import { ERRNO_TEXT } from "../../../stack/errno.ts";
import type { Datagram } from "../../../stack/socket/datagram.ts";
import type { Socket, SocketOwner } from "../../../stack/socket/socket.ts";
import { type Endpoint, UdpSocket } from "../../../stack/socket/udp.ts";
import { Errno } from "../../errno.ts";
import type { Process } from "../../process.ts";
import { Mailbox } from "../mailbox.ts";
import { type Client, type DnsHouse, DnsServer } from "./dns-server.ts";
import { bindsAddresses, servesAddress } from "./interfaces.ts";
import type { LocalNames } from "./local-names.ts";
import type { Log } from "./log.ts";
import { ExitCode, Fatal } from "./read-settings.ts";
import type { Settings } from "./settings.ts";

interface Letter {
  readonly socket: UdpSocket;
  readonly datagram: Datagram;
}

export class DnsService implements DnsHouse, EventTarget, SocketOwner<Datagram> {
  readonly settings: Settings;
  readonly names: LocalNames;
  readonly server: DnsServer;
  private readonly process: Process;
  private readonly logbook: Log;
  private readonly mailbox: Mailbox<Letter>;
  private readonly listening: UdpSocket[] = [];
  /** By the id of the query that waits. */
  private readonly asking = new Map<number, UdpSocket>();
  private resolvText: string | null = null;

  constructor(process: Process, settings: Settings, names: LocalNames, log: Log) {
    this.process = process;
    this.settings = settings;
    this.names = names;
    this.logbook = log;
    this.mailbox = new Mailbox(process, this, 0);
    this.server = new DnsServer(this);
  }

  /** Throws `Fatal`. */
  open(): void {
    if (!bindsAddresses(this.settings)) return this.listen(ANY_IPV4, `port ${this.settings.port}`);
    this.openAddresses();
  }

  /** Addresses that have come since; those that have gone are not listened to any more. */
  openAddresses(): void {
    if (!bindsAddresses(this.settings)) return;
    const { table, net } = this.process.machine;
    const served = table.devices.flatMap((device) =>
      net.addresses
        .of(device)
        .map(({ address }) => address)
        .filter((address) => servesAddress(this.settings, device.name, address)),
    );
    for (const socket of this.listening.filter(({ localAddress }) => !served.includes(localAddress))) {
      socket.close();
      this.listening.splice(this.listening.indexOf(socket), 1);
    }
    for (const address of served) {
      const isHeard = this.listening.some(({ localAddress }) => localAddress === address);
      if (!isHeard) this.listen(address, formatIpv4(address));
    }
  }

  private listen(address: Ipv4, what: string): void {
    const socket = this.process.hold(new UdpSocket(this.process.machine.net, this), this.nextDescriptor);
    const refusal = socket.bind(address, this.settings.port);
    if (refusal !== null) {
      throw new Fatal(`failed to create listening socket for ${what}: ${ERRNO_TEXT[refusal.errno]}`, ExitCode.BADNET);
    }
    this.listening.push(socket);
  }

  /** Each listener has one for TCP behind it; before them stand netlink and, of a DHCP server, its leases and its socket. */
  private get nextDescriptor(): number {
    return (this.settings.ranges.length > 0 ? 6 : 4) + 2 * this.listening.length;
  }

  close(): void {
    for (const socket of [...this.listening, ...this.asking.values()]) socket.close();
  }

  /** resolv.conf, when it has changed. */
  readUpstream(): void {
    const { settings } = this;
    if (settings.has("no-resolv")) return;
    const found = this.process.machine.files.read(settings.resolvFile);
    const text = found instanceof Errno ? "" : found;
    if (text === this.resolvText) return;
    this.resolvText = text;
    if (found instanceof Errno) return this.log(`failed to access ${settings.resolvFile}: ${found.text}`);
    const servers: Endpoint[] = [];
    for (const [, word] of text.matchAll(/^[ \t]*nameserver[ \t]+(\S+)/gm)) {
      const address = parseIpv4(word!);
      if (address !== null) servers.push({ address, port: PORT });
    }
    const isOurs = ({ address }: Endpoint): boolean => this.process.machine.net.fib.isLocal(address);
    this.log(
      servers.length === 0
        ? `no servers found in ${settings.resolvFile}, will retry`
        : `reading ${settings.resolvFile}`,
    );
    for (const server of servers) {
      const name = formatIpv4(server.address);
      this.log(
        isOurs(server) ? `ignoring nameserver ${name} - local interface` : `using nameserver ${name}#${server.port}`,
      );
    }
    this.server.setUpstream(servers.filter((server) => !isOurs(server)));
  }

  received(socket: Socket<Datagram>, datagram: Datagram): void {
    this.mailbox.put(socket, { socket: socket as UdpSocket, datagram });
  }

  failed(): void {}

  handle(): void {
    this.mailbox.open();
    for (let letter = this.mailbox.take(); letter !== null; letter = this.mailbox.take()) this.read(letter);
  }

  private read({ socket, datagram }: Letter): void {
    const { source, sourcePort, destination, data, ifindex } = datagram;
    const from = { address: source, port: sourcePort };
    if (!this.listening.includes(socket)) return this.server.reply(data, from);
    const device = this.process.machine.table.byIndex(ifindex);
    if (device === null || !this.serves(device, destination)) return;
    this.readUpstream();
    this.server.query(data, { source: from, socket, local: destination });
  }

  /** loopback_exception of network.c: this host's own questions to an address that is served come in by lo. */
  private serves(device: NetDevice, address: Ipv4): boolean {
    const { net } = this.process.machine;
    const owner = device === net.loopback ? net.deviceOf(address) : null;
    return servesAddress(this.settings, (owner ?? device).name, address);
  }

  get now(): number {
    return this.process.machine.clockSeconds;
  }

  log(line: string): void {
    this.logbook.dns(line);
  }

  answer(bytes: Uint8Array, { source, socket, local }: Client): void {
    socket.send(bytes, source, { device: null, source: local });
  }

  ask(bytes: Uint8Array, id: number, server: Endpoint): boolean {
    const socket = this.asking.get(id) ?? this.process.hold(new UdpSocket(this.process.machine.net, this));
    this.asking.set(id, socket);
    return socket.send(bytes, server) === null;
  }

  hangUp(id: number): void {
    this.asking.get(id)?.close();
    this.asking.delete(id);
  }

  random16(): number {
    return this.process.machine.world.random(`dnsmasq.${this.process.machine.name}`).below(0x1_0000);
  }
}
