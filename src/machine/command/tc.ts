/**
 * tc(8) of iproute2 6.1: shows queueing disciplines. Follows tc/tc.c, tc/tc_qdisc.c and tc/q_fifo.c.
 * Not modelled: changing them, classes, filters.
 */
import type { NetDevice } from "../../device/device.ts";
import type { Command } from "../command.ts";
import type { Process } from "../process.ts";
import { type Json, jsonText } from "./ip/json.ts";
import { qdiscOf } from "./ip/link-facts.ts";
import { abbreviates, abbreviatesAny, garbage, Misuse, Words } from "./ip/words.ts";

const USAGE = `Usage:	tc [ OPTIONS ] qdisc { show | help } [ dev DEVICE ]
       OPTIONS := { -V[ersion] | -s[tatistics] | -d[etails] | -j[son] | -p[retty] }`;

interface TcOptions {
  statistics: boolean;
  json: boolean;
  pretty: boolean;
}

export const tc: Command = {
  name: "tc",
  summary: "Show queueing disciplines.",
  usage: "tc [ OPTIONS ] qdisc [ show ] [ dev DEVICE ]",
  options: [
    { flag: "-s", text: "print counters" },
    { flag: "-j", text: "print JSON" },
    { flag: "-p", text: "indent JSON" },
    { flag: "-V", text: "print the version" },
  ],
  words: ["qdisc", "show", "dev"],
  operands: ["text", "interface"],
  misuse: 255,
  start(process) {
    try {
      return begin(process);
    } catch (problem) {
      if (!(problem instanceof Misuse)) throw problem;
      process.error(`${problem.message}\n`);
      return problem.code;
    }
  },
};

const notModelled = (what: string): Misuse => new Misuse(`tc: ${what}: not modelled`, 1);

function begin(process: Process): number {
  const options: TcOptions = { statistics: false, json: false, pretty: false };
  const words = new Words(process.argv.slice(1));
  while (words.peek.startsWith("-")) {
    const name = words.take().slice(1);
    if (abbreviatesAny(name, "stats", "statistics")) options.statistics = true;
    else if (abbreviates(name, "json")) options.json = true;
    else if (abbreviates(name, "pretty")) options.pretty = true;
    else if (abbreviates(name, "Version")) {
      process.print("tc utility, iproute2-6.1.0, libbpf 1.1.2\n");
      return 0;
    } else if (abbreviates(name, "help")) throw new Misuse(USAGE);
    else if (
      abbreviatesAny(
        name,
        "raw",
        "batch",
        "netns",
        "Numeric",
        "names",
        "conf",
        "oneline",
        "color",
        "force",
        "iec",
        "timestamp",
      )
    ) {
      throw notModelled(`option "-${name}"`);
    } else if (!abbreviates(name, "details")) throw new Misuse(`Option "-${name}" is unknown, try "tc -help".`);
  }
  return chooseObject(process, words, options);
}

function chooseObject(process: Process, words: Words, options: TcOptions): number {
  if (!words.more) {
    process.error(`${USAGE}\n`);
    return 0;
  }
  const object = words.take();
  if (abbreviates(object, "help")) throw new Misuse(USAGE);
  if (abbreviatesAny(object, "class", "filter", "chain", "actions", "monitor", "exec"))
    throw notModelled(`object "${object}"`);
  if (!abbreviates(object, "qdisc")) throw new Misuse(`Object "${object}" is unknown, try "tc help".`);
  const verb = words.more ? words.take() : "show";
  if (abbreviatesAny(verb, "add", "change", "replace", "link", "delete")) throw notModelled(`qdisc ${verb}`);
  if (abbreviates(verb, "help")) throw new Misuse(USAGE);
  if (!abbreviatesAny(verb, "list", "show", "lst"))
    throw new Misuse(`Command "${verb}" is unknown, try "tc qdisc help".`);
  return show(process, words, options);
}

function show(process: Process, words: Words, options: TcOptions): number {
  const { table } = process.machine;
  const name = readDevice(words);
  const device = name === null ? null : table.find(name);
  if (name !== null && device === null) throw new Misuse(`Cannot find device "${name}"`, 1);
  const shown = (device === null ? table.devices : [device]).filter(isShown);
  const isNamed = device === null;
  process.print(
    options.json
      ? jsonText(
          shown.map((each) => qdiscJson(each, options, isNamed)),
          options.pretty,
        )
      : shown.map((each) => qdiscText(each, options, isNamed)).join(""),
  );
  return 0;
}

function readDevice(words: Words): string | null {
  let name: string | null = null;
  while (words.more) {
    const word = words.take();
    if (abbreviates(word, "help")) throw new Misuse(USAGE);
    if (abbreviatesAny(word, "ingress", "clsact", "root", "parent", "handle", "invisible"))
      throw notModelled(`selecting by "${word}"`);
    if (word !== "dev") throw new Misuse(`What is "${word}"? Try "tc qdisc help".`);
    const next = words.take();
    if (name !== null) throw garbage("dev", next);
    name = next;
  }
  return name;
}

/** The kernel never lists noop (tc_qdisc_dump_ignore, TCQ_F_BUILTIN). */
const isShown = (device: NetDevice): boolean => qdiscOf(device) !== "noop";

export interface QdiscFacts {
  readonly kind: string;
  /** Frames; null where nothing queues. */
  readonly limit: number | null;
  readonly bytes: number;
  readonly packets: number;
  readonly drops: number;
  readonly requeues: number;
  readonly backlog: number;
  readonly length: number;
}

export function qdiscFacts(device: NetDevice): QdiscFacts {
  const { qdisc } = device;
  const kind = qdiscOf(device);
  return {
    kind,
    limit: kind === "pfifo" ? device.txQueueLength : null,
    bytes: qdisc?.sentBytes ?? 0,
    packets: qdisc?.sentPackets ?? 0,
    drops: qdisc?.dropped ?? 0,
    requeues: qdisc?.requeues ?? 0,
    backlog: qdisc?.backlogBytes ?? 0,
    length: qdisc?.length ?? 0,
  };
}

function qdiscText(device: NetDevice, { statistics }: TcOptions, isNamed: boolean): string {
  const { kind, limit, bytes, packets, drops, requeues, backlog, length } = qdiscFacts(device);
  const where = isNamed ? `dev ${device.name} ` : "";
  const first = `qdisc ${kind} 0: ${where}root refcnt 2 ${limit === null ? "" : `limit ${limit}p`}\n`;
  if (!statistics) return first;
  const sent = ` Sent ${bytes} bytes ${packets} pkt (dropped ${drops}, overlimits 0 requeues ${requeues}) \n`;
  return `${first}${sent} backlog ${backlog}b ${length}p requeues ${requeues}\n`;
}

function qdiscJson(device: NetDevice, { statistics }: TcOptions, isNamed: boolean): Json {
  const { kind, limit, bytes, packets, drops, requeues, backlog, length } = qdiscFacts(device);
  const counters = { bytes, packets, drops, overlimits: 0, requeues, backlog, qlen: length };
  return {
    kind,
    handle: "0:",
    ...(isNamed ? { dev: device.name } : {}),
    root: true,
    refcnt: 2,
    options: limit === null ? {} : { limit },
    ...(statistics ? counters : {}),
  };
}
