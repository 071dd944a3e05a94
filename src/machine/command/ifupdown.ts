/**
 * ifup(8) and ifdown(8) of Debian: sentences and exit codes of ifupdown 0.8, the commands of 0.6 (ifconfig and route),
 * which is what the network-bridge scripts of Xen 3 were written for. What is up is remembered in /run/network/ifstate.
 */
import type { Command } from "../command.ts";
import type { FileTree } from "../files.ts";
import { misused, readOptions } from "../options.ts";
import { type Process, Program } from "../process.ts";
import { downLines, INTERFACES_FILE, type Interface, METHODS, readInterfaces, upLines } from "./ifupdown/interfaces.ts";

const STATE_DIRECTORY = "/run/network";
const STATE = `${STATE_DIRECTORY}/ifstate`;

/** Names of the devices that are up by ifup's doing. */
function configured(files: FileTree): string[] {
  const text = files.read(STATE);
  if (typeof text !== "string") return [];
  return text.split("\n").flatMap((line) => (line === "" ? [] : [line.split("=")[0]!]));
}

function remember(files: FileTree, names: readonly string[]): void {
  files.makePath(STATE_DIRECTORY);
  files.write(STATE, names.map((name) => `${name}=${name}\n`).join(""));
}

function command(name: "ifup" | "ifdown", summary: string): Command {
  const manual: Command = {
    name,
    summary,
    usage: `${name} [-a] [-v] [--force] [IFACE]...`,
    options: [
      { flag: "-a, --all", text: "all interfaces marked auto" },
      { flag: "-v, --verbose", text: "print what is done" },
      { flag: "--force", text: "whatever is remembered of the interface's state" },
    ],
    operands: ["interface"],
    start(process) {
      const options = readOptions(process, manual);
      if (typeof options === "number") return options;
      const interfaces = readInterfaces(process.machine.files);
      if ("line" in interfaces) return process.fail(`${INTERFACES_FILE}:${interfaces.line}: ${interfaces.what}`, 1);
      const names = options.has("a") ? interfaces.auto : options.operands;
      if (names.length === 0 && !options.has("a")) return misused(process, manual, "no interface(s) specified");
      return new IfUpDown(name === "ifup", names, interfaces.known, options.has("v"), options.has("force"));
    },
  };
  return manual;
}

class IfUpDown extends Program {
  private readonly up: boolean;
  private readonly names: string[];
  private readonly known: readonly Interface[];
  private readonly verbose: boolean;
  private readonly force: boolean;
  private lines: string[] = [];
  private current = "";
  private status = 0;

  constructor(up: boolean, names: readonly string[], known: readonly Interface[], verbose: boolean, force: boolean) {
    super();
    this.up = up;
    this.names = [...names];
    this.known = known;
    this.verbose = verbose;
    this.force = force;
  }

  start(): void {
    this.nextInterface();
  }

  private complain(sentence: string): void {
    this.process.error(`${this.process.name}: ${sentence}\n`);
  }

  private nextInterface(): void {
    for (let name = this.names.shift(); name !== undefined; name = this.names.shift()) {
      const entries = this.known.filter((entry) => entry.name === name);
      if (!this.takes(name, entries)) continue;
      this.current = name;
      this.lines = entries.flatMap((entry) => (this.up ? upLines(entry) : downLines(entry)));
      return this.nextLine();
    }
    this.process.exit(this.status);
  }

  private takes(name: string, entries: readonly Interface[]): boolean {
    const isUp = configured(this.process.machine.files).includes(name);
    const foreign = entries.find((entry) => !METHODS.includes(entry.method));
    if (this.force ? false : this.up && isUp) this.complain(`interface ${name} already configured`);
    else if (entries.length === 0 && (this.up || !isUp)) {
      this.complain(`unknown interface ${name}`);
      this.status = 1;
    } else if (!this.force && !this.up && !isUp) this.complain(`interface ${name} not configured`);
    else if (foreign !== undefined) {
      this.complain(`method ${foreign.method} is not modelled: static, manual or loopback`);
      this.status = 1;
    } else return true;
    return false;
  }

  private nextLine(): void {
    const line = this.lines.shift();
    if (line === undefined) return this.done();
    if (this.verbose) this.process.print(`${line}\n`);
    this.process.machine.spawn(["sh", "-c", line], { parent: this.process });
  }

  /** ifup stops at what fails; ifdown goes on and forgets the interface in any case. */
  override childExited(child: Process): void {
    if (child.exitCode === 0 || !this.up) return this.nextLine();
    this.lines = [];
    this.complain(`failed to bring up ${this.current}`);
    this.status = 1;
    this.nextInterface();
  }

  private done(): void {
    const { files } = this.process.machine;
    const others = configured(files).filter((name) => name !== this.current);
    remember(files, this.up ? [...others, this.current] : others);
    this.nextInterface();
  }
}

export const ifup = command("ifup", "Bring network interfaces up as /etc/network/interfaces says.");
export const ifdown = command("ifdown", "Take network interfaces down.");
