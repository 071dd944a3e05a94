/**
 * What a subcommand of virsh is and how its words are read: vshCmddefOptParse, vshCommandParse and vshCmddefHelp of
 * tools/vsh.c, libvirt 9.0.
 */
import type { Libvirtd, NetworkObject } from "../../libvirt/libvirtd.ts";
import type { Process, Program } from "../../process.ts";

export interface VirshOption {
  readonly name: string;
  /** "data": a word that may stand without its --name. */
  readonly kind: "flag" | "string" | "data";
  readonly text: string;
}

export interface VirshCommand {
  readonly name: string;
  readonly group: "domain" | "host" | "network";
  readonly summary: string;
  /** "": the help has no such part. */
  readonly description: string;
  readonly options: readonly VirshOption[];
  run(call: VirshCall): Program | number;
}

/** One call: the words are read, nothing is done yet. */
export class VirshCall {
  readonly process: Process;
  readonly libvirtd: Libvirtd;
  /** -q: no headers, no empty line at the end. */
  readonly quiet: boolean;
  private readonly given: ReadonlyMap<string, string>;

  constructor(process: Process, libvirtd: Libvirtd, quiet: boolean, given: ReadonlyMap<string, string>) {
    this.process = process;
    this.libvirtd = libvirtd;
    this.quiet = quiet;
    this.given = given;
  }

  has(option: string): boolean {
    return this.given.has(option);
  }

  value(option: string): string | null {
    return this.given.get(option) ?? null;
  }

  /** Prints, and the empty line that virsh puts behind every command. */
  done(text: string): 0 {
    this.process.print(this.quiet ? text : `${text}\n`);
    return 0;
  }

  /** Each sentence on a line of its own. */
  fail(...sentences: readonly string[]): 1 {
    if (!this.quiet) this.process.print("\n");
    this.process.error(sentences.map((sentence) => `error: ${sentence}\n`).join(""));
    return 1;
  }

  /** virshCommandOptNetwork: by UUID, then by name; null after the sentences. */
  network(): NetworkObject | null {
    const word = this.value("network") ?? "";
    const isUuid = /^[0-9a-f-]{36}$/i.test(word);
    const found = (isUuid ? this.libvirtd.byUuid(word.toLowerCase()) : null) ?? this.libvirtd.byName(word);
    if (found !== null) return found;
    const kind = isUuid ? "uuid" : "name";
    this.fail(`failed to get network '${word}'`, `Network not found: no network with matching ${kind} '${word}'`);
    return null;
  }
}

/** The options by name, or the sentence about what is wrong. */
export function readWords(command: VirshCommand, words: readonly string[]): Map<string, string> | string {
  const given = new Map<string, string>();
  const left = [...words];
  let options = true;
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    if (options && word === "--") {
      options = false;
      continue;
    }
    const wrong =
      options && word.startsWith("--") ? readOption(command, word, left, given) : readData(command, word, given);
    if (wrong !== null) return wrong;
  }
  const missing = dataWanted(command, given);
  return missing === undefined ? given : `command '${command.name}' requires <${missing.name}> option`;
}

const dataWanted = ({ options }: VirshCommand, given: ReadonlyMap<string, string>): VirshOption | undefined =>
  options.find((each) => each.kind === "data" && !given.has(each.name));

/** Into `given`, or what is wrong; a value may be the next of the words that are left. */
function readOption(command: VirshCommand, word: string, left: string[], given: Map<string, string>): string | null {
  const [name = "", ...value] = word.slice(2).split("=");
  const option = command.options.find((each) => each.name === name);
  if (option === undefined) return `command '${command.name}' doesn't support option --${name}`;
  const text = option.kind === "flag" ? "" : value.length > 0 ? value.join("=") : left.shift();
  if (text === undefined) return `expected syntax: --${name} <string>`;
  given.set(name, text);
  return null;
}

function readData(command: VirshCommand, word: string, given: Map<string, string>): string | null {
  const option = dataWanted(command, given);
  if (option === undefined) return `unexpected data '${word}'`;
  given.set(option.name, word);
  return null;
}

export function helpOf({ name, summary, description, options }: VirshCommand): string {
  const word = (option: VirshOption): string => {
    if (option.kind === "data") return `<${option.name}>`;
    return option.kind === "flag" ? `[--${option.name}]` : `[--${option.name} <string>]`;
  };
  const synopsis = [name, ...options.map(word)].join(" ");
  const lines = options.map((option) => {
    const flag = option.kind === "data" ? `[--${option.name}] <string>` : word(option).slice(1, -1);
    return `    ${flag.padEnd(15)}  ${option.text}\n`;
  });
  return (
    `  NAME\n    ${name} - ${summary}\n\n  SYNOPSIS\n    ${synopsis}\n` +
    (description === "" ? "" : `\n  DESCRIPTION\n    ${description}\n`) +
    (lines.length === 0 ? "\n" : `\n  OPTIONS\n${lines.join("")}\n`)
  );
}
