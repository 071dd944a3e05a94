/**
 * tcpdump on a device: the kernel's filter and ring, and the program that reads it. Outgoing frames are seen behind the
 * queue, as they go to the driver. Follows tcpdump.c 4.99.3 and pcap-linux.c of libpcap 1.10.3.
 */
import type { NetDevice } from "../../../device/device.ts";
import type { Timer } from "../../../engine/timer.ts";
import { LINKTYPE_ETHERNET } from "../../../packet/capture/limits.ts";
import { PcapWriter } from "../../../packet/capture/pcap.ts";
import { matches } from "../../../packet/filter.ts";
import { PacketSocket, type RawFrame } from "../../../stack/socket/packet.ts";
import type { Socket, SocketError, SocketOwner } from "../../../stack/socket/socket.ts";
import { type FileNode, RegularFile } from "../../files.ts";
import { Program, type SignalName, WAKE_LATENCY } from "../../process.ts";
import { Lines } from "./lines.ts";
import type { TcpdumpSettings } from "./settings.ts";

/** The ring between kernel and program, in bytes: -B's default. */
const RING = 2 * 1024 * 1024;
/** What the kernel puts before every frame in the ring. */
const RING_HEADER = 100;
/** stdio's buffer of the file that -w names. */
const FILE_BUFFER = 4096;
/** One lower is open before it. */
const DESCRIPTOR = 4;

export class Tcpdump extends Program implements SocketOwner<RawFrame> {
  private readonly settings: TcpdumpSettings;
  /** Null: any. */
  private readonly device: NetDevice | null;
  private readonly file: FileNode | null;
  private readonly lines: Lines;
  private socket: PacketSocket | null = null;
  private writer: PcapWriter | null = null;
  private reader: Timer | null = null;
  private readonly ring: RawFrame[] = [];
  private ringBytes = 0;
  private captured = 0;
  private filtered = 0;
  private dropped = 0;

  constructor(settings: TcpdumpSettings, device: NetDevice | null, file: FileNode | null) {
    super();
    this.settings = settings;
    this.device = device;
    this.file = file;
    this.lines = new Lines(settings);
  }

  start(): void {
    const { process, settings } = this;
    this.reader = process.timer(this, 0);
    this.socket = process.hold(new PacketSocket(process.machine.net, this), DESCRIPTOR);
    this.socket.open(this.device, settings.promiscuous);
    if (this.file !== null) {
      this.writer = new PcapWriter(process.machine.epoch, settings.snaplen, LINKTYPE_ETHERNET, "microseconds");
    }
    process.error(this.firstLines());
  }

  private firstLines(): string {
    const { verbose, write, snaplen } = this.settings;
    const { name } = this.process;
    const cooked = this.device === null ? `${name}: data link type LINUX_SLL2\n` : "";
    const hint = "verbose output suppressed, use -v[v]... for full protocol decode\n";
    const type = this.device === null ? "LINUX_SLL2 (Linux cooked v2)" : "EN10MB (Ethernet)";
    const isHinted = !verbose && write === null;
    const listening = `listening on ${this.device?.name ?? "any"}, link-type ${type}, snapshot length ${snaplen} bytes\n`;
    return `${cooked}${name}: ${isHinted ? hint : ""}${listening}`;
  }

  /** In the kernel: the filter, and a place in the ring. */
  received(_socket: Socket<RawFrame>, frame: RawFrame): void {
    const { data } = frame;
    if (!matches(this.settings.filter, data, 0, data.length)) return;
    this.filtered++;
    const size = Math.min(data.length, this.settings.snaplen) + RING_HEADER;
    if (this.ringBytes + size > RING) {
      this.dropped++;
      return;
    }
    this.ringBytes += size;
    this.ring.push(frame);
    if (this.reader!.due === null) this.reader!.armAfter(WAKE_LATENCY);
  }

  failed(_socket: Socket<RawFrame>, _error: SocketError): void {
    this.drain();
    this.process.error(`${this.process.name}: pcap_loop: The interface disappeared\n`);
    this.finish(1);
  }

  override handle(): void {
    this.drain();
  }

  override signal(name: SignalName): void {
    if (name !== "INT" && name !== "TERM" && name !== "HUP") return super.signal(name);
    this.drain();
    if (this.process.hasEnded) return;
    if (this.settings.write === null) this.process.print("\n");
    this.finish(0);
  }

  override ended(): void {
    this.socket?.close();
    this.flush();
  }

  private drain(): void {
    for (let frame = this.ring.shift(); frame !== undefined; frame = this.ring.shift()) {
      if (this.process.hasEnded) return;
      this.ringBytes -= Math.min(frame.data.length, this.settings.snaplen) + RING_HEADER;
      if (this.isWanted(frame)) this.take(frame);
    }
  }

  /** libpcap leaves out the way out through loopback, where every frame comes back in. */
  private isWanted({ device, outgoing }: RawFrame): boolean {
    if (outgoing && device.traits.link === "loopback") return false;
    const { direction } = this.settings;
    return direction === "inout" || outgoing === (direction === "out");
  }

  private take(frame: RawFrame): void {
    this.captured++;
    if (this.writer === null) this.show(frame);
    else this.store(frame, this.writer);
    if (this.captured === this.settings.count && !this.process.hasEnded) this.finish(0);
  }

  private show({ data, time, device, outgoing }: RawFrame): void {
    const micros = this.process.machine.epoch * 1e6 + Math.floor(time / 1e3);
    const kept = data.subarray(0, this.settings.snaplen);
    this.process.print(this.lines.line({ micros, data: kept, length: data.length, device, outgoing }));
  }

  private store({ data, time }: RawFrame, writer: PcapWriter): void {
    writer.packet(0, time, data, 0, data.length, data.length);
    if (this.settings.unbuffered || writer.pending.length >= FILE_BUFFER) this.flush();
  }

  private flush(): void {
    if (this.writer === null || this.writer.pending.length === 0) return;
    const bytes = this.writer.pending.take();
    const refused = this.file instanceof RegularFile ? this.file.append(bytes) : null;
    if (refused === null || this.process.hasEnded) return;
    this.process.error(`${this.process.name}: Unable to write output: ${refused.text}\n`);
    this.process.exit(1);
  }

  private finish(code: number): void {
    const { process } = this;
    this.flush();
    if (process.hasEnded) return;
    process.error(
      `${packets(this.captured)} captured\n` +
        `${packets(this.filtered)} received by filter\n` +
        `${packets(this.dropped)} dropped by kernel\n`,
    );
    process.exit(code);
  }
}

const packets = (count: number): string => `${count} packet${count === 1 ? "" : "s"}`;
