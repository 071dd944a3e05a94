/** What the options of tcpdump ask for. Follows tcpdump.c of tcpdump 4.99.3 and the sentences of libpcap 1.10.3. */

import { SNAPLEN } from "../../../packet/capture/limits.ts";
import { compileFilter, type Filter } from "../../../packet/filter.ts";
import type { Process } from "../../process.ts";
import { readShortOptions, type ShortOption } from "../../short-options.ts";

export interface TcpdumpSettings {
  /** Null: the first that is up; "any": all. */
  device: string | null;
  count: number | null;
  snaplen: number;
  /** -e */
  link: boolean;
  verbose: boolean;
  /** How often -t was given, 0 to 5. */
  stamps: number;
  /** -# */
  numbered: boolean;
  promiscuous: boolean;
  direction: "in" | "out" | "inout";
  /** -x, -X: bytes without the link header; -xx, -XX: with it. */
  hex: "none" | "payload" | "frame";
  /** -X: characters beside the bytes. */
  ascii: boolean;
  /** -w, -r: paths. */
  write: string | null;
  read: string | null;
  /** -U: every packet goes to the file at once. */
  unbuffered: boolean;
  filter: Filter;
}

/** The sentence on stderr, without the program's name; "" when all is said. Caught where the command starts. */
export class Refused extends Error {
  readonly code: number;

  constructor(sentence: string, code = 1) {
    super(sentence);
    this.code = code;
  }
}

const VERSION = "tcpdump version 4.99.3\nlibpcap version 1.10.3 (with TPACKET_V3)\n";
const USAGE = `${VERSION}Usage: tcpdump [-AbdDefhHIJKlLnNOpqStuUvxX#] [ -B size ] [ -c count ] [--count]
\t\t[ -C file_size ] [ -E algo:secret ] [ -F file ] [ -G seconds ]
\t\t[ -i interface ] [ --immediate-mode ] [ -j tstamptype ]
\t\t[ -M secret ] [ --number ] [ --print ] [ -Q in|out|inout ]
\t\t[ -r file ] [ -s snaplen ] [ -T type ] [ --version ]
\t\t[ -V file ] [ -w file ] [ -W filecount ] [ -y datalinktype ]
\t\t[ --time-stamp-precision precision ] [ --micro ] [ --nano ]
\t\t[ -z postrotate-command ] [ -Z user ] [ expression ]
`;

const LETTERS = "AbB:c:C:dDeE:fF:G:hHi:IJj:KlLm:M:nNOpqQ:r:s:StT:uUvV:w:W:xXy:z:Z:#";
const NOT_MODELLED = "AbBCdDEfFGHIJjKLmMqTuVWyzZ";
/** They change nothing here: lines are never held back, filters never optimised, sequence numbers always absolute. */
const WITHOUT_EFFECT = "lnNOS";

const LONG: Readonly<Record<string, string>> = {
  "--help": "-h",
  "--interface": "-i",
  "--snapshot-length": "-s",
  "--no-promiscuous-mode": "-p",
  "--number": "-#",
  "--packet-buffered": "-U",
  "--direction": "-Q",
  "--immediate-mode": "-l",
};

export function readSettings(process: Process): TcpdumpSettings {
  const words = process.argv.slice(1).flatMap((word) => shortened(process, word));
  const { given, operands, problem } = readShortOptions(words, LETTERS);
  const settings: TcpdumpSettings = {
    device: null,
    count: null,
    snaplen: SNAPLEN,
    link: false,
    verbose: false,
    stamps: 0,
    numbered: false,
    promiscuous: true,
    direction: "inout",
    hex: "none",
    ascii: false,
    write: null,
    read: null,
    unbuffered: false,
    filter: { test: "any" },
  };
  for (const option of given) readOption(process, settings, option);
  if (problem !== null) {
    process.error(`${process.name}: ${problem}\n${USAGE}`);
    throw new Refused("");
  }
  refuseCombinations(settings);
  settings.filter = readFilter(operands.join(" "));
  return settings;
}

function shortened(process: Process, word: string): string[] {
  if (!word.startsWith("--") || word === "--") return [word];
  const [name = "", ...value] = word.split("=");
  const short = LONG[name];
  if (short !== undefined) return value.length === 0 ? [short] : [short, value.join("=")];
  if (name === "--version") {
    process.print(VERSION);
    throw new Refused("", 0);
  }
  throw new Refused(`${name}: not modelled`);
}

function refuseCombinations(settings: TcpdumpSettings): void {
  const { device, read, write, hex } = settings;
  if (write === "-" || read === "-") throw new Refused("- as a file: not modelled, streams carry text");
  if (read !== null && write !== null) throw new Refused("-r together with -w: not modelled");
  if (device === "any" && write !== null) throw new Refused("-i any together with -w: not modelled");
  if (device === "any" && hex === "frame") throw new Refused("-i any together with -xx or -XX: not modelled");
}

function readOption(process: Process, settings: TcpdumpSettings, { letter, value }: ShortOption): void {
  if (NOT_MODELLED.includes(letter)) throw new Refused(`-${letter}: not modelled`);
  if (WITHOUT_EFFECT.includes(letter)) return;
  switch (letter) {
    case "h":
      process.print(USAGE);
      throw new Refused("", 0);
    case "c":
      settings.count = readCount(value);
      return;
    case "i":
      settings.device = value;
      return;
    case "s":
      settings.snaplen = readSnaplen(value);
      return;
    case "e":
      settings.link = true;
      return;
    case "v":
      settings.verbose = true;
      return;
    case "t":
      settings.stamps++;
      return;
    case "#":
      settings.numbered = true;
      return;
    case "p":
      settings.promiscuous = false;
      return;
    case "Q":
      settings.direction = readDirection(value);
      return;
    case "x":
    case "X":
      settings.hex = settings.hex === "none" ? "payload" : "frame";
      settings.ascii ||= letter === "X";
      return;
    case "w":
      settings.write = value;
      return;
    case "r":
      settings.read = value;
      return;
    case "U":
      settings.unbuffered = true;
  }
}

/** atoi(3) */
function readCount(text: string): number {
  const count = Number(/^\s*[+-]?\d+/.exec(text)?.[0] ?? 0);
  if (count <= 0) throw new Refused(`invalid packet count ${text}`);
  return count;
}

function readSnaplen(text: string): number {
  const isNumber = /^\d+$/.test(text) && Number(text) <= SNAPLEN;
  if (!isNumber) throw new Refused(`invalid snaplen ${text} (must be >= 0 and <= ${SNAPLEN})`);
  return Number(text) === 0 ? SNAPLEN : Number(text);
}

function readDirection(text: string): "in" | "out" | "inout" {
  const word = text.toLowerCase();
  if (word === "in" || word === "out" || word === "inout") return word;
  throw new Refused(`unknown capture direction \`${text}'`);
}

const SYNTAX_ERROR = "can't parse filter expression: syntax error";

/** Our own parser says more about a syntax error than libpcap does; the tool prints what libpcap says. */
function readFilter(text: string): Filter {
  const compiled = compileFilter(text);
  if (compiled.ok) return compiled.filter;
  throw new Refused(compiled.message.startsWith(SYNTAX_ERROR) ? SYNTAX_ERROR : compiled.message);
}
