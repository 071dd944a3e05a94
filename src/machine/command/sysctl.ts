/** sysctl(8) of procps-ng 4.0, over /proc/sys. Not modelled: patterns, --system, -X, -b. */
import { fromText } from "../../base/bytes.ts";
import type { Command } from "../command.ts";
import { EISDIR, ENOENT, Errno } from "../errno.ts";
import { isDirectory } from "../files.ts";
import { helpText, type Options, readOptions } from "../options.ts";
import type { Process } from "../process.ts";

export const sysctl: Command = {
  name: "sysctl",
  summary: "Show or change kernel parameters at run time.",
  usage: "sysctl [options] [variable[=value] ...]",
  options: [
    { flag: "-a, --all", text: "display all variables" },
    { flag: "-A", text: "alias of -a" },
    { flag: "-e, --ignore", text: "ignore unknown variables errors" },
    { flag: "-N, --names", text: "print variable names without values" },
    { flag: "-n, --values", text: "print only values of the given variable(s)" },
    { flag: "-p, --load", text: "read values from file" },
    { flag: "-f", text: "alias of -p" },
    { flag: "-q, --quiet", text: "do not echo variable set" },
    { flag: "-w, --write", text: "enable writing a value to variable" },
  ],
  operands: ["sysctl"],
  misuseShows: "help",
  start(process) {
    const options = readOptions(process, sysctl);
    if (typeof options === "number") return options;
    const run = new Run(process, options);
    if (options.has("a") || options.has("A")) return run.showAll();
    if (options.has("p") || options.has("f"))
      return run.load(options.operands.length > 0 ? options.operands : ["/etc/sysctl.conf"]);
    if (options.operands.length === 0 && options.has("w"))
      return process.fail("no variables specified\nTry `sysctl --help' for more information.");
    if (options.operands.length === 0) {
      process.print(`\n${helpText(sysctl)}`);
      return 1;
    }
    return run.each(options.operands);
  },
};

const ROOT = "/proc/sys/";

/** procps slashdot: dots and slashes change places unless the first of them is a slash. */
function pathOf(name: string): string {
  const isPath = /[./]/.exec(name)?.[0] === "/";
  return isPath ? name : swapped(name);
}
const swapped = (name: string): string => name.replace(/[./]/g, (each) => (each === "." ? "/" : "."));

class Run {
  private readonly process: Process;
  private readonly options: Options;
  private status = 0;

  constructor(process: Process, options: Options) {
    this.process = process;
    this.options = options;
  }

  showAll(): number {
    for (const name of ["kernel", "net"]) this.show(name);
    return this.status;
  }

  each(words: readonly string[]): number {
    for (const word of words) {
      const [name = "", ...value] = word.split("=");
      // parse_setting_line: blanks around both.
      if (value.length > 0) this.set(name.trim(), value.join("=").trim());
      else if (this.options.has("w")) {
        // parse_setting_line looks at nothing shorter than two bytes.
        if (fromText(word).length > 1) this.process.fail("command line(0): invalid syntax, continuing...");
        this.status = 1;
      } else this.show(pathOf(word));
    }
    return this.status;
  }

  /** As procps: a file is read whole, and what is wrong in it said, before the first value is set. */
  load(paths: readonly string[]): number {
    for (const path of paths) {
      const text = this.process.machine.files.read(path, this.process.cwd);
      if (text instanceof Errno) this.status = this.process.fail(`cannot open "${path}": ${text.text}`);
      else for (const [name, value] of this.settingsIn(text, path)) this.set(name, value);
    }
    return this.status;
  }

  /** A "-" before a name only forgives what a file system refuses to root, so never anything here. */
  private settingsIn(text: string, path: string): [name: string, value: string][] {
    const settings: [string, string][] = [];
    for (const [i, line] of text.split("\n").entries()) {
      if (/^\s*([#;].*)?$/.test(line)) continue;
      const found = /^\s*-?\s*([^=\s]+)\s*=\s*(.*?)\s*$/.exec(line);
      if (found !== null) settings.push([found[1]!, found[2]!]);
      else this.status = this.process.fail(`${path}(${i + 1}): invalid syntax, continuing...`);
    }
    return settings;
  }

  /** A file, or everything below a directory. */
  private show(path: string): void {
    const { files } = this.process.machine;
    const node = files.find(ROOT + path);
    if (node instanceof Errno) return this.missing(path, node);
    if (isDirectory(node)) {
      for (const name of node.list()) this.show(`${path}/${name}`);
      return;
    }
    const text = node.read();
    if (text instanceof Errno) this.status = this.process.fail(`reading key "${swapped(path)}": ${text.text}`);
    else this.print(swapped(path), text.trimEnd());
  }

  private set(name: string, value: string): void {
    const path = pathOf(name);
    const file = this.process.machine.files.file(ROOT + path);
    if (file instanceof Errno && file.text !== EISDIR.text) return this.missing(path, file);
    const refused = file instanceof Errno ? file : file.append(value);
    if (refused === null) {
      if (!this.options.has("q")) this.print(swapped(path), value);
      return;
    }
    this.process.fail(`setting key "${swapped(path)}": ${refused.text}`);
    this.status = 1;
  }

  private missing(path: string, errno: Errno): void {
    if (this.options.has("e") && errno.text === ENOENT.text) return;
    this.process.fail(`cannot stat ${ROOT}${path}: ${errno.text}`);
    this.status = 1;
  }

  private print(name: string, value: string): void {
    if (this.options.has("n")) this.process.print(`${value}\n`);
    else this.process.print(this.options.has("N") ? `${name}\n` : `${name} = ${value}\n`);
  }
}
