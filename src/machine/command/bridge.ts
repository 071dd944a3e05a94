/**
 * bridge(8) of iproute2 6.1: links and the forwarding database.
 * Not modelled: VLANs, multicast groups (mdb), tunnels (vni), -batch, other namespaces.
 */
import type { Command } from "../command.ts";
import type { Process, Program } from "../process.ts";
import { doFdb } from "./bridge/fdb.ts";
import { doLink } from "./bridge/link.ts";
import { doMonitor } from "./bridge/monitor.ts";
import { type BridgeOptions, type BridgeRun, notModelled } from "./bridge/run.ts";
import { abbreviates, abbreviatesAny, Misuse, Words } from "./ip/words.ts";

const USAGE = `Usage: bridge [ OPTIONS ] OBJECT { COMMAND | help }
       bridge [ -force ] -batch filename
where  OBJECT := { link | fdb | mdb | vlan | monitor }
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] |
                    -o[neline] | -t[imestamp] | -n[etns] name |
                    -c[ompressvlans] -color -p[retty] -j[son] }`;

export const bridge: Command = {
  name: "bridge",
  summary: "Show and change bridges, their ports and their forwarding databases.",
  usage: "bridge [ OPTIONS ] OBJECT { COMMAND | help }",
  options: [
    { flag: "-d, --details", text: "all flags of a port" },
    { flag: "-s, --statistics", text: "ages of the entries" },
    { flag: "-o, --oneline", text: "each record on one line" },
    { flag: "-j, --json", text: "JSON" },
    { flag: "-p, --pretty", text: "JSON for reading" },
    { flag: "-V, --Version", text: "print the version" },
  ],
  words: ["link", "fdb", "monitor", "show", "set", "add", "del", "replace", "append", "dev", "br", "master"],
  operands: ["interface"],
  start(process) {
    try {
      return start(process);
    } catch (error) {
      if (!(error instanceof Misuse)) throw error;
      if (error.message !== "") process.error(`${error.message}\n`);
      return error.code;
    }
  },
};

function start(process: Process): Program | number {
  const words = new Words(process.argv.slice(1));
  const options: BridgeOptions = {
    details: false,
    statistics: false,
    oneLine: false,
    json: false,
    pretty: false,
    timestamps: false,
  };
  while (words.peek.startsWith("-")) {
    const word = words.take();
    if (word === "--") break;
    if (readOption(process, options, word.startsWith("--") ? word.slice(1) : word, words)) return 0;
  }
  return object({ process, machine: process.machine, options, words });
}

/** True when the option answered all there was to ask. */
function readOption(process: Process, options: BridgeOptions, word: string, words: Words): boolean {
  if (abbreviates(word, "-help")) throw new Misuse(USAGE);
  if (abbreviates(word, "-Version")) {
    process.print("bridge utility, 6.1.0\n");
    return true;
  }
  if (abbreviatesAny(word, "-stats", "-statistics")) options.statistics = true;
  else if (abbreviates(word, "-details")) options.details = true;
  else if (abbreviates(word, "-oneline")) options.oneLine = true;
  else if (abbreviates(word, "-timestamp")) options.timestamps = true;
  else if (abbreviates(word, "-family")) words.take();
  else if (word === "-4" || word === "-6") return false;
  else if (abbreviatesAny(word, "-netns", "-color", "-compressvlans", "-force", "-batch")) throw notModelled(word);
  else if (abbreviates(word, "-json")) options.json = true;
  else if (abbreviates(word, "-pretty")) options.pretty = true;
  else throw new Misuse(`Option "${word}" is unknown, try "bridge help".`);
  return false;
}

function object(run: BridgeRun): Program | number {
  if (!run.words.more) throw new Misuse(USAGE);
  const word = run.words.take();
  if (abbreviates(word, "link")) return doLink(run);
  if (abbreviates(word, "fdb")) return doFdb(run);
  if (abbreviatesAny(word, "mdb", "vlan", "vni")) throw notModelled(word);
  if (abbreviates(word, "monitor")) return doMonitor(run);
  if (abbreviates(word, "help")) throw new Misuse(USAGE);
  throw new Misuse(`Object "${word}" is unknown, try "bridge help".`);
}
