/** What the options of ping ask for. Follows main() of ping.c in iputils 20221126. */

import { type Ipv4, parseIpv4 } from "../../../packet/address.ts";
import { Discovery, type DiscoveryMode } from "../../../stack/ip-send.ts";
import type { Process } from "../../process.ts";
import { readShortOptions } from "../../short-options.ts";
import { LONGEST, MOST, readNumber, readSeconds } from "../iputils.ts";
import { Quit } from "../quit.ts";

export interface PingSettings {
  /** Echo requests to send; null: until somebody stops it. */
  count: number | null;
  /** Milliseconds. */
  interval: number;
  hasInterval: boolean;
  preload: number;
  /** Milliseconds to wait for the last reply. */
  linger: number;
  /** Seconds; 0: none. */
  deadline: number;
  /** Bytes behind the ICMP header. */
  size: number;
  /** -p: the bytes of the pattern. */
  pattern: readonly number[] | null;
  ttl: number | null;
  tos: number;
  discovery: DiscoveryMode | null;
  /** -e; null: from the process's number. */
  ident: number | null;
  device: string | null;
  source: Ipv4 | null;
  strictSource: boolean;
  broadcast: boolean;
  numeric: boolean;
  quiet: boolean;
  verbose: boolean;
  flood: boolean;
  adaptive: boolean;
  timestamps: boolean;
  outstanding: boolean;
  /** -U: the time until the program reads the reply, not until the kernel has it. */
  latency: boolean;
}

const LETTERS = "h?4bRT:6F:N:aABc:CdDe:fi:I:l:Lm:M:nOp:qQ:rs:S:t:UvVw:W:";
const NOT_MODELLED = "RT6FNaCdLmrS";

export const USAGE = `
Usage
  ping [options] <destination>

Options:
  <destination>      dns name or ip address
  -a                 use audible ping
  -A                 use adaptive ping
  -B                 sticky source address
  -c <count>         stop after <count> replies
  -C                 call connect() syscall on socket creation
  -D                 print timestamps
  -d                 use SO_DEBUG socket option
  -e <identifier>    define identifier for ping session, default is random for
                     SOCK_RAW and kernel defined for SOCK_DGRAM
                     Imply using SOCK_RAW (for IPv4 only for identifier 0)
  -f                 flood ping
  -h                 print help and exit
  -I <interface>     either interface name or address
  -i <interval>      seconds between sending each packet
  -L                 suppress loopback of multicast packets
  -l <preload>       send <preload> number of packages while waiting replies
  -m <mark>          tag the packets going out
  -M <pmtud opt>     define mtu discovery, can be one of <do|dont|want>
  -n                 no dns name resolution
  -O                 report outstanding replies
  -p <pattern>       contents of padding byte
  -q                 quiet output
  -Q <tclass>        use quality of service <tclass> bits
  -s <size>          use <size> as number of data bytes to be sent
  -S <size>          use <size> as SO_SNDBUF socket option value
  -t <ttl>           define time to live
  -U                 print user-to-user latency
  -v                 verbose output
  -V                 print version and exit
  -w <deadline>      reply wait <deadline> in seconds
  -W <timeout>       time to wait for response

IPv4 options:
  -4                 use IPv4
  -b                 allow pinging broadcast
  -R                 record route
  -T <timestamp>     define timestamp, can be one of <tsonly|tsandaddr|tsprespec>

IPv6 options:
  -6                 use IPv6
  -F <flowlabel>     define flow label, default is random
  -N <nodeinfo opt>  use icmp6 node info query, try <help> as argument

For more details see ping(8).
`;

export const VERSION = `ping from iputils 20221126
libcap: yes, IDN: yes, NLS: no, error.h: yes, getrandom(): yes, __fpending(): yes
`;

const defaults = (): PingSettings => ({
  count: null,
  interval: 1000,
  hasInterval: false,
  preload: 1,
  linger: 10_000,
  deadline: 0,
  size: 56,
  pattern: null,
  ttl: null,
  tos: 0,
  discovery: null,
  ident: null,
  device: null,
  source: null,
  strictSource: false,
  broadcast: false,
  numeric: false,
  quiet: false,
  verbose: false,
  flood: false,
  adaptive: false,
  timestamps: false,
  outstanding: false,
  latency: false,
});

/** The settings and the operands; throws `Quit`. */
export function readSettings(process: Process): { settings: PingSettings; operands: readonly string[] } {
  const settings = defaults();
  const { given, operands, problem } = readShortOptions(process.argv.slice(1), LETTERS);
  for (const { letter, value } of given) readOption(process, settings, letter, value);
  if (problem !== null) {
    process.error(`${process.name}: ${problem}\n${USAGE}`);
    throw new Quit("", 2);
  }
  if (operands.length === 0) throw new Quit("usage error: Destination address required", 1);
  return { settings, operands };
}

/** Options that only set a flag. */
const FLAGS: Readonly<Record<string, keyof PingSettings>> = {
  b: "broadcast",
  B: "strictSource",
  n: "numeric",
  q: "quiet",
  v: "verbose",
  A: "adaptive",
  D: "timestamps",
  O: "outstanding",
  U: "latency",
};

function readOption(process: Process, settings: PingSettings, letter: string, value: string): void {
  if (NOT_MODELLED.includes(letter)) throw new Quit(`-${letter}: not modelled`, 2);
  const flag = FLAGS[letter];
  if (flag !== undefined) Object.assign(settings, { [flag]: true });
  else if (letter === "V") {
    process.print(VERSION);
    throw new Quit("", 0);
  } else if (letter === "h" || letter === "?") {
    process.error(USAGE);
    throw new Quit("", 2);
  } else readValue(process, settings, letter, value);
}

function readValue(process: Process, settings: PingSettings, letter: string, value: string): void {
  switch (letter) {
    case "c":
      settings.count = readNumber(value, 1, Number.MAX_SAFE_INTEGER, LONGEST);
      return;
    case "e":
      settings.ident = readNumber(value, 0, 0xffff);
      return;
    case "f":
      settings.flood = true;
      settings.numeric = true;
      return;
    case "i":
      settings.interval = readInterval(process, value);
      settings.hasInterval = true;
      return;
    case "I":
      return readInterface(settings, value);
    case "l":
      settings.preload = readNumber(value, 1, 0x1_0000);
      return;
    case "M":
      settings.discovery = readDiscovery(value);
      return;
    case "p":
      settings.pattern = readPattern(value);
      return;
    case "Q":
      settings.tos = readTos(value);
      return;
    case "s":
      settings.size = readNumber(value, 0, MOST);
      return;
    case "t":
      settings.ttl = readNumber(value, 0, 255);
      return;
    case "w":
      settings.deadline = readNumber(value, 0, MOST);
      return;
    case "W":
      settings.linger = readLinger(process, value);
  }
}

function readInterval(process: Process, text: string): number {
  const seconds = readSeconds(process, text);
  if (seconds > MOST / 1000) throw new Quit(`bad timing interval: ${text}`, 2);
  if (seconds < 0) throw new Quit(`bad timing interval: ${text}: negative intervals are not modelled`, 2);
  return Math.floor(seconds * 1000);
}

function readLinger(process: Process, text: string): number {
  const seconds = readSeconds(process, text);
  if (seconds < 0 || seconds > MOST / 1000) throw new Quit(`bad linger time: ${text}`, 2);
  return Math.floor(seconds * 1000);
}

function readInterface(settings: PingSettings, text: string): void {
  const address = parseIpv4(text);
  if (address === null) settings.device = text;
  else {
    settings.source = address;
    settings.strictSource = true;
  }
}

function readDiscovery(text: string): DiscoveryMode {
  if (text === "do") return Discovery.DO;
  if (text === "dont") return Discovery.DONT;
  if (text === "want") return Discovery.WANT;
  throw new Quit(`invalid -M argument: ${text}`, 2);
}

function readTos(text: string): number {
  const isHex = /^0x[0-9a-f]+$/i.test(text);
  if (!isHex && !/^-?\d+$/.test(text)) throw new Quit(`bad TOS value: ${text}`, 2);
  const value = Number(text);
  if (value > 255) throw new Quit(`the decimal value of TOS bits must be in range 0-255: ${value}`, 2);
  return value & 255;
}

/** Up to sixteen bytes of two digits each; a last single digit is a byte too. */
function readPattern(text: string): number[] {
  const wrong = text.search(/[^0-9a-fA-F]/);
  if (wrong >= 0) throw new Quit(`patterns must be specified as hex digits: ${text.slice(wrong)}`, 2);
  return (text.match(/..?/g) ?? []).slice(0, 16).map((digits) => Number.parseInt(digits, 16));
}
