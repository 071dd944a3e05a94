/**
 * The lists of sockets that netstat prints. Follows udp_do_one, raw_do_one, addr_do_one and finish_this_one of netstat.c.
 * The lists of TCP, UDP-Lite and of Unix domains stay empty: there are no such sockets here, and none of IPv6.
 */
import { ANY_IPV4, formatIpv4, type Ipv4 } from "../../../../packet/address.ts";
import { holderOf, type ListedSocket, rawSockets, SocketState, udpSockets } from "../../../proc-net/socket-list.ts";
import type { ProcessHost } from "../../../process.ts";
import type { HostNames } from "../../../program/named-listing.ts";
import { protocolName, serviceName } from "../../iptables/names.ts";

/** "other": UDP-Lite and SCTP. */
export type SocketList = "tcp" | "udp" | "raw" | "unix" | "other";

export interface SocketSettings {
  /** Lists to print; null: every one. */
  readonly lists: ReadonlySet<SocketList> | null;
  /** Of what is no Unix domain; false: only those of IPv6. */
  readonly inet: boolean;
  readonly all: boolean;
  readonly listening: boolean;
  readonly numericPorts: boolean;
  readonly numericUsers: boolean;
  readonly wide: boolean;
  readonly extended: boolean;
  readonly timers: boolean;
  readonly programs: boolean;
}

const INET: readonly SocketList[] = ["tcp", "udp", "raw", "other"];
const ADDRESS_WIDTH = 22;
const PROGRAM_WIDTH = 20;
const PROGRAM_HEAD = "PID/Program name";

/** Those that the words ask for: without -a and -l only what has a peer. */
export function wantedSockets(machine: ProcessHost, settings: SocketSettings): ListedSocket[] {
  const { lists, all, listening, inet } = settings;
  if (!inet) return [];
  const listed = [
    ...(lists === null || lists.has("udp") ? udpSockets(machine.net) : []),
    ...(lists === null || lists.has("raw") ? rawSockets(machine.net) : []),
  ];
  return listed.filter(({ remote }) => all || (remote === ANY_IPV4) === listening);
}

export function socketsText(machine: ProcessHost, settings: SocketSettings, names: HostNames): string {
  const { lists } = settings;
  const isInet = lists === null || INET.some((each) => lists.has(each));
  const inet = isInet ? new SocketLines(machine, settings, names).text() : "";
  return inet + (lists === null || lists.has("unix") ? unixHead(settings) : "");
}

function which({ all, listening }: SocketSettings): string {
  if (all) return "(servers and established)";
  return listening ? "(only servers)" : "(w/o servers)";
}

const unixHead = (settings: SocketSettings): string =>
  `Active UNIX domain sockets ${which(settings)}\nProto RefCnt Flags       Type       State         I-Node  ${programHead(settings)} Path\n`;

const programHead = ({ programs }: SocketSettings): string =>
  programs ? ` ${PROGRAM_HEAD.padEnd(PROGRAM_WIDTH)}` : "";

class SocketLines {
  private readonly machine: ProcessHost;
  private readonly settings: SocketSettings;
  private readonly names: HostNames;

  constructor(machine: ProcessHost, settings: SocketSettings, names: HostNames) {
    this.machine = machine;
    this.settings = settings;
    this.names = names;
  }

  text(): string {
    const { settings } = this;
    const columns = "Proto Recv-Q Send-Q Local Address           Foreign Address         State      ";
    const more = [
      settings.extended ? " User       Inode     " : "",
      programHead(settings),
      settings.timers ? " Timer" : "",
    ];
    const lines = wantedSockets(this.machine, settings).map((each) => this.line(each));
    return `Active Internet connections ${which(settings)}\n${columns}${more.join("")}\n${lines.join("")}`;
  }

  private line(each: ListedSocket): string {
    const { settings } = this;
    const { kind, socket } = each;
    const queues = `${String(socket.queued).padStart(6)} ${"0".padStart(6)}`;
    const ends = [this.end(each, each.local, each.localPort), this.end(each, each.remote, each.remotePort)];
    const more = [
      settings.extended
        ? ` ${(settings.numericUsers ? "0" : "root").padEnd(10)} ${String(socket.inode).padEnd(10)}`
        : "",
      settings.programs ? ` ${this.program(each).padEnd(PROGRAM_WIDTH)}` : "",
      settings.timers ? " off (0.00/0/0)" : "",
    ];
    const columns = ends.map((end) => end.padEnd(ADDRESS_WIDTH + 1)).join(" ");
    return `${kind.padEnd(5)} ${queues} ${columns} ${stateOf(each).padEnd(11)}${more.join("")}\n`;
  }

  private end(each: ListedSocket, address: Ipv4, port: number): string {
    const host = (address === ANY_IPV4 ? null : this.names?.of(address)) ?? formatIpv4(address);
    const service = this.service(each, port);
    if (this.settings.wide || host.length + service.length <= ADDRESS_WIDTH) return `${host}:${service}`;
    // The port, as far as it leaves room for four characters of the host.
    const kept = Math.min(service.length, ADDRESS_WIDTH - 4);
    return `${host.slice(0, ADDRESS_WIDTH - kept)}:${service.slice(0, kept)}`;
  }

  private service({ kind }: ListedSocket, port: number): string {
    if (port === 0) return "*";
    const name = this.settings.numericPorts ? null : kind === "raw" ? protocolName(port) : serviceName(port, "udp");
    return name ?? String(port);
  }

  private program({ socket }: ListedSocket): string {
    const holder = holderOf(this.machine, socket);
    if (holder === null) return "-";
    const { pid, name } = holder.process;
    const program = name.startsWith("/") ? name.slice(name.lastIndexOf("/") + 1) : name;
    return `${pid}/${program}`.slice(0, PROGRAM_WIDTH - 1);
  }
}

function stateOf({ kind, state }: ListedSocket): string {
  if (kind === "raw") return String(state);
  return state === SocketState.ESTABLISHED ? "ESTABLISHED" : "";
}
