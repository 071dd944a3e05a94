/**
 * dnsmasq's command line and configuration files: one option a line, `name=value`, quotes and comments as in read_file of
 * option.c. A wrong line ends the program with its place.
 */
import type { Box } from "../../box.ts";
import { Errno } from "../../errno.ts";
import { applyOption } from "./apply-option.ts";
import { parseHost } from "./dhcp-words.ts";
import { arityOf, SHORT_NAMES, SHORT_WITH_VALUE } from "./option-names.ts";
import { type DhcpHost, Settings } from "./settings.ts";

/** Ends the program with a sentence (die of log.c). */
export class Fatal extends Error {
  readonly code: number;

  constructor(sentence: string, code: number) {
    super(sentence);
    this.code = code;
  }
}

/** EC_* of dnsmasq.h */
export const ExitCode = { BADCONF: 1, BADNET: 2, FILE: 3 } as const;

const DEFAULT_FILE = "/etc/dnsmasq.conf";
const BAD_LINE = "bad command line options: try --help";

/** Throws `Fatal`. */
export function readSettings(machine: Box, argv: readonly string[], cwd: string): Settings {
  const reader = new Reader(machine, cwd);
  reader.commandLine(argv);
  return reader.settings;
}

class Reader {
  readonly settings = new Settings();
  private readonly machine: Box;
  private readonly cwd: string;
  /** Files are read once. */
  private readonly seen = new Set<string>();

  constructor(machine: Box, cwd: string) {
    this.machine = machine;
    this.cwd = cwd;
  }

  commandLine(argv: readonly string[]): void {
    const given: { name: string; value: string | null }[] = [];
    const left = [...argv];
    for (let word = left.shift(); word !== undefined; word = left.shift()) {
      if (word.startsWith("--") && word.length > 2) given.push(longOption(word.slice(2), left));
      else if (word.startsWith("-") && word.length > 1) given.push(...shortOptions(word.slice(1), left));
      else throw new Fatal("junk found in command line", ExitCode.BADCONF);
    }
    const files = given.filter(({ name }) => name === "conf-file");
    for (const { name, value } of given) if (name !== "conf-file") this.fromLine(name, value);
    if (files.length === 0) this.file(DEFAULT_FILE, true);
    for (const { value } of files) if (value !== null && value !== "") this.file(value, false);
  }

  private fromLine(name: string, value: string | null): void {
    const wrong = applyOption(this.settings, name, value);
    if (wrong !== null) throw new Fatal(wrong === "" ? BAD_LINE : `${wrong}: try --help`, ExitCode.BADCONF);
  }

  private file(path: string, mayMiss: boolean): void {
    if (this.seen.has(path)) return;
    this.seen.add(path);
    const text = this.machine.files.read(path, this.cwd);
    if (text instanceof Errno) {
      if (mayMiss) return;
      throw new Fatal(`cannot read ${path}: ${text.text}`, ExitCode.FILE);
    }
    for (const [i, line] of text.split("\n").entries()) {
      const wrong = this.line(line);
      const sentence = wrong === "" ? "error" : wrong;
      if (sentence !== null) throw new Fatal(`${sentence} at line ${i + 1} of ${path}`, ExitCode.BADCONF);
    }
  }

  private line(raw: string): string | null {
    const line = unquote(raw);
    if (line === null) return 'missing "';
    if (line === "") return null;
    const { name, value } = splitLine(line);
    if (name !== "conf-file") return applyLine(this.settings, line);
    if (value !== null) this.file(value, false);
    return null;
  }
}

function splitLine(line: string): { name: string; value: string | null } {
  const equals = line.indexOf("=");
  const name = (equals < 0 ? line : line.slice(0, equals)).trimEnd();
  return { name, value: equals < 0 ? null : line.slice(equals + 1).trimStart() };
}

function applyLine(settings: Settings, line: string): string | null {
  const { name, value } = splitLine(line);
  const arity = arityOf(name);
  if (arity === null) return "bad option";
  if (arity === 0 && value !== null) return "extraneous parameter";
  if (arity === 1 && value === null) return "missing parameter";
  return applyOption(settings, name, value);
}

function longOption(text: string, left: string[]): { name: string; value: string | null } {
  const equals = text.indexOf("=");
  const name = equals < 0 ? text : text.slice(0, equals);
  const attached = equals < 0 ? null : text.slice(equals + 1);
  const arity = arityOf(name);
  if (arity === null || (arity === 0 && attached !== null)) throw new Fatal(BAD_LINE, ExitCode.BADCONF);
  if (arity !== 1 || attached !== null) return { name, value: attached };
  const value = left.shift();
  if (value === undefined) throw new Fatal(BAD_LINE, ExitCode.BADCONF);
  return { name, value };
}

function shortOptions(letters: string, left: string[]): { name: string; value: string | null }[] {
  const given: { name: string; value: string | null }[] = [];
  for (let i = 0; i < letters.length; i++) {
    const letter = letters.charAt(i);
    const name = SHORT_NAMES[letter];
    if (name === undefined) throw new Fatal(BAD_LINE, ExitCode.BADCONF);
    if (!SHORT_WITH_VALUE.includes(letter)) {
      given.push({ name, value: null });
      continue;
    }
    const value = i + 1 < letters.length ? letters.slice(i + 1) : left.shift();
    if (value === undefined) throw new Fatal(BAD_LINE, ExitCode.BADCONF);
    given.push({ name, value });
    break;
  }
  return given;
}

/** A line without comment, quotes and outer blanks; null when a quote is not closed. */
function unquote(line: string): string | null {
  let text = "";
  let white = true;
  for (let i = 0; i < line.length; i++) {
    const character = line.charAt(i);
    if (character === '"') {
      const end = line.indexOf('"', i + 1);
      if (end < 0) return null;
      text += line.slice(i + 1, end);
      i = end;
      white = false;
      continue;
    }
    if (white && character === "#") break;
    white = /\s/.test(character);
    text += white ? " " : character;
  }
  return text.trim();
}

/** What dnsmasq would say about one line of its configuration; null: nothing. */
export function checkLine(line: string): string | null {
  const text = unquote(line);
  if (text === null) return 'missing "';
  if (text === "") return null;
  const wrong = applyLine(new Settings(), text);
  return wrong === "" ? "error" : wrong;
}

/** A dhcp-hostsfile: wrong lines are only logged. */
export function readHostsFile(text: string, path: string): { hosts: DhcpHost[]; complaints: string[] } {
  const hosts: DhcpHost[] = [];
  const complaints: string[] = [];
  for (const [i, raw] of text.split("\n").entries()) {
    const line = unquote(raw);
    if (line === "") continue;
    const host = line === null ? 'missing "' : parseHost(line);
    if (typeof host === "string") complaints.push(`${host} at line ${i + 1} of ${path}`);
    else hosts.push(host);
  }
  return { hosts, complaints };
}
