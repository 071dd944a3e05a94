/**
 * The tools of xenstore-utils: xenstore-ls, -read, -write, -list, -rm, -exists, -watch. One program with several names,
 * as the real one. Follows tools/xenstore/xenstore_client.c of Xen 4.17, sentence for sentence.
 * Not modelled: xenstore-chmod, the socket's option -s (accepted, as it changes nothing), a terminal's width (80).
 */
import type { Permissions, StoreEntry, StoreWatcher } from "../../xen/xenstore.ts";
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import { getopt, type Parsed } from "../getopt.ts";
import { type Process, Program } from "../process.ts";
import { type StoreAccess, storeOf } from "./xenstore-access.ts";
import { sanitise, unsanitise } from "./xenstore-text.ts";

type Mode = "read" | "write" | "rm" | "exists" | "list" | "ls" | "watch";
type Run = (process: Process, store: StoreAccess, parsed: Parsed) => Program | number;

const LETTERS = "hfspturn:R";
const LONGS = { help: "h", flat: "f", prefix: "p", tidy: "t", upto: "u", recurse: "r", number: "n", raw: "R" };
/** Letters that getopt takes and this mode has no use for: usage. */
const OWN: Readonly<Record<Mode, string>> = {
  read: "psR",
  write: "sR",
  rm: "st",
  exists: "s",
  list: "ps",
  ls: "fps",
  watch: "ns",
};
const USAGE: Readonly<Record<Mode, string>> = {
  read: "[-h] [-p] [-s] [-R] key [...]",
  write: "[-h] [-s] [-R] key value [...]",
  rm: "[-h] [-s] [-t] key [...]",
  exists: "[-h] [-p] [-s] key [...]",
  list: "[-h] [-p] [-s] key [...]",
  ls: "[-h] [-f] [-p] [-s] [path]",
  watch: "[-h] [-n NR] key",
};
const SUMMARIES: Readonly<Record<Mode, string>> = {
  read: "Reads values of the Xenstore.",
  write: "Writes values into the Xenstore; several at once are one transaction.",
  rm: "Removes nodes of the Xenstore and all that is below.",
  exists: "Answers with its exit code whether nodes are there.",
  list: "Lists the names below nodes of the Xenstore.",
  ls: "Shows the Xenstore, or a part of it, as a tree.",
  watch: "Prints the path of every node that changes, as long as it is not interrupted.",
};

const has = ({ given }: Parsed, letter: string): boolean => given.some((each) => each.letter === letter);

function start(process: Process, mode: Mode): Program | number {
  const parsed = getopt(process.argv.slice(1), LETTERS, LONGS);
  const name = process.name.split("/").at(-1)!;
  const say = (sentence: string): number => {
    process.error(`${name}: ${sentence}\n`);
    return 1;
  };
  // getopt itself complains of what it does not know, and the tool goes on.
  for (const { sentence } of parsed.unknown) say(sentence);
  const wrongOption = parsed.given.some(({ letter }) => !OWN[mode].includes(letter));
  const missing = mode !== "ls" && parsed.operands.length === 0;
  const odd = mode === "write" && parsed.operands.length % 2 === 1;
  if (wrongOption || missing || odd) return say(`Usage: ${process.name} ${USAGE[mode]}`);
  const store = storeOf(process.machine);
  return store === null ? say("xs_open: No such file or directory") : RUNS[mode](process, store, parsed);
}

/** warnx(3): the program's name without its path. */
function warn(process: Process, sentence: string): number {
  process.error(`${process.name.split("/").at(-1)}: ${sentence}\n`);
  return 1;
}

/** What was printed before a failure is not lost. */
function read(process: Process, store: StoreAccess, parsed: Parsed): number {
  for (const path of parsed.operands) {
    const value = store.read(path);
    if (value instanceof Errno) return warn(process, `couldn't read path ${path}`);
    const shown = has(parsed, "R") ? value : `${sanitise(value)}\n`;
    process.print(has(parsed, "p") ? `${path}: ${shown}` : shown);
  }
  return 0;
}

function write(process: Process, store: StoreAccess, parsed: Parsed): number {
  const { operands } = parsed;
  for (let i = 0; i < operands.length; i += 2) {
    const value = has(parsed, "R") ? operands[i + 1]! : unsanitise(operands[i + 1]!);
    if (store.write(operands[i]!, value) !== null) return warn(process, `could not write path ${operands[i]}`);
  }
  return 0;
}

function remove(process: Process, store: StoreAccess, parsed: Parsed): number {
  for (const path of parsed.operands) {
    let at = path;
    do {
      if (store.remove(at) !== null) return warn(process, `could not remove path ${at}`);
      at = at.slice(0, Math.max(0, at.lastIndexOf("/")));
    } while (has(parsed, "t") && at !== "" && isEmpty(store, at));
  }
  return 0;
}

function isEmpty(store: StoreAccess, path: string): boolean {
  const below = store.list(path);
  return store.read(path) === "" && !(below instanceof Errno) && below.length === 0;
}

const exists = (_process: Process, store: StoreAccess, parsed: Parsed): number =>
  parsed.operands.every((path) => !(store.read(path) instanceof Errno)) ? 0 : 1;

function list(process: Process, store: StoreAccess, parsed: Parsed): number {
  for (const path of parsed.operands) {
    const names = store.list(path);
    if (names instanceof Errno) return warn(process, `could not list path ${path}`);
    for (const name of names) process.print(has(parsed, "p") ? `${path}/${name}\n` : `${name}\n`);
  }
  return 0;
}

/** Columns of a terminal nobody measured, and where permissions begin in it. */
const MAX_WIDTH = 80;
const DESIRED_WIDTH = 60;
/** ` = "..."` */
const TAG_LENGTH = 8;

function tree(process: Process, store: StoreAccess, parsed: Parsed): number {
  const flat = has(parsed, "f");
  for (const path of parsed.operands.length === 0 ? ["/"] : parsed.operands) {
    const top = store.list(path);
    if (top instanceof Errno) return warn(process, `xs_directory (${path}): ${top.text}`);
    const full = store.absolute(path)!;
    for (const entry of store.dump(path)) {
      if (!store.mayRead(entry.path)) continue;
      // A relative path stays relative in what is printed.
      const name = flat ? path + entry.path.slice(full.length) : entry.name;
      process.print(line(flat ? name.replace("//", "/") : name, entry, flat, has(parsed, "p")));
    }
  }
  return 0;
}

function line(name: string, entry: StoreEntry, flat: boolean, permissions: boolean): string {
  const value = sanitise(entry.value);
  if (flat) return `${name} = "${value}"${permissions ? ` ${permissionText(entry.permissions)}` : ""}\n`;
  const indent = " ".repeat(entry.depth) + name.slice(0, Math.max(0, MAX_WIDTH - TAG_LENGTH - entry.depth));
  const room = MAX_WIDTH - TAG_LENGTH - indent.length;
  const cut = entry.value.length > room;
  let text = cut ? `${indent} = "${value.slice(0, Math.max(0, room))}\\..."` : `${indent} = "${value}"`;
  if (!permissions) return `${text}\n`;
  if (!cut) {
    text += " ";
    while (text.length < DESIRED_WIDTH) text += text.length % 2 === 1 ? "." : " ";
  }
  return `${text}${permissionText(entry.permissions)}\n`;
}

const permissionText = ({ owner, readers }: Permissions): string =>
  `  (${[`n${owner}`, ...readers.map((reader) => `r${reader}`)].join(",")})`;

function watch(process: Process, store: StoreAccess, parsed: Parsed): Program | number {
  const number = parsed.given.findLast((each) => each.letter === "n");
  const limit = number === undefined ? Number.POSITIVE_INFINITY : Number.parseInt(number.value, 10) || 0;
  const wrong = parsed.operands.find((path) => store.absolute(path) === null);
  if (wrong !== undefined) return warn(process, `Unable to add watch on ${wrong}\n`);
  return limit === 0 ? 0 : new Watcher(store, parsed.operands, limit);
}

class Watcher extends Program implements StoreWatcher {
  private readonly access: StoreAccess;
  private readonly paths: readonly string[];
  private left: number;

  constructor(access: StoreAccess, paths: readonly string[], limit: number) {
    super();
    this.access = access;
    this.paths = paths;
    this.left = limit;
  }

  start(): void {
    for (const path of this.paths) this.access.watch(path, path, this);
  }

  /** The token is the path as it was asked for: an answer to a relative path is relative. */
  storeChanged(path: string, token: string): void {
    if (this.process.hasEnded) return;
    const relative = !token.startsWith("/") && !token.startsWith("@");
    this.process.print(`${relative ? path.slice(this.access.home.length + 1) : path}\n`);
    if (--this.left <= 0) this.process.exit(0);
  }

  override ended(): void {
    this.access.store.unwatch(this);
  }
}

const RUNS: Readonly<Record<Mode, Run>> = { read, write, rm: remove, exists, list, ls: tree, watch };

const MODES: readonly Mode[] = ["exists", "list", "ls", "read", "rm", "watch", "write"];

export const xenstoreCommands: readonly Command[] = MODES.map((mode) => ({
  name: `xenstore-${mode}`,
  summary: SUMMARIES[mode],
  usage: `xenstore-${mode} ${USAGE[mode]}`,
  operands: ["text"],
  start: (process) => start(process, mode),
}));
