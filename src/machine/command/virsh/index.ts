/**
 * virsh(1) of libvirt 9.0: networks, and a look at the domains. Texts, exit codes and sentences of tools/vsh.c and virsh.c.
 * Not modelled, and said so: its own prompt, several commands in one word, everything about storage, devices, secrets.
 */
import type { Command } from "../../command.ts";
import type { Process, Program } from "../../process.ts";
import { DOMAIN_COMMANDS } from "./domains.ts";
import { NETWORK_COMMANDS } from "./networks.ts";
import { OTHERS } from "./others.ts";
import { helpOf, readWords, VirshCall, type VirshCommand } from "./subcommand.ts";

const VERSION = "9.0.0";
const URI = "xen:///system";
const URIS = ["xen:///", URI, "network:///system"];

const uri: VirshCommand = {
  name: "uri",
  group: "host",
  summary: "print the hypervisor canonical URI",
  description: "",
  options: [],
  run: (call) => call.done(`${URI}\n`),
};

const version: VirshCommand = {
  name: "version",
  group: "host",
  summary: "show version",
  description: "Display the system version information.",
  options: [],
  run: (call) =>
    call.done(
      `Compiled against library: libvirt ${VERSION}\nUsing library: libvirt ${VERSION}\nUsing API: Xen ${VERSION}\nRunning hypervisor: Xen 4.17.0\n`,
    ),
};

const COMMANDS: readonly VirshCommand[] = [...DOMAIN_COMMANDS, uri, version, ...NETWORK_COMMANDS];
const GROUPS: readonly (readonly [keyword: string, title: string])[] = [
  ["domain", "Domain Management"],
  ["host", "Host and Hypervisor"],
  ["network", "Networking"],
];

export const virsh: Command = {
  name: "virsh",
  summary: "Look at libvirt's networks and the domains, start and stop networks.",
  usage: "virsh [options]... [<command_string>]",
  options: [
    { flag: "-c, --connect=URI", text: "hypervisor connection URI" },
    { flag: "-h, --help", text: "this help" },
    { flag: "-q, --quiet", text: "quiet mode" },
    { flag: "-r, --readonly", text: "connect readonly" },
    { flag: "-v, --version", text: "short version" },
  ],
  words: [...COMMANDS.map(({ name }) => name), "help"],
  operands: ["text"],
  start(process): Program | number {
    const words = process.argv.slice(1);
    const globals = readGlobals(process, words);
    if (typeof globals === "number") return globals;
    const [name, ...rest] = words;
    if (name === undefined) return refuse(process, "virsh: its own prompt is not modelled: name a command");
    if (name === "help") return help(process, rest, globals.quiet);
    return run(process, name, rest, globals.quiet);
  },
};

function run(process: Process, name: string, words: readonly string[], quiet: boolean): Program | number {
  const command = COMMANDS.find((each) => each.name === name);
  if (command === undefined) return unknown(process, name);
  if (words.includes("--help")) return help(process, [name], quiet);
  const given = readWords(command, words);
  if (typeof given === "string") return refuse(process, `error: ${given}`);
  const { libvirt } = process.machine.parts;
  if (libvirt !== undefined) return command.run(new VirshCall(process, libvirt, quiet, given));
  process.print(quiet ? "" : "\n");
  const socket = "Failed to connect socket to '/var/run/libvirt/libvirt-sock': No such file or directory";
  return refuse(process, `error: failed to connect to the hypervisor\nerror: ${socket}`);
}

function unknown(process: Process, name: string): number {
  if (/[;\s]/.test(name)) return refuse(process, "virsh: several commands in one word are not modelled");
  return refuse(
    process,
    OTHERS.includes(name) ? `virsh: ${name} is not modelled` : `error: unknown command: '${name}'`,
  );
}

/** Takes the options in front of the command off `words`. */
function readGlobals(process: Process, words: string[]): { quiet: boolean } | number {
  let quiet = false;
  while (words[0]?.startsWith("-") === true) {
    const word = words.shift()!;
    if (word === "-q" || word === "--quiet") quiet = true;
    else if (word === "-r" || word === "--readonly") continue;
    else if (word === "-v" || word === "--version" || word === "--version=short") {
      process.print(`${VERSION}\n`);
      return 0;
    } else if (word === "-h" || word === "--help") return help(process, [], false);
    else if (word === "-c" || word === "--connect" || word.startsWith("--connect=")) {
      const code = connect(process, word, words);
      if (code !== 0) return code;
    } else return refuse(process, `error: unsupported option '${word}'. See --help.`);
  }
  return { quiet };
}

/** `-c URI`, `--connect=URI`: there is one hypervisor. */
function connect(process: Process, word: string, left: string[]): number {
  const wanted = word.includes("=") ? word.slice(word.indexOf("=") + 1) : left.shift();
  if (wanted === undefined) return refuse(process, `error: option '${word}' requires an argument`);
  return URIS.includes(wanted) ? 0 : refuse(process, `virsh: ${wanted} is not modelled; known: ${URIS.join(", ")}`);
}

function help(process: Process, [word]: readonly string[], quiet: boolean): number {
  const end = quiet ? "" : "\n";
  const command = COMMANDS.find((each) => each.name === word);
  if (command !== undefined) process.print(helpOf(command) + end);
  else if (word === undefined) process.print(`Grouped commands:\n\n${GROUPS.map(group).join("\n")}${end}`);
  else {
    const found = GROUPS.find(([keyword, title]) => keyword === word || title === word);
    if (found === undefined) return refuse(process, `error: command or command group '${word}' doesn't exist`);
    process.print(group(found) + end);
  }
  return 0;
}

function group([keyword, title]: (typeof GROUPS)[number]): string {
  const lines = COMMANDS.filter((each) => each.group === keyword);
  return ` ${title} (help keyword '${keyword}'):\n${lines.map(({ name, summary }) => `    ${name.padEnd(30)} ${summary}\n`).join("")}`;
}

function refuse(process: Process, sentence: string): 1 {
  process.error(`${sentence}\n`);
  return 1;
}
