/** What ss prints: the tables in its order, once every name is known that -r asks for. */
import type { Ipv4 } from "../../../packet/address.ts";
import type { PacketSocket } from "../../../stack/socket/packet.ts";
import { UdpSocket } from "../../../stack/socket/udp.ts";
import { type ListedSocket, packetSockets, rawSockets, udpSockets } from "../../proc-net/socket-list.ts";
import { type Process, Program } from "../../process.ts";
import { type NamesOwner, ReverseNames } from "../../program/reverse-names.ts";
import { type Row, tableText } from "./columns.ts";
import { type Filter, type FilterSubject, passes } from "./filter.ts";
import { addressesOf, isEphemeral, SocketPrinter } from "./print.ts";
import type { SsSettings } from "./settings.ts";
import { isSeveral, type Selection } from "./tables.ts";

/** TCP_CLOSE: the state of every packet socket. */
const CLOSE = 7;

export class Listing extends Program implements NamesOwner {
  private readonly settings: SsSettings;
  private readonly selection: Selection;
  private readonly filter: Filter | null;
  private names: ReverseNames | null = null;

  constructor(settings: SsSettings, selection: Selection, filter: Filter | null) {
    super();
    this.settings = settings;
    this.selection = selection;
    this.filter = filter;
  }

  start(): void {
    this.names = new ReverseNames(this.process, this);
    this.named();
  }

  named(): void {
    const names = this.names!;
    const open = this.addresses().find((address) => names.isOpen(address));
    if (open !== undefined) return names.ask(open);
    this.print(this.process, names);
    this.process.exit(0);
  }

  override ended(): void {
    this.names?.close();
  }

  /** No name is wanted: nothing to wait for. */
  printAtOnce(process: Process): number {
    this.print(process, new ReverseNames(process, this));
    return 0;
  }

  private addresses(): Ipv4[] {
    return this.inet(this.process).flatMap(addressesOf);
  }

  private print(process: Process, names: ReverseNames): void {
    const { selection, settings } = this;
    const printer = new SocketPrinter(process.machine, settings, names);
    const rows: Row[] = [
      ...this.packets(process).map((socket) => printer.packet(socket)),
      ...this.inet(process).map((socket) => printer.inet(socket)),
    ];
    const columns = { netid: selection.tables.size > 1, state: isSeveral(selection.states) };
    process.print(tableText(rows, { header: settings.header, ...columns }));
  }

  /** Both kinds, whichever of them was asked for. */
  private packets({ machine }: Process): PacketSocket[] {
    const { families, tables } = this.selection;
    const isAsked = tables.has("p_raw") || tables.has("p_dgr");
    if (!isAsked || !families.has("link") || !this.selection.shows(CLOSE)) return [];
    return packetSockets(machine.net).filter(({ protocol, device }) => {
      const ends = { local: protocol as Ipv4, remote: 0 as Ipv4, remotePort: 0, isAutobound: false };
      const ifindex = device?.index ?? 0;
      return this.isWanted({ ...ends, localPort: ifindex, ifindex });
    });
  }

  /** Raw ones first. */
  private inet({ machine }: Process): ListedSocket[] {
    const { tables, families } = this.selection;
    if (!families.has("inet")) return [];
    const listed = [
      ...(tables.has("raw") ? rawSockets(machine.net) : []),
      ...(tables.has("udp") ? udpSockets(machine.net) : []),
    ];
    return listed.filter((each) => {
      if (!this.selection.shows(each.state)) return false;
      const subject = { ...each, ifindex: each.socket.device?.index ?? 0 };
      // The kernel has heard the filter too, and both must find the same: it knows who has bound the port, ss where it lies.
      const isChosen = each.socket instanceof UdpSocket && !each.socket.hasOwnPort;
      const isHigh = isEphemeral(machine, each.localPort);
      return [isChosen, isHigh].every((isAutobound) => this.isWanted({ ...subject, isAutobound }));
    });
  }

  private isWanted(subject: FilterSubject): boolean {
    return this.filter === null || passes(this.filter, subject);
  }
}
