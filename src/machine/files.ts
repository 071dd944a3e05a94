/**
 * The small file tree of a machine: directories, regular files of text or bytes, and live files and directories whose
 * contents are made when somebody looks (`/proc`, `/sys`). Paths resolve as in path_resolution(7).
 *
 * Not modelled: owners and modes (one bit says executable), links but those of sysfs, more than one file system, open
 * files that outlive their name. Everything is kept in memory, so a tree has a size (promise P7): beyond it "No space left
 * on device".
 */
import { fromText, toText } from "../base/bytes.ts";
import type { Nanos } from "../engine/time.ts";
import { EACCES, EEXIST, EINVAL, EISDIR, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY, EPERM, Errno } from "./errno.ts";

/** Characters and bytes a tree may hold. */
export const TREE_CAPACITY = 64 * 1024 * 1024;

/** What all regular files of a tree share. */
class Volume {
  used = 0;
  readonly capacity: number;

  constructor(capacity: number) {
    this.capacity = capacity;
  }
}

/** Anything that can be read and written. */
export abstract class FileNode {
  executable = false;
  abstract readonly size: number;
  /** Its text, or why it cannot be read (sysfs). */
  abstract read(): string | Errno;
  /** Replaces the contents with nothing; live files have nothing to replace. */
  abstract truncate(): Errno | null;
  abstract append(text: string): Errno | null;
  readBytes(): Uint8Array | Errno {
    const text = this.read();
    return text instanceof Errno ? text : fromText(text);
  }
}

export class RegularFile extends FileNode {
  /** Virtual time of the last change. */
  modified: Nanos;
  private readonly volume: Volume;
  private chunks: (string | Uint8Array)[] = [];
  private length = 0;

  constructor(volume: Volume, now: Nanos) {
    super();
    this.volume = volume;
    this.modified = now;
  }

  get size(): number {
    return this.length;
  }

  read(): string {
    const only = this.chunks[0];
    if (this.chunks.length === 1 && typeof only === "string") return only;
    return this.chunks.map((chunk) => (typeof chunk === "string" ? chunk : toText(chunk))).join("");
  }

  override readBytes(): Uint8Array {
    const parts = this.chunks.map((chunk) => (typeof chunk === "string" ? fromText(chunk) : chunk));
    const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of parts) {
      bytes.set(part, at);
      at += part.length;
    }
    return bytes;
  }

  truncate(): null {
    this.volume.used -= this.length;
    this.chunks = [];
    this.length = 0;
    return null;
  }

  /** Bytes are kept as they are, not copied: the caller hands them over. */
  append(content: string | Uint8Array): Errno | null {
    const added = typeof content === "string" && /[^\0-\x7f]/.test(content) ? fromText(content).length : content.length;
    if (this.volume.used + added > this.volume.capacity) return ENOSPC;
    this.volume.used += added;
    this.length += added;
    this.chunks.push(content);
    // Many small appends (a log) would otherwise cost one array slot each.
    if (this.chunks.length > 4096 && this.chunks.every((chunk) => typeof chunk === "string"))
      this.chunks = [this.read()];
    return null;
  }
}

/** A file whose text is made when it is read: procfs, sysfs, debugfs. */
export abstract class LiveFile extends FileNode {
  /** procfs shows 0, sysfs a page; both say nothing. */
  readonly size = 0;
  /** False shows as mode 0444 in `ls -l`. */
  get writable(): boolean {
    return false;
  }

  /** Text as written, newline and all. */
  write(_text: string): Errno | null {
    return EACCES;
  }

  truncate(): Errno | null {
    return this.writable ? null : EACCES;
  }

  append(text: string): Errno | null {
    return this.write(text);
  }
}

/** A directory whose entries are looked up when somebody asks. */
export abstract class LiveDirectory {
  /** Sorted names. */
  abstract list(): readonly string[];
  abstract find(name: string): Node | null;
}

/** A symbolic link of sysfs to a directory. Paths go through it; who walks a tree stops at it, for links lead back. */
export class DirectoryLink extends LiveDirectory {
  /** Where it leads, as `ls -l` prints it. */
  readonly text: string;
  private readonly target: LiveDirectory;

  constructor(text: string, target: LiveDirectory) {
    super();
    this.text = text;
    this.target = target;
  }

  list(): readonly string[] {
    return this.target.list();
  }

  find(name: string): Node | null {
    return this.target.find(name);
  }
}

export class Directory {
  readonly entries = new Map<string, Node>();
  modified: Nanos;

  constructor(now: Nanos) {
    this.modified = now;
  }

  list(): readonly string[] {
    return [...this.entries.keys()].sort();
  }

  find(name: string): Node | null {
    return this.entries.get(name) ?? null;
  }
}

export type Node = Directory | LiveDirectory | FileNode;

export const isDirectory = (node: Node): node is Directory | LiveDirectory => !(node instanceof FileNode);

/** Contents are thrown away: /dev/null. */
export class NullFile extends LiveFile {
  override get writable(): boolean {
    return true;
  }

  read(): string {
    return "";
  }

  override write(_text: string): null {
    return null;
  }
}

/** For `now`: whoever tells the time. */
export interface Clock {
  readonly now: Nanos;
}

export class FileTree {
  readonly root: Directory;
  private readonly clock: Clock;
  private readonly volume: Volume;
  /** The time that all has which is there from the beginning; null from then on. */
  private born: Nanos | null;

  constructor(clock: Clock, born: Nanos | null = null, capacity = TREE_CAPACITY) {
    this.clock = clock;
    this.born = born;
    this.volume = new Volume(capacity);
    this.root = new Directory(this.now);
  }

  private get now(): Nanos {
    return this.born ?? this.clock.now;
  }

  /** All that is there from the beginning is there. */
  settle(): void {
    this.born = null;
  }

  /** The node at `path`, or why there is none. */
  find(path: string, cwd = "/"): Node | Errno {
    if (path === "") return ENOENT;
    const names = namesOf(path, cwd);
    let node: Node = this.root;
    for (let i = 0; i < names.length; i++) {
      if (!isDirectory(node)) return ENOTDIR;
      const next: Node | null = node.find(names[i]!);
      if (next === null) return ENOENT;
      node = next;
    }
    return path.endsWith("/") && !isDirectory(node) ? ENOTDIR : node;
  }

  exists(path: string, cwd = "/"): boolean {
    return !(this.find(path, cwd) instanceof Errno);
  }

  /** The file at `path` for reading. */
  file(path: string, cwd = "/"): FileNode | Errno {
    const node = this.find(path, cwd);
    return node instanceof Errno || node instanceof FileNode ? node : EISDIR;
  }

  read(path: string, cwd = "/"): string | Errno {
    const file = this.file(path, cwd);
    return file instanceof Errno ? file : file.read();
  }

  list(path: string, cwd = "/"): readonly string[] | Errno {
    const node = this.find(path, cwd);
    if (node instanceof Errno) return node;
    return isDirectory(node) ? node.list() : ENOTDIR;
  }

  /** open(2) with O_WRONLY|O_CREAT and O_TRUNC or O_APPEND. */
  open(path: string, mode: "truncate" | "append", cwd = "/"): FileNode | Errno {
    const node = this.find(path, cwd);
    if (node === ENOENT) return this.create(path, cwd);
    if (node instanceof Errno) return node;
    if (isDirectory(node)) return EISDIR;
    if (node instanceof LiveFile && !node.writable) return EACCES;
    if (node instanceof RegularFile) node.modified = this.now;
    return (mode === "truncate" ? node.truncate() : null) ?? node;
  }

  /** Replaces the contents; the file is made when it is not there. */
  write(path: string, content: string | Uint8Array, cwd = "/"): Errno | null {
    return this.store(path, content, "truncate", cwd);
  }

  append(path: string, content: string | Uint8Array, cwd = "/"): Errno | null {
    return this.store(path, content, "append", cwd);
  }

  private store(path: string, content: string | Uint8Array, mode: "truncate" | "append", cwd: string): Errno | null {
    const file = this.open(path, mode, cwd);
    if (file instanceof Errno) return file;
    if (file instanceof RegularFile) return file.append(content);
    return file.append(typeof content === "string" ? content : toText(content));
  }

  mkdir(path: string, cwd = "/"): Errno | null {
    if (this.exists(path, cwd)) return EEXIST;
    return this.attach(path, new Directory(this.now), cwd);
  }

  /** mkdir -p: parents too, and no complaint when it is there. */
  makePath(path: string, cwd = "/"): Errno | null {
    let node: Node = this.root;
    for (const name of namesOf(path, cwd)) {
      if (!isDirectory(node)) return EEXIST;
      const next: Node | null = node.find(name);
      if (next === null && !(node instanceof Directory)) return EACCES;
      node = next ?? this.addTo(node as Directory, name, new Directory(this.now));
    }
    return isDirectory(node) ? null : EEXIST;
  }

  /** Removes a file, or an empty directory with `directory`. */
  remove(path: string, cwd = "/", directory = false): Errno | null {
    const node = this.find(path, cwd);
    if (node instanceof Errno) return node;
    if (isDirectory(node) && !directory) return EISDIR;
    if (isDirectory(node) && node.list().length > 0) return ENOTEMPTY;
    const parent = this.find(parentOf(resolvePath(path, cwd)));
    if (node === this.root || !(parent instanceof Directory)) return EPERM;
    if (node instanceof RegularFile) node.truncate();
    parent.entries.delete(nameOf(resolvePath(path, cwd)));
    parent.modified = this.now;
    return null;
  }

  rename(from: string, to: string, cwd = "/"): Errno | null {
    const source = resolvePath(from, cwd);
    const target = resolvePath(to, cwd);
    const node = this.find(source);
    if (node instanceof Errno) return node;
    if (source === target) return null;
    if (target.startsWith(`${source}/`)) return EINVAL;
    const oldParent = this.find(parentOf(source));
    if (!(oldParent instanceof Directory) || node === this.root) return EPERM;
    const there = this.find(target);
    if (!(there instanceof Errno)) {
      const refused = this.remove(target, "/", isDirectory(node));
      if (refused !== null) return refused;
    }
    const refused = this.attach(target, node);
    if (refused === null) oldParent.entries.delete(nameOf(source));
    return refused;
  }

  /** Hangs a node (a live file, a live directory) into the tree; its parent directory must be there. */
  attach(path: string, node: Node, cwd = "/"): Errno | null {
    const full = resolvePath(path, cwd);
    const parent = this.find(parentOf(full));
    if (parent instanceof Errno) return parent;
    if (parent instanceof FileNode) return ENOTDIR;
    if (!(parent instanceof Directory)) return EACCES;
    this.addTo(parent, nameOf(full), node);
    return null;
  }

  private addTo(parent: Directory, name: string, node: Node): Node {
    parent.entries.set(name, node);
    parent.modified = this.now;
    return node;
  }

  /** touch(1) */
  touch(path: string, cwd = "/"): Errno | null {
    const node = this.find(path, cwd);
    if (node instanceof RegularFile || node instanceof Directory) node.modified = this.now;
    if (node !== ENOENT) return node instanceof Errno ? node : null;
    const made = this.create(path, cwd);
    return made instanceof Errno ? made : null;
  }

  private create(path: string, cwd: string): FileNode | Errno {
    if (path === "" || path.endsWith("/")) return path === "" ? ENOENT : EISDIR;
    const file = new RegularFile(this.volume, this.now);
    return this.attach(path, file, cwd) ?? file;
  }
}

/** The names on the way from the root, without ".", ".." and doubled slashes. */
function namesOf(path: string, cwd: string): string[] {
  const names: string[] = [];
  const full = path.startsWith("/") ? path : `${cwd}/${path}`;
  for (let from = 0; from < full.length; ) {
    const slash = full.indexOf("/", from);
    const end = slash < 0 ? full.length : slash;
    const name = full.slice(from, end);
    if (name === "..") names.pop();
    else if (name !== "" && name !== ".") names.push(name);
    from = end + 1;
  }
  return names;
}

/** Absolute. */
export const resolvePath = (path: string, cwd = "/"): string => `/${namesOf(path, cwd).join("/")}`;

export const nameOf = (path: string): string => path.slice(path.lastIndexOf("/") + 1);
export const parentOf = (path: string): string => path.slice(0, path.lastIndexOf("/")) || "/";
