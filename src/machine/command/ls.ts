/** ls(1): one name per line, as when its output is not a terminal. Not modelled: columns, owners, -R, sorting. */
import { civilTime, formatDate } from "../calendar.ts";
import type { Command } from "../command.ts";
import { Errno } from "../errno.ts";
import { Directory, DirectoryLink, FileNode, isDirectory, LiveFile, type Node, RegularFile } from "../files.ts";
import { type Options, readOptions } from "../options.ts";
import type { Process } from "../process.ts";

export const ls: Command = {
  name: "ls",
  summary: "List information about the FILEs (the current directory by default).",
  usage: "ls [OPTION]... [FILE]...",
  options: [
    { flag: "-a, --all", text: "do not ignore entries starting with ." },
    { flag: "-d, --directory", text: "list directories themselves, not their contents" },
    { flag: "-l", text: "use a long listing format" },
    { flag: "-1", text: "list one file per line" },
  ],
  operands: ["file"],
  misuse: 2,
  start(process) {
    const options = readOptions(process, ls);
    return typeof options === "number" ? options : list(process, options);
  },
};

interface Entry {
  readonly name: string;
  readonly node: Node;
}

function list(process: Process, options: Options): number {
  const names = options.operands.length === 0 ? ["."] : options.operands;
  const files: Entry[] = [];
  const directories: Entry[] = [];
  let status = 0;
  for (const name of names) {
    const node = process.machine.files.find(name, process.cwd);
    if (node instanceof Errno) status = process.fail(`cannot access '${name}': ${node.text}`, 2);
    else if (isDirectory(node) && !options.has("d") && !(options.has("l") && isLink(name, node)))
      directories.push({ name, node });
    else files.push({ name, node });
  }
  const blocks = files.length > 0 ? [show(files.sort(byName), options, process)] : [];
  for (const { name, node } of directories.sort(byName)) {
    const title = names.length > 1 ? `${name}:\n` : "";
    const entries = contents(node as Directory, options);
    const total = options.has("l") ? `total ${entries.reduce((sum, entry) => sum + blocksOf(entry.node), 0)}\n` : "";
    blocks.push(title + total + show(entries, options, process));
  }
  process.print(blocks.join("\n"));
  return status;
}

/** With -l a link is shown, not gone through, unless a slash says so. */
const isLink = (name: string, node: Node): boolean => node instanceof DirectoryLink && !name.endsWith("/");

const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);

function contents(directory: Directory, options: Options): Entry[] {
  const entries = directory.list().map((name) => ({ name, node: directory.find(name)! }));
  if (!options.has("a")) return entries.filter(({ name }) => !name.startsWith("."));
  return [{ name: ".", node: directory }, { name: "..", node: directory }, ...entries];
}

/** 1 KiB blocks of a file system with 4 KiB ones. */
function blocksOf(node: Node): number {
  if (isDirectory(node)) return node instanceof Directory ? 4 : 0;
  return Math.floor((node.size + 4095) / 4096) * 4;
}

function show(entries: readonly Entry[], options: Options, process: Process): string {
  if (!options.has("l")) return entries.map(({ name }) => `${name}\n`).join("");
  const rows = entries.map(({ name, node }) => ({
    name,
    node,
    links: String(linksOf(node)),
    size: String(sizeOf(node)),
  }));
  const linkWidth = Math.max(0, ...rows.map((row) => row.links.length));
  const sizeWidth = Math.max(0, ...rows.map((row) => row.size.length));
  const line = (row: (typeof rows)[number]): string =>
    `${modeOf(row.node)} ${row.links.padStart(linkWidth)} root root ${row.size.padStart(sizeWidth)} ${timeOf(row.node, process)} ${row.name}${arrow(row.node)}\n`;
  return rows.map(line).join("");
}

const arrow = (node: Node): string => (node instanceof DirectoryLink ? ` -> ${node.text}` : "");
const linksOf = (node: Node): number =>
  node instanceof DirectoryLink
    ? 1
    : node instanceof Directory
      ? 2 + [...node.entries.values()].filter(isDirectory).length
      : isDirectory(node)
        ? 2
        : 1;
const sizeOf = (node: Node): number => (node instanceof FileNode ? node.size : node instanceof Directory ? 4096 : 0);

function modeOf(node: Node): string {
  if (node instanceof DirectoryLink) return "lrwxrwxrwx";
  if (isDirectory(node)) return node instanceof Directory ? "drwxr-xr-x" : "dr-xr-xr-x";
  if (node instanceof LiveFile && !node.writable) return "-r--r--r--";
  return node.executable ? "-rwxr-xr-x" : "-rw-r--r--";
}

/** Live files are as young as the look at them. Older than half a year shows the year. */
function timeOf(node: Node, { machine }: Process): string {
  const now = machine.clockSeconds;
  const kept = node instanceof RegularFile || node instanceof Directory;
  const then = kept ? machine.epoch + Math.floor(node.modified / 1e9) : now;
  const old = now - then > 15_778_476;
  return old ? formatDate("%b %e  ", then) + civilTime(then).year : formatDate("%b %e %H:%M", then);
}
