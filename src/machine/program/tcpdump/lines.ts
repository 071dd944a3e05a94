/** One line of tcpdump: number, time, interface, what the frame says, and its bytes. Times are in UTC. */
import { get16 } from "../../../base/bytes.ts";
import type { NetDevice } from "../../../device/device.ts";
import { BROADCAST_MAC, isGroup } from "../../../packet/address.ts";
import { describe } from "../../../packet/describe.ts";
import * as ethernet from "../../../packet/ethernet.ts";
import * as vlan from "../../../packet/vlan.ts";
import { formatDate } from "../../calendar.ts";
import type { TcpdumpSettings } from "./settings.ts";

export interface SeenFrame {
  /** Microseconds since 1970. */
  readonly micros: number;
  /** What was kept of it, from the Ethernet header on. */
  readonly data: Uint8Array;
  /** Bytes it had. */
  readonly length: number;
  /** Null: read from a file. */
  readonly device: NetDevice | null;
  readonly outgoing: boolean;
}

/** struct sll2_header less an Ethernet header: what a frame gains on the interface "any". */
const COOKED_EXTRA = 6;
const BYTES_A_ROW = 16;

export class Lines {
  private readonly settings: TcpdumpSettings;
  private number = 0;
  private first: number | null = null;
  private last = 0;

  constructor(settings: TcpdumpSettings) {
    this.settings = settings;
  }

  /** With the newline at its end. */
  line(frame: SeenFrame): string {
    this.number++;
    this.first ??= frame.micros;
    const number = this.settings.numbered ? `${String(this.number).padStart(5)}  ` : "";
    const text = `${number}${this.stamp(frame.micros)}${this.text(frame)}${this.bytes(frame)}\n`;
    this.last = frame.micros;
    return text;
  }

  private stamp(micros: number): string {
    switch (this.settings.stamps) {
      case 0:
        return `${timeOfDay(micros)} `;
      case 1:
        return "";
      case 2:
        return `${Math.floor(micros / 1e6)}.${fraction(micros)} `;
      case 3:
        return `${difference(micros, this.number === 1 ? micros : this.last)} `;
      case 4:
        return `${formatDate("%Y-%m-%d", Math.floor(micros / 1e6))} ${timeOfDay(micros)} `;
      default:
        return `${difference(micros, this.first!)} `;
    }
  }

  private text(frame: SeenFrame): string {
    const { data, length: wireLength } = frame;
    const { link, verbose, device } = this.settings;
    const line = describe(data, 0, data.length, { link, verbose, wireLength });
    if (device !== "any" || frame.device === null) return line;
    return `${frame.device.name.padEnd(5)} ${castOf(frame).padEnd(3)} ${link ? cooked(line, frame) : line}`;
  }

  private bytes({ data }: SeenFrame): string {
    const { hex, ascii } = this.settings;
    if (hex === "none") return "";
    const shown = hex === "frame" ? data : data.subarray(linkLength(data));
    let text = "";
    for (let at = 0; at < shown.length; at += BYTES_A_ROW) text += row(shown.subarray(at, at + BYTES_A_ROW), at, ascii);
    return text;
  }
}

const fraction = (micros: number): string => String(micros % 1e6).padStart(6, "0");
const timeOfDay = (micros: number): string => `${formatDate("%H:%M:%S", Math.floor(micros / 1e6))}.${fraction(micros)}`;
const difference = (micros: number, since: number): string => ` ${timeOfDay(micros - since)}`;

/** sll_pkttype, as print-sll.c names it. */
function castOf({ outgoing, data, device }: SeenFrame): string {
  if (outgoing) return "Out";
  const to = ethernet.destination(data, 0);
  if (to === BROADCAST_MAC) return "B";
  if (isGroup(to)) return "M";
  return to === device!.mac ? "In" : "P";
}

/** The cooked header has one address and the interface's number. */
function cooked(line: string, { device, length }: SeenFrame): string {
  const start = `ifindex ${device!.index} `;
  return line.replace(
    /^(\S+) > \S+, (ethertype [^,]+), length \d+: /,
    (_all, from: string, type: string) => `${start}${from} ${type}, length ${length + COOKED_EXTRA}: `,
  );
}

function linkLength(data: Uint8Array): number {
  let end = ethernet.HEADER_LENGTH;
  while (end <= data.length && vlan.isTag(get16(data, end - 2))) end += vlan.TAG_LENGTH;
  return end;
}

function row(bytes: Uint8Array, at: number, ascii: boolean): string {
  const pairs = Array.from(bytes, (byte, i) => (i % 2 === 0 ? " " : "") + byte.toString(16).padStart(2, "0")).join("");
  const start = `\n\t0x${at.toString(16).padStart(4, "0")}: `;
  if (!ascii) return start + pairs;
  const characters = Array.from(bytes, (byte) => (byte > 32 && byte < 127 ? String.fromCharCode(byte) : "."));
  return `${start}${pairs.padEnd(40)}  ${characters.join("")}`;
}
