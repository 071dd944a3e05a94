/** What ss prints: the tables in its order, once every name is known that -r asks for. */
import type { Ipv4 } from "../../../packet/address.ts";
import type { PacketSocket } from "../../../stack/socket/packet.ts";
import { UdpSocket } from "../../../stack/socket/udp.ts";
import { type ListedSocket, packetSockets, rawSockets, udpSockets } from "../../proc-net/socket-list.ts";
import type { Process } from "../../process.ts";
import { type HostNames, NamedListing } from "../../program/named-listing.ts";
import { type Row, tableText } from "./columns.ts";
import { type Filter, type FilterSubject, passes } from "./filter.ts";
import { isEphemeral, SocketPrinter } from "./print.ts";
import type { SsSettings } from "./settings.ts";
import { isSeveral, type Selection } from "./tables.ts";

/** TCP_CLOSE: the state of every packet socket. */
const CLOSE = 7;

export class Listing extends NamedListing {
  private readonly settings: SsSettings;
  private readonly selection: Selection;
  private readonly filter: Filter | null;

  constructor(settings: SsSettings, selection: Selection, filter: Filter | null) {
    super();
    this.settings = settings;
    this.selection = selection;
    this.filter = filter;
  }

  protected addresses(process: Process): readonly Ipv4[] | null {
    return this.settings.resolve ? this.inet(process).flatMap(({ local, remote }) => [local, remote]) : null;
  }

  protected print(process: Process, names: HostNames): number {
    const { selection, settings } = this;
    const printer = new SocketPrinter(process.machine, settings, names);
    const rows: Row[] = [
      ...this.packets(process).map((socket) => printer.packet(socket)),
      ...this.inet(process).map((socket) => printer.inet(socket)),
    ];
    const columns = { netid: selection.tables.size > 1, state: isSeveral(selection.states) };
    process.print(tableText(rows, { header: settings.header, ...columns }));
    return 0;
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
