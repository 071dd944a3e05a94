/**
 * From a line of ping (iputils) on a console back to the frame it tells of: the reply, or the ICMP error, as it came in
 * at a device of that machine.
 */
import { type Nanos, seconds } from "../../engine/time.ts";
import { icmpText } from "../../machine/program/ping/icmp-text.ts";
import { type Ipv4, parseIpv4 } from "../../packet/address.ts";
import { Header } from "../../packet/headers.ts";
import * as icmp from "../../packet/icmp.ts";
import * as ipv4 from "../../packet/ipv4.ts";
import type { FrameLog } from "./frame-log.ts";
import { Direction, FrameView } from "./frame-view.ts";

/** Between the frame's arrival and the line there is only the time that the machine's CPU takes. */
const LONGEST_WAY: Nanos = seconds(1);

/** What a line says of the frame behind it. */
interface PingLine {
  readonly source: Ipv4;
  readonly sequence: number;
  /** Null where the line does not say it. */
  readonly identifier: number | null;
  readonly ttl: number | null;
  /** What ping says about the error; null: a reply. */
  readonly error: string | null;
}

const FROM = String.raw`(?:\S+ \()?([\d.]+)\)?`;
const REPLY = new RegExp(
  String.raw`^(?:\[[\d.]+\] )?\d+ bytes from ${FROM}: icmp_seq=(\d+)(?: ident=(\d+))? ttl=(\d+)`,
);
const ERROR = new RegExp(String.raw`^(?:\[[\d.]+\] )?From ${FROM} icmp_seq=(\d+) (.+)$`);

/**
 * Number of the record in which the frame of a line that was printed on `machine` at `time` came in. Null when the line
 * is none of ping's about a frame, when the log no longer has the frame, and for errors of the machine's own stack, for
 * which no frame came in from outside. Of two pings with the same sequence number it is the one whose frame came last,
 * unless the lines name the identifier (`ping -v`).
 */
export function frameOfPingLine(log: FrameLog, machine: string, text: string, time: Nanos): number | null {
  const line = parseLine(text);
  if (line === null) return null;
  const view = new FrameView();
  const earliest = time - LONGEST_WAY;
  for (let number = log.numberAt((time + 1) as Nanos) - 1; log.read(number, view) && view.time >= earliest; number--) {
    if (view.direction !== Direction.IN || view.name!.machine !== machine) continue;
    if (isBehind(line, view)) return number;
  }
  return null;
}

function parseLine(text: string): PingLine | null {
  const reply = REPLY.exec(text);
  const found = reply ?? ERROR.exec(text);
  const source = parseIpv4(found?.[1] ?? "");
  if (found === null || source === null) return null;
  const sequence = Number(found[2]);
  if (reply === null) return { source, sequence, identifier: null, ttl: null, error: found[3]! };
  const identifier = found[3] === undefined ? null : Number(found[3]);
  return { source, sequence, identifier, ttl: Number(found[4]), error: null };
}

function isBehind(line: PingLine, { bytes, headers, name }: FrameView): boolean {
  const ip = headers.first(Header.IPV4);
  const message = headers.first(Header.ICMP);
  if (ip < 0 || message < 0 || ipv4.source(bytes, ip) !== line.source) return false;
  if (line.error === null)
    return (
      icmp.type(bytes, message) === icmp.Type.ECHO_REPLY && isAbout(line, bytes, message) && hasTtl(line, bytes, ip)
    );
  // What the own stack says goes through lo: nothing came in from outside.
  const quoted = name!.device === "lo" ? -1 : headers.last(Header.ICMP_QUERY);
  if (quoted < 0 || quoted === message || icmp.type(bytes, quoted) !== icmp.Type.ECHO_REQUEST) return false;
  return errorText(bytes, message) === line.error && isAbout(line, bytes, quoted);
}

const isAbout = (line: PingLine, b: Uint8Array, message: number): boolean =>
  icmp.sequence(b, message) === line.sequence &&
  (line.identifier === null || icmp.identifier(b, message) === line.identifier);

const hasTtl = (line: PingLine, b: Uint8Array, ip: number): boolean => line.ttl === ipv4.ttl(b, ip);

function errorText(b: Uint8Array, message: number): string {
  const type = icmp.type(b, message);
  const info = type === icmp.Type.PARAMETER_PROBLEM ? icmp.pointer(b, message) : icmp.mtu(b, message);
  return icmpText(type, icmp.code(b, message), info);
}
